#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# Every measurement of doc/performance.md, in one run:
#
#     make bench              all of it
#     tests/bench/run.sh PART...
#
# Parts: schema marshal xml forward partition guard acl get enumerate durable
# command vms memory metrics growth.
. "${top_srcdir:-..}/tests/functions.sh"
in_namespaces "$@"
requires ip jq
bench=$top_builddir/tests/bench
[ $# -gt 0 ] || set -- schema marshal xml forward partition guard acl get \
    enumerate durable command vms memory metrics growth

part()
{
    printf '\n## %s\n' "$*"
}

# pss PID, hwm PID: kB.
pss()
{
    awk '$1 == "Pss:" { print $2 }' "/proc/$1/smaps_rollup"
}
rss()
{
    awk '$1 == "VmRSS:" { print $2 }' "/proc/$1/status"
}
hwm()
{
    awk '$1 == "VmHWM:" { print $2 }' "/proc/$1/status"
}

# start_lan: a host with a switch, and the acl extension on it.
start_lan()
{
    [ -z "${xvsd_pid-}" ] || return 0
    start_host
    xvsctl schema add "$top_srcdir/mof/xvs_acl.mof"
    xvsctl ext install acl.so
    xvsctl switch add lan
    xvsctl ext enable acl lan
}

# rules N [SWITCH]: JSON of N rules of the switch.
rules()
{
    seq "$1" | jq -n --arg switch "${2-lan}" '[inputs | { class: "XVS_AclSwitchRule", properties: {
        SwitchName: $switch, Action: 2, Protocol: 17, Priority: (. % 60000),
        SourcePrefix: "192.0.2.0/24" } }]'
}

bench_schema()
{
    part "schema: DMTF CIM 2.49, 1,631 classes (goal: < 0.15 s, < 60 MB)"
    tree=$data/mof/dmtf-cim-2.49.0/cim_schema_2.49.0.mof
    [ -f "$tree" ] || { echo "skipped: no test data"; return 0; }
    for _ in 1 2 3 4 5; do
        command time -f '%e s, %U s user, %M kB' \
            xvs-mofc lint "$tree" 2>&1 | tail -n 1
    done
}

bench_marshal()
{
    part "marshal: one object of 14 properties (goal: <= 1 us, protobuf-c)"
    "$bench/bench-marshal"
}

bench_xml()
{
    part "xml: one object of 10 properties as text"
    "$bench/bench-xml"
}

bench_forward()
{
    part "forward: the switch alone, frames in memory"
    "$bench/bench-forward"
    echo "with access ports:"
    "$bench/bench-forward" -p
    echo "with flows counted, and not:"
    "$bench/bench-forward" -f 8192
}

bench_partition()
{
    part "partition: a stage elsewhere, its faults, deaths and updates"
    "$bench/bench-partition"
}

bench_guard()
{
    part "guard: its hook alone, honest frames in memory (goal: <= 20 ns)"
    "$bench/bench-guard"
}

bench_acl()
{
    part "acl: rules alone, then the switch with 1,000 of them"
    "$bench/bench-acl"
    "$bench/bench-forward" -a 1000
}

bench_get()
{
    part "get: GetInstance, one keep-alive connection (goal: >= 15,000/s)"
    start_lan
    for _ in 1 2 3 4 5; do
        "$bench/bench-cim" -u "$XVS_SOCKET" -s 1 -p "$xvsd_pid" \
            get XVS_Switch Name lan
    done
}

bench_enumerate()
{
    part "enumerate: 1,000 objects (goal: <= 3 us of server CPU each)"
    start_lan
    rules 1000 | xvsctl feature apply -f - >/dev/null
    for _ in 1 2 3 4 5; do
        "$bench/bench-cim" -u "$XVS_SOCKET" -s 1 -p "$xvsd_pid" \
            enumerate XVS_AclSwitchRule
    done
}

bench_durable()
{
    part "durable: feature set, flushed (goals: 0.8, and 10 with 64 clients)"
    start_lan
    rules 64 | xvsctl feature apply -f - --names | head -n 64 >"$dir/ids"
    # shellcheck disable=SC2046
    "$bench/bench-durable" "$XVS_SOCKET" "$dir/state" "$xvsd_pid" \
        "$switch_pid" $(cat "$dir/ids")
}

bench_command()
{
    part "command: xvsctl port list (goal: <= 10 ms)"
    bash "$top_srcdir/tests/bench/bench-xvsctl.sh"
}

bench_vms()
{
    part "vms: one of 10,000 (goal: <= 1.5 times as long as one of ten)"
    bash "$top_srcdir/tests/bench/bench-vms.sh"
}

bench_memory()
{
    part "memory: xvsd at rest with 1,000 ports (goal: < 20 MB)"
    start_lan
    # 500 pairs are 1,000 interfaces.
    seq -f %03.0f 500 | sed "s/.*/link add $tag.1& type veth peer name $tag.2&/" \
        >"$dir/make"
    seq -f %03.0f 500 | sed "s/.*/link del $tag.1&/" >"$dir/unmake"
    cleanup_fn "ip -force -batch $dir/unmake"
    ip -batch "$dir/make"
    ip -o link | sed -n "s/.* \($tag\.[0-9]*\)[@:].*/\1/p" \
        | sed 's/.*/port add lan & --driver packet --device &/' >"$dir/ports"
    xvsctl shell <"$dir/ports" >/dev/null
    sleep 1
    echo "$(xvsctl port list --names | wc -l) ports: RSS $(rss "$xvsd_pid") kB," \
        "PSS $(pss "$xvsd_pid") kB, peak $(hwm "$xvsd_pid") kB"
}

# ticks: processor time of both daemons, in hundredths of a second.
ticks()
{
    awk '{ n += $14 + $15 } END { print n }' "/proc/$xvsd_pid/stat" \
        "/proc/$switch_pid/stat"
}

bench_metrics()
{
    part "metrics: scrapes of a host with 1,000 ports, acl and qos on them"
    start_lan
    xvsctl schema add "$top_srcdir/mof/xvs_qos.mof"
    xvsctl ext install qos.so
    xvsctl ext enable qos lan
    n=$(xvsctl port list --names | wc -l)
    seq "$((n + 1))" 1000 | sed "s|.*|port add lan m& --driver pipe --device $dir/m&.sock|" \
        | xvsctl shell >/dev/null
    curl -s --unix-socket "$XVS_SOCKET" -o "$dir/text" http://xvs/metrics
    before=$(ticks)
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        curl -s --unix-socket "$XVS_SOCKET" -o "$dir/text" http://xvs/metrics
        sed -n 's/^xvs_scrape_duration_seconds /seconds: /p' "$dir/text"
    done
    echo "$(xvsctl port list --names | wc -l) ports," \
        "$(grep -vc '^#' "$dir/text") samples, $(wc -c <"$dir/text") bytes," \
        "$((($(ticks) - before))) ms of processor time each," \
        "peak $(hwm "$xvsd_pid") kB"
}

bench_growth()
{
    part "growth: 100,000 objects enumerate (goal: memory does not grow)"
    start_lan
    for i in $(seq 25); do
        xvsctl switch add "s$i" >/dev/null
        xvsctl ext enable acl "s$i" >/dev/null
        rules 4000 "s$i" | xvsctl feature apply -f - >/dev/null
    done
    echo "before: RSS $(rss "$xvsd_pid") kB"
    echo "$(xvsctl instance list XVS_AclSwitchRule --names | wc -l) objects"
    echo "after:  RSS $(rss "$xvsd_pid") kB"
}

printf '%s, %s\n' "$(date -u +%Y-%m-%d)" \
    "$(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1)"
for name; do
    "bench_$name"
done
