#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# The management channel beside proxies that others use, in one run on loopback
# in a network namespace of its own:
#
#     make -C tests bench-channel [CASES='xvs haproxy tinyproxy squid nginx']
#
# FIGURES: idle, bytes, connect, trips, isolation.  CASES: direct (no proxy),
# splice and copy (bare relays of our own, which do nothing else), xvs (a VM at
# an address), xvs-unix (at a unix socket), xvs-agent (through xvs-agent, many
# streams over one socket), haproxy and nginx (TCP, no CONNECT), haproxy-unix
# (its service at a unix socket), tinyproxy, squid (CONNECT).  What is not
# installed is left out.  Load and service are on the first processor, the proxy
# on the last one; CPU is what the proxy's processes used: of ours xvs-switch,
# too, which opens its sockets.
# BENCH_SECONDS (2) is how long each figure is taken.
. "${top_srcdir:-..}/tests/functions.sh"
in_namespaces "$@"
guest bench
run="ip netns exec $tag-bench"
seconds=${BENCH_SECONDS:-2}
idle=${BENCH_IDLE:-10000}
cpus=$(($(nproc) - 1))
load="$run taskset -c 0 $top_builddir/tests/bench/channel/load"
beside="$run taskset -c $cpus"
service=127.0.0.1:7000
ulimit -Hn 65536 2>/dev/null || :
ulimit -n "$(ulimit -Hn)"
# Tunnels that a proxy can have: two descriptors each.
most=$((($(ulimit -n) - 400) / 2))
[ "$idle" -le $most ] || idle=$most
PATH=$PATH:/usr/sbin
export PATH
chmod 755 "$dir"

# background COMMAND...: pid in $pid.
background()
{
    "$@" >>"$dir/background.log" 2>&1 &
    pid=$!
    cleanup_fn "kill $pid; wait $pid"
}

# ticks PID: hundredths of a second that it and its children have used.
ticks()
{
    # shellcheck disable=SC2046
    for one in "$1" $(pgrep -P "$1"); do
        sed 's/.*) //' "/proc/$one/stat" 2>/dev/null
    done | awk '{ n += $12 + $13 } END { print n + 0 }'
}

# memory PID: KiB of it and its children.
memory()
{
    for one in "$1" $(pgrep -P "$1"); do
        sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$one/status"
    done | awk '{ n += $1 } END { print n + 0 }'
}

# figure NAME TEXT: the number behind NAME= in it.
figure()
{
    echo "$2" | sed -n "s/.*\\b$1=\\([0-9.]*\\).*/\\1/p"
}

# per A B FACTOR: A * FACTOR / B, or "-".
per()
{
    echo "$1 $2 $3" | awk '{ if ($2 > 0 && $1 != "")
        printf "%.0f\n", $1 * $3 / $2; else print "-" }'
}

# counted PID MODE ARGUMENT...: its line in $line, ticks of PID in $used.
counted()
{
    who=$1
    shift
    before=$(ticks "$who")
    line=$($load "$@" 2>>"$dir/background.log") || line=
    used=$(($(ticks "$who") - before))
}

# measure NAME PID PROXY TARGET: prints its rows.
measure()
{
    name=$1
    who=$2
    shift 2
    wait_for 5 $load trips "$@" 1 \
        || { echo "$name does not answer"; return; }
    for what in ${FIGURES:-idle bytes connect trips isolation}; do
        "measure_$what" "$@"
    done
}

measure_bytes()
{
    for streams in 1 64; do
        for way in up down; do
            counted "$who" throughput "$@" $streams "$seconds" $way
            row "$name" "$streams $way" "$(figure MBps "$line") MB/s" \
                "$(per "$(figure bytes "$line")" "$used" 0.0001) MB/cpu-s"
        done
    done
}

# busy CPU: hundredths of a second that it was not idle, and that have gone.
busy()
{
    awk -v cpu="cpu$1" '$1 == cpu { for (i = 2; i <= 9; i++) all += $i
        print all - $5 - $6, all }' /proc/stat
}

# (Whose processor is busy all the time says what the rate is that of.)
measure_connect()
{
    before_load=$(busy 0)
    before_proxy=$(busy $cpus)
    counted "$who" rate "$@" 32 "$seconds"
    row "$name" connect "$(figure rate "$line")/s" \
        "$(per "$used" "$(figure opened "$line")" 10000) us cpu each, busy:$(
        echo "$before_load $(busy 0) $before_proxy $(busy $cpus)" | awk '{
            printf " load %.0f %%, proxy %.0f %%", 100 * ($3 - $1) / ($4 - $2),
                100 * ($7 - $5) / ($8 - $6) }')"
}

measure_trips()
{
    line=$($load trips "$@" 10000) || line=
    row "$name" trips "p50 $(figure p50us "$line") us" \
        "p99 $(figure p99us "$line") us"
}

measure_isolation()
{
    alone=$(figure p99us "$($load isolation "$@" 100 "$seconds" alone)")
    line=$($load isolation "$@" 100 "$seconds") || line=
    row "$name" isolation "p99 $alone us alone" \
        "p99 $(figure p99us "$line") us beside one that never reads"
}

# (Before others: memory that they have needed would hide it.)
measure_idle()
{
    [ "$who" != 0 ] || return 0
    before=$(memory "$who")
    rm -f "$dir/enough" "$dir/open"
    $load idle "$@" "$idle" "$dir/enough" >"$dir/open" \
        2>>"$dir/background.log" &
    loaded=$!
    if wait_for 60 grep -q open= "$dir/open"; then
        used=$(($(memory "$who") - before))
        row "$name" "$idle idle" "$used KiB" \
            "$(per "$used" "$idle" 1024) bytes each"
    else
        row "$name" "$idle idle" "not opened" \
            "$(tail -n 1 "$dir/background.log")"
    fi
    : >"$dir/enough"
    wait $loaded || :
}

row()
{
    printf '%-10s %-12s %22s   %s\n' "$@"
}

case_direct()
{
    measure direct 0 $service -
}

# run_haproxy NAME PORT SERVICE
run_haproxy()
{
    cat >"$dir/haproxy" <<EOF
global
    nbthread 1
    maxpipes 100
    maxconn $most
defaults
    mode tcp
    timeout connect 5s
    timeout client 600s
    timeout server 600s
    maxconn $most
frontend a
    bind 127.0.0.1:$2 backlog 4096
    option splice-auto
    default_backend b
backend b
    option splice-auto
    server s $3 maxconn $most
EOF
    background $beside haproxy -db -f "$dir/haproxy"
    measure "$1" $pid "127.0.0.1:$2" -
}

# Bare relays: no request, no names, no rules, no counts.
case_splice()
{
    background $beside "${load##* }" splice 127.0.0.1:7107 $service
    measure splice $pid 127.0.0.1:7107 -
}

case_copy()
{
    background $beside "${load##* }" copy 127.0.0.1:7108 $service
    measure copy $pid 127.0.0.1:7108 -
}

case_haproxy()
{
    run_haproxy haproxy 7101 $service
}

case_haproxy_unix()
{
    start_unix_service
    run_haproxy haproxy-unix 7106 "unix@$dir/service.sock"
}

case_nginx()
{
    cat >"$dir/nginx" <<EOF
load_module /usr/lib/nginx/modules/ngx_stream_module.so;
daemon off;
master_process off;
worker_processes 1;
error_log $dir/nginx.err;
pid $dir/nginx.pid;
events { worker_connections $((most * 2 + 100)); }
stream { server { listen 127.0.0.1:7102 backlog=4096; proxy_pass $service;
    proxy_buffer_size 64k; tcp_nodelay on; } }
EOF
    background $beside nginx -c "$dir/nginx" -e "$dir/nginx.err"
    measure nginx $pid 127.0.0.1:7102 -
}

case_tinyproxy()
{
    printf '%s\n' 'Port 7103' 'Listen 127.0.0.1' 'Timeout 600' \
        'MaxClients 20000' 'Allow 127.0.0.1' 'ConnectPort 7000' \
        'LogLevel Critical' "LogFile \"$dir/tinyproxy.err\"" >"$dir/tinyproxy"
    background $beside tinyproxy -d -c "$dir/tinyproxy"
    measure tinyproxy $pid 127.0.0.1:7103 $service
}

case_squid()
{
    mkdir -p "$dir/squid.d"
    chmod 777 "$dir/squid.d"
    printf '%s\n' 'http_port 127.0.0.1:7104' 'http_access allow all' \
        'cache deny all' 'access_log none' 'cache_store_log none' \
        "cache_log $dir/squid.d/log" "pid_filename $dir/squid.d/pid" \
        "coredump_dir $dir/squid.d" 'shutdown_lifetime 1 seconds' \
        'pinger_enable off' 'netdb_filename none' \
        "max_filedescriptors $(ulimit -n)" >"$dir/squid"
    background $beside squid -N -f "$dir/squid"
    measure squid $pid 127.0.0.1:7104 $service
}

start_unix_service()
{
    [ ! -S "$dir/service.sock" ] || return 0
    background $load server "unix:$dir/service.sock"
    wait_for 10 test -S "$dir/service.sock" || fail "no service"
    chmod 777 "$dir/service.sock"
}

# Ours: the extension is in a process of its own.
start_channel()
{
    [ -z "${channel_pid-}" ] || return 0
    chmod 755 "$dir"
    mkdir -p "$dir/state" "$dir/plugins"
    [ "$(id -u)" != 0 ] || chown "$run_user" "$dir" "$dir/state"
    # shellcheck disable=SC2046
    background $run xvs-switch --control "$dir/control" $(plugin_dirs) \
        --stage-program "$top_builddir/xvs-stage" --user "$run_user"
    switch=$pid
    wait_for 10 test -S "$dir/control" || fail "xvs-switch does not start"
    start_xvsd
    xvsctl schema add "$top_srcdir/mof/xvs_channel.mof"
    xvsctl ext install channel.so
    xvsctl ext enable channel host --partition process
    xvsctl feature add XVS_Channel host Host=h1 MaxClients=16384
    xvsctl feature add XVS_ChannelListener host Listen=127.0.0.1:7105
    xvsctl feature add XVS_ChannelVm host Name=vm1 Link=fixed
    xvsctl feature add XVS_ChannelService host Vm=vm1 Port=7000 \
        Address=$service
    xvsctl feature add XVS_ChannelRule host Client=anonymous 'Vm=*'
    channel_pid=$(pgrep -P "$switch" xvs-stage | head -n 1)
    taskset -ap -c $cpus "$channel_pid" >"$dir/out"
    taskset -ap -c $cpus "$switch" >>"$dir/out"
} >>"$dir/background.log" 2>&1

case_xvs()
{
    start_channel
    measure xvs "$switch" 127.0.0.1:7105 vm1:7000
}

case_xvs_unix()
{
    start_channel
    start_unix_service
    xvsctl feature add XVS_ChannelVm host Name=vm3 Link=fixed \
        >>"$dir/background.log"
    xvsctl feature add XVS_ChannelService host Vm=vm3 Port=7000 \
        "Path=$dir/service.sock" >>"$dir/background.log"
    measure xvs-unix "$switch" 127.0.0.1:7105 vm3:7000
}

case_xvs_agent()
{
    start_channel
    background $run taskset -c 0 xvs-agent --unix "$dir/agent.sock" \
        --allow 7000 --user "$run_user" --max-streams 20000
    wait_for 10 test -S "$dir/agent.sock" || fail "xvs-agent does not start"
    chmod 777 "$dir/agent.sock"
    xvsctl feature add XVS_ChannelVm host Name=vm2 Link=agent \
        "Path=$dir/agent.sock" >>"$dir/background.log"
    measure xvs-agent "$switch" 127.0.0.1:7105 vm2:7000
}

[ -x "$top_builddir/tests/bench/channel/load" ] \
    || fail "make -C tests bench/channel/load first"
background $load server $service
echo "date: $(date -u +%Y-%m-%dT%H:%MZ), $(sed -n \
    's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(nproc) processors"
all='direct splice copy xvs xvs-unix xvs-agent haproxy haproxy-unix nginx
    tinyproxy squid'
for case in ${CASES:-$all}; do
    case $case in
    haproxy* | nginx | tinyproxy | squid)
        command -v "${case%-unix}" >/dev/null || { echo "$case is not installed"
            continue; }
        ;;
    esac
    "case_$(echo "$case" | tr - _)"
done
