#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Ports of drivers tap and packet do what kernels do among themselves: TCP
# crosses as super frames and arrives whole, also at a port that takes none; a
# tap has several queues; a busy packet port receives by a ring and a quiet one
# does not; whatever is wrong with an interface is said.
. "${top_srcdir:-..}/tests/functions.sh"
requires ip ping socat ss
in_namespaces "$@"

frame=$top_builddir/tests/switch-frame

# guest_tap NAME ADDRESS [OPTION...]: a port of driver tap for a guest.
guest_tap()
{
    name=$1 address=$2
    shift 2
    guest "$name"
    xvsctl port add lan "$name" --driver tap --device "$tag.$name" "$@" \
        >"$dir/out" 2>&1 || skip "no taps here: $(cat "$dir/out")"
    ip link set "$tag.$name" netns "$tag-$name"
    ip -n "$tag-$name" link set "$tag.$name" name eth0
    ip -n "$tag-$name" addr add "$address" dev eth0
    ip -n "$tag-$name" link set eth0 up
}

# value PORT PROPERTY
value()
{
    xvsctl port show lan "$1" --value "$2"
}

says()
{
    value "$1" StateText | grep -qF -- "$2"
}

# carries FROM TO ADDRESS: TCP, 20 MB, with nothing changed.
carries()
{
    ip netns exec "$tag-$2" timeout 60 \
        socat -u TCP-LISTEN:5001,reuseaddr CREATE:"$dir/copy" &
    waiter=$!
    wait_for 10 ip netns exec "$tag-$2" sh -c 'ss -ltn | grep -q :5001'
    ip netns exec "$tag-$1" timeout 60 \
        socat -u -b 1000000 OPEN:"$dir/data" "TCP:$3:5001" || return 1
    wait $waiter && cmp "$dir/data" "$dir/copy"
}

# mean PORT Rx|Tx: bytes in a frame since the last call for this port.
mean()
{
    now="$(value "$1" "$2Bytes") $(value "$1" "$2Packets")"
    before=$(cat "$dir/mean.$1$2" 2>/dev/null || echo "0 0")
    echo "$now" >"$dir/mean.$1$2"
    echo "$now $before" | awk '{ print int(($1 - $3) / ($2 - $4 + 1)) }'
}

head -c 20000000 /dev/urandom >"$dir/data"
start_host
xvsctl switch add lan
guest_tap a 192.0.2.1/24
guest_tap b 192.0.2.2/24 --queues 2
guest_veth c 192.0.2.3/24
xvsctl port add lan c --driver packet --device "$tag.c"
says b "2 queues" || fail "b has not two queues: $(value b StateText)"
[ "$(ip netns exec "$tag-b" sh -c 'ls -d /sys/class/net/eth0/queues/rx-*' \
    | wc -l)" = 2 ] || fail "the kernel gave b no two queues"

for way in "a b 192.0.2.2" "b a 192.0.2.1" "a c 192.0.2.3" "c b 192.0.2.2"
do
    # shellcheck disable=SC2086
    set -- $way
    mean "$1" Rx >/dev/null
    mean "$2" Tx >/dev/null
    guest_ping "$1" "$3" || fail "no ping from $1 to $2"
    carries "$1" "$2" "$3" || fail "TCP from $1 to $2"
    for side in "$1 Rx" "$2 Tx"; do
        # shellcheck disable=SC2086
        [ "$(mean $side)" -gt 3000 ] || fail "$way: no super frames ($side)"
    done
done

# A port that takes neither super frames nor open checksums.
guest_veth d 192.0.2.4/24
if xvsctl port add lan d --driver xdp --device "$tag.d" >"$dir/out" 2>&1; then
    carries a d 192.0.2.4 || fail "TCP from a tap to xdp"
    mean d Tx >/dev/null
    carries c d 192.0.2.4 || fail "TCP from packet to xdp"
    [ "$(mean d Tx)" -le 1514 ] || fail "a super frame reached xdp"
    carries d c 192.0.2.3 || fail "TCP from xdp to packet"
else
    echo "no AF_XDP here: $(cat "$dir/out")"
    ip link del "$tag.d"
fi

# Many small frames: c receives by a ring, TCP as well, and tags are kept.
# They go to an address that is behind c itself, and so to nobody.
macs=02000000000c020000000001
ip netns exec "$tag-c" "$frame" send eth0 "ffffffffffff02000000000c88b4"
ip netns exec "$tag-c" "$frame" repeat eth0 "${macs}88b4" 60 1200000 12000 \
    >/dev/null &
flood=$!
if wait_for 10 says c "by a ring"; then
    rm -f "$dir/listen"
    ip netns exec "$tag-a" "$frame" expect eth0 10000 \
        "ffffffffffff02000000000c8100200588b4" >"$dir/listen" &
    waiter=$!
    wait_for 10 grep -q listening "$dir/listen"
    for i in 1 2 3 4 5; do
        ip netns exec "$tag-c" "$frame" send eth0 \
            "ffffffffffff02000000000c8100200588b4"
    done
    wait $waiter || fail "a frame with a tag by the ring"
    says c "by a ring" || fail "c went back to calls while it was busy"
    carries c b 192.0.2.2 || fail "TCP by the ring"
    wait $flood
    by_call()
    {
        ! says c "by a ring"
    }
    wait_for 10 by_call || fail "c does not go back to calls"
else
    before=$(value c RxPackets)
    sleep 1
    rate=$(($(value c RxPackets) - before))
    wait $flood
    [ $rate -lt 50000 ] || fail "no ring at $rate frames in a second"
    echo "this machine is too slow for the ring"
fi
guest_ping c 192.0.2.1 || fail "no ping after the flood"

# A guest sees that its port is disabled.
carrier()
{
    [ "$(ip netns exec "$tag-a" cat /sys/class/net/eth0/carrier)" = "$1" ]
}
carrier 1 || fail "a has no carrier"
xvsctl port set lan a --enabled false
carrier 0 || fail "a does not see that it is disabled"
xvsctl port set lan a --enabled true
carrier 1 || fail "a does not see that it is enabled again"

# What is wrong is said.
ip tuntap add "$tag.t" mode tap
cleanup_fn "ip link del $tag.t"
expect_fail 9 "was made for one queue, not for 2" \
    xvsctl port add lan t --driver tap --device "$tag.t" --queues 2
ip link add "$tag.d2" type dummy 2>/dev/null \
    || ip link add "$tag.d2" type veth peer name "$tag.d3"
cleanup_fn "ip link del $tag.d2"
expect_fail 9 "exists and is not a tap" \
    xvsctl port add lan t --driver tap --device "$tag.d2"
ip link set "$tag.c" mtu 1400
wait_for 10 says c "has MTU 1400 now" || fail "nobody noticed the MTU"
xvsctl event 2>/dev/null | grep -q "has MTU 1400 now" \
    || grep -q "has MTU 1400 now" "$dir/xvsd.log" || fail "no event of it"
ip link set "$tag.c" mtu 1500
mended()
{
    ! says c MTU
}
wait_for 10 mended || fail "c goes on complaining"
