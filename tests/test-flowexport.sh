#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# What flows on a switch reaches collectors: tshark reads the datagrams, and
# their sums are what guests have sent, also over a process that ends.
. "${top_srcdir:-..}/tests/functions.sh"
in_namespaces "$@"
requires ip jq ping socat tcpdump tshark
guest_veth a 192.0.2.1/24
guest_veth b 192.0.2.2/24
for guest in a b; do
    ip -n "$tag-$guest" neigh flush dev eth0
done
port=$first_port
sflow=$((port + 1))
chosen=$((port + 2))
start_host
for p in $port $sflow $chosen; do
    socat -u UDP-RECV:"$p",bind=127.0.0.1 CREATE:/dev/null &
    cleanup_fn "kill $!"
done
tcpdump -i lo -U -Z "$(id -un)" -w "$dir/sent.pcap" \
    "udp dst port $port or udp dst port $sflow or udp dst port $chosen" >"$dir/tcpdump.log" 2>&1 &
cleanup_fn "kill $!"
# Only what is captured counts: a datagram of ours, until it is there.
listens()
{
    echo ready | socat -u - UDP-SENDTO:127.0.0.1:"$port"
    [ "$(stat -c %s "$dir/sent.pcap")" -gt 24 ]
}
wait_for 20 listens || fail "nothing is captured"

xvsctl schema add "$top_srcdir/mof/xvs_flowexport.mof"
xvsctl ext install flowexport.so
xvsctl switch add lan
xvsctl port add lan a --driver packet --device "$tag.a"
xvsctl port add lan b --driver packet --device "$tag.b"
xvsctl ext enable flowexport lan
expect_fail 1 "names no numeric address" \
    xvsctl feature add XVS_FlowCollector lan Collector=localhost:4739
expect_fail 4 "Collector is missing" xvsctl feature add XVS_FlowCollector lan
xvsctl feature add XVS_FlowExport lan ActiveTimeout=2 IdleTimeout=1 \
    Sampling=1 CounterInterval=1
xvsctl feature add XVS_FlowCollector lan Collector="127.0.0.1:$port" Domain=7
xvsctl feature add XVS_FlowCollector lan Collector="127.0.0.1:$sflow" \
    Protocol=sflow5
expect_fail 4 "more than 64 ports" xvsctl feature add XVS_FlowCollector lan \
    Collector="127.0.0.1:$chosen" "Ports=$(seq -s , 65)"
# (A port may come later; c has no packets of its own.)
other=$(xvsctl feature add XVS_FlowCollector lan \
    Collector="127.0.0.1:$chosen" Domain=8 Ports=c,nobody --names)
guest_veth c 192.0.2.3/24
xvsctl port add lan c --driver packet --device "$tag.c"

# export NAME: of the status.
export_status()
{
    xvsctl query XVS_FlowExportStatus lan --json | jq -r ".[0].$1"
}
settled()
{
    [ "$(export_status Flows)" = 0 ] && [ "$(export_status Packets)" != 0 ]
}
# decode: "source destination port packets octets" of each flow record.
decode()
{
    tshark -r "$dir/sent.pcap" -d "udp.port==$port,cflow" -Y cflow -T pdml \
        2>/dev/null | awk -F'"' '
        /name="cflow.(srcaddrv6|srcmac)"/ { source = "" }
        /name="cflow.(srcaddr|dstaddr|dstport|packets|octets)"/ {
            for (i = 1; i < NF; i++) if ($i == " show=") value = $(i + 1)
            name = $2
            if (name == "cflow.srcaddr") source = value
            if (name == "cflow.dstaddr") to = value
            if (name == "cflow.dstport") port = value
            if (name == "cflow.packets") packets = value
            if (name == "cflow.octets" && source)
                print source, to, port, packets, value
        }' >"$dir/flows"
}
# sum SOURCE DESTINATION PORT: packets and octets of all its records.
sum()
{
    awk -v s="$1" -v d="$2" -v p="$3" '$1 == s && $2 == d && $3 == p {
        packets += $4; octets += $5 }
        END { printf "%d %d", packets, octets }' "$dir/flows"
}
# has SOURCE DESTINATION PORT PACKETS OCTETS: in the records so far.
has()
{
    decode && [ "$(sum "$1" "$2" "$3")" = "$4 $5" ]
}

# 20 echos of 128 bytes, 100 datagrams of 528: 2 048 is 8 << 8.
ip netns exec "$tag-b" socat -u UDP-RECV:9000 CREATE:/dev/null &
cleanup_fn "kill $!"
head -c 50000 /dev/zero >"$dir/data"
ip netns exec "$tag-a" ping -q -c 20 -i 0.05 -s 100 192.0.2.2 \
    || fail "no answer"
ip netns exec "$tag-a" socat -u -b 500 "OPEN:$dir/data" \
    UDP-SENDTO:192.0.2.2:9000,sourceport=9001
wait_for 20 settled || fail "flows do not end: $(export_status Flows)"
wait_for 20 has 192.0.2.1 192.0.2.2 9000 100 52800 \
    || fail "UDP: $(sum 192.0.2.1 192.0.2.2 9000): $(cat "$dir/flows")"
# records PORT FILTER: how many frames to that collector have it.
records()
{
    tshark -r "$dir/sent.pcap" -d "udp.port==$1,cflow" \
        -Y "udp.dstport == $1 && $2" 2>/dev/null | wc -l
}
[ "$(records "$chosen" "cflow.dstport == 9000")" = 0 ] \
    || fail "a collector is told of ports that it does not name"
has 192.0.2.1 192.0.2.2 2048 20 2560 || fail "echos: $(cat "$dir/flows")"
has 192.0.2.2 192.0.2.1 0 20 2560 || fail "replies: $(cat "$dir/flows")"
[ "$(export_status Missed)" = 0 ] || fail "packets are missed"

# Another process takes over, with flows that nobody was told of and with what
# was counted; what comes then is told of, too.
config=$(xvsctl feature get XVS_FlowExport lan --names)
xvsctl feature set "$config" ActiveTimeout=600 IdleTimeout=600
before=$(export_status Packets)
ip netns exec "$tag-a" socat -u -b 500 "OPEN:$dir/data" \
    UDP-SENDTO:192.0.2.2:9000,sourceport=9003
standby()
{
    [ "$(xvsctl stage show flowexport lan --value StandbyState)" = present ]
}
counted()
{
    [ "$(export_status Packets)" -ge $((before + 100)) ]
}
wait_for 20 counted || fail "$before and now $(export_status Packets) packets"
wait_for 20 standby || fail "no standby"
kill -KILL "$(pgrep -P "$switch_pid" -x xvs-stage | head -n 1)"
ended()
{
    [ "$(xvsctl stage show flowexport lan --json | jq -r .Restarts)" != 0 ] \
        && export_status Flows
}
wait_for 20 ended || fail "nobody takes over"
counted || fail "what was counted is lost: $(export_status Packets)"
kept()
{
    [ "$(export_status Flows)" -gt 0 ]
}
wait_for 10 kept || fail "flows are lost"
xvsctl feature set "$config" ActiveTimeout=2 IdleTimeout=1
wait_for 20 has 192.0.2.1 192.0.2.2 9000 200 105600 \
    || fail "not told before the end: $(cat "$dir/flows")"
ip netns exec "$tag-a" socat -u -b 500 "OPEN:$dir/data" \
    UDP-SENDTO:192.0.2.2:9000,sourceport=9002
wait_for 20 has 192.0.2.1 192.0.2.2 9000 300 158400 \
    || fail "after the end: $(cat "$dir/flows")"

# All of it is well-formed; sFlow has all packets, as all were sampled.
tshark -r "$dir/sent.pcap" -d "udp.port==$port,cflow" \
    -d "udp.port==$sflow,sflow" -Y "_ws.malformed" >"$dir/out" 2>/dev/null
[ ! -s "$dir/out" ] || fail "malformed: $(cat "$dir/out")"
tshark -r "$dir/sent.pcap" -d "udp.port==$sflow,sflow" \
    -Y "udp.dstport == $sflow" -T pdml 2>/dev/null >"$dir/sflow"
[ "$(grep -c 'name="udp.dstport".*show="9000"' "$dir/sflow")" = 300 ] \
    || fail "sampled: $(grep -c 'show="9000"' "$dir/sflow")"
grep -q 'sflow.counters_sample' "$dir/sflow" || fail "no counters of ports"

# What was sent, as the extension counts it.
wait_for 10 xvsctl query XVS_FlowCollectorStatus lan --json || fail "no status"
[ "$(xvsctl query XVS_FlowCollectorStatus lan --json \
    | jq '[.[] | select(.Open and .Records > 0 and .Errors == 0)] | length')" \
    = 3 ] || fail "$(xvsctl query XVS_FlowCollectorStatus lan)"

# Of the port that it names, the last collector is told.
ip netns exec "$tag-c" ping -q -c 3 -i 0.1 192.0.2.1 || fail "no answer to c"
tells_of_c()
{
    [ "$(records "$chosen" "cflow.srcaddr == 192.0.2.3")" -gt 0 ]
}
wait_for 20 tells_of_c || fail "nothing of port c: $(xvsctl feature show "$other")"
[ "$(records "$chosen" "cflow.dstport == 9000")" = 0 ] || fail "other ports"
