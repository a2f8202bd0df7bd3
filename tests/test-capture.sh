#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# C2: xvsctl capture writes pcapng of any point of the chain, with filter,
# port, limits; ends cleanly; costs nothing that it leaves behind.
. "${top_srcdir:-..}/tests/functions.sh"
requires ip ping jq tshark capinfos
in_namespaces "$@"
guest_veth a 192.0.2.1/24
guest_veth b 192.0.2.2/24
start_host
xvsctl schema add "$top_srcdir/mof/xvs_acl.mof"
xvsctl ext install acl.so
xvsctl switch add lan
xvsctl port add lan a --driver packet --device "$tag.a"
xvsctl port add lan b --driver packet --device "$tag.b"
xvsctl ext enable acl lan
guest_ping a 192.0.2.2 || fail "no ping"

# capture FILE OPTION...: in the background, until it records.
capture()
{
    file=$1
    shift
    xvsctl capture lan -o "$dir/$file" "$@" 2>"$dir/capture.log" &
    capture_pid=$!
    cleanup_fn "kill $capture_pid"
    wait_for 10 grep -q "capture .* begins" "$dir/switch.log" \
        || fail "no capture: $(cat "$dir/capture.log")"
    : >"$dir/switch.log"
}

# read FILE OPTION...: what tshark reads in it.
read_file()
{
    file=$1
    shift
    tshark -r "$dir/$file" "$@" 2>/dev/null
}

# Everything at the ports; Ctrl-C ends it, and the file is whole.
: >"$dir/switch.log"
capture plain.pcapng --filter icmp
guest_ping a 192.0.2.2 3 || fail "no ping while it is captured"
sleep 1
kill -INT "$capture_pid"
wait "$capture_pid" || fail "ended with $?: $(cat "$dir/capture.log")"
grep -q "^12 packets captured, 0 lost" "$dir/capture.log" \
    || fail "$(cat "$dir/capture.log")"
[ "$(read_file plain.pcapng -Y icmp | wc -l)" = 12 ] || fail "not 12 pings"
capinfos -M "$dir/plain.pcapng" >"$dir/info" || fail "capinfos"
grep -q "precision: *nanoseconds" "$dir/info" || fail "$(cat "$dir/info")"
for name in "lan/a rx" "lan/b tx" "lan/b rx" "lan/a tx"; do
    grep -q "Name = $name" "$dir/info" || fail "no $name: $(cat "$dir/info")"
done
# The same packet has the same number at both points; bytes are as sent.
read_file plain.pcapng -Y 'icmp.type == 8 and icmp.seq == 1' -T fields \
    -e frame.packet_id -e icmp.seq -e frame.interface_name >"$dir/first"
[ "$(cut -f 1,2 "$dir/first" | uniq -c | sed 's/ *\([0-9]*\).*/\1/')" = 2 ] \
    || fail "$(cat "$dir/first")"
[ -z "$(read_file plain.pcapng -Y 'icmp.checksum.status == 0')" ] \
    || fail "broken bytes"

# One port, one point, a limit, short packets: ends by itself.
capture few.pcapng --port b --at acl:egress:after --count 2 --snap 50 \
    --filter 'icmp[icmptype] == icmp-echo'
guest_ping a 192.0.2.2 5 || fail "no ping"
wait "$capture_pid" || fail "ended with $?: $(cat "$dir/capture.log")"
grep -q "^2 packets captured" "$dir/capture.log" || fail "not 2"
read_file few.pcapng -T fields -e frame.interface_name -e frame.cap_len \
    -e frame.len -e icmp.type | sort -u >"$dir/few"
[ "$(cat "$dir/few")" = "lan/b acl:egress:after	50	98	8" ] \
    || fail "$(cat "$dir/few")"

# A drop says where and why; all points; standard output.
xvsctl feature add XVS_AclSwitchRule lan Action=deny Protocol=1 >"$dir/rule"
( sleep 1; guest_ping a 192.0.2.2 1 || : ) >/dev/null 2>&1 &
xvsctl capture lan --at all --port a --filter icmp --count 3 \
    >"$dir/drop.pcapng" 2>"$dir/capture.log" \
    || fail "$(cat "$dir/capture.log")"
read_file drop.pcapng -T fields -e frame.interface_name -e frame.comment \
    | tr '\n\t' '|=' >"$dir/drop"
[ "$(cat "$dir/drop")" = "lan/a rx=|lan/a acl:ingress:before=|lan/a\
 acl:ingress:after=dropped: denied by a rule|" ] || fail "$(cat "$dir/drop")"

# What cannot be.
expect_fail 3 "is no point of switch lan" xvsctl capture lan --at nat -o x
expect_fail 3 "no port c" xvsctl capture lan --port c -o x
expect_fail 3 "no switch wan" xvsctl capture wan -o x
expect_fail 1 "filter 'tcp port http or'" \
    xvsctl capture lan --filter 'tcp port http or' -o x
expect_fail 1 "package libpcap0.8" without libpcap.so.0.8 \
    xvsctl capture lan --filter tcp -o x
expect_fail 1 "is no point: behind an extension" \
    xvsctl capture lan --at acl:middle -o x
path='XVS_Switch.Name="lan"'
expect_fail 1 "program is not valid" \
    xvsctl call "$path" StartCapture Filter=5910974510923776
[ ! -e x ] || fail "a capture that did not begin left a file"

# No more than eight, and one that nobody reads ends.
for i in 1 2 3 4 5 6 7 8; do
    expect "Session = " xvsctl call "$path" StartCapture
done
expect_fail 1 "there are 8 captures already" \
    xvsctl call "$path" StartCapture
all_ended()
{
    [ "$(grep -c "ends: nobody reads it" "$dir/switch.log")" = 8 ]
}
wait_for 25 all_ended || fail "they do not end"
expect_fail 3 "there is no capture number" \
    xvsctl call "$path" ReadCapture Session=4

# A switch that goes takes its captures along.
capture gone.pcapng
xvsctl ext disable acl lan
xvsctl port remove lan a
xvsctl port remove lan b
xvsctl switch remove lan
! wait "$capture_pid" || fail "the capture of no switch succeeded"
capinfos "$dir/gone.pcapng" >"$dir/info" || fail "not whole"
stop "$switch_pid" || fail "xvs-switch ended with $?"
