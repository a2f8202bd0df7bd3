#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Who checks the streams of other tests is checked: on a wire, without any
# switch, it says that all is well when it is, and else what is wrong.
. "${top_srcdir:-..}/tests/functions.sh"
requires ip
in_namespaces "$@"
frame=$top_builddir/tests/switch-frame

guest_veth a 192.0.2.1/24
ip link set "$tag.a" promisc on

# How many frames have come.
arrived()
{
    ip -s link show dev "$tag.a" | awk '/RX:/ { getline; print $2 }'
}

# have_come N: that many, or more.
have_come()
{
    [ "$(arrived)" -ge "$1" ]
}

# followed HOOKS EXPECTED ARGUMENT...: what the follower says in the end.
followed()
{
    hooks=$1
    expected=$2
    shift 2
    "$frame" follow "$tag.a" "$hooks" >"$dir/follow" &
    follower=$!
    wait_for 10 grep -q listening "$dir/follow" || fail "the follower"
    ip netns exec "$tag-a" "$frame" stream eth0 020000000009 2000 "$@" \
        >"$dir/stream" &
    streamer=$!
    cleanup_fn "kill $streamer $follower"
    wait_for 30 have_come $(($(arrived) + 300)) || fail "too few frames"
    kill $streamer
    wait $streamer || fail "the stream: $(cat "$dir/stream")"
    sent=$(sed -n 's/^sent //p' "$dir/stream")
    kill $follower
    wait $follower || fail "the follower ended with $?"
    said=$(tail -n 1 "$dir/follow" | sed "s/damaged $sent\$/damaged all/")
    [ "$said" = "received $((sent + ${expected%%,*})) ${expected#*,}" ] \
        || fail "$*: sent $sent, $(cat "$dir/follow")"
}

followed 0 "0,missing 0 late 0 doubled 0 damaged 0" 1
followed 0 "0,missing 0 late 0 doubled 0 damaged 0" 4
followed 0 "-2,missing 2 late 0 doubled 0 damaged 0" 2 drop
followed 0 "2,missing 0 late 0 doubled 2 damaged 0" 2 double
followed 0 "0,missing 0 late 2 doubled 0 damaged 0" 2 swap
followed 0 "0,missing 0 late 0 doubled 0 damaged 2" 2 damage

# A hook that was not called.
followed 1 "0,missing 0 late 0 doubled 0 damaged all" 2
