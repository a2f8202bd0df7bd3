# SPDX-License-Identifier: BSD-3-Clause
# Cases between two vhost-user guests, and how each switch comes to sit
# between their sockets $dir/a.sock and $dir/b.sock.
#
#     64B 1518B   one flow of frames of that size
#     flows1k     1,000 flows             flows20k    20,000
#     macs20k     20,000 addresses behind one port, learnt first
#     lat100k     one way at 100,000 frames a second, one at a time
#     lat2M       one way at 2,000,000, bursts of 32; lat*-p99: the 99th
#     wake        at 20 a second, so that the switch sleeps before each

vgen_options()
{
    case ${1%-p99} in
    64B) ;;
    1518B) echo "-z 1518" ;;
    flows1k) echo "-f 1000" ;;
    flows20k) echo "-f 20000" ;;
    macs20k) echo "-m 20000" ;;
    lat100k) echo "-l -r 100000 -B 1" ;;
    lat2M) echo "-l -r 2000000" ;;
    wake) echo "-l -r 20 -B 1 -t 2 -n 2" ;;
    *) fail "there is no case $1" ;;
    esac
}

# threads_of PID: those that poll, for vgen.
threads_of()
{
    for thread in /proc/"$1"/task/*; do
        case $(cat "$thread/comm" 2>/dev/null) in
        *worker* | pmd-c*) printf -- '-T %s:%s ' "$1" "${thread##*/}" ;;
        esac
    done
}

# start_ovs FLOWS: Open vSwitch with DPDK and one kind of flows.
start_ovs()
{
    peer_ovs_start other_config:per-port-memory=false
    ovs set bridge br0 other-config:mac-table-size=60000
    peer_ovs_vhost a b
    listen=-S
    case $1 in
    simple) printf 'in_port=%s,actions=output:%s\n' a b b a ;;
    emc)
        printf 'in_port=%s,ip,nw_dst=198.18.0.0/16,actions=output:%s\n' \
            a b b a
        ;;
    normal) echo actions=NORMAL ;;
    # Each a table further: recirculation, that is; and connection tracking.
    mpls*) ovs_hops "${1#mpls}" "ip,actions=push_mpls:0x8847,pop_mpls:0x0800,\
resubmit(,NEXT)" ;;
    ct*) ovs_hops "${1#ct}" "udp,actions=ct(table=NEXT,zone=NEXT,commit)" ;;
    *) fail "there is no ovs-$1" ;;
    esac | ovs_flows
}

# ovs_hops N FLOW: N tables with that flow, then the other port.
ovs_hops()
{
    for table in $(seq 0 $(($1 - 1))); do
        echo "table=$table,$2" | sed "s/NEXT/$((table + 1))/g"
    done
    printf "table=$1,in_port=%s,ip,actions=output:%s\n" a b b a
}

# start_xvs EXTENSIONS: ours; "" for none, acl, touchN for N stages, processN
# for the same in processes, all on the core of the switch.
start_xvs()
{
    switch_options="--cpus $peer_cpu"
    start_host
    xvsctl switch add lan
    case $1 in
    touch0) enable_touch 0 ;;
    touch*)
        for stage in $(seq "${1#touch}"); do
            enable_touch "$stage"
        done
        ;;
    process*)
        for stage in $(seq "${1#process}"); do
            enable_touch "$stage" --partition process
        done
        wait_for 5 all_processes "${1#process}"
        # Its worker has to wait for them.
        noise=100
        for process in $(pgrep -P "$switch_pid" -x xvs-stage); do
            taskset -apc "$peer_cpu" "$process"
        done
        ;;
    acl)
        xvsctl schema add "$top_srcdir/mof/xvs_acl.mof"
        xvsctl ext install acl.so
        xvsctl ext enable acl lan
        ;;
    esac >/dev/null
    for port in a b; do
        xvsctl port add lan $port --driver vhost-user \
            --device "$dir/$port.sock" >/dev/null
    done
    [ "$1" != acl ] || acl_rules
    peer_pid=$switch_pid
}

# all_processes N: each of N stages has its standby.
all_processes()
{
    [ "$(pgrep -P "$switch_pid" -x xvs-stage | wc -l)" = $(($1 * 2)) ]
}

# enable_touch NUMBER [OPTION...]: a stage, built here as a vendor would.
enable_touch()
{
    number=$1
    shift
    # shellcheck disable=SC2086
    ${CC:-cc} -O2 -fPIC -shared -I "$top_srcdir/sdk/include" "-DNUMBER=$number" \
        "-DPREVIOUS=$((number - 1))" -o "$dir/plugins/touch$number.so" \
        "$top_srcdir/tests/bench/data/touch.c"
    xvsctl ext install "touch$number.so"
    xvsctl ext enable "touch$number" lan "$@"
}

# 1,000 rules that do not match, and one that tracks connections.
acl_rules()
{
    seq 1000 | jq -n '[inputs | { class: "XVS_AclSwitchRule", properties: {
        SwitchName: "lan", Action: 2, Protocol: 17, Priority: .,
        SourcePrefix: "10.\(. / 256 | floor).\(. % 256).0/24" } }]' \
        | xvsctl feature apply -f - >/dev/null
    for port in a b; do
        xvsctl feature add XVS_AclPortRule lan/$port Direction=in \
            Action=allow Stateful=true Priority=2000 >/dev/null
    done
}

# The subject's switch on both sockets; guests connect unless $listen is -S.
vhost_start()
{
    listen=
    case $subject in
    least) "$programs/least" -a "$dir/a.sock" -b "$dir/b.sock" \
        -c "$peer_cpu" & ;;
    least-1) "$programs/least" -a "$dir/a.sock" -b "$dir/b.sock" \
        -c "$peer_cpu" -1 & ;;
    testpmd) peer_testpmd_vhost sw ;;
    testpmd-macswap) peer_testpmd_vhost sw "" macswap ;;
    ovs-*) start_ovs "${subject#ovs-}" ;;
    xvs | xvs-small) start_xvs "" ;;
    xvs-*) start_xvs "${subject#xvs-}" ;;
    *) fail "there is no switch $subject" ;;
    esac
    case $subject in
    least*)
        peer_pid=$!
        cleanup_fn "kill $peer_pid; wait $peer_pid"
        wait_for 2 test -S "$dir/b.sock"
        ;;
    esac
    started=1
    threads=$(threads_of "$peer_pid")
    run_vgen -K >"$dir/check" \
        || fail "$subject loses or changes frames: $(cat "$dir/check")"
}

run_vgen()
{
    huge='' status=0
    [ -z "${PEER_HUGE-}" ] || huge=-H
    # shellcheck disable=SC2086
    "$programs/vgen" -a "$dir/a.sock" -b "$dir/b.sock" $listen $huge \
        -c "$peer_control_cpu" -n "${BENCH_SAMPLES:-3}" \
        -t "${BENCH_SECONDS:-0.4}" -w "${noise:-${BENCH_NOISE:-8}}" $threads "$@" 2>>"$dir/vgen.log" || status=$?
    # A guest that has gone is noticed before the next one comes.
    sleep 0.3
    return $status
}

vhost_case()
{
    [ -n "$started" ] || vhost_start
    # shellcheck disable=SC2046
    run_vgen $(vgen_options "$1") >"$dir/samples" \
        || fail "$subject, $1: $(cat "$dir/samples")"
    case $1 in
    lat* | wake)
        put "$1" $(sed -n 's/^sample [^ ]* [^ ]* \([0-9]*\) .*/\1/p' \
            "$dir/samples")
        put "$1-p99" $(sed -n 's/^sample .* //p' "$dir/samples")
        ;;
    *) put "$1" $(sed -n 's/^sample \([^ ]*\) .*/\1/p' "$dir/samples") ;;
    esac
}
