# SPDX-License-Identifier: BSD-3-Clause
# Cases between two namespaces, through kernel interfaces.
#
#     tcp        iperf3, Gbit/s
#     flood64    frames of 64 bytes sent as fast as a packet socket goes: how
#                many arrive, Mpps
#
# Subjects: "taps" and "taps-tso" are the least forwarder between two taps,
# "bridge" is the kernel's, "veth" no switch at all; "packet-loop" and
# "xdp-loop" are the bare loops that only receive, for flood64.  ovs-* are Open vSwitch's userspace
# datapath with that kind of port.

# kernel_guests KIND: namespaces a and b, with veth pairs whose host ends are
# $tag.a and $tag.b, or (tap) interfaces of these names that move there.
kernel_guests()
{
    number=1
    for name in a b; do
        guest $name
        if [ "$1" = tap ]; then
            ip link set "$tag.$name" netns "$tag-$name" 2>/dev/null \
                || ip -n "$tag-ovs" link set "$tag.$name" netns "$tag-$name"
            ip -n "$tag-$name" link set "$tag.$name" name eth0
        else
            ip link add "$tag.$name" type veth peer name eth0 \
                netns "$tag-$name"
            cleanup_fn "ip link del $tag.$name"
            # Our own kernel shall not answer for anybody.
            ip link set "$tag.$name" arp off up
        fi
        ip -n "$tag-$name" addr add "198.18.0.$number/24" dev eth0
        ip -n "$tag-$name" link set eth0 up
        number=2
    done
}

kernel_bridge()
{
    ip link add "$tag.br" type bridge mcast_snooping 0
    cleanup_fn "ip link del $tag.br"
    for name in a b br; do
        [ $name = br ] || ip link set "$tag.$name" master "$tag.br"
        ip link set "$tag.$name" up
    done
    # The frames of kport flood go to one port, not to all.
    bridge fdb add 02:00:00:00:00:bb dev "$tag.b" master static
}

kernel_taps()
{
    "$programs/kport" $1 -c "$peer_cpu" forward "$tag.a" "$tag.b" \
        >"$dir/kport.log" 2>&1 &
    cleanup_fn "kill $!; wait $!"
    wait_for 2 grep -q ready "$dir/kport.log" || fail "kport: no taps"
    kernel_guests tap
}

# kernel_ovs TYPE [SETTING]: ports $tag.a and $tag.b of that type.
kernel_ovs()
{
    type=$1
    shift
    # Without DPDK the datapath runs on the control core.
    peer_control_cpu=$peer_cpu peer_ovs_start "$@"
    [ "$type" = tap ] || kernel_guests veth
    for name in a b; do
        case $type in
        tap) ovs add-port br0 "$tag.$name" \
            -- set Interface "$tag.$name" type=tap ;;
        net_*)
            ip link set "$tag.$name" netns "$tag-ovs"
            ip -n "$tag-ovs" link set "$tag.$name" up
            ip netns exec "$tag-$name" ethtool -K eth0 tx off >/dev/null
            ovs add-port br0 "$name" -- set Interface "$name" type=dpdk \
                "options:dpdk-devargs=$type$name,iface=$tag.$name"
            ;;
        esac
    done
    [ "$type" != tap ] || kernel_guests tap
    echo actions=NORMAL | ovs_flows
}

# kernel_xvs DRIVER
kernel_xvs()
{
    switch_options="--cpus $peer_cpu"
    [ "$1" = tap ] || kernel_guests veth
    start_host
    xvsctl switch add lan
    for name in a b; do
        xvsctl port add lan $name --driver "$1" --device "$tag.$name"
    done
    [ "$1" != tap ] || kernel_guests tap
}

kernel_start()
{
    requires ip iperf3 jq ethtool
    client_cpu=$peer_control_cpu
    case $subject in
    taps) kernel_taps "" ;;
    taps-tso) kernel_taps -o ;;
    bridge)
        kernel_guests veth
        kernel_bridge
        client_cpu=$peer_cpu
        ;;
    packet-loop | xdp-loop) kernel_guests veth ;;
    ovs-tap) kernel_ovs tap ;;
    ovs-tap-tso) kernel_ovs tap other_config:userspace-tso-enable=true ;;
    ovs-packet) kernel_ovs net_af_packet ;;
    ovs-xdp) kernel_ovs net_af_xdp ;;
    xvs-*) kernel_xvs "${subject#xvs-}" ;;
    *) fail "there is no switch $subject" ;;
    esac
    started=1
    case $subject in
    *-loop) return 0 ;;
    esac
    wait_for 1 ip netns exec "$tag-a" ping -n -q -c 1 -W 1 198.18.0.2 \
        || fail "$subject: no ping"
}

kernel_tcp()
{
    ip netns exec "$tag-b" taskset -c "$peer_control_cpu" iperf3 -s \
        >"$dir/iperf3.log" 2>&1 &
    server=$!
    cleanup_fn "kill $server"
    wait_for 5 ip netns exec "$tag-b" sh -c 'ss -ltn | grep -q :5201' \
        || fail "iperf3 does not listen"
    for _ in $(seq "${BENCH_SAMPLES:-3}"); do
        put tcp "$(ip netns exec "$tag-a" taskset -c "$client_cpu" iperf3 \
            -c 198.18.0.2 -t "${BENCH_TCP_SECONDS:-2}" -J \
            | jq '.end.sum_received.bits_per_second / 1e9')"
    done
    kill "$server"
}

arrived()
{
    ip netns exec "$tag-b" cat /sys/class/net/eth0/statistics/rx_packets
}

kernel_flood()
{
    seconds=${BENCH_SECONDS:-0.4}
    # A port of driver packet sees once a second how busy it is.
    [ "$subject" != xvs-packet ] || ip netns exec "$tag-a" \
        "$programs/kport" -c "$peer_control_cpu" -t 2.5 flood eth0 \
        >/dev/null
    for _ in $(seq "${BENCH_SAMPLES:-3}"); do
        ip netns exec "$tag-a" "$programs/kport" -c "$peer_control_cpu" \
            -t "$(echo "$seconds" | awk '{ print $1 + 0.4 }')" flood eth0 \
            >"$dir/flood" &
        flood=$!
        sleep 0.2
        case $subject in
        packet-loop)
            put flood64 "$("$programs/kport" -c "$peer_cpu" -t "$seconds" \
                receive "$tag.a" | sed -n 's/^sample //p')"
            ;;
        xdp-loop)
            put flood64 "$("$programs/xdploop" -c "$peer_cpu" -t "$seconds" \
                "$tag.a" | sed -n 's/^sample //p')"
            # The kernel lets the queue go some time later.
            sleep 1
            ;;
        *)
            before="$(arrived) $(date +%s%N)"
            sleep "$seconds"
            put flood64 "$(echo "$before $(arrived) $(date +%s%N)" \
                | awk '{ printf "%.4f", ($3 - $1) * 1000 / ($4 - $2) }')"
            ;;
        esac
        wait "$flood"
    done
}

kernel_case()
{
    [ -n "$started" ] || kernel_start
    case $1 in
    tcp) kernel_tcp ;;
    flood64) kernel_flood ;;
    esac
}
