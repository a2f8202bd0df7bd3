#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Ports of driver pipe: programs exchange frames of any size through a switch,
# also with a namespace; peers come and go, a second one is refused, and a
# restart of xvs-switch is only a pause.
. "${top_srcdir:-..}/tests/functions.sh"
requires ip ping
in_namespaces "$@"

peer=$top_builddir/tests/pipe-peer
liar=$top_builddir/tests/pipe-liar
frame=ffffffffffff02000000000a88b501020304

state()
{
    xvsctl port show lan "$1" --value State
}

counter()
{
    xvsctl port show lan "$1" --value "$2"
}

# counted NAME COUNTER OPERATOR N
counted()
{
    [ "$(counter "$1" "$2")" "$3" "$4" ]
}

is_state()
{
    [ "$(state "$1")" = "$2" ]
}

# start NAME COMMAND...: a peer of port NAME, pid in $pid, output in NAME.out.
start()
{
    name=$1
    shift
    rm -f "$dir/$name.out"
    "$peer" $options "$dir/$name.sock" "$@" >"$dir/$name.out" 2>&1 &
    pid=$!
    cleanup_fn "kill $pid"
    wait_for 10 grep -q ready "$dir/$name.out" || fail "$(cat "$dir/$name.out")"
}
options=

start_host
xvsctl switch add lan
for name in a b; do
    xvsctl port add lan "$name" --driver pipe --device "$dir/$name.sock"
    is_state "$name" down || fail "$name is $(state "$name") without a peer"
done
[ "$(stat -c %a "$dir/a.sock")" = 660 ] || fail "mode of the socket"

# Frames arrive, and only whole ones.
start b expect 5000 "$frame"
wait_for 10 is_state b up || fail "b has a peer and is $(state b)"
"$peer" "$dir/a.sock" send "$frame" || fail "send"
wait "$pid" || fail "the frame did not arrive at b"
wait_for 10 is_state b down || fail "b's peer has gone and it is $(state b)"
wait_for 10 grep -q "port b of switch lan: pipe $dir/b.sock has lost its peer" \
    "$dir/switch.log" || fail "nobody says that the peer has gone"
"$peer" "$dir/a.sock" send "$frame" 3
wait_for 10 counted b TxDropped -ge 3 || fail "drops are not counted"

# A flood: what was not dropped arrives, in order and unchanged.
start b count 3000
"$peer" "$dir/a.sock" flood 20000 300 || fail "flood"
wait "$pid"
set -- $(tail -n 1 "$dir/b.out")
[ "$2" = $(($1 * 300)) ] && [ "$1" -gt 0 ] || fail "flood: $*"
wait_for 10 counted b TxDropped = $((20003 - $1)) \
    || fail "$1 of 20000 arrived, $(counter b TxDropped) dropped"

# Super frames are cut for a peer that does not take them, and pass to one
# that does.
xvsctl port set lan b --mtu 9000
start b dump 5000 3
"$peer" "$dir/a.sock" super 2500 1000 || fail "super"
wait "$pid" || fail "not cut: $(cat "$dir/b.out")"
grep -c "size 1054 offload 0" "$dir/b.out" | grep -qx 2 \
    && grep -q "size 554 offload 0" "$dir/b.out" || fail "$(cat "$dir/b.out")"
options=-o
start b dump 5000 1
"$peer" "$dir/a.sock" super 60000 1448 || fail "super of 60000"
wait "$pid" && grep -q "size 60054 offload 1 gso 1/1448" "$dir/b.out" \
    || fail "$(tail -c 100 "$dir/b.out")"
options=

# One peer at a time.
start a hold
expect_fail 4 "process $pid is the port's peer already" \
    "$peer" "$dir/a.sock" hold
kill "$pid"
wait_for 10 is_state a down || fail "a is $(state a)"

# A disabled port carries nothing, and its peer is told at once; also one that
# comes meanwhile.
start a link
link=$pid
wait_for 10 grep -qx up "$dir/a.out" || fail "link: $(cat "$dir/a.out")"
xvsctl port set lan a --enabled false
wait_for 10 grep -qx down "$dir/a.out" || fail "disabled: $(cat "$dir/a.out")"
kill "$link"
wait_for 10 is_state a down || fail "a is $(state a)"
start b expect 500 "$frame"
"$peer" "$dir/a.sock" send "$frame" || fail "send on a disabled port"
! wait "$pid" || fail "a disabled port sends"
start a link
wait_for 10 grep -qx down "$dir/a.out" || fail "at first: $(cat "$dir/a.out")"
xvsctl port set lan a --enabled true
wait_for 10 grep -qx up "$dir/a.out" || fail "enabled: $(cat "$dir/a.out")"
[ "$(grep -c 'up\|down' "$dir/a.out")" = 2 ] || fail "$(cat "$dir/a.out")"
kill "$pid"
wait_for 10 is_state a down || fail "a is $(state a)"

# Hostile peers: the switch parts with them, and goes on.
expect "no hello in 2 seconds" "$liar" "$dir/a.sock" mute
expect "this is no hello" "$liar" "$dir/a.sock" strange
for how in index size half bells; do
    "$liar" "$dir/a.sock" "$how" || fail "a peer may lie about its $how"
    wait_for 10 is_state a down || fail "a is $(state a) after $how"
done
[ "$(grep -c "port a .*which broke the rules of the ring" \
    "$dir/switch.log")" = 2 ] || fail "liars are not told of"
start b expect 5000 "$frame"
"$peer" "$dir/a.sock" send "$frame" || fail "send after liars"
wait "$pid" || fail "the switch suffers from liars"

# With a namespace: what it sends comes back with addresses exchanged.
guest_veth v 192.0.2.1/24
ip -n "$tag-v" neigh add 192.0.2.9 lladdr 02:00:00:00:00:09 dev eth0
xvsctl port add lan v --driver packet --device "$tag.v"
start a echo
ip netns exec "$tag-v" ping -n -q -c 2 -i 0.1 -W 1 192.0.2.9 >/dev/null || :
wait_for 10 counted a RxPackets -gt 0 || fail "no echo from a"
kill "$pid"

# A restart of the switch program: peers notice, and connect again.
start b hold
stop "$switch_pid" || fail "xvs-switch ended with $?"
wait "$pid" && fail "the peer did not notice" || [ $? = 3 ] \
    || fail "hold ended with $?"
[ ! -e "$dir/b.sock" ] || fail "the socket stays"
start_switch
wait_for 10 unix_listens "$dir/b.sock" || fail "no socket after a restart"
start b expect 5000 "$frame"
wait_for 10 "$peer" "$dir/a.sock" send "$frame" || fail "send"
wait "$pid" || fail "no frames after a restart"

# After a crash a socket file is left, and replaced.
kill -9 "$switch_pid"
wait "$switch_pid" || :
rm -f "$dir/control"
start_switch
wait_for 10 "$peer" "$dir/a.sock" send "$frame" || fail "stale socket"

# What cannot be.
echo precious >"$dir/file"
expect_fail 9 "is there and is not a socket" \
    xvsctl port add lan x --driver pipe --device "$dir/file"
grep -q precious "$dir/file" || fail "a file was overwritten"
expect_fail 1 "No such file" \
    xvsctl port add lan x --driver pipe --device "$dir/none/x.sock"
expect_fail 1 "knows server" \
    xvsctl port add lan x --driver pipe --device "$dir/x.sock" --mode client
xvsctl port remove lan a
[ ! -e "$dir/a.sock" ] || fail "the socket outlives its port"
