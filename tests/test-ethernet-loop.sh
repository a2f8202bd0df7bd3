#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# A wire between two ports of a switch: it is found, said, and blocked before
# it costs much; without the wire all is as before.
. "${top_srcdir:-..}/tests/functions.sh"
requires ip ping
in_namespaces "$@"
. "$top_srcdir/tests/ethernet.sh"
guest_veth a 192.0.2.1/24
guest_veth b 192.0.2.2/24
start_ethernet a b
set_port XVS_PortLearning a
xvsctl feature add XVS_SwitchEthernet lan LoopBlock=3
guest_ping a 192.0.2.2 || fail "no ping before the loop"
ip link add "$tag.l" type veth peer name "$tag.m"
cleanup_fn "ip link del $tag.l"
ip link set "$tag.l" up
ip link set "$tag.m" up
xvsctl port add lan l --driver packet --device "$tag.l"
xvsctl port add lan m --driver packet --device "$tag.m"

# packets PORT: sent to it.
packets()
{
    xvsctl port show lan "$1" --value TxPackets
}

loops()
{
    [ $(($(drops l Loops) + $(drops m Loops))) -ge "$1" ]
}
guest_ping a 192.0.2.2 1 || :
send a "${to_all}020000000a0188b6"
wait_for 10 loops 1 || fail "the loop is not found"
wait_for 10 grep -q "is looped: what goes out of port" "$dir/switch.log" \
    || fail "nobody says so"
expect port-loop xvsctl event list
sent=$(($(packets l) + $(packets m)))
[ "$sent" -lt 50000 ] || fail "$sent packets in the loop"
wait_for 10 guest_ping a 192.0.2.2 5 || fail "the loop disturbs others"
sleep 1
now=$(($(packets l) + $(packets m)))
# (When all that took long, the block has ended, and there is another one.)
[ $((now - sent)) -lt 2000 ] || loops 2 \
    || fail "the loop goes on: $sent, then $now"

# The block ends; the loop is found again, and blocked for longer when that was
# soon, which it is not always on a machine with much to do.
loops_again()
{
    send a "${to_all}020000000a0188b6"
    loops 2
}
loops_longer()
{
    send a "${to_all}020000000a0188b6"
    grep -q "it is blocked for 6 s" "$dir/switch.log"
}
guest_ping a 192.0.2.2 1 || :
wait_for 10 loops_again || fail "the loop is not found again"
wait_for 40 loops_longer || fail "not for longer"
wait_for 10 guest_ping a 192.0.2.2 5 || fail "the loop disturbs others"

# Somebody who forges addresses is no loop.
before=$(($(drops a Loops) + $(drops b Loops)))
repeat a "${to_all}020000000b0188b6" 60 300 600 &
forger=$!
repeat b "${to_all}020000000b0188b6" 60 300 600
wait $forger
[ "$(drops a Moves)" -ge 10 ] || fail "$(drops a Moves) moves"
[ $(($(drops a Loops) + $(drops b Loops))) = "$before" ] \
    || fail "a forger has blocked a port"
