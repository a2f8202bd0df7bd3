#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# C1: where an extension runs is said when it is enabled, changed while packets
# flow, kept by both daemons, exported and imported; what cannot be changes
# nothing.
. "${top_srcdir:-..}/tests/functions.sh"
requires ip ping jq
in_namespaces "$@"
. "$top_srcdir/tests/stream.sh"
guest_veth a 192.0.2.1/24
guest_veth b 192.0.2.2/24
start_host
xvsctl schema add "$top_srcdir/mof/xvs_acl.mof"
xvsctl ext install acl.so
xvsctl ext install mark.so
xvsctl switch add lan
xvsctl port add lan a --driver packet --device "$tag.a"
xvsctl port add lan b --driver packet --device "$tag.b"

# stage EXTENSION SWITCH PROPERTY
stage()
{
    xvsctl stage show "$1" "$2" --value "$3"
}

# is PARTITION: that of the acl on lan, which is the first of two filters.
is()
{
    got="$(stage acl lan Partition) $(stage acl lan Position)"
    [ "$got" = "$1 0" ] || fail "acl is $got, not $1 0"
    [ "$(stage acl lan State)" = running ] \
        || fail "acl is $(stage acl lan State)"
}

# What cannot be is refused, and nothing is different then.
expect_fail 1 "Partition is 'moon'" \
    xvsctl ext enable acl lan --partition moon
[ -z "$(xvsctl stage list --names)" ] || fail "a refused stage is there"
xvsctl ext enable acl lan
xvsctl ext enable mark lan
is inline
xvsctl feature add XVS_AclSwitchRule lan Action=deny EtherType=2048 Protocol=17
expect_fail 1 "Partition is 'moon'" xvsctl stage set acl lan --partition moon
expect_fail 2 "nothing to set" xvsctl stage set acl lan
expect_fail 3 "not enabled" xvsctl stage set guard lan --partition inline
is inline
expect "stage acl of lan changed" xvsctl stage set acl lan --partition inline
expect "stage acl of lan changed" xvsctl stage set acl lan --position 0
is inline
[ "$(stage acl lan ProcessId) $(stage acl lan Restarts)" = "0 " ] \
    || fail "a stage without a process has one"
expect '"SettingState": "in-force"' \
    xvsctl instance list XVS_AclSwitchRule --json
guest_ping a 192.0.2.2 || fail "no ping"
expect process xvsctl complete -- stage set acl lan --partition ""
expect copy xvsctl complete -- stage set acl lan --partition ""
expect inline xvsctl complete -- ext enable acl lan --partition ""
expect "partition = \"inline\"" xvsctl config export lan

xvsctl stage set acl lan --partition process
is process
expect '"SettingState": "in-force"' \
    xvsctl instance list XVS_AclSwitchRule --json
guest_ping a 192.0.2.2 || fail "no ping through a process"
pid=$(stage acl lan ProcessId)
[ "$pid" -gt 0 ] && [ -d "/proc/$pid" ] || fail "its process is $pid"
[ "$(stage acl lan MemoryBytes)" -gt 65536 ] || fail "it has no memory"
[ "$(stage acl lan CpuTime)" -gt 0 ] || fail "it takes no time"
[ "$(stage acl lan Restarts) $(stage acl lan LastFailure)" = "0 " ] \
    || fail "it failed"

# Of a numbered stream no frame is lost and none overtakes another.
stream_begin
wait_for 10 sh -c "xvsctl stage show mark lan --json | jq -e '.Packets > 100'" \
    || fail "no stream"
for round in 1 2 3; do
    xvsctl stage set acl lan --partition inline || fail "round $round"
    is inline
    xvsctl stage set acl lan --partition process || fail "round $round"
    is process
    xvsctl stage set acl lan --partition copy || fail "round $round"
    is copy
done
stream_end
[ "$(stage acl lan ProcessId)" -gt 0 ] || fail "a copy needs no process"

# Position and partition at once: both or none.
expect_fail 1 "Partition is 'moon'" \
    xvsctl stage set acl lan --partition moon --position 1
is copy
xvsctl stage set acl lan --partition inline --position 1
[ "$(stage acl lan Partition) $(stage acl lan Position)" = "inline 1" ] \
    || fail "position and partition"
xvsctl stage set acl lan --partition process --position 0
is process

# Both daemons may be started again.
stop "$switch_pid" || fail "xvs-switch ended with $?"
start_switch
wait_for 10 switch_is_there || fail "xvsd does not find xvs-switch"
is process
stop "$xvsd_pid" || fail "xvsd ended with $?"
expect "partition = \"process\"" cat "$dir/state/switch-lan.cfg"
start_xvsd
wait_for 10 switch_is_there || fail "xvsd does not find xvs-switch"
is process
expect "nothing differed" xvsctl event list
expect '"SettingState": "in-force"' \
    xvsctl instance list XVS_AclSwitchRule --json

# What another manager changed is mended.
stop "$xvsd_pid" || fail "xvsd ended with $?"
"$top_builddir/tests/switch-client" "$dir/control" \
    schema "$top_srcdir/mof/xvs_acl.mof" : \
    partition XVS_AclSwitchRule 1 inline >"$dir/client" \
    || fail "$(cat "$dir/client")"
start_xvsd
wait_for 10 switch_is_there || fail "xvsd does not find xvs-switch"
expect "ran in another partition" xvsctl event list
is process

# A configuration has it.
xvsctl stage set acl lan --partition copy
xvsctl config export lan -o "$dir/lan.cfg"
expect "partition = \"copy\"" cat "$dir/lan.cfg"
xvsctl port remove lan a
xvsctl port remove lan b
xvsctl ext disable acl lan
xvsctl ext disable mark lan
xvsctl switch remove lan
xvsctl config import "$dir/lan.cfg" --switch lan
is copy
guest_ping a 192.0.2.2 || fail "no ping after an import"
stop "$switch_pid" || fail "xvs-switch ended with $?"
