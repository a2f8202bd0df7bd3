#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Ports of driver xdp on veth pairs, in each mode that these have: ping, TCP
# with checksums left open, VLAN tags, jumbo frames refused, a foreign program
# refused, an interface that vanishes and returns, a crash, no capability.
. "${top_srcdir:-..}/tests/functions.sh"
requires ip ping
in_namespaces "$@"

frame=$top_builddir/tests/switch-frame

state()
{
    [ "$(xvsctl port show lan "$1" --value State)" \
        = "$2" ]
}

# says TEXT: in the state of b.
says()
{
    xvsctl port show lan b | grep -qF "$1"
}

# passes HEX: the frame from a arrives at b.
passes()
{
    rm -f "$dir/listen"
    ip netns exec "$tag-b" "$frame" expect eth0 10000 "$1" >"$dir/listen" &
    waiter=$!
    wait_for 10 grep -q listening "$dir/listen"
    ip netns exec "$tag-a" "$frame" send eth0 "$1" || fail "cannot send"
    wait $waiter
}

# carries: TCP from a to b, as fast as they can.
carries()
{
    ip netns exec "$tag-b" timeout 30 \
        socat -u TCP-LISTEN:5001,reuseaddr CREATE:"$dir/copy" &
    waiter=$!
    wait_for 10 ip netns exec "$tag-b" sh -c 'ss -ltn | grep -q :5001'
    ip netns exec "$tag-a" timeout 30 \
        socat -u OPEN:"$dir/data" TCP:192.0.2.2:5001 || return 1
    wait $waiter && cmp "$dir/data" "$dir/copy"
}

# check_traffic WHAT
check_traffic()
{
    guest_ping a 192.0.2.2 5 || fail "$1: no ping"
    guest_ping a fd77::2 || fail "$1: no ping over IPv6"
    passes "${macs}88b4$payload" || fail "$1: a plain frame"
    passes "${macs}8100200588b4$payload" || fail "$1: a frame with a tag"
    passes "${macs}88a800018100000288b4$payload" || fail "$1: two tags"
    passes "${macs}88b4$full" || fail "$1: a frame of 1500 bytes"
    ! command -v socat >/dev/null || carries || fail "$1: TCP"
}

guest_veth a 192.0.2.1/24
guest_veth b 192.0.2.2/24
ip -n "$tag-a" addr add fd77::1/64 dev eth0 nodad
ip -n "$tag-b" addr add fd77::2/64 dev eth0 nodad
macs=ffffffffffff020000000001
payload=$(printf '%0200d' 7)
full=$(printf '%02972d' 7)
head -c 3000000 /dev/urandom >"$dir/data"
start_host
xvsctl switch add lan
xvsctl port add lan a --driver xdp --device "$tag.a" >"$dir/out" 2>&1 \
    || skip "no AF_XDP here: $(cat "$dir/out")"
expect "mode copy, 1 queue" xvsctl port show lan a
xvsctl port add lan b --driver packet --device "$tag.b"
check_traffic "xdp and packet"

# The packets of a, all of them, and nothing of it reaches the host.
xvsctl port set lan b --driver xdp --mode copy
check_traffic "mode copy"

# Nobody tells the other side in this mode that segments would be too large.
expect_fail 1 "use it without copying" \
    xvsctl port set lan b --mode zerocopy
state b up || fail "b is lost by a change that was refused"
xvsctl port set lan b --mode generic
expect "mode generic" xvsctl port show lan b
for guest in a b; do
    ip netns exec "$tag-$guest" ethtool -K eth0 tso off gso off \
        >/dev/null 2>&1 || :
done
check_traffic "mode generic"
expect_fail 1 "remove the port and add it again" \
    xvsctl port set lan a --mtu 3000
for port in a b; do
    xvsctl port remove lan $port
    xvsctl port add lan $port --driver xdp --device "$tag.$port" --mtu 2900
    xvsctl port set lan $port --mtu 3000
done
for guest in a b; do
    ip -n "$tag-$guest" link set eth0 mtu 3000
done
ip netns exec "$tag-a" ping -q -c 2 -i 0.1 -W 1 -M do -s 2972 192.0.2.2 \
    || fail "frames of 3000 bytes"
expect_fail 1 "carries 3818 bytes" xvsctl port set lan a --mtu 9000
expect_fail 3 "there is no interface $tag.z here" \
    xvsctl port add lan z --driver xdp --device "$tag.z"
expect_fail 9 "belongs to port a" \
    xvsctl port add lan z --driver xdp --device "$tag.a"

# A second switch program is somebody else.
client=$top_builddir/tests/switch-client
xvs-switch --control "$dir/other" --user "$run_user" >"$dir/other.log" 2>&1 &
other=$!
cleanup_fn "kill $other"
wait_for 10 unix_listens "$dir/other"
expect_fail 1 "has an XDP program of somebody else, number" \
    "$client" "$dir/other" switch 1 lan : port 1 1 xdp a "$tag.a"
stop $other

# The interface goes and comes back.
ip link del "$tag.b"
wait_for 10 state b gone || fail "nobody noticed that b is gone"
expect "interface $tag.b is gone" xvsctl port show lan b
ip link add "$tag.b" type veth peer name eth0 netns "$tag-b"
ip -n "$tag-b" addr add 192.0.2.2/24 dev eth0
ip -n "$tag-b" link set eth0 up
wait_for 10 state b up || fail "b does not come back"
# Its guest has another address now.
ip -n "$tag-a" neigh flush dev eth0
guest_ping a 192.0.2.2 || fail "no ping after b came back"

# Nothing is left behind by a crash; the next one finds the interfaces free.
kill -9 "$switch_pid"
wait "$switch_pid" || :
rm -f "$dir/control"
start_switch
wait_for 10 state a up || fail "a is not restored"
wait_for 10 state b up || fail "b is not restored"
guest_ping a 192.0.2.2 || fail "no ping after a crash"
xvsctl port remove lan a
! ip -d link show "$tag.a" | grep -q xdp || fail "the program stays"

# Somebody makes the interface too small.
ip link set "$tag.b" mtu 1400
wait_for 10 says "has MTU 1400 now" || fail "nobody noticed the MTU"
ip link set "$tag.b" mtu 3000
wait_for 10 says "mode copy" || fail "b complains of nothing"

[ "$run_user" = nobody ] && command -v setpriv >/dev/null || exit 0
stop "$xvsd_pid"
stop "$switch_pid"
setpriv --bounding-set -bpf xvs-switch --control "$dir/other" \
    --user "$run_user" >"$dir/other.log" 2>&1 &
other=$!
cleanup_fn "kill $other"
wait_for 10 unix_listens "$dir/other"
expect_fail 1 "lacks the capability CAP_BPF" \
    "$client" "$dir/other" switch 1 lan : port 1 1 xdp a "$tag.a"
