#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The management channel from settings to VMs: real daemons, the extension in
# its process, a VM behind hybrid vsock.  Who may reach which VM, under which
# names, for how long; what guests open; what is counted.
. "${top_srcdir:-..}/tests/functions.sh"
in_namespaces "$@"
requires curl ip jq socat
port=$first_port
token=0123456789abcdef0123
start_host

expect_fail 3 "not set up on this host" xvsctl vm list
xvsctl schema add "$top_srcdir/mof/xvs_channel.mof"
xvsctl ext install channel.so
xvsctl ext enable channel host

# ---- What cannot be ----------------------------------------------------------
add()
{
    class=$1
    shift
    xvsctl feature add "XVS_Channel$class" host "$@" --names
}
expect_fail 4 "Name is missing" add Vm Link=vsock Path=/run/x
expect_fail 4 "'a_b' is no host label" xvsctl vm register a_b --link fixed
expect_fail 4 "Link or Host is missing" xvsctl vm register web1
expect_fail 4 "Path is missing" xvsctl vm register web1 --link agent
expect_fail 4 "Host: localhost is this host" \
    xvsctl vm register web1 --on localhost
expect_fail 4 "contradict each other" xvsctl vm register web1 --link vsock \
    --path /run/x --on h2
expect_fail 2 "carrier-pigeon" xvsctl vm register web1 --link carrier-pigeon
expect_fail 4 "one of Token, Fingerprint and Uid" add Client Name=alice
expect_fail 4 "there is no client alice" add Rule Client=alice "Vm=*"
expect_fail 4 "Listen or Path is missing" add Listener
expect_fail 4 "Key is missing" add Listener Listen=127.0.0.1:$port \
    Certificate=x
expect_fail 4 "no address such as" add Dns Udp=127.0.0.1:$port Addresses=x
expect_fail 4 "such as vm.internal" xvsctl feature add XVS_Channel host \
    Zone=a..b
[ -z "$(xvsctl feature get XVS_ChannelVm host --names)" ] \
    || fail "a setting stays"

# ---- A VM behind hybrid vsock ------------------------------------------------
cat >"$dir/guest" <<'END'
read -r word port
case $port in
22)
    printf 'OK 1073741824\n'
    exec cat
    ;;
23)
    printf 'OK 1073741824\n'
    exec cat >/dev/null
    ;;
esac
END
socat -t 60 "UNIX-LISTEN:$dir/v.sock,fork,mode=777" SYSTEM:"sh $dir/guest" &
cleanup_fn "kill $!"
wait_for 10 unix_listens "$dir/v.sock" || fail "socat does not listen"
add Client Name=alice Token=$token >/dev/null
rule=$(add Rule Client=alice "Vm=web*" Ports=22-24 MaxConnections=2)
add Listener Listen=127.0.0.1:$port >/dev/null
xvsctl vm register web1 --uuid 0b9fa7f6-28a5-4bb4-9c4c-6ba0c6f0b9d1 \
    --alias db --alias db.corp.example --link vsock --path "$dir/v.sock"
expect_fail 4 "'db' is a name of VM web1" \
    xvsctl vm register db --link fixed --uuid 0b9fa7f6-28a5-4bb4-9c4c-6ba0c6f0b9d2
xvsctl vm register other --link fixed
# The host of one that says none is this one, by the name that it has now.
expect "0b9fa7f6-28a5-4bb4-9c4c-6ba0c6f0b9d1" xvsctl vm show localhost:web1
expect "0b9fa7f6-28a5-4bb4-9c4c-6ba0c6f0b9d1" xvsctl vm show LocalHost:db
expect_fail 3 "there is no VM elsewhere:web1" xvsctl vm show elsewhere:web1

# ask TARGET [TOKEN]: the first line of the answer, and what comes behind it.
ask()
{
    {
        printf 'CONNECT %s HTTP/1.1\r\nHost: %s\r\n' "$1" "$1"
        [ -z "${2-}" ] || printf 'Proxy-Authorization: Bearer %s\r\n' "$2"
        printf '\r\nhello\n'
        sleep 0.2
    } | timeout 20 socat -t 10 - TCP:127.0.0.1:$port | tr -d '\r'
}
# answers STATUS TARGET [TOKEN]
answers()
{
    want=$1
    shift
    ask "$@" >"$dir/answer" 2>&1 || :
    grep -q "^HTTP/1.1 $want" "$dir/answer"
}
talks()
{
    answers 200 "$@" && grep -q '^hello$' "$dir/answer"
}
wait_for 20 talks web1:22 $token || fail "no conversation: $(cat "$dir/answer")"
for name in web1.vm.internal WEB1.localhost.vm.internal db db.vm.internal \
    db.corp.example 0b9fa7f6-28a5-4bb4-9c4c-6ba0c6f0b9d1; do
    talks $name:22 $token || fail "$name: $(cat "$dir/answer")"
done
answers 404 web2:22 $token || fail "unknown: $(cat "$dir/answer")"
answers 403 127.0.0.1:22 $token || fail "an address: $(cat "$dir/answer")"
answers 403 web1:80 $token || fail "port: $(cat "$dir/answer")"

# Who may not reach a VM is not told whether there is one of that name.
# same STATUS TARGET OTHER [TOKEN]: the answers are the same.
same()
{
    want=$1 there=$2 other=$3
    shift 3
    answers "$want" "$there" "$@" || fail "$there: $(cat "$dir/answer")"
    mv "$dir/answer" "$dir/there"
    answers "$want" "$other" "$@" || fail "$other: $(cat "$dir/answer")"
    cmp "$dir/there" "$dir/answer" || fail "$there and $other: $(cat "$dir/answer")"
}
same 407 web1:22 web2:22
same 403 other:22 none:22 $token
same 403 other.vm.internal:22 none.vm.internal:22 $token
answers 407 web1:22 ${token}x || fail "wrong token: $(cat "$dir/answer")"
answers 502 web1:24 $token || fail "no such port: $(cat "$dir/answer")"

# ---- What is counted ---------------------------------------------------------
# vm NAME PROPERTY
vm()
{
    xvsctl vm show "$1" --json | jq -r ".$2"
}
[ "$(vm web1 State) $(vm db Link)" = "1 vsock" ] || fail "$(xvsctl vm show web1)"
[ "$(vm web1 Opened)" -ge 7 ] || fail "opened: $(vm web1 Opened)"
[ "$(vm web1 RefusedRules) $(vm web1 RefusedPorts)" = "2 1" ] \
    || fail "$(xvsctl vm show web1)"
bytes()
{
    [ "$(vm web1 BytesUp)" = "$(vm web1 BytesDown)" ] \
        && [ "$(vm web1 BytesUp)" -ge 42 ] && [ "$(vm web1 Streams)" = 0 ]
}
wait_for 10 bytes || fail "$(xvsctl vm show web1)"
expect "web1" xvsctl vm list
[ "$(xvsctl query XVS_ChannelStatus host --json \
    | jq -r '.[0] | "\(.RefusedNames) \(.RefusedRules) \(.RefusedClients)"')" \
    = "1 6 3" ] || fail "$(xvsctl query XVS_ChannelStatus host)"
xvsctl query XVS_ChannelListenerStatus host --json \
    | jq -e '.[0].Open and .[0].Accepted > 10' >/dev/null \
    || fail "$(xvsctl query XVS_ChannelListenerStatus host)"
curl -sS --unix-socket "$dir/xvsd.sock" http://xvs/metrics >"$dir/metrics" \
    || fail "no metrics"
grep -q '^xvs_channel_vm_opened_total{.*[Vv]m="web1".* [1-9]' "$dir/metrics" \
    || fail "$(grep -i channel "$dir/metrics" | head -n 20)"
! grep -q $token "$dir"/*.log || fail "the token is in a log"
# The events say what it was.  (Only some of a second are told.)
tells()
{
    answers 403 none:22 $token || :
    xvsctl event list \
        | grep -q "alice.* wanted none:22: 403, there is no VM of that name"
}
wait_for 10 tells || fail "events: $(xvsctl event list)"

# ---- Limits; a VM that is forgotten, a lease that is over --------------------
# hold NAME: a conversation that goes on, in which nobody says anything; its
# pid in $holder.
held=0
hold()
{
    held=$((held + 1))
    mkfifo "$dir/in$held"
    exec 9<>"$dir/in$held"
    printf 'CONNECT %s HTTP/1.1\r\nHost: %s\r\n' "$1" "$1" >&9
    printf 'Proxy-Authorization: Bearer %s\r\n\r\n' $token >&9
    socat - TCP:127.0.0.1:$port <&9 >"$dir/held$held" 2>&1 &
    holder=$!
    cleanup_fn "kill $holder"
    exec 9>&-
    wait_for 20 grep -q ' 200 ' "$dir/held$held" || fail "no conversation"
}
hold web1:23
first=$holder
# Bytes count when they move, not at the end.
before=$(vm web1 BytesUp)
printf 'while it goes on' >"$dir/in$held"
counted()
{
    [ "$(vm web1 BytesUp)" = $((before + 16)) ]
}
wait_for 20 counted || fail "bytes of what goes on: $(vm web1 BytesUp)"
curl -sS --unix-socket "$dir/xvsd.sock" http://xvs/metrics >"$dir/metrics" \
    || fail "no metrics"
grep -q "^xvs_channel_vm_up_bytes_total{.*\"web1\".* $((before + 16))\$" \
    "$dir/metrics" || fail "$(grep -i channel_vm "$dir/metrics")"
[ "$(vm web1 Streams)" = 1 ] || fail "it has ended"
hold web1:23
answers 429 web1:22 $token || fail "more than allowed: $(cat "$dir/answer")"
kill $first $holder 2>/dev/null || :
free()
{
    [ "$(vm web1 Streams)" = 0 ]
}
wait_for 20 free || fail "streams stay: $(vm web1 Streams)"

hold web1:23
xvsctl feature remove "$rule"
wait_for 20 free || fail "it outlives its rule"
answers 403 web1:22 $token || fail "without a rule: $(cat "$dir/answer")"
add Rule Client=alice "Vm=web*" >/dev/null
talks web1:22 $token || fail "not after a new rule"

xvsctl vm register web1 --lease 1 --generation 5
expired()
{
    [ "$(vm web1 State)" = 4 ]
}
wait_for 20 expired || fail "$(xvsctl vm show web1)"
answers 404 web1:22 $token || fail "expired: $(cat "$dir/answer")"
grep -qi expired "$dir/answer" || fail "it does not say so"
expect_fail 4 "less than 5" xvsctl vm register web1 --generation 4
xvsctl vm register web1 --lease 3600
talks web1:22 $token || fail "not after a change: $(cat "$dir/answer")"
xvsctl vm renew db
expect_fail 1 "there is no VM of that name" xvsctl vm renew nobody

# ---- What guests open --------------------------------------------------------
socat -t 60 "UNIX-LISTEN:$dir/service.sock,fork,mode=777" SYSTEM:"cat >$dir/got" &
cleanup_fn "kill $!"
wait_for 10 unix_listens "$dir/service.sock" || fail "socat does not listen"
mkdir -m 777 "$dir/vm"
add Route Vm=web1 Port=443 Path="$dir/service.sock" ProxyHeader=true \
    Listen="$dir/vm/v.sock_443" >/dev/null
wait_for 10 unix_listens "$dir/vm/v.sock_443" || fail "nobody listens for the VM"
echo from-the-guest | timeout 10 socat -t 5 - "UNIX-CONNECT:$dir/vm/v.sock_443"
wait_for 10 grep -q from-the-guest "$dir/got" || fail "it does not arrive"
[ "$(head -c 16 "$dir/got" | od -An -tx1 | tr -d ' \n')" \
    = 0d0a0d0a000d0a515549540a2100002e ] || fail "$(od -tx1 "$dir/got")"
grep -q web1 "$dir/got" || fail "it does not say which VM it is"
[ "$(vm web1 GuestOpened)" = 1 ] || fail "$(xvsctl vm show web1)"

# ---- A program of this host, over a unix socket ------------------------------
expect_fail 4 "cannot tell apart" add Client Name=local Uid=65534
add Rule Client=anonymous Vm=web1 Ports=22 >/dev/null
add Listener Path="$dir/vm/proxy.sock" >/dev/null
wait_for 10 unix_listens "$dir/vm/proxy.sock" || fail "no listener"
# Users are who they are, not who a process in a user namespace sees; a folder
# of a group lets its members in.
# as USER: what he hears who wants port 23, which nobody else may.
as()
{
    {
        printf 'CONNECT web1:23 HTTP/1.1\r\nHost: web1\r\n\r\n'
        sleep 0.2
    } | setpriv --reuid "$1" --regid 12347 --clear-groups \
        timeout 20 socat -t 10 - "UNIX-CONNECT:$dir/group/proxy.sock"
}
if [ "$(id -u)" = 0 ]; then
    mkdir "$dir/group"
    chown "$run_user:12347" "$dir/group"
    chmod 2750 "$dir/group"
    add Listener Path="$dir/group/proxy.sock" >/dev/null
    wait_for 10 unix_listens "$dir/group/proxy.sock" || fail "no listener"
    add Client Name=local Uid=12345 >/dev/null
    add Rule Client=local Vm=web1 Ports=23 >/dev/null
    as 12345 | grep -q '^HTTP/1.1 200' || fail "a known user"
    as 12346 | grep -q '^HTTP/1.1 407' || fail "another user"
    as 0 | grep -q '^HTTP/1.1 407' || fail "root"
    expect "uid 12346" xvsctl event list
fi
[ "$(echo hi | timeout 20 xvsctl vm connect web1 22)" = hi ] \
    || fail "vm connect: $(xvsctl event list)"

# ---- A guest with an agent ---------------------------------------------------
socat -t 60 "UNIX-LISTEN:$dir/echo.sock,fork,mode=777" PIPE &
cleanup_fn "kill $!"
wait_for 10 unix_listens "$dir/echo.sock" || fail "socat does not listen"
(umask 0; exec "$top_builddir/tests/xvs-agent" --unix "$dir/vm/agent.sock" \
    --allow "7=unix:$dir/echo.sock" --offer "unix:$dir/vm/offer.sock=443" \
    --offer-user 0 --user "$run_user") >"$dir/agent.log" 2>&1 &
agent=$!
cleanup_fn "kill $agent"
xvsctl vm register web-app --link agent --path "$dir/vm/agent.sock"
up()
{
    [ "$(vm web-app State)" = 1 ] && [ "$(vm web-app Services)" = 7 ]
}
wait_for 20 up || fail "$(xvsctl vm show web-app)"
talks web-app:7 $token || fail "no agent: $(cat "$dir/answer")"
answers 403 web-app:8 $token || fail "not allowed: $(cat "$dir/answer")"
[ "$(xvsctl vm services web-app)" = 7 ] || fail "$(xvsctl vm services web-app)"
add Route "Vm=web-*" Port=443 Path="$dir/service.sock" >/dev/null
echo from-the-agent | timeout 10 socat -t 5 - "UNIX-CONNECT:$dir/vm/offer.sock"
wait_for 10 grep -q from-the-agent "$dir/got" || fail "it does not arrive"
if [ "$(id -u)" = 0 ]; then
    : >"$dir/got"
    echo from-a-stranger | setpriv --reuid 12345 --clear-groups \
        timeout 10 socat -t 5 - "UNIX-CONNECT:$dir/vm/offer.sock" || :
    wait_for 10 grep -q "user 12345 may not use what is offered" \
        "$dir/agent.log" || fail "a stranger: $(cat "$dir/agent.log")"
    [ ! -s "$dir/got" ] || fail "a stranger gets through"
fi
kill $agent
down()
{
    [ "$(vm web-app State)" = 2 ] && [ -n "$(vm web-app Reason)" ]
}
wait_for 20 down || fail "$(xvsctl vm show web-app)"
answers 50 web-app:7 $token || fail "no agent: $(cat "$dir/answer")"

# ---- Names -------------------------------------------------------------------
add Dns Udp=127.0.0.1:$((port + 1)) Tcp=127.0.0.1:$((port + 1)) \
    Addresses=192.0.2.7,2001:db8::7 >/dev/null
dns()
{
    dig +time=2 +tries=1 -p $((port + 1)) @127.0.0.1 "$@"
}
if command -v dig >/dev/null; then
    wait_for 20 dns vm.internal SOA || fail "no answer over UDP"
    [ "$(dns +short web1.vm.internal A)" = 192.0.2.7 ] || fail "$(dns web1 A)"
    [ "$(dns +short +tcp db.vm.internal AAAA)" = 2001:db8::7 ] || fail "TCP"
    [ "$(dns +short _xvs._tcp.web1.vm.internal SRV)" \
        = "0 0 3128 web1.vm.internal." ] || fail "no SRV"
    dns nobody.vm.internal | grep -q NXDOMAIN || fail "no NXDOMAIN"
    dns example.org | grep -q REFUSED || fail "another zone"
    add Dns Udp=127.0.0.1:$((port + 2)) Rate=1 Addresses=192.0.2.8 >/dev/null
    # (+ignore: by UDP, whatever the answer says.)
    brief()
    {
        for _ in 1 2 3; do
            dig +time=2 +tries=1 +ignore -p $((port + 2)) @127.0.0.1 \
                web1.vm.internal A
        done >>"$dir/brief"
        grep -q '^;; flags:.* tc.* ANSWER: 0,' "$dir/brief"
    }
    wait_for 20 brief || fail "answers beyond the rate: $(cat "$dir/brief")"
    grep -q '192.0.2.8' "$dir/brief" || fail "no answer within the rate"
    xvsctl query XVS_ChannelStatus host --json \
        | jq -e '.[0].DnsLimited > 0' >/dev/null || fail "it is not counted"
fi

# ---- The end of a process, and of a VM ---------------------------------------
hold web1:23
xvsctl vm forget web1
none()
{
    [ "$(xvsctl query XVS_ChannelStatus host --json \
        | jq '.[0].Conversations')" = 0 ]
}
wait_for 20 none || fail "it outlives its VM"
answers 404 web1:22 $token || fail "forgotten: $(cat "$dir/answer")"
xvsctl vm register web1 --link vsock --path "$dir/v.sock"
kill -KILL "$(pgrep -P "$switch_pid" -x xvs-stage | head -n 1)"
wait_for 20 talks web1:22 $token || fail "not after the end of its process"
