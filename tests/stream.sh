# SPDX-License-Identifier: BSD-3-Clause
# A numbered stream from guest a to guest b, of which no frame may be lost or
# doubled, and none may overtake another.

# stream_begin [FLOWS]
stream_begin()
{
    mac=$(ip netns exec "$tag-b" cat /sys/class/net/eth0/address | tr -d :)
    ip netns exec "$tag-b" "$top_builddir/tests/switch-frame" follow eth0 \
        >"$dir/follow" &
    follower=$!
    cleanup_fn "kill $follower"
    wait_for 10 grep -q listening "$dir/follow" || fail "the follower"
    ip netns exec "$tag-a" "$top_builddir/tests/switch-frame" stream eth0 \
        "$mac" 1000 ${1+"$1"} >"$dir/stream" &
    streamer=$!
    cleanup_fn "kill $streamer"
}

# stream_end: all that was sent has come, once and in order.
stream_end()
{
    kill "$streamer"
    wait "$streamer" || fail "the stream: $(cat "$dir/stream")"
    sent=$(sed -n 's/^sent //p' "$dir/stream")
    kill "$follower"
    wait "$follower"
    [ "$(tail -n 1 "$dir/follow")" \
        = "received $sent missing 0 late 0 doubled 0 damaged 0" ] \
        || fail "sent $sent, $(cat "$dir/follow")"
}
