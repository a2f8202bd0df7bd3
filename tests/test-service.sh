#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# A service talks over the sockets that its settings grant and over no other;
# who waits at its listener is served though its process ends, hangs or is
# upgraded; the standby has none until it takes over.
. "${top_srcdir:-..}/tests/functions.sh"
in_namespaces "$@"
requires ip jq socat
port=$first_port
other=$((port + 1))
start_host
xvsctl schema add "$top_srcdir/tests/plugins/echo.mof"
xvsctl ext install echo.so
xvsctl switch add lan

# What cannot be: another partition, a value that is no address.
expect_fail 1 "its partition can only be process" \
    xvsctl ext enable echo lan --partition inline
xvsctl ext enable echo lan
[ "$(xvsctl stage show echo lan --json | jq -r .Partition)" = process ] \
    || fail "it runs in another partition"
for bad in localhost:7 127.0.0.1 127.0.0.1:0 127.0.0.1:70000 '[::1:7' \
    1:2:3 /tmp/x; do
    expect_fail 1 "'$bad'" xvsctl feature add Test_Echo lan Tcp="$bad"
done
expect_fail 1 "/run/collector.sock" \
    xvsctl feature add Test_Echo lan Unix=relative
expect_fail 4 "as you wish" xvsctl feature add Test_Echo lan \
    Tcp=127.0.0.1:$port Fault=refuse
[ -z "$(xvsctl feature get Test_Echo lan --names)" ] || fail "a setting stays"

# status NAME: of the instance that works.
status()
{
    xvsctl query Test_EchoStatus lan --json | jq -r ".[0].$1"
}

# says TEXT ADDRESS: it comes back.
says()
{
    [ "$(echo "$1" | timeout 10 socat -t 5 - "$2")" = "$1" ]
}

id=$(xvsctl feature add Test_Echo lan Tcp=127.0.0.1:$port \
    Udp=127.0.0.1:$port Unix="$dir/echo.sock" --names)
wait_for 10 says one TCP:127.0.0.1:$port || fail "no TCP"
wait_for 10 says two UDP:127.0.0.1:$port || fail "no UDP"
wait_for 10 says three "UNIX-CONNECT:$dir/echo.sock" || fail "no unix socket"
[ "$(status Bytes)" = 14 ] || fail "$(status Bytes) bytes"
[ "$(status Socket) $(status Connect) $(status Bind)" = "1 1 1" ] \
    || fail "it makes sockets itself"
[ "$(status InReady)" = 3 ] || fail "ready() gets $(status InReady)"

# A port that somebody has, and one of the daemons: the reason is told.
socat TCP-LISTEN:"$other",bind=127.0.0.1,fork PIPE &
cleanup_fn "kill $!"
wait_for 10 says x TCP:127.0.0.1:$other || fail "socat does not listen"
taken=$(xvsctl feature add Test_Echo lan Tcp=127.0.0.1:$other --names)
expect "tcp-listen 127.0.0.1:$other: Address already in use" \
    xvsctl query Test_EchoStatus lan
xvsctl feature remove "$taken"
for socket in "$dir/xvsd.sock"; do
    own=$(xvsctl feature add Test_Echo lan Peer="$socket" --names)
    expect "a socket of xvs itself" xvsctl query Test_EchoStatus lan
    xvsctl feature remove "$own"
done
socat -u "UNIX-LISTEN:$dir/peer.sock,mode=777" "CREATE:$dir/greeting" &
cleanup_fn "kill $!"
wait_for 10 unix_listens "$dir/peer.sock" || fail "socat does not listen"
own=$(xvsctl feature add Test_Echo lan Peer="$dir/peer.sock" --names)
wait_for 10 grep -q hello "$dir/greeting" || fail "nobody is greeted"
xvsctl feature remove "$own"

# restarts: how many processes ended.
restarts()
{
    xvsctl stage show echo lan --json | jq -r .Restarts
}
has_ended()
{
    [ "$(restarts)" -ge "$1" ]
}
# Ends, a hang and a crash in its own loop: the next process serves, and so
# does it those who came in between.
first=$(pgrep -P "$switch_pid" -x xvs-stage | head -n 1)
kill -STOP "$first"
{ echo waits; sleep 5; } | timeout 20 socat -t 5 - TCP:127.0.0.1:$port \
    >"$dir/waits" &
waiting=$!
sleep 0.3
kill -KILL "$first"
wait_for 10 grep -q waits "$dir/waits" || fail "who waited is not served"
[ "$(status BeforeActive)" = 3 ] || fail "a standby may open sockets: $(status BeforeActive)"
kill $waiting 2>/dev/null || :
n=$(restarts)
for fault in hang crash; do
    echo $fault | timeout 5 socat - TCP:127.0.0.1:$port || :
    n=$((n + 1))
    wait_for 20 has_ended $n || fail "nobody sees the $fault in ready()"
    wait_for 10 says again TCP:127.0.0.1:$port || fail "not after a $fault"
    n=$(restarts)
done

# Upgraded while somebody waits in the queue; then the setting goes.
cp "$top_builddir/tests/plugins/echo.so" "$dir/plugins/echo2.so"
xvsctl ext upgrade echo echo2.so
wait_for 10 says new TCP:127.0.0.1:$port || fail "not after the upgrade"
xvsctl feature remove "$id"
! says gone TCP:127.0.0.1:$port || fail "it listens without a setting"
[ ! -e "$dir/echo.sock" ] || fail "a socket file stays"

# An extension that closes nothing: its connections, made and accepted, end with
# the setting; they stay when the setting changes in another place.
has_open()
{
    [ "$(status Open)" = "$1" ]
}
kept=$(xvsctl feature add Test_Echo lan Tcp=127.0.0.1:$port \
    Udp=127.0.0.1:$port Out=127.0.0.1:$other Fault=keep --names)
{ echo stays; sleep 100; } | timeout 100 socat - TCP:127.0.0.1:$port \
    >"$dir/stays" 2>/dev/null &
client=$!
wait_for 10 grep -q stays "$dir/stays" || fail "no connection to be kept"
wait_for 10 has_open 2 || fail "$(status Open) connections, not 2"
xvsctl feature set "$kept" Unix="$dir/echo.sock"
wait_for 10 says still TCP:127.0.0.1:$port || fail "not after a change"
kill -0 $client || fail "a change cuts a connection"
wait_for 10 says still UDP:127.0.0.1:$port || fail "a change cuts datagrams"
bytes=$(status Bytes)
xvsctl feature remove "$kept"
for _ in 1 2 3; do
    echo late | socat -t 0 - UDP:127.0.0.1:$port || :
done
is_cut()
{
    ! kill -0 $client 2>/dev/null
}
wait_for 20 is_cut || fail "who was accepted stays"
wait_for 20 has_open 0 || fail "$(status Open) connections stay"
[ "$(status Bytes)" = "$bytes" ] || fail "datagrams still come in"

# Unix sockets nobody can end: who keeps one, made or accepted, is ended.  (Of
# those above all were closed, and nobody was.)
n=$(restarts)
kept=$(xvsctl feature add Test_Echo lan Peer="$dir/peer2.sock" \
    Unix="$dir/echo.sock" Fault=keep --names)
socat -u "UNIX-LISTEN:$dir/peer2.sock,mode=777" "CREATE:$dir/greeting2" &
cleanup_fn "kill $!"
wait_for 20 grep -q hello "$dir/greeting2" || fail "nobody is greeted"
[ "$(restarts)" = "$n" ] || fail "ended for sockets that it has closed"
xvsctl feature remove "$kept"
wait_for 20 has_ended $((n + 1)) || fail "it keeps a unix socket"
kept=$(xvsctl feature add Test_Echo lan Unix="$dir/echo.sock" Fault=keep --names)
{ echo stays; sleep 100; } | timeout 100 socat - "UNIX-CONNECT:$dir/echo.sock" \
    >"$dir/stays2" 2>/dev/null &
cleanup_fn "kill $!"
wait_for 10 grep -q stays "$dir/stays2" || fail "no connection to be kept"
xvsctl feature remove "$kept"
wait_for 20 has_ended $((n + 2)) || fail "it keeps an accepted unix socket"
xvsctl event list | grep -q "kept a unix socket that no setting grants" \
    || fail "nobody says why: $(xvsctl event list)"

# On the host itself, where there is no switch; after a restart as well.
xvsctl ext disable echo lan
xvsctl switch remove lan
expect_fail 3 "there is no switch host" xvsctl ext enable nothing host
xvsctl ext install mark.so
xvsctl ext enable echo host
expect_fail 1 "only services can be enabled on the host" \
    xvsctl ext enable mark host
expect_fail 1 "stands for the host itself and has no ports" \
    xvsctl port add host a --driver tap
xvsctl feature add Test_Echo host Tcp=127.0.0.1:$port
wait_for 10 says host TCP:127.0.0.1:$port || fail "not on the host"
stop "$switch_pid" || fail "xvs-switch ended with $?"
rm -f "$dir/control"
start_switch
wait_for 20 says back TCP:127.0.0.1:$port || fail "not after a restart"
