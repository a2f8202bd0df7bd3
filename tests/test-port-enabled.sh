#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# A port that is not enabled carries nothing, says that it is down, and stays
# so over restarts of both daemons.
. "${top_srcdir:-..}/tests/functions.sh"
requires ip ping jq
in_namespaces "$@"
guest_veth a 192.0.2.1/24
guest_veth b 192.0.2.2/24
start_host
xvsctl switch add lan
xvsctl port add lan a --driver packet --device "$tag.a"
xvsctl port add lan b --driver packet --device "$tag.b"

state()
{
    xvsctl port show lan a --json | jq -r '"\(.Enabled) \(.State)"'
}
is_up()
{
    [ "$(state)" = "true up" ]
}
wait_for 10 is_up || fail "$(state) at first"
guest_ping a 192.0.2.2 || fail "no ping at first"
xvsctl port set lan a --enabled false
[ "$(state)" = "false down" ] || fail "$(state) when disabled"
! guest_ping a 192.0.2.2 1 || fail "a disabled port sends"
! guest_ping b 192.0.2.1 1 || fail "a disabled port gets frames"

stop "$xvsd_pid"
stop "$switch_pid" || fail "xvs-switch ended with $?"
start_switch
start_xvsd
wait_for 10 switch_is_there || fail "xvsd does not find xvs-switch"
[ "$(state)" = "false down" ] || fail "$(state) after a restart"
! guest_ping a 192.0.2.2 1 || fail "a disabled port sends after a restart"
xvsctl port set lan a --enabled true --mtu 1400
wait_for 10 guest_ping a 192.0.2.2 1 || fail "no ping when enabled again"
[ "$(state)" = "true up" ] || fail "$(state) when enabled again"
xvsctl port add lan c --driver packet --device "$tag.a" --enabled false \
    2>/dev/null && fail "one interface for two ports"
expect_fail 1 "is not a boolean" xvsctl port set lan a --enabled maybe
