#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Every change of the configuration is an event that names the object and none
# of its values; a refused one is none; many settings at once are one event.
. "${top_srcdir:-..}/tests/functions.sh"
in_namespaces "$@"
requires ip jq
guest_veth a 192.0.2.1/24
start_host
last=$(xvsctl event --json | jq -s 'flatten | map(.Sequence) | max')

# said KIND TEXT "SWITCH PORT EXTENSION": since the last call there was one
# change, and this is its event.
said()
{
    xvsctl event --since "$last" --json | jq -c -s 'flatten | map(select(.Kind
        == "created" or .Kind == "changed" or .Kind == "removed"))' \
        >"$dir/events"
    last=$(xvsctl event --json | jq -s 'flatten | map(.Sequence) | max')
    jq -e --arg kind "$1" --arg text "$2" --arg at "$3" '
        length == 1 and .[0].Kind == $kind and (.[0].Text | startswith($text))
        and ([.[0].SwitchName, .[0].PortName, .[0].ExtensionName]
            | map(. // "-") | join(" ")) == $at' "$dir/events" >/dev/null \
        || fail "$*: $(cat "$dir/events")"
}

xvsctl schema add "$top_srcdir/mof/xvs_acl.mof"
said created 'schema xvs_acl' '- - -'
xvsctl schema add "$top_srcdir/mof/xvs_acl.mof"
said changed 'schema xvs_acl' '- - -'
xvsctl ext install acl.so
said created 'extension acl' '- - acl'
xvsctl switch add lan
said created 'switch lan' 'lan - -'
xvsctl port add lan a --driver packet --device "$tag.a"
said created 'port a of switch lan' 'lan a -'
xvsctl port set lan a --mtu 1400
said changed 'port a of switch lan' 'lan a -'
xvsctl ext enable acl lan
said created 'stage acl of switch lan' 'lan - acl'
id=$(xvsctl feature add XVS_AclPortRule lan/a Action=deny \
    SourcePrefix=203.0.113.77/32 --names)
said created 'setting XVS_AclPortRule xvs:lan\a\' 'lan a acl'
xvsctl feature set "$id" SourcePrefix=203.0.113.78/32
said changed 'setting XVS_AclPortRule xvs:lan\a\' 'lan a acl'
expect_fail 1 Priority xvsctl feature set "$id" Priority=blue
expect_fail 4 SourcePrefix xvsctl feature add XVS_AclPortRule lan/a \
    SourcePrefix=junk
xvsctl feature validate XVS_AclPortRule lan/a Action=allow
xvsctl feature remove "$id"
said removed 'setting XVS_AclPortRule xvs:lan\a\' 'lan a acl'

jq -n '[range(60) | {class: "XVS_AclPortRule", properties: {SwitchName: "lan",
    PortName: "a", Action: 2, Priority: .}}]' >"$dir/many.json"
xvsctl feature apply -f "$dir/many.json"
said created '60 settings at once' '- - -'
xvsctl config export lan -o "$dir/lan.cfg"
xvsctl ext disable acl lan
said removed 'stage acl of switch lan' 'lan - acl'
xvsctl port remove lan a
said removed 'port a of switch lan' 'lan a -'
xvsctl switch remove lan
said removed 'switch lan' 'lan - -'
xvsctl config import "$dir/lan.cfg" --switch wan
said created 'switch wan, from a configuration, with 1 ports, 1 extensions, 60' \
    'wan - -'
xvsctl ext disable acl wan
said removed 'stage acl of switch wan' 'wan - acl'
xvsctl ext remove acl
said removed 'extension acl' '- - acl'
! xvsctl event --json | grep -q '203\.0\.113' || fail "an event has a value"
