# SPDX-License-Identifier: BSD-3-Clause
# What tests of the extension ethernet share, behind functions.sh.

frame=$top_builddir/tests/switch-frame
to_all=ffffffffffff

# start_ethernet NAME...: a switch with these ports, and the extension on it;
# guest_veth has made the guests.
start_ethernet()
{
    start_host
    xvsctl schema add "$top_srcdir/mof/xvs_ethernet.mof"
    xvsctl ext install ethernet.so
    xvsctl switch add lan
    for port; do
        xvsctl port add lan "$port" --driver packet --device "$tag.$port"
    done
    xvsctl ext enable ethernet lan
}

# set_port CLASS PORT PROPERTY=VALUE...: its name is in $setting.
set_port()
{
    class=$1
    port=$2
    shift 2
    setting=$(xvsctl feature add "$class" "lan/$port" "$@" --names) \
        || fail "$class $port $*"
}

# drops PORT COUNTER: of the port's status.
drops()
{
    xvsctl query XVS_PortEthernetStatus "lan/$1" --value "$2"
}

# send FROM HEX: one frame.
send()
{
    ip netns exec "$tag-$1" "$frame" send eth0 "$2"
}

# listen NAME MILLISECONDS HEX: looks for a frame, in the background.  What is
# left of an earlier one must not look as if this one were ready.
listen()
{
    rm -f "$dir/heard.$1"
    ip netns exec "$tag-$1" "$frame" expect eth0 "$2" "$3" \
        >"$dir/heard.$1" &
    echo $! >"$dir/listener.$1"
    wait_for 10 grep -q listening "$dir/heard.$1"
}

# heard NAME: the frame came.
heard()
{
    wait "$(cat "$dir/listener.$1")"
}

# counted NAME HEX COMMAND...: how many come while it runs, or soon after.
counted()
{
    rm -f "$dir/count"
    ip netns exec "$tag-$1" "$frame" count eth0 500 "$2" >"$dir/count" &
    counter=$!
    shift 2
    wait_for 10 grep -q listening "$dir/count"
    "$@"
    kill $counter
    wait $counter
    sed -n 2p "$dir/count"
}

# repeat FROM HEX SIZE COUNT [vary|MILLISECONDS]
repeat()
{
    from=$1
    shift
    ip netns exec "$tag-$from" "$frame" repeat eth0 "$@"
}
