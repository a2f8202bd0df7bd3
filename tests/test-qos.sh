#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Queues of ports: what is urgent arrives whole while the rest is dropped, each
# frame is sent or counted once, shares, marks, limits of frames to many; what
# is set changes and goes while frames wait.
. "${top_srcdir:-..}/tests/functions.sh"
requires ip jq
in_namespaces "$@"
. "$top_srcdir/tests/ethernet.sh"
. "$top_srcdir/tests/stream.sh"

number=0
for guest in a b c; do
    number=$((number + 1))
    guest_quiet $guest 192.0.2.$number/24
done
mac_b=$(ip -n "$tag-b" -j link show eth0 | jq -r '.[0].address' | tr -d :)
start_host
xvsctl schema add "$top_srcdir/mof/xvs_qos.mof"
xvsctl schema add "$top_srcdir/mof/xvs_ethernet.mof"
for file in qos ethernet; do
    xvsctl ext install $file.so
done
xvsctl switch add lan
for port in a b c; do
    xvsctl port add lan $port --driver packet --device "$tag.$port"
done
xvsctl ext enable qos lan
xvsctl ext enable ethernet lan
bulk=88b7
send b "${to_all}${mac_b}$bulk"

# queue NUMBER FIELD: of port b; 0 when the queue has no object.
queue()
{
    xvsctl query XVS_QueueStatus lan/b --json \
        | jq "[.[] | select(.Queue == $1)][0].$2 // 0"
}

# came QUEUE: frames that were sent, dropped, or wait.
came()
{
    xvsctl query XVS_QueueStatus lan/b --json | jq "[.[]
        | select(.Queue == $1)
        | .Packets + .DroppedFull + .DroppedShortage + .DroppedDiscarded
          + .Depth] | add // 0"
}

has_come()
{
    [ "$(came "$1")" = "$2" ]
}

is_empty()
{
    [ "$(xvsctl query XVS_PortQosStatus lan/b --value Depth)" = 0 ]
}

# used: packet buffers that somebody holds.
is_free()
{
    [ "$(xvsctl wql 'SELECT PacketBuffersUsed FROM XVS_Host' --json \
        | jq '.[0].PacketBuffersUsed')" = 0 ]
}

# ---- Urgent frames go first, all others are counted --------------------------

set_port XVS_PortMarking a Mode=override Priority=7
set_port XVS_PortQueues b Rate=2000000 Burst=4000 Queues=2 MaxPackets=100,2000
queues=$setting
stream_begin
rm -f "$dir/count"
ip netns exec "$tag-b" "$frame" count eth0 1000 "${mac_b}020000000c01$bulk" \
    >"$dir/count" &
counter=$!
cleanup_fn "kill $counter"
wait_for 10 grep -q listening "$dir/count"
repeat c "${mac_b}020000000c01$bulk" 1000 3000 1500
wait_for 10 has_come 0 3000 || fail "$(came 0) of 3000 came"
stream_end
[ "$(queue 1 DroppedFull)" = 0 ] || fail "urgent frames were dropped"
[ "$(queue 1 Packets)" = "$sent" ] || fail "$(queue 1 Packets) of $sent sent"
lost=$(queue 0 DroppedFull)
[ "$lost" -gt 100 ] || fail "$lost were too many"
[ "$(queue 0 MaxDepth)" = 100 ] || fail "$(queue 0 MaxDepth) waited at most"
wait_for 10 is_empty || fail "they do not go"
[ "$(queue 0 Packets)" = $((3000 - lost)) ] || fail "lost without a count"
kill $counter
wait $counter
n=$(sed -n 2p "$dir/count")
[ "$n" = $((3000 - lost)) ] || fail "$n came, $lost of 3000 were dropped"
xvsctl query XVS_PortQosStatus lan/b --json | jq -e --argjson lost "$lost" \
    '.[0] | .Queues == 2 and .Rate == 2000000 and .Waits > 0
        and .Dropped == $lost' >/dev/null || fail "the port's status"
[ "$(xvsctl query XVS_PortEthernetStatus lan/b --json \
    | jq '.[0].DroppedOutRate')" = 0 ] || fail "dropped by the old limit"
expect "$lost" xvsctl query XVS_SwitchQosStatus lan

# ---- Shares, and another policy while frames wait -----------------------------

# Queue 1 (what a sends) has three times the weight of queue 0.
shares()
{
    xvsctl query XVS_QueueStatus lan/b --json >"$dir/shares"
    jq -e --argjson zero "$zero" --argjson one "$one" '(.[0].Packets - $zero) as $p
        | (.[1].Packets - $one) as $q
        | .[0].Depth > 0 and .[1].Depth > 0 and $p + $q >= 100
        and $q > $p and $q < $p * 9' "$dir/shares"
}
xvsctl feature set "$queues" Rate=8000 Burst=1000 Weights=10,30 \
    MaxPackets=400,400 MaxBytes=1000000,1000000
zero=$(came 0)
one=$(came 1)
repeat c "${mac_b}020000000c01$bulk" 500 400 500
repeat a "${mac_b}020000000a01$bulk" 500 400 500
wait_for 10 has_come 0 $((zero + 400)) || fail "$(came 0) of 400 in queue 0"
wait_for 10 has_come 1 $((one + 400)) || fail "$(came 1) of 400 in queue 1"
zero=$(queue 0 Packets)
one=$(queue 1 Packets)
xvsctl feature set "$queues" Rate=200000
wait_for 10 shares || fail "not 1 : 3: $(jq -c . "$dir/shares")"
# What waits moves into one queue, and without queues it goes at once.
xvsctl feature set "$queues" Rate=8000 Queues=1 Weights=NULL MaxPackets=1000 \
    MaxBytes=NULL
is_empty && fail "nothing waits"
before=$(came 0)
xvsctl feature remove "$queues"
wait_for 10 is_empty || fail "frames wait in queues that are not there"
[ "$(came 0)" -ge "$before" ] || fail "$(came 0), not $before"
wait_for 10 is_free || fail "buffers are held"
n=$(counted b "${mac_b}020000000c01$bulk" \
    repeat c "${mac_b}020000000c01$bulk" 60 100 100)
[ "$n" = 100 ] || fail "$n of 100 without queues"

# ---- Ports that go while frames wait ------------------------------------------

fill()
{
    set_port XVS_PortQueues b Rate=8000 Burst=1000
    zero=$(came 0)
    repeat c "${mac_b}020000000c01$bulk" 1000 300 300
    wait_for 10 has_come 0 $((zero + 300)) || fail "$(came 0) of 300"
}
fill
xvsctl port set lan b --enabled false
wait_for 10 is_empty || fail "a disabled port has frames"
[ "$(queue 0 DroppedDiscarded)" -gt 200 ] || fail "discarded, not counted"
wait_for 10 is_free || fail "a disabled port holds buffers"
xvsctl port set lan b --enabled true
xvsctl feature remove "$setting"
fill
waiting=$(queue 0 Depth)
xvsctl port remove lan b
wait_for 10 is_free || fail "buffers of a port that is gone"
# (They are counted when their buffers are back.)
are_counted()
{
    removed=$(xvsctl query XVS_SwitchQosStatus lan --value Removed)
    [ "$removed" -gt 200 ] && [ "$removed" -le "$waiting" ]
}
wait_for 10 are_counted || fail "$removed removed, $waiting waited"

# ---- The switch's settings are those of ports without any ---------------------

has_queues()
{
    [ "$(xvsctl query XVS_PortQosStatus "lan/$1" --json \
        | jq '.[0].Queues')" = "$2" ]
}
of_switch=$(xvsctl feature add XVS_SwitchQueues lan Queues=3 --names)
set_port XVS_PortQueues c Queues=8
xvsctl port add lan b --driver packet --device "$tag.b"
has_queues a 3 || fail "a has not the switch's"
has_queues c 8 || fail "c has not its own"
wait_for 10 has_queues b 3 || fail "b, which is new"
xvsctl feature remove "$setting"
has_queues c 3 || fail "c has not the switch's"
xvsctl feature set "$of_switch" Queues=4
has_queues a 4 || fail "not changed"

# ---- Which queue, and marks in tags -------------------------------------------

# goes QUEUE HEX: a frame of c goes to b by this queue.
goes()
{
    sent=$(came "$1")
    send c "${mac_b}020000000c01$2"
    wait_for 10 has_come "$1" $((sent + 1)) || fail "not queue $1: $2"
}
send b "${to_all}${mac_b}$bulk"
ip4=4500002800000000401100000a0000010a000002
goes 0 "$bulk"
goes 3 8100e005$bulk
goes 2 "080045b8${ip4#4500}"            # DSCP 46
goes 1 86dd64000000000000ff             # class selector 2 of IPv6
xvsctl feature set "$of_switch" DscpPriorities=46:7
goes 3 "080045b8${ip4#4500}"
set_port XVS_PortMarking c Priority=5
listen b 10000 "${mac_b}020000000c018100a005$bulk"
goes 2 8100e005$bulk
heard b || fail "the tag has not the priority of its port"
goes 2 "$bulk"
xvsctl feature set "$setting" Mode=dscp Priority=2 DscpPriorities=40-48:6
goes 3 "080045b8${ip4#4500}"
goes 1 "$bulk"
xvsctl feature set "$of_switch" Queues=2 PriorityQueues=1,1,0,0,0,0,0,0
goes 0 8100e005$bulk
xvsctl feature remove "$setting"
goes 1 "$bulk"

# ---- Frames to many ------------------------------------------------------------

limited()
{
    n=$(counted b "${to_all}020000000a0188b6" \
        repeat a "${to_all}020000000a0188b6" 1000 500)
    [ "$n" -le 300 ] || fail "$n of 500 to all"
    [ "$(xvsctl query XVS_PortQosStatus lan/a --json \
        | jq '.[0].DroppedBroadcast')" -ge "$1" ] || fail "not counted"
}
set_port XVS_PortMulticastLimit a Broadcast=50
limited 200
xvsctl feature set "$setting" Broadcast=0 BroadcastRate=8000
limited 400
expect_fail 4 "another extension has set the same" \
    xvsctl feature add XVS_PortStorm lan/a Broadcast=1
xvsctl feature remove "$setting"
set_port XVS_PortStorm a Broadcast=10
for scope in PortMulticastLimit=lan/a SwitchMulticastLimit=lan; do
    expect_fail 4 "another extension limits frames to many at port a" \
        xvsctl feature add XVS_${scope%=*} "${scope#*=}" Broadcast=5
done
n=$(counted b "${to_all}020000000c0188b6" \
    repeat c "${to_all}020000000c0188b6" 60 100 100)
[ "$n" = 100 ] || fail "a limit that was refused is in force"

# ---- Bad settings --------------------------------------------------------------

refused()
{
    what=$1
    shift
    expect_fail 4 "$what" xvsctl feature add "$@"
}
refused "Weights: 2 numbers, but Queues is 4: expected one for each queue" \
    XVS_PortQueues lan/a Weights=1,2
refused "Weights: 1001 of queue 1: expected 1 to 1000, or 0 for a strict" \
    XVS_PortQueues lan/a Queues=2 Weights=1,1001
refused "MaxPackets: 9000 of queue 0: expected 1 to 8192" \
    XVS_PortQueues lan/a Queues=1 MaxPackets=9000
refused "PriorityQueues: 2 numbers: expected 8" \
    XVS_PortQueues lan/a PriorityQueues=1,2
expect_fail 4 "PriorityQueues: queue 4 of priority 7, but Queues is 4" \
    xvsctl feature set "$of_switch" Queues=4 PriorityQueues=0,0,0,0,0,0,0,4
refused "Burst: 5, but there is no Rate" XVS_PortQueues lan/a Burst=5
refused 'DscpPriorities: "64:1": expected DSCPs from 0 to 63' \
    XVS_PortQueues lan/a DscpPriorities=64:1
refused "a range ends before it begins" \
    XVS_PortMarking lan/b Mode=dscp DscpPriorities=9-8:1
refused "Priority: 3, but Mode is trust" \
    XVS_PortMarking lan/b Mode=trust Priority=3
refused "but Mode is not dscp" XVS_PortMarking lan/b DscpPriorities=1:1
expect_fail 1 "9 is greater than MaxValue 8" \
    xvsctl feature add XVS_PortQueues lan/a Queues=9

# Disabled while frames wait: they go, and nothing is left of it.
xvsctl feature set "$of_switch" Rate=8000 Burst=1000
send b "${to_all}${mac_b}$bulk"
give_up()
{
    repeat c "${mac_b}020000000c01$bulk" 500 100 100
    is_empty && fail "nothing waits"
    xvsctl ext disable qos lan >/dev/null
}
n=$(counted b "${mac_b}020000000c01$bulk" give_up)
[ "$n" = 100 ] || fail "$n of 100 while the extension is disabled"
wait_for 10 is_free || fail "buffers are held"

# All of it from a process of its own.
xvsctl ext enable qos lan --partition process
set_port XVS_PortQueues c Queues=5 Weights=1,2,3,4,0
has_queues c 5 || fail "no queues from a process"
send c "${to_all}020000000c01$bulk"
send b "020000000c01${mac_b}$bulk"
wait_for 10 sh -c '[ "$(xvsctl query XVS_QueueStatus lan/c --json \
    | jq ".[0].Packets")" -ge 1 ]' || fail "no counters from a process"
