#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# The management channel in a real guest without a network card, beside the bare
# virtio-serial port of the same guest, in turns:
#
#     make -C tests bench-channel-vm [WAYS='raw relay serial ...']
#
# raw: tests/bench/channel reads and writes the port, with nothing between.
# relay: a program in the guest moves the bytes between such a port and the TCP
# service; nobody reaches the service through the port with less.  serial: a
# client of the proxy, frames of many streams over virtio-serial, the agent, the
# same service.  frames: to what the agent is itself (echo, discard, chargen), and
# over a unix socket of the proxy, so with nothing else between, as with raw.
# serial-unix: the same as serial to a service at a unix socket.  vsock: a
# connection of vsock for each client.  agent-vsock: frames over one such
# connection, and the agent.  Each figure is the median of ROUNDS (3), of
# BENCH_SECONDS (4) each.
#
# The guest is emulated (TCG), which carries out "rep movsb" byte by byte, and
# that is how a kernel copies when the processor says it is fast at it; with
# VM_CPU=max,-erms it copies words.
. "${top_srcdir:-..}/tests/functions.sh"
in_namespaces "$@"
. "$top_srcdir/tests/lab/channel-vm.sh"
. "$top_srcdir/tests/lab/channel-hosts.sh"
exec </dev/null
seconds=${BENCH_SECONDS:-4}
rounds=${ROUNDS:-3}
ways=${WAYS:-raw relay frames serial serial-unix vsock agent-vsock}
streams=50
load=$vm_guest/load

# way NAME FIGURE: what the load needs to go it.
way()
{
    case $1-$2 in
    frames-up) echo "unix:$dir/door/proxy =serial:9" && return ;;
    frames-down) echo "unix:$dir/door/proxy =serial:19" && return ;;
    frames-*) echo "unix:$dir/door/proxy =serial:7" && return ;;
    esac
    case $1 in
    raw | relay) echo "unix:$dir/vm1.$1 -" ;;
    serial-unix) echo "192.0.2.1:3128 serial:7001" ;;
    *) echo "192.0.2.1:3128 $1:7000" ;;
    esac
}

# take WAY FIGURE NAME MODE ARGUMENT...: the number behind NAME= is noted.
take()
{
    one=$1 figure=$2 name=$3 mode=$4
    shift 4
    # shellcheck disable=SC2046
    line=$(at h1 timeout 60 "$load" "$mode" $(way "$one" "$figure") "$@") \
        || fail "$one, $figure: load $mode has failed"
    echo "$one $figure $(echo "$line" | sed -n "s/.*\\b$name=\\([0-9.]*\\).*/\\1/p")" \
        >>"$dir/figures"
    # The next client of the bare port comes when this one has gone.
    sleep 0.5
}

# median WAY FIGURE
median()
{
    awk -v way="$1" -v figure="$2" '$1 == way && $2 == figure { print $3 }' \
        "$dir/figures" | sort -n | awk '{ v[NR] = $1 }
            END { if (NR) print v[int((NR + 1) / 2)]; else print "-" }'
}

# goal TEXT WAY FIGURE OTHER-WAY OTHER-FIGURE least|most LIMIT: a ratio.
goal()
{
    awk -v text="$1" -v own="$(median "$2" "$3")" \
        -v other="$(median "$4" "$5")" -v kind="$6" -v limit="$7" 'BEGIN {
        if (own == "-" || other == "-" || other == 0) exit
        ratio = own / other
        met = kind == "least" ? ratio >= limit : ratio <= limit
        printf "%-48s %5.2f  (at %s %.2f: %s)\n", text, ratio, kind, limit,
            met ? "met" : "MISSED" }'
}

# goals OWN WAY TEXT: of a way over virtio-serial, beside one without streams.
goals()
{
    goal "$3, in" "$1" up "$2" up least 0.85
    goal "$3, out" "$1" down "$2" down least 0.85
    goal "$3, trip" "$1" trip "$2" trip most 1.5
    goal "$3, trip of $streams" "$1" trip50 "$2" trip most 1.5
}

${CC:-cc} -std=gnu11 -D_GNU_SOURCE -O2 -o "$dir/vsock" \
    "$top_srcdir"/tests/lab/vsock/*.c
(umask 0 && exec "$dir/vsock" "$dir/vm1.vhost" 5 "$dir/vm1.v") \
    >"$dir/vsock.log" 2>&1 &
cleanup_fn "kill $!; wait $!"
wait_for 20 test -S "$dir/vm1.vhost" || fail "no device of vsock"
channel_vm vm1 both
host h1 1
VM_SECONDS=180
vm_ready vm1
mkdir "$dir/door"
[ "$(id -u)" != 0 ] || chown "$run_user" "$dir/door"
{
    at h1 xvsctl feature add XVS_ChannelListener host "Path=$dir/door/proxy"
    at h1 xvsctl vm register serial --link agent --path "$dir/vm1.channel"
    at h1 xvsctl vm register vsock --link vsock --path "$dir/vm1.v"
    at h1 xvsctl vm register agent-vsock --link agent-vsock \
        --path "$dir/vm1.v" --agent-port 1024
} >"$dir/out"
for one in $ways; do
    # shellcheck disable=SC2046
    wait_for 60 at h1 timeout 5 "$load" trips $(way "$one" trip) 1 \
        || fail "$one does not lead into the guest: $(vm_run vm1 \
            'cat /tmp/agent.log; ps | grep -E "agent|load"; ls /dev/vport*')"
done

round=0
while [ $round -lt "$rounds" ]; do
    for one in $ways; do
        take "$one" up MBps throughput 1 "$seconds" up
        take "$one" down MBps throughput 1 "$seconds" down
        take "$one" trip p50us trips 2000
        case $one in
        raw | relay) continue ;;
        esac
        take "$one" trip50 p50us isolation $streams "$seconds" alone
    done
    round=$((round + 1))
done

echo "$(date -u +'%F %H:%M'), $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo \
    | head -n 1), $(nproc) processors, load $(cut -d' ' -f1 /proc/loadavg)"
printf '%-12s %10s %10s %10s %10s\n' way "in MB/s" "out MB/s" "trip us" \
    "trip, $streams"
for one in $ways; do
    printf '%-12s' "$one"
    for figure in up down trip trip50; do
        printf ' %10s' "$(median "$one" $figure)"
    done
    echo
done
goal "vsock beside bare virtio-serial, in" vsock up raw up least 0.9
goal "vsock beside bare virtio-serial, out" vsock down raw down least 0.9
goals frames raw "frames beside bare virtio-serial"
goals serial relay "to a TCP service beside a plain relay"
goals serial raw "to a TCP service beside bare virtio-serial"
