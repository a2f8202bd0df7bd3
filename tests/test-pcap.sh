#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Ports of driver pcap: a capture (pcap, pcapng) is replayed at its own pace,
# once or again and again, and seen at a pipe's peer and in a namespace; what
# leaves by a port is recorded, also over restarts; damaged files, others'
# files and a full disk are told of.
. "${top_srcdir:-..}/tests/functions.sh"
requires ip
in_namespaces "$@"

peer=$top_builddir/tests/pipe-peer
head=d4c3b2a1020004000000000000000000ffff000001000000
broadcast=ffffffffffff02000000000b88b5

# bytes HEX: as they are.
bytes()
{
    for pair in $(echo "$1" | sed 's/../& /g'); do
        printf "\\$(printf %o "0x$pair")"
    done
}

# record SECONDS-LOW-BYTE MICROSECONDS NUMBER: a pcap record of 60 bytes.
record()
{
    bytes "${1}000000${2}3c0000003c000000$broadcast$3"
    head -c 45 /dev/zero
}

state()
{
    xvsctl port show lan "$1" --value State
}

counter()
{
    xvsctl port show lan "$1" --value "$2"
}

# counted NAME COUNTER OPERATOR N
counted()
{
    [ "$(counter "$1" "$2")" "$3" "$4" ]
}

is_state()
{
    [ "$(state "$1")" = "$2" ]
}

# All frames of the flood on the full disk.
all_counted()
{
    [ $(($(counter w TxPackets) + $(counter w TxDropped))) -ge 9000 ]
}

# watch COMMAND...: the peer of port p, pid in $pid, output in $dir/out.
watch()
{
    rm -f "$dir/p.out"
    "$peer" "$dir/p.sock" "$@" >"$dir/p.out" 2>&1 &
    pid=$!
    cleanup_fn "kill $pid"
    wait_for 10 grep -q ready "$dir/p.out" || fail "$(cat "$dir/p.out")"
}

start_host
xvsctl switch add lan
xvsctl port add lan p --driver pipe --device "$dir/p.sock"
guest_veth v 192.0.2.1/24
xvsctl port add lan v --driver packet --device "$tag.v"

# Three packets, the last one half a second behind the others.
{
    bytes "$head"
    record 00 00000000 01
    record 00 01000000 02
    record 00 20a10700 03
} >"$dir/three.pcap"
watch dump 10000 3 "$broadcast"
ip netns exec "$tag-v" "$top_builddir/tests/switch-frame" expect eth0 10000 \
    "${broadcast}03" >"$dir/v.out" &
guest_pid=$!
wait_for 10 grep -q listening "$dir/v.out"
before=$(date +%s%N)
xvsctl port add lan r --driver pcap --device "$dir/three.pcap"
wait "$pid" || fail "replayed: $(cat "$dir/p.out")"
took=$((($(date +%s%N) - before) / 1000000))
wait "$guest_pid" || fail "the namespace did not get the third packet"
[ "$took" -ge 500 ] || fail "three packets of half a second took $took ms"
for i in 1 2 3; do
    sed -n "$((i + 1))p" "$dir/p.out" | grep -q "^${broadcast}0$i.*size 60" \
        || fail "packet $i: $(cat "$dir/p.out")"
done
wait_for 10 is_state r down || fail "the end: $(state r)"
grep -q "three.pcap was replayed, 3 packets" "$dir/switch.log" \
    || fail "nobody says that the end was reached"
wait_for 10 counted r RxPackets = 3 || fail "$(counter r RxPackets) of 3"

xvsctl port remove lan v

# Again and again.
watch dump 10000 7 "$broadcast"
xvsctl port set lan r --mode loop
wait "$pid" || fail "loop: $(cat "$dir/p.out")"
is_state r up || fail "loop: $(state r)"
xvsctl port remove lan r

# Recorded; then the recording, which is pcapng, is replayed.
xvsctl port add lan w --driver pcap --mode record --device "$dir/w.pcapng"
[ "$(stat -c %a "$dir/w.pcapng")" = 640 ] || fail "mode of the recording"
"$peer" "$dir/p.sock" flood 400 100 || fail "flood"
wait_for 10 counted w TxPackets = 400 || fail "$(counter w TxPackets)"
"$peer" "$dir/p.sock" super 2500 1000 || fail "super"
# It goes on in the same file with another port, and after a crash.
xvsctl port remove lan w
xvsctl port add lan w --driver pcap --mode record --device "$dir/w.pcapng"
kill -9 "$switch_pid"
wait "$switch_pid" || :
rm -f "$dir/control"
start_switch
wait_for 10 grep -q "been given 1 switches, 2 ports" "$dir/xvsd.log" \
    || fail "no ports after a crash"
"$peer" "$dir/p.sock" flood 50 200 || fail "no pipe after a crash"
wait_for 10 counted w TxPackets = 50 || fail "$(counter w TxPackets)"
xvsctl port remove lan w
cp "$dir/w.pcapng" "$dir/copy.pcapng"
[ "$(id -u)" != 0 ] || chmod 644 "$dir/copy.pcapng"
watch dump 15000 453
xvsctl port add lan r --driver pcap --device "$dir/copy.pcapng"
wait "$pid" || fail "of the recording: $(wc -l <"$dir/p.out")"
grep -c "size 100 " "$dir/p.out" | grep -qx 400 || fail "400 of 100 bytes"
grep -c "size 200 " "$dir/p.out" | grep -qx 50 || fail "50 of 200 bytes"
grep -c "size 1054 " "$dir/p.out" | grep -qx 2 || fail "cut frames"
xvsctl port remove lan r

# A full disk: counted, told once, and over when there is room.
if mkdir "$dir/small" && mount -t tmpfs -o size=1m tmpfs "$dir/small"; then
    cleanup_fn "umount -l $dir/small"
    [ "$(id -u)" != 0 ] || chown "$run_user" "$dir/small"
    head -c 1000000 /dev/zero >"$dir/small/ballast"
    xvsctl port add lan w --driver pcap --mode record \
        --device "$dir/small/w.pcapng"
    "$peer" "$dir/p.sock" flood 9000 100 || fail "flood"
    wait_for 10 is_state w down || fail "full: $(state w)"
    [ "$(grep -c "cannot be written: No space left" "$dir/switch.log")" = 1 ] \
        || fail "the full disk is not told once"
    wait_for 10 counted w TxDropped -gt 0 || fail "nothing dropped"
    rm "$dir/small/ballast"
    "$peer" "$dir/p.sock" send "$broadcast"
    wait_for 10 grep -q "can be written again" "$dir/switch.log" \
        || fail "it does not go on"
    wait_for 10 all_counted || fail "packets that nobody counted"
    xvsctl port remove lan w
fi

expect record xvsctl complete -- port add lan x --mode ""
expect pcap xvsctl complete -- port add lan x --driver ""

# What cannot be.
add()
{
    xvsctl port add lan x --driver pcap --device "$@"
}
{
    bytes "$head"
    record 00 00000000 01
    bytes "00000000000000003c000000"
} >"$dir/cut.pcap"
add "$dir/cut.pcap"
wait_for 10 grep -q "cut.pcap is damaged: packet 2, at byte 100: trunc" \
    "$dir/switch.log" || fail "damage is not told"
is_state x down || fail "damaged and $(state x)"
xvsctl port remove lan x
echo "no capture of anything" >"$dir/text"
expect_fail 1 "text is no capture that can be read" add "$dir/text"
{ bytes "$head" | head -c 20; bytes 65000000; } >"$dir/raw.pcap"
expect_fail 1 "packets of type RAW, not Ethernet" add "$dir/raw.pcap"
expect_fail 1 "No such file" add "$dir/none"
expect_fail 1 "is no regular file" add /dev/zero
{ cat "$dir/w.pcapng"; printf 'torn'; } >"$dir/torn"
[ "$(id -u)" != 0 ] || chown "$run_user" "$dir/torn" "$dir/text"
expect_fail 1 "cannot open $dir to record" add "$dir" --mode record
expect_fail 9 "is no recording of xvs-switch; it is left alone" \
    add "$dir/text" --mode record
grep -q "no capture" "$dir/text" || fail "a file was written over"
ln -s "$dir/three.pcap" "$dir/link"
expect_fail 6 "a symbolic link is in the way" add "$dir/link"
ln -s "$dir" "$dir/folder"
expect_fail 6 "a symbolic link is in the way" \
    add "$dir/folder/new" --mode record
expect_fail 1 "knows replay, loop or record" add "$dir/text" --mode server
expect_fail 1 "in the middle of a packet" add "$dir/torn" --mode record
