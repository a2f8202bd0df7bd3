#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# C1: in partition copy an extension that writes over all packets that it can
# reach reaches nobody else's, and xvsd takes copy for a default.
. "${top_srcdir:-..}/tests/functions.sh"
requires ip ping
in_namespaces "$@"
. "$top_srcdir/tests/stream.sh"

for guest in a b c d; do
    guest_veth $guest 192.0.2.$(($(printf %d "'$guest") - 96))/24
done
expect_fail 2 "it can be process, copy, domain or inline" \
    xvsd --socket "$dir/none.sock" --control "$dir/none" \
    --state-dir "$dir/none" --user "$run_user" --no-spawn-switch \
    --vendor-partition moon
vendor_partition=copy
start_host
xvsctl ext install scribble.so
for name in lan other; do
    xvsctl switch add $name
done
for guest in a b; do
    xvsctl port add lan $guest --driver packet --device "$tag.$guest"
done
for guest in c d; do
    xvsctl port add other $guest --driver packet --device "$tag.$guest"
done
xvsctl ext enable scribble other

stage()
{
    xvsctl stage show "$1" "$2" --value "$3"
}
[ "$(stage scribble other Partition)" = copy ] \
    || fail "it is in $(stage scribble other Partition)"

# What a process has in its memory: copies, or the packets themselves.
maps()
{
    cat "/proc/$(stage "$1" "$2" ProcessId)/maps"
}
maps scribble other >"$dir/maps"
grep -q "rw-s.*xvs-copies" "$dir/maps" || fail "$(cat "$dir/maps")"
! grep -q "xvs-buffers" "$dir/maps" || fail "it has the pool"

# While it writes, a stream of the other switch comes whole.
stream_begin
guest_ping c 192.0.2.4 1 || :
for _ in 1 2 3 4 5; do
    ip netns exec "$tag-c" ping -f -q -c 200 -W 1 192.0.2.4 >/dev/null 2>&1 \
        || :
done
[ "$(stage scribble other Packets)" -gt 10 ] || fail "it got nothing"
stream_end

# In partition process it has the packets themselves.
xvsctl stage set scribble other --partition process
maps scribble other >"$dir/maps"
grep -q "rw-s.*xvs-buffers" "$dir/maps" || fail "$(cat "$dir/maps")"
