#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# C1: the same trace through the same extensions gives the same frames, byte by
# byte, wherever they run: also frames of several buffers, on ingress and on
# egress, moved, longer, shorter or dropped.  Domains are here when the processor
# has protection keys, and in an emulated guest when it has not.
. "${top_srcdir:-..}/tests/functions.sh"
requires ip tcpdump xxd
in_namespaces "$@"

peer=$top_builddir/tests/pipe-peer

# here COMMAND: as inside() for a guest; several lines are one.
here()
{
    sh -c "$(echo "$1" | tr '\n' ' ')"
}
where=here folder=$dir

# counted NAME COUNTER N: that many packets, or more.
counted()
{
    [ "$($where "xvsctl port show lan $1 --value $2")" -ge "$3" ]
}

# All of the trace are recorded or dropped; how many were, in $dropped.
all_are_through()
{
    dropped=$($where "xvsctl stage show scramble lan --value Drops")
    counted w TxPackets $((323 - dropped))
}

# record NAME: what leaves the switch, in a file of that name.
record()
{
    $where "xvsctl port add lan w --driver pcap --mode record --mtu 9500
        --device $folder/$1.pcapng" >"$dir/out" || fail "$(cat "$dir/out")"
}

# text NAME: the frames in NAME.pcapng, as text.
text()
{
    tcpdump -r "$dir/$1.pcapng" -n -t -xx >"$dir/$1" 2>"$dir/tcpdump" \
        || fail "$(cat "$dir/tcpdump")"
}

# play PARTITION [NAME]: the trace through both stages there.
play()
{
    name=${2:-$1}
    for stage in scramble mark; do
        $where "xvsctl stage set $stage lan --partition $1" >"$dir/out" \
            || fail "$(cat "$dir/out")"
    done
    record "$name"
    $where "xvsctl port add lan r --driver pcap --device $folder/trace.pcapng" \
        >"$dir/out" || fail "$(cat "$dir/out")"
    wait_for 30 counted r RxPackets 323 \
        || fail "$name: $($where "xvsctl port show lan r")"
    wait_for 30 all_are_through || fail "$name: $(
        $where "xvsctl port show lan w; xvsctl stage list")"
    $where "xvsctl port remove lan r; xvsctl port remove lan w" >"$dir/out"
    [ $where = here ] \
        || inside "od -An -v -tx1 $folder/$name.pcapng" | xxd -r -p \
            >"$dir/$name.pcapng"
    text "$name"
}

# same NAME: as inline.
same()
{
    cmp "$dir/inline" "$dir/$1" || fail "other frames with partition $1: $(
        diff "$dir/inline" "$dir/$1" | head)"
}

start_host
for file in mark scramble; do
    xvsctl ext install $file.so
done
xvsctl switch add lan

# The trace: frames of one buffer and of several, IPv4 among them.
record trace
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
    play $partition
    same $partition
done
[ "$dropped" -gt 10 ] || fail "$dropped were dropped"
text trace
! cmp -s "$dir/inline" "$dir/trace" || fail "nothing was changed"
for size in 60 64 68 1500 1504 1508 8996 9000 9004; do
    grep -q "length $size:" "$dir/copy" || fail "no frame of $size bytes"
done

# ---- Domains -----------------------------------------------------------------
if grep -q "partition domain is there" "$dir/switch.log"; then
    play domain
    same domain
    exit
fi
! sanitized || exit 0           # a sanitizer writes everywhere
requires busybox strip
. "$top_srcdir/tests/lab/vm.sh"
. "$top_srcdir/tests/lab/domain.sh"
mkdir -p "$dir/root/x/plugins"
cp "$plugins"/../tests/plugins/mark.so "$plugins"/../tests/plugins/scramble.so \
    "$dir/root/x/plugins"
cp "$dir/trace.pcapng" "$dir/root/x"
lab_switch_start lab
where=inside folder=/x
inside "xvsctl ext install mark.so && xvsctl ext install scramble.so
    && xvsctl switch add lan && xvsctl ext enable scramble lan
    && xvsctl ext enable mark lan" >"$dir/out" || fail "$(cat "$dir/out")"
play domain
same domain
[ "$(inside "xvsctl stage show scramble lan --value Partition")" = domain ] \
    || fail "it was no domain"
