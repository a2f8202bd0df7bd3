#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# C3: a port enters the chain at a stage and uses only the rest of it, on both
# ways and wherever the stages run; it is changed while packets flow, kept by
# both daemons, exported and imported.  What cannot be is refused.
. "${top_srcdir:-..}/tests/functions.sh"
requires ip ping jq
in_namespaces "$@"
. "$top_srcdir/tests/stream.sh"
guest_veth a 192.0.2.1/24
guest_veth b 192.0.2.2/24
start_host
cp "$top_builddir/tests/plugins/mark.so" "$dir/plugins/mark-own.so"
xvsctl schema add "$top_srcdir/mof/xvs_acl.mof"
for file in acl mark ethernet order-a; do
    xvsctl ext install $file.so
done
xvsctl ext upgrade mark mark-own.so
xvsctl switch add lan
xvsctl port add lan a --driver packet --device "$tag.a"
xvsctl port add lan b --driver packet --device "$tag.b"
xvsctl ext enable acl lan
xvsctl ext enable mark lan
xvsctl ext enable ethernet lan

# port NAME PROPERTY
port()
{
    xvsctl port show lan "$1" --value "$2"
}

# enter PORT EXTENSION
enter()
{
    xvsctl port set lan "$1" --enter "$2" >/dev/null || fail "enter $*"
    [ "$(port "$1" EntryStage)" = "$2" ] \
        || fail "$1 enters at $(port "$1" EntryStage), not $2"
}

# What cannot be.
expect_fail 3 "EntryStage is 'moon': there is no such extension" \
    xvsctl port set lan a --enter moon
expect_fail 3 "EntryStage is 'order-a': it is not enabled on switch lan" \
    xvsctl port set lan a --enter order-a
expect_fail 1 "extension ethernet has no packet hook" \
    xvsctl port set lan a --enter ethernet
expect_fail 1 "extension ethernet has no packet hook" \
    xvsctl port add lan c --enter ethernet
[ "$(port a EntryStage)" = "" ] || fail "a refused entry is there"
expect mark xvsctl complete -- port set lan a --enter ""
expect network xvsctl complete -- port set lan a --enter ""
! xvsctl complete -- port set lan a --enter "" | grep -q order-a \
    || fail "an extension is offered that is not enabled"

# no_ping: nothing comes back to a from b.
no_ping()
{
    ! ip netns exec "$tag-a" ping -n -q -c 1 -W 0.3 192.0.2.2
}

# rule PORT DIRECTION: no ping passes the acl that way.
rule()
{
    xvsctl feature add XVS_AclPortRule "lan/$1" Action=deny Protocol=icmp \
        Direction="$2" >/dev/null || fail "rule $*"
}

no_rules()
{
    for id in $(xvsctl instance list XVS_AclPortRule --json \
        | jq -r '.[].InstanceID'); do
        xvsctl feature remove "$id" >/dev/null || fail "remove $id"
    done
}

# One port is denied both ways at the acl; it enters behind it.
for partition in inline process; do
    xvsctl stage set acl lan --partition $partition
    for direction in in out; do
        rule a $direction
        no_ping || fail "$partition: no $direction rule"
        enter a mark
        guest_ping a 192.0.2.2 || fail "$partition: filtered $direction"
        enter a acl
        no_ping || fail "$partition: acl is left out"
        enter a mark
        rule b $direction
        no_ping || fail "$partition: b is not filtered"
        enter b mark
        guest_ping a 192.0.2.2 || fail "$partition: b filtered $direction"
        enter a ""
        enter b ""
        no_rules
    done
done
guest_ping a 192.0.2.2 || fail "no ping without rules"

# Entries change, and of a numbered stream no frame is lost or overtaken.
stream_begin
wait_for 10 sh -c "xvsctl stage show mark lan --json | jq -e '.Packets > 100'" \
    || fail "no stream"
for partition in process inline; do
    xvsctl stage set acl lan --partition $partition
    for round in 1 2 3; do
        enter a mark
        enter b acl
        enter b mark
        xvsctl ext move mark lan $((round % 2)) >/dev/null || fail "move"
        enter a acl
        enter b ""
        enter a ""
    done
done
stream_end
[ "$(port a DroppedNoEntry) $(port b DroppedNoEntry)" = "0 0" ] \
    || fail "packets were dropped for want of an entry"

# A stage that is an entry stays; what else may happen to it leaves it that.
xvsctl ext move mark lan 1 >/dev/null
rule a both
enter a mark
expect_fail 9 "port a of switch lan enters the chain at extension mark" \
    xvsctl ext disable mark lan
expect 'port set lan a --enter ""' cat "$dir/out"
expect_fail 9 "and port a enters the chain there" xvsctl ext remove mark
xvsctl stage set mark lan --partition process
xvsctl ext upgrade mark mark-2.so
guest_ping a 192.0.2.2 || fail "no ping after an upgrade"
xvsctl ext move mark lan 0
no_ping || fail "the acl behind the entry is left out"
xvsctl ext move mark lan 1
guest_ping a 192.0.2.2 || fail "no ping after the stage was moved"
xvsctl ext upgrade mark mark-own.so
[ "$(port a EntryStage)" = mark ] || fail "a change of the stage lost it"

# Restarts; then what another manager did is mended.
stop "$switch_pid" || fail "xvs-switch ended with $?"
start_switch
wait_for 10 switch_is_there || fail "xvsd does not find xvs-switch"
wait_for 10 guest_ping a 192.0.2.2 || fail "no ping after a restart"
stop "$xvsd_pid" || fail "xvsd ended with $?"
expect "entry = " cat "$dir/state/port-lan@a.cfg"
start_xvsd
wait_for 10 switch_is_there || fail "xvsd does not find xvs-switch"
expect "nothing differed" xvsctl event list
[ "$(port a EntryStage)" = mark ] || fail "a restart lost it"
guest_ping a 192.0.2.2 || fail "no ping after a restart of xvsd"
id=$(port a PortId)
stop "$xvsd_pid" || fail "xvsd ended with $?"
"$top_builddir/tests/switch-client" "$dir/control" \
    update "$id" 1 packet a "$tag.a" 1500 >"$dir/client" \
    || fail "$(cat "$dir/client")"
no_ping || fail "the other manager changed nothing"
start_xvsd
wait_for 10 switch_is_there || fail "xvsd does not find xvs-switch"
expect "another MTU, address or entry" xvsctl event list
guest_ping a 192.0.2.2 || fail "the entry was not mended"

# Nothing passes a stage that is not there, and the port says so.
stop "$switch_pid" || fail "xvs-switch ended with $?"
mv "$dir/plugins/mark-own.so" "$dir/mark-own.so"
start_switch
wait_for 10 switch_is_there || fail "xvsd does not find xvs-switch"
no_ping || fail "a passes without its entry"
[ "$(port a DroppedNoEntry)" -gt 0 ] || fail "nothing was counted"
expect "which is not in the chain now: its packets are dropped" \
    xvsctl port show lan a
mv "$dir/mark-own.so" "$dir/plugins/mark-own.so"
xvsctl ext enable mark lan
guest_ping a 192.0.2.2 || fail "no ping when the stage is back"
[ "$(port a StateText)" = "" ] || fail "a says $(port a StateText)"

# Behind all filters: none of them sees it, and that is kept.
expect_fail 3 "there is no such extension" \
    xvsctl port set lan a --enter networks
xvsctl port set lan a --enter network
[ "$(port a EntryStage)" = network ] || fail "a enters $(port a EntryStage)"
rule a in
rule a out
guest_ping a 192.0.2.2 || fail "no ping behind all filters"
rule b in
no_ping || fail "b enters nowhere"
no_rules
xvsctl config export lan -o "$dir/network.cfg"
expect "5B0F6F3E" cat "$dir/network.cfg"
xvsctl port set lan a --enter mark

# A configuration has it.
xvsctl config export lan -o "$dir/lan.cfg"
expect "entry = " cat "$dir/lan.cfg"
xvsctl port remove lan a
xvsctl port remove lan b
for name in acl mark ethernet; do
    xvsctl ext disable $name lan
done
xvsctl switch remove lan
sed '1d; /entry = /s/"....\(.*\)"/"0000\1"/' "$dir/lan.cfg" >"$dir/body"
sealed "$dir/body" >"$dir/bad.cfg"
expect_fail 1 "which is not enabled there" \
    xvsctl config import "$dir/bad.cfg" --switch lan
xvsctl config import "$dir/lan.cfg" --switch lan
[ "$(port a EntryStage)" = mark ] || fail "an import lost it"
guest_ping a 192.0.2.2 || fail "no ping after an import"
xvsctl port add lan c --driver tap --device "$tag.c" --enter acl
[ "$(port c EntryStage)" = acl ] || fail "a new port does not enter"
stop "$switch_pid" || fail "xvs-switch ended with $?"
