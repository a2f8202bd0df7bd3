#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Guests of the management channel that mean no good: one opens streams
# without end, reads nothing and sends all that goes.  Those who talk with
# another VM notice little of it.
. "${top_srcdir:-..}/tests/functions.sh"
in_namespaces "$@"
requires ip socat jq
port=$first_port
load=$top_builddir/tests/bench/channel/load
start_host
xvsctl schema add "$top_srcdir/mof/xvs_channel.mof"
xvsctl ext install channel.so
xvsctl ext enable channel host

add()
{
    class=$1
    shift
    xvsctl feature add "XVS_Channel$class" host "$@" --names >/dev/null
}
chmod 755 "$dir"
"$load" server 127.0.0.1:$((port + 1)) >/dev/null &
cleanup_fn "kill $!"
"$top_builddir/tests/channel-flood" "$dir/flood.sock" >"$dir/flood.log" &
flood=$!
cleanup_fn "kill $flood"
add Listener Listen=127.0.0.1:$port
add Rule Client=anonymous "Vm=*"
add Service Vm=calm Port=22 Address=127.0.0.1:$((port + 1))
xvsctl vm register calm --link fixed
listens()
{
    socat -u /dev/null TCP:127.0.0.1:$port
}
wait_for 20 listens || fail "nobody listens"

# p99: of 2,000 round trips to the calm VM, in microseconds.
p99()
{
    "$load" trips 127.0.0.1:$port calm:22 2000 >"$dir/trips" \
        || fail "the calm VM: $(cat "$dir/trips")"
    sed -n 's/.*p99us=\([0-9]*\).*/\1/p' "$dir/trips"
}
vm()
{
    xvsctl vm show flood --json | jq "$1"
}
floods()
{
    [ "$(vm .GuestRefused)" -gt 2000 ] && [ "$(vm .Streams)" -ge 2 ]
}

# ask PORT: what a client of the hostile VM says first.
ask()
{
    printf 'CONNECT flood:%s HTTP/1.1\r\nHost: flood\r\n\r\n' "$1"
}
mkfifo "$dir/ask"
exec 8<>"$dir/ask"
# Others may need the processor meanwhile: three chances.
for chance in 1 2 3; do
    alone=$(p99)
    xvsctl vm register flood --link agent --path "$dir/flood.sock"
    (ask 7; cat /dev/zero) | socat -u - TCP:127.0.0.1:$port 2>/dev/null &
    sender=$!
    ask 8 >&8
    socat -u "$dir/ask" TCP:127.0.0.1:$port,rcvbuf=4096 2>/dev/null &
    reader=$!
    cleanup_fn "kill $sender $reader"
    wait_for 20 floods || fail "it does not flood: $(xvsctl vm show flood)
$(cat "$dir/flood.log")"
    beside=$(p99)
    kill $sender $reader 2>/dev/null || :
    xvsctl vm forget flood
    echo "p99 alone $alone us, beside a flood $beside us ($(cat "$dir/trips"))"
    [ "$beside" -gt $((alone * 10 + 100000)) ] || break
    [ $chance != 3 ] || fail "a flood of another VM: p99 $beside us, not $alone"
done
kill -0 $flood || fail "the hostile guest has ended"
! grep -q "ends: [^g]" "$dir/flood.log" || fail "$(cat "$dir/flood.log")"
