#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Ports of driver vhost-user: guests exchange frames of every size and shape
# through rings of every kind, also with a namespace; guests come, go and
# break the rules, and a restart of xvs-switch is only a pause.
. "${top_srcdir:-..}/tests/functions.sh"
requires ip ping
in_namespaces "$@"

program=$top_builddir/tests/vhost-guest

state()
{
    xvsctl port show lan "$1" --value State
}

is_state()
{
    [ "$(state "$1")" = "$2" ]
}

# between OPTION...: guests behind the ports a and b exchange frames.
between()
{
    "$program" "$@" verify "$dir/a.sock" "$dir/b.sock" 600 >"$dir/out" 2>&1 \
        || fail "guests with options '$*': $(cat "$dir/out")"
}

# start NAME ARGUMENT...: a guest that stays, pid in $pid, output in NAME.log.
start()
{
    name=$1
    shift
    rm -f "$dir/$name.log"
    "$program" "$@" >"$dir/$name.log" 2>&1 &
    pid=$!
    cleanup_fn "kill $pid"
    wait_for 10 grep -q ready "$dir/$name.log" \
        || fail "guest $name: $(cat "$dir/$name.log")"
}

said()
{
    wait_for 10 grep -q -- "$1" "$dir/switch.log" || fail "nobody says '$1'"
}

start_host
xvsctl switch add lan
for name in a b; do
    xvsctl port add lan "$name" --driver vhost-user --device "$dir/$name.sock"
    is_state "$name" down || fail "$name is $(state "$name") without a guest"
done
[ "$(stat -c %a "$dir/a.sock")" = 660 ] || fail "mode of the socket"

# Split and packed rings, event index, without mergeable buffers, without
# offloads (super frames are cut), queue pairs, and a migration's log.
for options in '' -p -e '-p -e' -m '-m -p' -o '-q 2' '-q 8 -p' -g '-g -p'; do
    # shellcheck disable=SC2086
    between $options
done
said "port b of switch lan: vhost-user $dir/b.sock is up"
said "port b of switch lan: vhost-user $dir/b.sock is down"
wait_for 10 is_state a down || fail "a's guest has gone and it is $(state a)"
xvsctl port add lan few --driver vhost-user --queues 2 --device "$dir/f.sock"
expect_fail 1 "too few queues" "$program" -q 3 hostile "$dir/f.sock"

# A guest and a namespace.
guest_veth n 192.0.2.1/24
xvsctl port add lan n --driver packet --device "$tag.n"
start e -e echo "$dir/a.sock" 02:00:00:00:aa:01 192.0.2.2
wait_for 10 is_state a up || fail "a has a guest and is $(state a)"
guest_ping n 192.0.2.2 || fail "the guest does not answer"

# A disabled port parts with its guest, so that the guest's link is down, and
# refuses it until it is enabled; the rings go on where they were.
for kind in '' -p; do
    # shellcheck disable=SC2086
    start "d$kind" $kind echo "$dir/b.sock" 02:00:00:00:aa:02 192.0.2.3
    guest_ping n 192.0.2.3 || fail "the guest does not answer"
    xvsctl port set lan b --enabled false
    wait_for 10 is_state b down || fail "b is $(state b) and disabled"
    wait_for 10 grep -q 'gone' "$dir/d$kind.log" || fail "the guest stays"
    expect "the port is disabled" xvsctl port show lan b
    [ -S "$dir/b.sock" ] || fail "the socket vanishes"
    ! guest_ping n 192.0.2.3 1 || fail "a disabled port carries frames"
    ! grep -q again "$dir/d$kind.log" || fail "a disabled port takes a guest"
    xvsctl port set lan b --enabled true
    wait_for 10 grep -q again "$dir/d$kind.log" || fail "no way back to b"
    wait_for 10 guest_ping n 192.0.2.3 1 || fail "no answer when enabled"
    guest_ping n 192.0.2.3 50 || fail "no answers when enabled"
    kill "$pid"
    wait_for 10 is_state b down || fail "b stays $(state b)"
done
said "b.sock is down: the port is disabled"

# A second front end is refused, and does no harm.
expect_fail 1 "front end:" "$program" verify "$dir/a.sock" "$dir/b.sock" 1
said "a second front end"
guest_ping n 192.0.2.2 || fail "the guest does not answer any more"

# Another one breaks its ring: said once, and only its port is down.
start h hostile "$dir/b.sock"
said "broke ring 1: a buffer outside"
wait_for 10 is_state b down || fail "b is $(state b) with a broken ring"
expect "broke ring 1" xvsctl port show lan b
[ "$(grep -c 'broke ring' "$dir/switch.log")" = 1 ] || fail "said repeatedly"
guest_ping n 192.0.2.2 || fail "a broken guest stops another one"
kill "$pid"
start f full "$dir/b.sock"
ip netns exec "$tag-n" "$top_builddir/tests/switch-frame" repeat eth0 \
    ffffffffffff02000000000c88b5 60 50
guest_ping n 192.0.2.2 || fail "full eventfds of a guest stop another one"
kill "$pid"
wait_for 10 is_state b down || fail "b stays $(state b)"
start c cut "$dir/b.sock"
said "the file of the guest's memory was cut off"
wait_for 10 grep -q gone "$dir/c.log" || fail "a guest without memory stays"
guest_ping n 192.0.2.2 || fail "memory that is cut off stops another guest"

# Killed and back: the guest goes on with its rings, wherever they were.
for kind in '' -p; do
    # shellcheck disable=SC2086
    start "p$kind" $kind echo "$dir/b.sock" 02:00:00:00:aa:02 192.0.2.3
    guest_ping n 192.0.2.3 || fail "the guest does not answer"
    kill -9 "$switch_pid"
    wait "$switch_pid" || :
    start_switch
    wait_for 10 switch_is_there || fail "xvsd does not find the new switch"
    wait_for 10 grep -q again "$dir/p$kind.log" || fail "no way back"
    wait_for 10 guest_ping n 192.0.2.3 1 || fail "no answer after a restart"
    guest_ping n 192.0.2.2 50 || fail "no answers after a restart"
    kill "$pid"
    wait_for 10 is_state b down || fail "b stays $(state b)"
done

# Mode client: the guest makes the socket, before or after.
xvsctl port remove lan b
! [ -e "$dir/b.sock" ] || fail "the socket stays when its port goes"
xvsctl port add lan b --driver vhost-user --mode client --device "$dir/b.sock"
expect "waits for a guest" xvsctl port show lan b
for i in 1 2; do
    start "l$i" -l echo "$dir/b.sock" 02:00:00:00:aa:03 192.0.2.4
    wait_for 10 guest_ping n 192.0.2.4 1 || fail "no answer in mode client"
    if [ $i = 1 ]; then
        xvsctl port set lan b --enabled false
        wait_for 10 grep -q gone "$dir/l$i.log" || fail "the guest stays"
        sleep 1
        ! grep -q again "$dir/l$i.log" || fail "a disabled port connects"
        xvsctl port set lan b --enabled true
        wait_for 10 guest_ping n 192.0.2.4 1 || fail "client mode: no way back"
    fi
    kill "$pid"
    wait_for 10 is_state b down || fail "b stays $(state b)"
done
xvsctl port remove lan b

# One that is disabled from the start, over a restart of xvs-switch too.
xvsctl port add lan b --driver vhost-user --enabled false \
    --device "$dir/b.sock"
"$program" echo "$dir/b.sock" 02:00:00:00:aa:03 192.0.2.4 >"$dir/o.log" &
pid=$!
cleanup_fn "kill $pid"
stop "$switch_pid" || fail "xvs-switch does not end cleanly"
start_switch
wait_for 10 switch_is_there || fail "xvsd does not find the new switch"
expect "the port is disabled" xvsctl port show lan b
! grep -q ready "$dir/o.log" || fail "a guest gets in"
xvsctl port set lan b --enabled true
wait_for 10 grep -q ready "$dir/o.log" || fail "no guest gets in"
wait_for 10 guest_ping n 192.0.2.4 1 || fail "no answer"
kill "$pid"
xvsctl port set lan b --enabled false
xvsctl port remove lan b
! [ -e "$dir/b.sock" ] || fail "the socket of a disabled port stays"

# Sockets that cannot be.
touch "$dir/file"
# bad STATUS TEXT PATH OPTION...
bad()
{
    status=$1
    text=$2
    path=$3
    shift 3
    expect_fail "$status" "$text" xvsctl port add lan bad --driver vhost-user \
        --device "$path" "$@"
}
bad 9 "is there and is not a socket" "$dir/file"
bad 1 "No such file or directory" "$dir/nowhere/b.sock"
bad 1 "no absolute path" b.sock
bad 9 "is there and is not a socket" "$dir/file" --mode client
if [ "$run_user" != "$(id -un)" ]; then
    mkdir -m 755 "$dir/closed"
    bad 1 "must be writable" "$dir/closed/b.sock"
    xvsctl port add lan b --driver vhost-user --mode client \
        --device "$dir/closed/b.sock"
    chmod 700 "$dir/closed"
    said "closed/b.sock is down: .*Permission denied"
    bad 1 "must be writable" "$dir/closed/c.sock" --mode client
fi
stop "$xvsd_pid" || fail "xvsd does not end cleanly"
stop "$switch_pid" || fail "xvs-switch does not end cleanly"
