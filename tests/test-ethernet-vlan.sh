#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# VLANs of access ports and trunks, isolated ports, fixed addresses, mirrors
# and groups' flooding: what goes where, with and without tags.
. "${top_srcdir:-..}/tests/functions.sh"
requires ip ping jq
in_namespaces "$@"
. "$top_srcdir/tests/ethernet.sh"
guest_veth a 192.0.2.1/24
guest_veth b 192.0.2.2/24
guest_veth c 192.0.2.3/24
guest_veth t 192.0.2.4/24
start_ethernet a b c t
guest_ping a 192.0.2.2 || fail "no ping without settings"

# Two in VLAN 10, one in 20, a trunk with both.
set_port XVS_PortVlan a Vlan=10
vlan_a=$setting
set_port XVS_PortVlan b Vlan=10
vlan_b=$setting
set_port XVS_PortVlan c Vlan=20
vlan_c=$setting
set_port XVS_PortVlan t Mode=trunk Trunk=10,20-29
vlan_t=$setting
guest_ping a 192.0.2.2 5 || fail "no ping in VLAN 10"
! guest_ping a 192.0.2.3 1 || fail "VLAN 10 reaches 20"
source=020000000a01
listen t 10000 "${to_all}${source}8100000a88b6aa01"
listen b 10000 "${to_all}${source}88b6aa01"
listen c 700 "${to_all}${source}88b6aa01"
send a "${to_all}${source}88b6aa01"
heard t || fail "the trunk does not get VLAN 10 with a tag"
heard b || fail "b does not get VLAN 10 without a tag"
! heard c || fail "c gets VLAN 10"
# From the trunk, priority bits and all; the tag is gone at c.
listen c 10000 "${to_all}02000000070188b6aa02"
send t "${to_all}0200000007018100a01488b6aa02"
heard c || fail "VLAN 20 does not reach c"
# What an access port may not send, and a trunk does not have.
listen b 700 "${to_all}${source}"
send a "${to_all}${source}8100000a88b6aa03"
send t "${to_all}${source}8100000b88b6aa03"
send t "${to_all}${source}88b6aa03"
! heard b || fail "frames of no VLAN pass"
[ "$(drops a DroppedVlan)" = 1 ] || fail "a: $(drops a DroppedVlan)"
[ "$(drops t DroppedVlan)" -ge 2 ] || fail "t: $(drops t DroppedVlan)"
# The native VLAN of a trunk has no tag there.
xvsctl feature set "$vlan_t" Vlan=20
listen c 10000 "${to_all}02000000070188b6aa04"
listen t 10000 "${to_all}02000000070288b6aa05"
send t "${to_all}02000000070188b6aa04"
send c "${to_all}02000000070288b6aa05"
heard c || fail "the native VLAN does not reach c"
heard t || fail "the native VLAN has a tag"
expect_fail 4 "expected VLANs from 0 to 4094" \
    xvsctl feature set "$vlan_t" Trunk=10,4095
expect_fail 4 "Vlan: not given" xvsctl feature set "$vlan_a" Vlan=0
xvsctl feature remove "$vlan_a" "$vlan_b" "$vlan_c" "$vlan_t"

# Isolated ports reach the others only.
set_port XVS_PortIsolation a
set_port XVS_PortIsolation b
! guest_ping a 192.0.2.2 1 || fail "isolated ports reach each other"
guest_ping a 192.0.2.3 || fail "an isolated port does not reach c"
guest_ping b 192.0.2.3 || fail "an isolated port does not reach c"

# A fixed address stays, and nobody else may use it.
set_port XVS_StaticAddress c MacAddress=02:00:00:00:0c:01
listen c 10000 020000000c0102000000070388b6aa06
listen t 700 020000000c0102000000070388b6aa06
send a 020000000c0102000000070388b6aa06
heard c || fail "the fixed address does not get its frame"
! heard t || fail "a frame for a fixed address is flooded"
send a "${to_all}020000000c0188b6aa07"
one_spoofed()
{
    [ "$(drops a DroppedSpoofed)" = 1 ]
}
wait_for 10 one_spoofed || fail "spoofing passes"
expect fixed xvsctl query XVS_AddressEntry lan
expect_fail 4 "is fixed at port c already" \
    xvsctl feature add XVS_StaticAddress lan/b MacAddress=02:00:00:00:0C:01

# A mirror: both directions of a, and t gets nothing else.
set_port XVS_Mirror a TargetPort=t
listen t 10000 "${to_all}02000000070488b6aa08"
send a "${to_all}02000000070488b6aa08"
heard t || fail "what a sends is not mirrored"
listen t 10000 "${to_all}02000000070588b6aa09"
send c "${to_all}02000000070588b6aa09"
heard t || fail "what a gets is not mirrored"
# b is isolated from a, so only t could have got it by itself.
listen t 700 "${to_all}02000000070688b6aa0a"
send b "${to_all}02000000070688b6aa0a"
! heard t || fail "the target of a mirror gets other frames"
expect_fail 4 'the switch has no port "zz"' \
    xvsctl feature add XVS_Mirror lan/b TargetPort=zz

# The policies outlive restarts of the daemons, and go with the extension.
stop "$xvsd_pid"
! guest_ping a 192.0.2.2 1 || fail "no isolation without xvsd"
start_xvsd
xvsctl ext disable ethernet lan
wait_for 10 guest_ping a 192.0.2.2 || fail "isolation outlives the extension"
xvsctl ext enable ethernet lan
! guest_ping a 192.0.2.2 1 || fail "isolation does not come back"
