#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Single frames: tags stay on, a filter drops what it says and it is counted,
# what bridges must not pass on ends here, a full-size frame passes and one
# that is too large is counted.
. "${top_srcdir:-..}/tests/functions.sh"
requires ip
in_namespaces "$@"

frame=$top_builddir/tests/switch-frame
say()
{
    "$top_builddir/tests/switch-client" "$dir/control" \
        schema "$top_srcdir/tests/plugins/veto.mof" : "$@"
}

# passes HEX: the frame from a arrives at b.
passes()
{
    rm -f "$dir/listen"
    ip netns exec "$tag-b" "$frame" expect eth0 "${2:-4000}" "$1" \
        >"$dir/listen" &
    waiter=$!
    wait_for 10 grep -q listening "$dir/listen"
    ip netns exec "$tag-a" "$frame" send eth0 "$1" || fail "cannot send"
    wait $waiter
}

# counter PORT NAME
counter()
{
    say counters | sed -n "s/^port $1 .* $2 \([0-9]*\).*/\1/p"
}

chmod 755 "$dir"
guest_veth a 192.0.2.1/24
guest_veth b 192.0.2.2/24
start_switch
say switch 1 lan : port 1 1 packet a "$tag.a" : port 2 1 packet b "$tag.b" \
    : load veto.so >"$dir/out" || fail "$(cat "$dir/out")"
macs=ffffffffffff020000000001
payload=$(printf '%01900d' 7)
passes "${macs}88b4$payload" || fail "a plain frame"
passes "${macs}8100200588b4$payload" || fail "a frame with a tag"
passes "${macs}88a800018100000288b4$payload" || fail "a frame with two tags"
big=$(printf '%04000d' 7 | cut -c 1-2972)
passes "${macs}88b4$big" || fail "a frame of 1500 bytes"

before=$(counter 1 filtered)
! passes "0180c2000000020000000001$payload" 300 || fail "a bridge's own frame"
[ "$(counter 1 filtered)" -gt "$before" ] || fail "it was not counted"
passes "0180c2000010020000000001$payload" || fail "another group address"

passes "${macs}88b5$payload" || fail "0x88b5 without the filter"
say enable 7E570001-0000-4000-8000-000000000000 1 >"$dir/out" \
    || fail "$(cat "$dir/out")"
! passes "${macs}88b5$payload" 300 || fail "the filter drops nothing"
! passes "${macs}8100000588b5$payload" 300 || fail "nor behind a tag"
passes "${macs}88b4$payload" || fail "the filter drops too much"
expect "drops 2" say counters

for name in a b; do
    ip link set "$tag.$name" mtu 3000
    ip -n "$tag-$name" link set eth0 mtu 3000
done
before=$(counter 2 txdrop)
jumbo=$(printf '%04100d' 7)
! passes "${macs}88b4$jumbo" 300 || fail "a frame larger than the port's MTU"
[ "$(counter 2 txdrop)" -gt "$before" ] || fail "it was not counted"
say delete-port 2 : port 2 1 packet b "$tag.b" 3000 >"$dir/out" \
    || fail "$(cat "$dir/out")"
passes "${macs}88b4$jumbo" || fail "a frame in two buffers"

# A packet hook that does not return: said by name, also when it is over;
# requests are served all the while.
say load hang-setting.so : enable 7E570002-0000-4000-8000-000000000000 1 \
    >"$dir/out" || fail "$(cat "$dir/out")"
passes "${macs}88b6$payload" 10 || :
wait_for 10 grep -q "hang-setting does not return from its packet hook" \
    "$dir/switch.log" || fail "nobody noticed the packet hook"
expect "state 2" say counters
expect ok say disable 7E570001-0000-4000-8000-000000000000 1
! grep -q "has returned" "$dir/switch.log" || fail "disabling had to wait"
wait_for 12 grep -q "hang-setting has returned" "$dir/switch.log" \
    || fail "nobody noticed that it has returned"
passes "${macs}88b4$payload" || fail "packets stand still"
stop "$switch_pid" || fail "xvs-switch ended with $?"
