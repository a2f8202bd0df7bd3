#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# C2: xvsctl trace tells of each packet what every stage did to it, which way
# was chosen, and how it ended.
. "${top_srcdir:-..}/tests/functions.sh"
requires ip ping jq
in_namespaces "$@"
guest_veth a 192.0.2.1/24
guest_veth b 192.0.2.2/24
guest_veth c 192.0.2.3/24
start_host
xvsctl schema add "$top_srcdir/mof/xvs_acl.mof"
xvsctl ext install acl.so
xvsctl ext install mark.so
xvsctl switch add lan
for port in a b c; do
    xvsctl port add lan $port --driver packet --device "$tag.$port"
done
xvsctl ext enable acl lan
guest_ping a 192.0.2.2 || fail "no ping"

# trace OPTION...: of packets that come meanwhile, into $dir/trace.
trace()
{
    : >"$dir/switch.log"
    xvsctl trace lan "$@" >"$dir/trace" 2>"$dir/trace.log" &
    trace_pid=$!
    cleanup_fn "kill $trace_pid"
    wait_for 10 grep -q "capture .* begins" "$dir/switch.log" \
        || fail "no trace: $(cat "$dir/trace.log")"
}

has()
{
    grep -qE -- "$1" "$dir/trace" || fail "no '$1': $(cat "$dir/trace")"
}

# A packet that arrives.
trace --port a --filter icmp --count 1
guest_ping a 192.0.2.2 1 || fail "no ping"
wait "$trace_pid" || fail "ended with $?: $(cat "$dir/trace.log")"
has "^[0-9:.]* a 192.0.2.1 > 192.0.2.2 icmp$"
has "^  arrival  a  *98 bytes$"
has "^  ingress  acl  *passed, [0-9]* ns$"
has "^  forward  *goes where its address was learned: b$"
has "^  egress   acl  *passed, on the way to b, [0-9]* ns$"
has "^  out      b  *sent$"
has "^  = sent to b$"
[ "$(wc -l <"$dir/trace")" = 7 ] || fail "$(cat "$dir/trace")"

# One that goes everywhere, and is dropped for one of the ports.
xvsctl feature add XVS_AclPortRule lan/c Direction=out Action=deny EtherType=2054
trace --filter 'arp and broadcast' --count 1 --json
ip -n "$tag-a" neigh flush all
guest_ping a 192.0.2.2 1 || fail "no ping"
wait "$trace_pid" || fail "ended with $?: $(cat "$dir/trace.log")"
jq -e '.Fate == "sent to b; acl dropped: denied by a rule (to c)"
    and .InPort == "a" and (.Packet | test("^arp who has"))
    and (.Steps | map(.Point) | index("forward")) == 2
    and (.Steps | map(select(.Dropped)) | length) == 1' \
    "$dir/trace" >"$dir/out" || fail "$(cat "$dir/trace")"

# What a stage changes; the packet is followed though the filter does not
# match it any more.
xvsctl ext enable mark lan
trace --port a --filter 'ip[1] == 0 and icmp' --count 1 --json
guest_ping a 192.0.2.2 1 || fail "no ping"
wait "$trace_pid" || fail "ended with $?: $(cat "$dir/trace.log")"
jq -e '([.Steps[] | select(.Changed) | .Point] == ["mark:ingress:after"])
    and ([.Steps[] | .Changed // empty][0] | test("^bytes 15, (24-)?25$"))
    and .Fate == "sent to b"' \
    "$dir/trace" >"$dir/out" || fail "$(cat "$dir/trace")"

# Ctrl-C ends it and says how many there were.
trace
guest_ping b 192.0.2.1 2 || fail "no ping"
sleep 1
kill -INT "$trace_pid"
wait "$trace_pid" || fail "ended with $?: $(cat "$dir/trace.log")"
grep -qE "^[0-9]+ packets traced, 0 records lost" "$dir/trace.log" \
    || fail "$(cat "$dir/trace.log")"
[ "$(grep -c '^  = ' "$dir/trace")" -ge 4 ] || fail "$(cat "$dir/trace")"
stop "$switch_pid" || fail "xvs-switch ended with $?"
