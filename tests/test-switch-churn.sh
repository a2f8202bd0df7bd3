#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Traffic goes on while ports, extensions and settings come and go under it:
# no packet is lost for it, and nothing is left behind.  Built with a thread
# sanitizer this is the test that shows races.
. "${top_srcdir:-..}/tests/functions.sh"
requires ip ping
in_namespaces "$@"
. "$top_srcdir/tests/stream.sh"

mof=$top_srcdir/tests/plugins
say()
{
    "$top_builddir/tests/switch-client" "$dir/control" schema "$mof/veto.mof" \
        : schema "$mof/bad-status.mof" : "$@" >"$dir/out" 2>&1
}

chmod 755 "$dir"
for name in a b c; do
    guest_veth $name 192.0.2.$((1 + $(echo $name | tr abc 012)))/24
done
start_switch
say switch 1 lan : port 1 1 packet a "$tag.a" : port 2 1 packet b "$tag.b" \
    : load veto.so : layout Test_Veto : layout Test_VetoStatus \
    : load bad-status.so : layout Test_BadStatus || fail "$(cat "$dir/out")"
# A stream that is looked at, and as much as goes beside it.
stream_begin
ip netns exec "$tag-a" ping -n -q -f -w 30 192.0.2.2 >"$dir/ping" &
pinging=$!
cleanup_fn "kill $pinging"

for round in 1 2 3 4 5 6 7 8; do
    say enable Test_Veto 1 add 1 - Test_Veto 1 : port 3 1 packet c "$tag.c" \
        : enable Test_BadStatus 1 \
        : async set add 1 - Test_Veto 2 : async set add 1 - Test_Veto 3 \
        : async status 1 - Test_VetoStatus : async counters \
        : set update 1 - Test_Veto 2 Note=x , delete 1 - Test_Veto 3 \
        : async disable Test_BadStatus 1 : async delete-port 3 \
        : snapshot : disable Test_Veto 1 \
        || fail "round $round: $(cat "$dir/out")"
    ! grep -qv '^ok\|^port\|^stage\|^switch\|^extension\|^layout\|^enabled\|^setting' \
        "$dir/out" || fail "round $round: $(cat "$dir/out")"
done
say unload Test_Veto : unload Test_BadStatus || fail "$(cat "$dir/out")"
kill -INT "$pinging"
wait "$pinging" || fail "ping: $(cat "$dir/ping")"
stream_end
stop "$switch_pid" || fail "xvs-switch ended with $?"
