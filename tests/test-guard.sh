#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The guard drops what guests send in the name of others, and nothing else:
# MAC and IP addresses, ARP, neighbour discovery, DHCP servers, routers; as
# the switch says and as a port says; with addresses that DHCP gives.
. "${top_srcdir:-..}/tests/functions.sh"
requires ip ping jq
in_namespaces "$@"
. "$top_srcdir/tests/ethernet.sh"

# Guests a and b, and u, which stands for the outside.
number=10
for guest in a b u; do
    guest_veth $guest 192.0.2.$((number - 9))/24
    ip -n "$tag-$guest" link set eth0 down
    ip -n "$tag-$guest" link set eth0 address 02:00:00:00:00:0$number
    ip -n "$tag-$guest" link set eth0 up
    ip -n "$tag-$guest" addr add 2001:db8::$((number - 9))/64 dev eth0 nodad
    number=$((number + 1))
done
mac_a=020000000010
start_host
xvsctl schema add "$top_srcdir/mof/xvs_guard.mof"
xvsctl ext install guard.so
xvsctl switch add lan
for port in a b u; do
    xvsctl port add lan $port --driver packet --device "$tag.$port"
done
xvsctl ext enable guard lan

# Everybody is guarded, but for the outside.
set_port XVS_GuardPortSettings u Trusted=true
set_port XVS_GuardPortSettings a AllowedMacs=02:00:00:00:00:10
of_a=$setting
set_port XVS_GuardPortSettings b AllowedMacs=02:00:00:00:00:11
set_port XVS_GuardAddress a Address=192.0.2.1
set_port XVS_GuardAddress a Address=2001:db8::1
set_port XVS_GuardAddress b Address=192.0.2.2
set_port XVS_GuardAddress b Address=2001:db8::/126
xvsctl feature add XVS_GuardSwitchSettings lan

# good: honest traffic passes.
good()
{
    guest_ping a 192.0.2.2 1 && guest_ping b 2001:db8::1 1 \
        && guest_ping u 192.0.2.1 1
}

# status FILTER: of port a.
status()
{
    xvsctl query XVS_GuardPortStatus lan/a --json >"$dir/status"
    jq -e ".[0] | $1" "$dir/status" >"$dir/value" \
        || fail "not so: $1: $(cat "$dir/status")"
}

# send_all HEX...: frames of a.
send_all()
{
    # shellcheck disable=SC2016
    ip netns exec "$tag-a" sh -c 'frame=$1; shift
        for hex; do "$frame" send eth0 "$hex"; done' sh "$frame" "$@"
}

# passes COUNT HEX...: so many of a's frames come to b.
passes()
{
    wanted=$1
    shift
    n=$(counted b $to send_all "$@")
    [ "$n" = "$wanted" ] || fail "$n of $* pass, not $wanted"
}

# udp SOURCE FROM TO [PAYLOAD]: IPv4, as hex.
udp()
{
    payload=${4-}
    size=$((${#payload} / 2))
    printf '08004500%04x0000000040110000%sffffffff' $((28 + size)) "$1"
    printf '%04x%04x%04x0000%s' "$2" "$3" $((8 + size)) "$payload"
}

# icmp6 SOURCE MESSAGE: the source without fe80::.
icmp6()
{
    printf '86dd60000000%04x3afffe80000000000000%sff02%028d%s' \
        $((${#2} / 2)) "$1" 1 "$2"
}

# dhcp OPERATION TYPE ADDRESS [SECONDS [HAD]]: a message of, or for, a.
dhcp()
{
    printf '%s01060000000001%08d%s%s%08d%08d%s%020d%0384d' "$1" 0 \
        "${5:-00000000}" "$3" 0 0 "$mac_a" 0 0
    printf '638253633501%s3304%08xff' "$2" "${4:-0}"
}

good || fail "honest guests cannot talk"

# Real spoofing, as a guest's administrator would do it.
ip -n "$tag-a" addr add 192.0.2.7/24 dev eth0
! ip netns exec "$tag-a" ping -n -q -c 1 -W 0.3 -I 192.0.2.7 192.0.2.2 \
    >/dev/null || fail "a may be 192.0.2.7"
ip -n "$tag-a" addr del 192.0.2.7/24 dev eth0
status '.SpoofedIpv4 + .SpoofedArp >= 1'
cp "$dir/status" "$dir/before"

# Frames of each kind, to an address that nobody has, and honest neighbours.
to=020000000099
from_a=$to$mac_a
local_a=000000fffe000010
arp=0806000108000604000
advertisement=$(icmp6 $local_a 86000000000000000000000000000000)
good_1=${from_a}88b5000000000000
good_2=$from_a${arp}1${mac_a}c0000201000000000000c0000201
good_3=$from_a$(udp c0000201 9 9)
good_4=$from_a$(icmp6 $local_a \
    880000000000000020010db8000000000000000000000001)
bad_1=${to}02000000001188b5000000000000
bad_2=${to}0200000000118100000588b500000000
bad_3=$from_a${arp}2${mac_a}c0000202${mac_a}c0000203
bad_4=$from_a${arp}2020000000011c0000201${mac_a}c0000203
bad_5=$from_a$(udp c0000203 9 9)
bad_6=$from_a$(icmp6 0000000000000001 80000000)
bad_7=$from_a$(icmp6 $local_a \
    880000000000000020010db8000000000000000000000002)
bad_8=$from_a$(udp c0000201 67 68 "$(dhcp 02 05 c0000263)")
bad_9=${from_a}81000005$advertisement
bad_10=$from_a$(icmp6 $local_a "89000000$(printf '%072d' 0)")
passes 4 "$bad_1" "$good_1" "$bad_2" "$bad_3" "$bad_4" "$good_2" \
    "$bad_5" "$good_3" "$bad_6" "$bad_7" "$good_4" "$bad_8" "$bad_9" "$bad_10"
status '[.SpoofedMac, .SpoofedIpv6, .SpoofedNeighbour, .DhcpServer,
    .RouterAdvertisement, .Redirect] == [2, 1, 1, 1, 1, 1]'
jq -e -s '(.[1][0].SpoofedArp - .[0][0].SpoofedArp == 2)
    and (.[1][0].SpoofedIpv4 - .[0][0].SpoofedIpv4 == 1)' \
    "$dir/before" "$dir/status" >"$dir/value" || fail "$(cat "$dir/status")"
good || fail "honest guests cannot talk any more"

# The outside may do it.
router=ffffffffffff020000000012$(icmp6 000000fffe000012 \
    86000000000000000000000000000000)
listen a 10000 "$router"
send u "$router"
heard a || fail "no router advertisement of a trusted port"

# Who it was is told, by status, stage, event and trace.
status '[.LastReason, .LastMac, .LastAddress] == ["redirect",
    "02:00:00:00:00:10", "fe80::ff:fe00:10"]'
expect "rogue router advertisement" xvsctl stage show guard lan
wait_for 10 sh -c 'xvsctl event list | grep -q "port a: .* from 02:00:00:"' \
    || fail "no event: $(xvsctl event list)"
xvsctl trace lan --port a --filter 'udp port 9' --count 1 >"$dir/trace" \
    2>"$dir/trace.log" &
trace_pid=$!
wait_for 10 grep -q "capture .* begins" "$dir/switch.log" || fail "no trace"
send a "$bad_5"
wait $trace_pid
grep -q "guard .*dropped: spoofed IPv4 address" "$dir/trace" \
    || fail "$(cat "$dir/trace")"

# A port of its own mind: audit counts and lets pass.
xvsctl feature set "$of_a" Mode=audit
passes 2 "$bad_1" "$bad_5"
status '.State == 2 and .SpoofedMac == 3'

# ARP: eight at once, and not many more; none of them by a's own kernel, which
# is silent before they are counted.
ip -n "$tag-a" link set eth0 arp off
xvsctl feature set "$of_a" Mode=enforce DhcpSnooping=true ArpRate=1
n=$(counted b "$from_a${arp}1" repeat a "$good_2" 60 100)
[ "$n" -ge 8 ] && [ "$n" -le 12 ] || fail "$n ARP packets"
ip -n "$tag-a" link set eth0 arp on
xvsctl feature set "$of_a" ArpRate=0

# DHCP: a asks, and has what the server gives it, until it gives it
# back.
leased=$from_a$(udp c0000263 9 9)
acknowledge=ffffffffffff020000000012$(udp c0000203 67 68 \
    "$(dhcp 02 05 c0000263 600)")
send u "$acknowledge"
passes 0 "$leased"
send a "$from_a$(udp 00000000 68 67 "$(dhcp 01 03 00000000)")"
listen a 10000 "$acknowledge"
send u "$acknowledge"
heard a || fail "a does not get its address"
passes 1 "$leased"
xvsctl query XVS_GuardLease lan/a --json | jq -e '.[0] | [.Address,
    .MacAddress, .Vlan] == ["192.0.2.99", "02:00:00:00:00:10", 0]' \
    >"$dir/value" || fail "no such lease: $(cat "$dir/value")"
# So it is in whatever process comes next, and where the guard runs by then.
restarted()
{
    [ "$(xvsctl stage show guard lan --json \
        | jq -r '(if type == "array" then .[0] else . end).ProcessId')" \
        != "$pid" ]
}
for partition in process inline process; do
    xvsctl stage set guard lan --partition $partition || fail "$partition"
    passes 1 "$leased"
done
pid=$(xvsctl stage show guard lan --json \
    | jq -r '(if type == "array" then .[0] else . end).ProcessId')
kill -9 "$pid"
wait_for 20 restarted || fail "no other process"
passes 1 "$leased"
status '.Leases == 1'
send a "$from_a$(udp c0000263 68 67 "$(dhcp 01 07 00000000 0 c0000263)")"
status '.Leases == 0'
passes 0 "$leased"
xvsctl stage set guard lan --partition inline
passes 0 "$leased"

# What cannot be is refused; what was in force is so after a restart.
expect_fail 4 'Address: "10.0.0.1/8" has address bits behind' \
    xvsctl feature add XVS_GuardAddress lan/a Address=10.0.0.1/8
expect_fail 4 'AllowedMacs: "02:00" is no list of MAC addresses' \
    xvsctl feature set "$of_a" AllowedMacs=02:00
kill -9 "$switch_pid"
wait "$switch_pid" || :
start_switch
wait_for 10 switch_is_there || fail "xvsd does not find the new switch"
wait_for 10 good || fail "honest guests cannot talk after a restart"
passes 1 "$bad_3" "$good_2" "$bad_1"
status '[.State, .SpoofedArp, .SpoofedMac] == [1, 1, 1]'

# An address that the port itself has needs no list.
xvsctl feature set "$of_a" AllowedMacs=
xvsctl port set lan a --mac 02:00:00:00:00:10 || fail "port set"
status '.Macs == "02:00:00:00:00:10"'
passes 0 "$bad_1"
xvsctl ext disable guard lan
passes 1 "$bad_1"
