#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# A7: a port whose interface is not there when xvs-switch starts is absent, the
# rest works, and it comes back with its settings when the interface does.
. "${top_srcdir:-..}/tests/functions.sh"
in_namespaces "$@"
requires ip ping jq
guest_veth a 192.0.2.1/24
guest_veth b 192.0.2.2/24
start_host
xvsctl schema add "$top_srcdir/mof/xvs_acl.mof"
xvsctl ext install acl.so
xvsctl switch add lan
xvsctl port add lan a --driver packet --device "$tag.a"
xvsctl port add lan b --driver packet --device "$tag.b"
xvsctl ext enable acl lan
xvsctl feature add XVS_AclPortRule lan/b Direction=in Action=deny \
    Protocol=17 DestinationPortLow=7
guest_ping a 192.0.2.2 || fail "no ping before"

state_is()
{
    [ "$(xvsctl port show lan "$1" --value State)" = "$2" ]
}

kill -9 "$switch_pid"
wait "$switch_pid" || :
ip link del "$tag.b"
ip netns del "$tag-b"
start_switch
wait_for 10 switch_is_there || fail "xvsd does not find the new switch"
wait_for 10 state_is a up || fail "the other port is not up"
state_is b absent || fail "port b: $(xvsctl port list lan)"
expect parked xvsctl feature get XVS_AclPortRule lan/b
xvsctl query >"$dir/status" || fail "an absent port spoils all answers"
expect_fail 5 "$tag.b" xvsctl feature add XVS_AclPortRule lan/b Action=deny
sleep 2.5
[ "$(xvsctl event --json | jq -s 'flatten
    | map(select(.Kind == "restore-failed")) | length')" = 1 ] \
    || fail "the port is told of each time it is tried"

guest_veth b 192.0.2.2/24
wait_for 10 state_is b up || fail "port b is not made again"
# The new guest has another MAC address, which the other one does not expect.
ip -n "$tag-a" neigh flush all
wait_for 10 guest_ping a 192.0.2.2 1 || fail "no ping through the new port"
expect in-force xvsctl feature get XVS_AclPortRule lan/b
expect port-restored xvsctl event

# A missing port that is given another interface is there at once.
kill -9 "$switch_pid"
wait "$switch_pid" || :
ip link set "$tag.b" down name "$tag.c"
cleanup_fn "ip link del $tag.c"
start_switch
wait_for 10 switch_is_there || fail "xvsd does not find the new switch"
state_is b absent || fail "port b is there without interface"
xvsctl port set lan b --device "$tag.c"
wait_for 10 guest_ping a 192.0.2.2 1 || fail "no ping through the interface"
expect in-force xvsctl feature get XVS_AclPortRule lan/b
stop "$xvsd_pid" || fail "xvsd does not end cleanly"
