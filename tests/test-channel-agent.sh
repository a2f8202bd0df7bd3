#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# A client, the daemons with the extension, and an agent in place of a guest's:
# what users see of streams, refusals, an agent that is killed and comes back,
# one that is paused, a process of the extension that ends, and what a guest
# opens.
. "${top_srcdir:-..}/tests/functions.sh"
in_namespaces "$@"
requires ip jq socat
port=$first_port
offer=$((port + 1)) web=$((port + 2))
agent=$top_builddir/xvs-agent
if sanitized || [ ! -x "$agent" ]; then
    agent=$top_builddir/tests/xvs-agent
fi
start_host
xvsctl schema add "$top_srcdir/mof/xvs_channel.mof"
xvsctl ext install channel.so
xvsctl ext enable channel host

# ---- The guest: services, an agent ------------------------------------------
mkdir -m 777 "$dir/vm"
head -c 3000000 /dev/urandom >"$dir/data"
socat -t 60 "TCP-LISTEN:$web,bind=127.0.0.1,fork,reuseaddr,backlog=100" \
    SYSTEM:"cat $dir/data" &
cleanup_fn "kill $!"
socat -t 60 "UNIX-LISTEN:$dir/vm/echo,fork,mode=777" EXEC:cat &
cleanup_fn "kill $!"
wait_for 10 unix_listens "$dir/vm/echo" || fail "socat does not listen"
start_agent()
{
    (umask 0 && exec "$agent" --unix "$dir/vm/agent" --user "$run_user" \
        --allow "80=$web,7=unix:$dir/vm/echo,23=1" --offer "$offer=443" \
        --allow 1007=echo,1009=discard,1019=chargen \
        --offer "unix:$dir/vm/offer=444") >>"$dir/agent.log" 2>&1 &
    agent_pid=$!
    cleanup_fn "kill -KILL $agent_pid"
}
start_agent

# ---- The host: a VM, a client -----------------------------------------------
add()
{
    class=$1
    shift
    xvsctl feature add "XVS_Channel$class" host "$@" >/dev/null
}
echo 0123456789abcdef0123 >"$dir/token"
chmod 600 "$dir/token"
add Client Name=alice Token=0123456789abcdef0123
add Rule Client=alice "Vm=*"
add Listener Listen=127.0.0.1:$port
xvsctl vm register web1 --link agent --path "$dir/vm/agent"
# client PORT: a conversation with that port of the VM ($vm, web1).
client()
{
    timeout 60 xvs-connect --proxy=127.0.0.1:$port --token-file="$dir/token" \
        "${vm:-web1}" "$1"
}
vm()
{
    xvsctl vm show web1 --json | jq -r ".$1"
}
gets_data()
{
    client 80 </dev/null 2>"$dir/error" | cmp -s - "$dir/data"
}
wait_for 20 gets_data || fail "no data: $(cat "$dir/error")"
echoes()
{
    [ "$(echo hello | client 7 2>"$dir/error")" = hello ]
}
echoes || fail "half an end is not passed on: $(cat "$dir/error")"
[ "$(xvsctl vm services web1 | sort -n | xargs)" = "7 23 80 1007 1009 1019" ] \
    || fail "$(xvsctl vm services web1)"
client 23 </dev/null >"$dir/out" 2>&1 && fail "nobody listens at 23"
grep -q "nobody listens" "$dir/out" || fail "23: $(cat "$dir/out")"
client 24 </dev/null >"$dir/out" 2>&1 && fail "24 is not allowed"
grep -q "does not allow" "$dir/out" || fail "24: $(cat "$dir/out")"

# What the agent is itself: all comes back, nothing does, and lines without end.
client 1007 <"$dir/data" 2>"$dir/error" | cmp - "$dir/data" \
    || fail "an echo: $(cat "$dir/error")"
[ -z "$(client 1009 <"$dir/data" 2>&1)" ] || fail "something is not discarded"
client 1019 </dev/null 2>"$dir/error" | head -c 2000000 >"$dir/lines" || :
[ "$(wc -c <"$dir/lines")" = 2000000 ] || fail "lines: $(cat "$dir/error")"
[ "$(tr -d ' -~\r\n' <"$dir/lines" | wc -c)" = 0 ] \
    || fail "lines of what is no text"
(echo one; sleep 0.5; echo two) | client 1019 2>"$dir/error" \
    | head -n 2 >"$dir/lines" || :
[ "$(cut -c 1-4 <"$dir/lines" | xargs -d '\n' -n 2 echo)" = ' !"# !"#$' ] \
    || fail "lines to one who speaks: $(cat "$dir/lines" "$dir/error")"

# The same agent, as if it were at a port behind hybrid vsock.
cat >"$dir/hybrid" <<END
read -r word port
[ "\$word \$port" = "CONNECT 1024" ] || exit
echo OK 1073741824
exec socat - UNIX-CONNECT:$dir/vm/agent
END
socat "UNIX-LISTEN:$dir/vm/v.sock,fork,mode=777" SYSTEM:"sh $dir/hybrid" &
cleanup_fn "kill $!"
wait_for 10 unix_listens "$dir/vm/v.sock" || fail "socat does not listen"
xvsctl vm register web2 --link agent-vsock --path "$dir/vm/v.sock"
echoes_too()
{
    [ "$(echo hello | vm=web2 client 7 2>"$dir/error")" = hello ]
}
wait_for 20 echoes_too || fail "behind hybrid vsock: $(cat "$dir/error")"
xvsctl vm forget web2

# Another one at a device, a terminal in place of virtio-serial.
socat "PTY,link=$dir/vm/tty,raw,echo=0" \
    "UNIX-LISTEN:$dir/vm/serial,mode=777" &
cleanup_fn "kill $!"
wait_for 10 unix_listens "$dir/vm/serial" || fail "socat does not listen"
"$agent" --serial "$dir/vm/tty" --user "$run_user" \
    --allow "7=unix:$dir/vm/echo" >"$dir/serial.log" 2>&1 &
cleanup_fn "kill $!"
xvsctl vm register web2 --link agent --path "$dir/vm/serial"
wait_for 20 echoes_too || fail "a device: $(cat "$dir/error" "$dir/serial.log")"
xvsctl vm forget web2
wait_for 20 grep -q "the link\|tty:" "$dir/serial.log" \
    || fail "the agent does not see that the host went away"

# Many at a time, of which one does not read.
client 80 </dev/null 2>/dev/null | sleep 60 &
cleanup_fn "kill $!"
pids=
for i in $(seq 20); do
    client 80 </dev/null >"$dir/got.$i" 2>/dev/null &
    pids="$pids $!"
done
for pid in $pids; do
    wait "$pid" || fail "one of many fails"
done
for i in $(seq 20); do
    cmp "$dir/got.$i" "$dir/data" || fail "data of many differs"
done

# ---- Ends -------------------------------------------------------------------
kill -KILL "$agent_pid"
down()
{
    client 80 </dev/null >/dev/null 2>"$dir/error" && return 1
    [ "$(vm State)" != 1 ]
}
wait_for 20 down || fail "it stays up: $(xvsctl vm show web1)"
[ -s "$dir/error" ] || fail "no reason is told"
start_agent
wait_for 20 gets_data || fail "not when it is back: $(cat "$dir/error")"
kill -STOP "$agent_pid"
(echo late | client 7 >"$dir/late" 2>"$dir/error") &
late=$!
sleep 1
kill -CONT "$agent_pid"
wait "$late" || :
[ "$(cat "$dir/late")" = late ] || fail "after a pause: $(cat "$dir/error")"
kill -KILL "$(pgrep -P "$switch_pid" -x xvs-stage | head -n 1)"
wait_for 30 gets_data || fail "not after the end of its process"

# ---- What the guest opens ---------------------------------------------------
socat -t 60 "UNIX-LISTEN:$dir/vm/update,fork,mode=777" \
    SYSTEM:"cat >$dir/vm/got; echo thanks" &
cleanup_fn "kill $!"
wait_for 10 unix_listens "$dir/vm/update" || fail "socat does not listen"
add Route Vm=web1 Port=443 Path="$dir/vm/update"
opened=$(echo from-the-guest | timeout 30 socat -t 20 - "TCP:127.0.0.1:$offer")
[ "$opened" = thanks ] || fail "no answer: $(tail "$dir/agent.log")"
grep -q from-the-guest "$dir/vm/got" || fail "it does not arrive"
timeout 30 socat - "UNIX-CONNECT:$dir/vm/offer" </dev/null >/dev/null 2>&1 || :
wait_for 20 grep -q "the host refuses a connection" "$dir/agent.log" \
    || fail "a port without a route: $(tail "$dir/agent.log")"
