#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# What xvsctl answers people, programs and scripts: tables, JSON, names, forms
# that it takes back, and exit statuses.
. "${top_srcdir:-..}/tests/functions.sh"
in_namespaces "$@"
requires ip jq
guest_veth a 192.0.2.1/24
guest_veth b 192.0.2.2/24
start_host
xvsctl schema add "$top_srcdir/mof/xvs_acl.mof"

expect acl xvsctl ext install "$plugins/acl/acl.so" \
    --plugin-dir "$dir/plugins" --names
xvsctl switch add lan
xvsctl port add lan a --driver packet --device "$tag.a" --mtu 1400
xvsctl port add lan b --driver packet --device "$tag.b"
xvsctl ext enable acl lan

# Tables, names, JSON of the same.
xvsctl port list >"$dir/table"
head -n 1 "$dir/table" | grep -q '^Switch  *Port  *Driver' || fail "header"
[ "$(wc -l <"$dir/table")" = 3 ] || fail "table: $(cat "$dir/table")"
[ "$(xvsctl port list lan -n | tr '\n' ' ')" = "a b " ] || fail "names"
[ -z "$(xvsctl port list wan -n)" ] || fail "ports of another switch"
xvsctl port list --json | jq -e '.[0].Mtu == 1400 and .[0].class == "XVS_Port"
    and .[0].Caption == null' >/dev/null || fail "JSON"
xvsctl port show lan a --json | jq -e '.Name == "a"' >/dev/null || fail "show"
expect "Mtu" xvsctl port show lan a
[ "$(xvsctl port show lan a --value mtu)" = 1400 ] || fail "a value"
[ "$(xvsctl port show lan a --value Caption)" = "" ] || fail "no value"
[ "$(xvsctl port list --value Name | xargs)" = "a b" ] || fail "values"
[ "$(xvsctl switch show lan --value Extensions)" = acl ] || fail "an array"
expect_fail 1 "class XVS_Port has no property Colour" \
    xvsctl port list --value Colour
xvsctl port set lan a --mtu 1300
xvsctl port show lan a --json | jq -e '.Mtu == 1300' >/dev/null || fail "set"
xvsctl status --json | jq -e '.switches[0].Name == "lan"
    and .extensions[0].Name == "acl"' >/dev/null || fail "status"
xvsctl class list --base XVS_FeatureSettings --json \
    | jq -e 'index("XVS_AclPortRule")' >/dev/null || fail "class list"
xvsctl class show XVS_AclPortRule --json | jq -e \
    '.properties[] | select(.name == "Action") | .type == "uint8"' \
    >/dev/null || fail "class show"

# A template is a setting; every form comes back; short identifiers do.
xvsctl feature template XVS_AclPortRule | sed 's/Action = NULL/Action = 2/' \
    | xvsctl feature add XVS_AclPortRule lan/a -f - Priority=7
xvsctl feature get lan --json >"$dir/rules.json"
short=$(xvsctl feature get XVS_AclPortRule lan | awk 'NR == 3 { print $1 }')
expect changed xvsctl feature set "$short" Priority=8
expect changed xvsctl feature set XVS_AclPortRule lan/a Action=allow
expect allow xvsctl feature get
xvsctl feature apply -f "$dir/rules.json"
expect deny xvsctl feature get XVS_AclPortRule lan/a
for form in mof xml; do
    xvsctl feature get lan --$form >"$dir/rules.$form"
    xvsctl feature apply -f "$dir/rules.$form" --validate \
        || fail "$form is not taken back"
done
xvsctl query XVS_AclPortStatus lan/a -p Name,BlockedPackets --json \
    | jq -e '.[0] | length == 3' >/dev/null || fail "query -p"
expect XVS_AclPortStatus xvsctl query
expect BlockedPackets xvsctl query XVS_AclPortStatus --where 'PortName = "b"'
xvsctl feature add XVS_AclPortRule lan/b Action=deny Priority=3
expect "2 settings removed" xvsctl feature remove $(xvsctl feature get -n)

# Statuses.
expect_fail 3 "wan" xvsctl switch show wan
expect_fail 3 "XVS_Prot" xvsctl class show XVS_Prot
expect_fail 3 "did you mean XVS_Port" xvsctl instance list XVS_Prot
expect_fail 1 "did you mean" xvsctl query XVS_AclPortStatus -p BlockedPakets
expect_fail 1 "one of allow,deny" xvsctl feature add XVS_AclPortRule lan/a \
    Action=denny
expect_fail 1 "switches, not ports" xvsctl feature add XVS_AclSwitchRule \
    lan/a Action=deny
expect_fail 9 "lan" xvsctl switch add lan
expect_fail 3 "nosuch" xvsctl call XVS_Host nosuch
expect "ReturnValue = 0" xvsctl call XVS_Host RemoveSettings InstanceIDs=
expect '"Text"' xvsctl call XVS_Host ExportConfiguration --json

# Watching asks again, and ends with its reader.
[ "$(timeout 10 xvsctl query XVS_AclPortStatus lan/a -p PortName --json \
    --watch=0.1 | head -n 3 | grep -c '"PortName": "a"')" = 3 ] \
    || fail "query --watch"

# An extension in use stays; then it goes, and its file too.
expect_fail 9 "lan" xvsctl ext remove acl
xvsctl ext disable acl lan
[ -f "$dir/plugins/acl.so" ] || fail "the plugin was not copied"
expect "acl.so removed" xvsctl ext remove acl --purge --plugin-dir \
    "$dir/plugins"
[ ! -e "$dir/plugins/acl.so" ] || fail "--purge leaves the file"
expect_fail 1 "no shared object" xvsctl ext install "$dir/rules.json" \
    --plugin-dir "$dir/plugins"
