# SPDX-License-Identifier: BSD-3-Clause
# The switches that ours is measured against, and DPDK's programs as guests.
# Source it after functions.sh.  Each runs in $dir alone: Open vSwitch with a
# database, sockets and a namespace of its own, DPDK with files of its own
# prefix.
#
# PEER_CPU (0) is where they poll, PEER_CONTROL_CPU (1) where the rest runs.
# PEER_HUGE: a hugetlbfs mount to use; without it they get ordinary memory.

peer_cpu=${PEER_CPU:-0}
peer_control_cpu=${PEER_CONTROL_CPU:-1}

# peer_memory MB: DPDK's options for memory.
peer_memory()
{
    if [ -n "${PEER_HUGE-}" ]; then
        echo "--single-file-segments --huge-dir $PEER_HUGE -m $1"
    else
        echo "--no-huge -m $1"
    fi
}

# peer_testpmd NAME OPTION... -- OPTION...: starts dpdk-testpmd, which polls on
# PEER_CPU and takes commands (peer_say NAME COMMAND); what it says is in
# $dir/NAME.log, its pid in $peer_pid.
peer_testpmd()
{
    requires dpdk-testpmd stdbuf mkfifo
    name=$1
    shift
    mkfifo "$dir/$name.in"
    # Open at both ends, so that neither side waits or sees an end.
    # shellcheck disable=SC2046
    stdbuf -oL dpdk-testpmd --no-pci --no-telemetry \
        --lcores "0@$peer_control_cpu,1@$peer_cpu" \
        --file-prefix "$tag$name" $(peer_memory "${PEER_MB:-256}") "$@" \
        <>"$dir/$name.in" >>"$dir/$name.log" 2>&1 &
    peer_pid=$!
    cleanup_fn "kill $peer_pid; wait $peer_pid; rm -rf /var/run/dpdk/$tag$name"
    wait_for 20 peer_speaks "$name" || fail "dpdk-testpmd says nothing"
    kill -0 "$peer_pid" 2>/dev/null || fail "dpdk-testpmd does not start"
}

# peer_speaks NAME: prompts, or has ended.
peer_speaks()
{
    grep -q 'testpmd> ' "$dir/$1.log" || ! kill -0 "$peer_pid"
}

# peer_say NAME COMMAND: to a testpmd.
peer_say()
{
    echo "$2" >"$dir/$1.in"
}

# peer_testpmd_vhost NAME [DEVARGS] [FORWARD]: testpmd as a switch between
# $dir/a.sock and $dir/b.sock.
peer_testpmd_vhost()
{
    rm -f "$dir/a.sock" "$dir/b.sock"
    peer_testpmd "$1" \
        --vdev "net_vhost0,iface=$dir/a.sock,queues=${PEER_QUEUES:-1}${2:+,$2}" \
        --vdev "net_vhost1,iface=$dir/b.sock,queues=${PEER_QUEUES:-1}${2:+,$2}" \
        -- -i --burst=32 --rxd=1024 --txd=1024 --total-num-mbufs=20000 \
        "--rxq=${PEER_QUEUES:-1}" "--txq=${PEER_QUEUES:-1}" \
        "--forward-mode=${3:-io}"
    peer_say "$1" start
}

# ovs VSCTL-ARGUMENT...: ovs-vsctl of our own Open vSwitch.
ovs()
{
    ovs-vsctl "--db=unix:$dir/ovs/db.sock" --timeout=20 "$@"
}

# ovs_app COMMAND...: ovs-appctl of it.
ovs_app()
{
    ovs-appctl -t "$dir/ovs/switch.ctl" "$@"
}

# ovs_flows: sets the flows of standard input, replacing all.
ovs_flows()
{
    ovs-ofctl -O OpenFlow15 del-flows br0
    ovs-ofctl -O OpenFlow15 add-flows br0 -
    ovs_app revalidator/purge
}

# peer_ovs_start [SETTING...]: Open vSwitch with DPDK and the bridge br0 in
# namespace $tag-ovs.  Pid in $peer_pid.
peer_ovs_start()
{
    requires ovsdb-server ovs-vsctl ip
    ovs_daemon=/usr/lib/openvswitch-switch-dpdk/ovs-vswitchd-dpdk
    [ -x "$ovs_daemon" ] || skip "openvswitch-switch-dpdk is not installed"
    mkdir -p "$dir/ovs"
    for variable in OVS_RUNDIR OVS_LOGDIR OVS_DBDIR OVS_SYSCONFDIR; do
        export "$variable=$dir/ovs"
    done
    ip netns add "$tag-ovs"
    cleanup_fn "ip netns del $tag-ovs"
    ovsdb-tool create "$dir/ovs/conf.db" \
        /usr/share/openvswitch/vswitch.ovsschema
    ovsdb-server "$dir/ovs/conf.db" "--remote=punix:$dir/ovs/db.sock" \
        "--unixctl=$dir/ovs/db.ctl" "--pidfile=$dir/ovs/db.pid" \
        -vconsole:off >/dev/null 2>&1 &
    cleanup_fn "kill $!; wait $!"
    wait_for 10 test -S "$dir/ovs/db.sock" || fail "ovsdb-server: no socket"
    ovs --no-wait init
    peer_ovs_settings
    [ $# = 0 ] || ovs --no-wait set Open_vSwitch . "$@"
    ip netns exec "$tag-ovs" taskset -c "$peer_control_cpu" "$ovs_daemon" \
        "unix:$dir/ovs/db.sock" "--unixctl=$dir/ovs/switch.ctl" \
        "--pidfile=$dir/ovs/switch.pid" "--log-file=$dir/ovs.log" \
        -vconsole:off >/dev/null 2>&1 &
    peer_pid=$!
    cleanup_fn "kill $peer_pid; wait $peer_pid; rm -rf /var/run/dpdk/${tag}ovs"
    wait_for 30 ovs_ready || fail "ovs-vswitchd does not start"
    ovs add-br br0 -- set bridge br0 datapath_type=netdev fail-mode=secure
}

ovs_ready()
{
    [ "$(ovs get Open_vSwitch . dpdk_initialized)" = true ]
}

# Masks of one CPU each; without hugepages DPDK wants its old way of memory.
peer_ovs_settings()
{
    if [ -n "${PEER_HUGE-}" ]; then
        memory="--no-pci"
        ovs --no-wait set Open_vSwitch . other_config:dpdk-socket-mem=512 \
            other_config:dpdk-socket-limit=512 \
            "other_config:dpdk-hugepage-dir=$PEER_HUGE"
    else
        memory="--no-pci --no-huge --legacy-mem -m 2048 --iova-mode=va"
    fi
    ovs --no-wait set Open_vSwitch . other_config:dpdk-init=true \
        "other_config:pmd-cpu-mask=$(printf 0x%x $((1 << peer_cpu)))" \
        "other_config:dpdk-lcore-mask=$(printf 0x%x \
            $((1 << peer_control_cpu)))" \
        "other_config:dpdk-extra=$memory --file-prefix=${tag}ovs"
}

# peer_ovs_vhost NAME...: vhost-user ports that connect to $dir/NAME.sock.
peer_ovs_vhost()
{
    for name; do
        ovs add-port br0 "$name" -- set Interface "$name" \
            type=dpdkvhostuserclient \
            "options:vhost-server-path=$dir/$name.sock"
    done
    echo actions=NORMAL | ovs_flows
}
