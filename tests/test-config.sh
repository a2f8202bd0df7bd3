#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# A8 (configuration part), A7: backup and restore to another switch and host;
# refused before any change when something is missing, with the whole list.
. "${top_srcdir:-..}/tests/functions.sh"
in_namespaces "$@"
requires ip jq
guest_veth a 192.0.2.1/24
guest_veth b 192.0.2.2/24
start_host
xvsctl schema add "$top_srcdir/mof/xvs_acl.mof"
xvsctl ext install acl.so
xvsctl switch add lan
xvsctl port add lan a --driver packet --device "$tag.a"
xvsctl ext enable acl lan
xvsctl feature add XVS_AclPortRule lan/a Action=deny Protocol=17 Priority=4
xvsctl feature add XVS_AclSwitchRule lan Action=allow
xvsctl config export lan -o "$dir/lan.cfg"
xvsctl config check "$dir/lan.cfg" --switch other || fail "check"

settings()
{
    xvsctl feature get --json | jq -S \
        '[.[] | del(.InstanceID, .SwitchName)] | sort_by(.Priority)'
}

settings >"$dir/before"
xvsctl port remove lan a
xvsctl switch remove lan 2>/dev/null || {
    xvsctl ext disable acl lan
    xvsctl switch remove lan
}

# Everything that is missing is named, and nothing is changed.
xvsctl schema remove xvs_acl
xvsctl ext remove acl
expect_fail 1 acl xvsctl config import "$dir/lan.cfg"
expect XVS_AclPortRule cat "$dir/out"
expect XVS_AclSwitchRule cat "$dir/out"
[ -z "$(xvsctl switch list --names)" ] || fail "a refused import left traces"

xvsctl schema add "$top_srcdir/mof/xvs_acl.mof"
xvsctl ext install acl.so
xvsctl config import "$dir/lan.cfg" --switch lan2
settings >"$dir/after"
diff "$dir/before" "$dir/after" || fail "settings differ after import"
expect in-force xvsctl feature get XVS_AclPortRule lan2/a

# A damaged file is refused with its place.
sed 's/Priority/Prioriti/' "$dir/lan.cfg" >"$dir/bad.cfg"
expect_fail 1 checksum xvsctl config import "$dir/bad.cfg" --switch lan3
head -c 200 "$dir/lan.cfg" >"$dir/torn.cfg"
expect_fail 1 torn.cfg xvsctl config check "$dir/torn.cfg"
