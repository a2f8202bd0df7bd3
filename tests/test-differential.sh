#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# C1: the same trace through the same extensions gives the same frames, byte by
# byte, wherever they run: also frames of several buffers, on ingress and on
# egress, moved, longer, shorter or dropped.
. "${top_srcdir:-..}/tests/functions.sh"
requires ip jq tcpdump
in_namespaces "$@"

peer=$top_builddir/tests/pipe-peer

# counted NAME COUNTER N: that many packets, or more.
counted()
{
    [ "$(xvsctl port show lan "$1" --json | jq ".$2")" -ge "$3" ]
}

# All of the trace are recorded or dropped; how many were, in $dropped.
all_are_through()
{
    dropped=$(xvsctl stage show scramble lan --json | jq .Drops)
    counted w TxPackets $((323 - dropped))
}

record()
{
    xvsctl port add lan w --driver pcap --mode record --mtu 9500 \
        --device "$dir/$1"
}

start_host
for file in mark scramble; do
    xvsctl ext install $file.so
done
xvsctl switch add lan

# The trace: frames of one buffer and of several, IPv4 among them.
record trace.pcapng
xvsctl port add lan p --driver pipe --device "$dir/p.sock"
"$peer" "$dir/p.sock" flood 200 60
"$peer" "$dir/p.sock" flood 100 1500
"$peer" "$dir/p.sock" flood 20 9000
"$peer" "$dir/p.sock" super 2500 1000
wait_for 10 counted w TxPackets 323 \
    || fail "the trace: $(xvsctl port show lan w)"
xvsctl port remove lan p
xvsctl port remove lan w
[ "$(id -u)" != 0 ] || chmod 644 "$dir/trace.pcapng"

xvsctl ext enable scramble lan
xvsctl ext enable mark lan
for partition in inline process copy; do
    for stage in scramble mark; do
        xvsctl stage set $stage lan --partition $partition
    done
    record $partition.pcapng
    xvsctl port add lan r --driver pcap --device "$dir/trace.pcapng"
    wait_for 10 counted r RxPackets 323 || fail "$(xvsctl port show lan r)"
    wait_for 10 all_are_through \
        || fail "$partition: $(xvsctl port show lan w) $(xvsctl stage list)"
    xvsctl port remove lan r
    xvsctl port remove lan w
    tcpdump -r "$dir/$partition.pcapng" -n -t -xx >"$dir/$partition" \
        2>"$dir/tcpdump" || fail "$(cat "$dir/tcpdump")"
    cmp "$dir/inline" "$dir/$partition" \
        || fail "other frames with partition $partition: $(
            diff "$dir/inline" "$dir/$partition" | head)"
done
[ "$dropped" -gt 10 ] || fail "$dropped were dropped"
tcpdump -r "$dir/trace.pcapng" -n -t -xx >"$dir/trace" 2>"$dir/tcpdump"
! cmp -s "$dir/inline" "$dir/trace" || fail "nothing was changed"
for size in 60 64 68 1500 1504 1508 8996 9000 9004; do
    grep -q "length $size:" "$dir/copy" || fail "no frame of $size bytes"
done
