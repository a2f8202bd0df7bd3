#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# A switch carries packets between namespaces: by taps that move to the guest
# and by packet sockets on veth pairs; it learns addresses, finishes offloaded
# checksums and segments, and goes on when its manager leaves.
. "${top_srcdir:-..}/tests/functions.sh"
requires ip ping
in_namespaces "$@"

client=$top_builddir/tests/switch-client

# tap_guest NAME ADDRESS: moves the tap $tag.NAME to the guest.
tap_guest()
{
    guest "$1"
    ip link set "$tag.$1" netns "$tag-$1"
    ip -n "$tag-$1" addr add "$2" dev "$tag.$1"
    ip -n "$tag-$1" link set "$tag.$1" up
}

counter()
{
    "$client" "$dir/control" counters \
        | sed -n "s/^port $1 .* $2 \([0-9]*\).*/\1/p"
}

chmod 755 "$dir"
guest_veth a 192.0.2.1/24
guest_veth b 192.0.2.2/24
guest_veth c 192.0.2.3/24
start_switch
"$client" "$dir/control" switch 1 lan \
    : port 1 1 packet a "$tag.a" : port 2 1 packet b "$tag.b" \
    : port 3 1 packet c "$tag.c" >"$dir/out" || fail "$(cat "$dir/out")"
guest_ping a 192.0.2.2 5 || fail "no ping from a to b"
# c saw the broadcasts, but not the pings.
sent=$(counter 3 tx)
[ "$sent" -lt 10 ] || fail "$sent frames flooded to c: nothing was learnt"

# vlan_guest NAME NUMBER: VLAN 5 on eth0; fails where the kernel has none.
vlan_guest()
{
    ip -n "$tag-$1" link add link eth0 name v5 type vlan id 5 2>/dev/null \
        || return 1
    ip -n "$tag-$1" addr add "198.51.100.$2/24" dev v5
    ip -n "$tag-$1" link set v5 up
}

ip -n "$tag-a" addr add fd77::1/64 dev eth0 nodad
ip -n "$tag-b" addr add fd77::2/64 dev eth0 nodad
guest_ping a fd77::2 || fail "no ping over IPv6"
# Kernels like to keep a VLAN tag beside the frame.
if vlan_guest a 1 && vlan_guest b 2; then
    guest_ping a 198.51.100.2 || fail "no ping in a VLAN"
fi

if command -v socat >/dev/null; then
    head -c 3000000 /dev/urandom >"$dir/data"
    ip netns exec "$tag-b" timeout 20 \
        socat -u TCP-LISTEN:5001,reuseaddr CREATE:"$dir/copy" &
    wait_for 10 ip netns exec "$tag-b" sh -c 'ss -ltn | grep -q :5001'
    ip netns exec "$tag-a" timeout 20 \
        socat -u OPEN:"$dir/data" TCP:192.0.2.2:5001 || fail "no TCP"
    wait $! || fail "TCP receiver"
    cmp "$dir/data" "$dir/copy" || fail "TCP changed the data"
fi

if [ -c /dev/net/tun ] && "$client" "$dir/control" \
    port 4 1 tap d "$tag.d" >"$dir/out"; then
    "$client" "$dir/control" port 5 1 tap e "$tag.e" || fail "second tap"
    tap_guest d 192.0.2.4/24
    tap_guest e 192.0.2.5/24
    guest_ping d 192.0.2.5 || fail "no ping from tap to tap"
    guest_ping d 192.0.2.1 || fail "no ping from tap to veth"
    ip -n "$tag-e" link del "$tag.e"
    wait_for 10 grep -q "interface $tag.e is gone" "$dir/switch.log" \
        || fail "nobody noticed that the tap has gone"
    wait_for 10 ip link show "$tag.e" || fail "the tap did not come back"
else
    echo "no taps here: $(cat "$dir/out")"
fi

expect_fail 1 "there is no interface $tag.z here" \
    "$client" "$dir/control" port 9 1 packet z "$tag.z"
expect_fail 1 "ports carry at most 65521" \
    "$client" "$dir/control" port 9 1 packet z eth9 65522
expect_fail 1 "still has ports" "$client" "$dir/control" delete-switch 1
ip link del "$tag.c"
wait_for 10 grep -q "interface $tag.c is gone" "$dir/switch.log" \
    || fail "nobody noticed that the interface has gone"
guest_ping a 192.0.2.2 || fail "no ping after another port has gone"
ticks=$(awk '{ print $14 + $15 }' "/proc/$switch_pid/stat")
sleep 0.5
now=$(awk '{ print $14 + $15 }' "/proc/$switch_pid/stat")
[ $((now - ticks)) -le 10 ] || fail "an idle switch used $((now - ticks)) ticks"
stop "$switch_pid" || fail "xvs-switch ended with $?"
