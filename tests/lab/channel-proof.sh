#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# The management channel with real guests that have no network card, real
# daemons and clients of others: what works, and what happens when something
# ends.  Prints a table of what was seen; fails when a row of it does.
#
#     make -C tests channel-vm [SHOWS='curl ssh ...']
#
# Two hosts are namespaces.  vm1 is on virtio-serial, and moves; vm2 is on
# hybrid vsock, by streams of its own and through an agent.
. "${top_srcdir:-..}/tests/functions.sh"
in_namespaces "$@"
requires socat curl wbemcli ssh jq
. "$top_srcdir/tests/lab/channel-vm.sh"
. "$top_srcdir/tests/lab/channel-hosts.sh"
exec </dev/null
load=$vm_guest/load
proxy=192.0.2.1:3128
bad=0

row()
{
    printf '%-34s %-5s %s\n' "$1" "$2" "$3"
}

# wanted NAME...: one of them is to be shown.
wanted()
{
    for one; do
        case " ${SHOWS:-$one} " in
        *" $one "*) return 0 ;;
        esac
    done
    return 1
}

# show NAME TEXT: runs show_NAME and prints its row; what it writes to said()
# is the last column.
show()
{
    wanted "$1" || return 0
    : >"$dir/said"
    begin=$(date +%s)
    # (As a condition it would go on after what fails.)
    set +e
    (set -e; trap - EXIT; "show_$1") >"$dir/show" 2>&1
    status=$?
    set -e
    if [ $status = 0 ]; then
        row "$2" good "$(xargs <"$dir/said")"
    else
        row "$2" BAD "$(xargs <"$dir/said") ($(($(date +%s) - begin)) s)"
        tail -n 15 "$dir/show" | sed 's/^/    /'
        grep -hvE ' talks to | have ended|more beginnings' \
            "$dir"/h?.switch.log | tail -n 8 | sed 's/^/    /'
        bad=1
    fi
}

say()
{
    echo "$@" >>"$dir/said"
}

connect()
{
    client xvs-connect --config "$dir/connect.conf" "$@"
}

get()
{
    client curl -sS -p --proxy "http://$proxy" --max-time "${2:-30}" \
        "http://$1"
}

# back VM: seconds until its web server answers again.
back()
{
    begin_wait=$(date +%s%3N)
    wait_for "${2:-60}" get "$1/" || { say "$1 does not come back"; return 1; }
    say "back after $(($(date +%s%3N) - begin_wait)) ms"
}

# with_ssh VM COMMAND...
with_ssh()
{
    vm=$1
    shift
    client ssh -i "$vm_guest/ssh-key" -o BatchMode=yes \
        -o StrictHostKeyChecking=no -o "UserKnownHostsFile=$dir/known" \
        -o ConnectTimeout=60 -o "ProxyCommand=xvs-connect --config \
$dir/connect.conf %h %p" "root@$vm" "$@"
}

# ---- What is shown ----------------------------------------------------------
show_card()
{
    [ "$(vm_run vm1 'ls /sys/class/net')" = lo ]
    say "interfaces of vm1: lo"
}

show_curl()
{
    get vm1/ | grep -q "VM without network"
    get vm1.h1.vm.internal/data >"$dir/data"
    cmp "$dir/data" "$vm_guest/www/data"
    say "2000000 bytes, the same"
}

show_ssh()
{
    [ "$(with_ssh vm1.vm.internal hostname)" = vm1 ]
    with_ssh vm1.vm.internal cat <"$vm_guest/www/data" >"$dir/data"
    cmp "$dir/data" "$vm_guest/www/data"
    say "2000000 bytes there and back, the same"
}

show_socks()
{
    spawn_client xvs-connect --config "$dir/connect.conf" -D 1080 \
        -L 8080:vm1:80
    helper=$!
    wait_for 10 client curl -sS --socks5-hostname 127.0.0.1:1080 http://vm1/
    client curl -sS http://127.0.0.1:8080/data >"$dir/data" || :
    kill $helper
    cmp "$dir/data" "$vm_guest/www/data"
    say "2000000 bytes, the same"
}

show_route()
{
    echo "sed -u 's/^/the host got /'" >"$dir/service"
    spawn_at h1 socat TCP-LISTEN:9443,bind=127.0.0.1,fork,reuseaddr \
        "EXEC:sh $dir/service"
    helper=$!
    wait_for 20 at h1 sh -c 'ss -ltn | grep -q :9443'
    at h1 xvsctl feature add XVS_ChannelRoute host Vm=vm1 Port=443 \
        Address=127.0.0.1:9443
    heard=$(vm_run vm1 '(echo this; sleep 3) | nc 127.0.0.1 8000' 30) || :
    kill $helper
    say "$heard"
    [ "$heard" = "the host got this" ]
}

show_wbem()
{
    spawn_client xvs-connect --config "$dir/connect.conf" -L 5989:vm1:5989
    helper=$!
    wait_for 20 client nc -z 127.0.0.1 5989
    client timeout 60 wbemcli -nl -cacert "$vm_guest/cert.pem" ei \
        "https://ann:secret@127.0.0.1:5989/root/xvs:XVS_Host" \
        >"$dir/wbem" 2>&1 || :
    kill $helper
    cat "$dir/wbem"
    grep -q 'XVS_Host' "$dir/wbem"
    say "$(grep -o 'XVS_Host.Name="[^"]*"' "$dir/wbem" | head -n 1)"
}

# swarm TARGET N BYTES
swarm()
{
    client "$load" swarm "$proxy" "$@" >"$dir/swarm" || :
    say "$(cat "$dir/swarm")"
    grep -q "opened=$2 failed=0 wrong=0 unfinished=0" "$dir/swarm"
}

show_streams()
{
    swarm vm1:7000 1000 20000
}

show_agent()
{
    vm_run vm1 'kill -9 $(pidof xvs-agent)'
    back vm1
}

show_process()
{
    process=$(stage_pid h1)
    [ -n "$process" ]
    kill -9 "$process"
    back vm1
    [ "$(stage_pid h1)" != "$process" ]
}

# A conversation that is open goes on without xvsd.
show_xvsd()
{
    (sleep 4; cat "$vm_guest/www/data") \
        | with_ssh vm1 cat >"$dir/data" &
    conversation=$!
    sleep 2
    end h1 xvsd KILL
    host_xvsd h1
    wait $conversation
    cmp "$dir/data" "$vm_guest/www/data"
    get vm1/
    say "a conversation went on, 2000000 bytes, the same"
}

show_switch()
{
    end h1 switch KILL
    host_switch h1
    back vm1
}

show_reset()
{
    monitor vm1 system_reset
    back vm1 120
}

show_pause()
{
    qemu=$(cat "$dir/vm1.pid")
    (sleep 1; cat "$vm_guest/www/data") | with_ssh vm1 cat >"$dir/data" &
    conversation=$!
    sleep 3
    kill -STOP "$qemu"
    status=0
    connect vm1 22 </dev/null 2>"$dir/out" || status=$?
    sleep 5
    kill -CONT "$qemu"
    say "meanwhile: exit $status, $(sed 's/.*22: //' "$dir/out");"
    wait $conversation
    cmp "$dir/data" "$vm_guest/www/data"
    back vm1
    [ $status = 18 ] || [ $status = 17 ]
}

# A whole minute, in which a conversation is open and others ask.
show_minute()
{
    qemu=$(cat "$dir/vm1.pid")
    (sleep 1; cat "$vm_guest/www/data") | with_ssh vm1 cat >"$dir/data" &
    conversation=$!
    sleep 3
    kill -STOP "$qemu"
    begin_pause=$(date +%s)
    sleep 40
    status=0
    connect vm1 22 </dev/null 2>"$dir/out" || status=$?
    while [ $(($(date +%s) - begin_pause)) -lt 60 ]; do
        sleep 1
    done
    state=$(at h1 xvsctl vm show vm1 --json | jq -r .Reason)
    paused=$(($(date +%s) - begin_pause))
    kill -CONT "$qemu"
    say "$paused s; meanwhile: exit $status, $state;"
    ended=0
    wait $conversation || ended=$?
    say "the conversation: exit $ended,"
    [ $ended != 0 ] || cmp "$dir/data" "$vm_guest/www/data"
    back vm1
    [ $status = 18 ] || [ $status = 17 ]
}

show_refusals()
{
    for one in "vm9 22 13" "vm1 23 12" "vm1 81 12"; do
        # shellcheck disable=SC2086
        set -- $one
        status=0
        connect "$1" "$2" </dev/null 2>"$dir/out" || status=$?
        cat "$dir/out"
        [ $status = "$3" ] || { say "$1 $2: exit $status, not $3"; return 1; }
    done
    say "unknown VM: 13, port that the agent forbids: 12"
}

# ---- vm2: hybrid vsock ------------------------------------------------------
show_vsock()
{
    at h1 xvsctl vm register vm2 --link vsock --path "$dir/vm2.v"
    swarm vm2:7000 100 200000
}

show_vsock_agent()
{
    at h1 xvsctl vm register vm3 --link agent-vsock --path "$dir/vm2.v" \
        --agent-port 1024
    wait_for 20 get vm3/
    get vm3/data >"$dir/data"
    cmp "$dir/data" "$vm_guest/www/data"
    swarm vm3:7000 1000 20000 || {
        vm_run vm2 'cat /tmp/agent.log; ps | grep agent; dmesg | grep TCP
            grep TCP /proc/net/sockstat; grep TcpExt /proc/net/netstat'
        return 1
    }
}

# ---- vm1 moves to h2 --------------------------------------------------------
show_move()
{
    vm_run vm1 'echo mark-4711 >/tmp/mark'
    monitor vm1 migrate "{\"uri\":\"unix:$dir/move.sock\"}"
    wait_for 120 eval 'monitor vm1 query-migrate | grep -q completed'
    monitor vm1 query-migrate \
        | grep -o '"\(total-time\|downtime\)": [0-9]*' >"$dir/out" || :
    [ "$(vm_run vm1b 'cat /tmp/mark')" = mark-4711 ]
    at h2 xvsctl vm register vm1 --link agent --path "$dir/vm1b.channel" \
        --generation 2
    at h1 xvsctl vm register vm1 --on h2 --generation 2
    begin_wait=$(date +%s%3N)
    wait_for 60 connect vm1 80
    say "$(xargs <"$dir/out") ms; answers after" \
        "$(($(date +%s%3N) - begin_wait)) ms"
}

show_redirect()
{
    connect -v vm1 80 </dev/null 2>"$dir/out"
    say "$(grep -o 'open, by .*' "$dir/out")"
    grep -q "open, by 192.0.2.2:3128" "$dir/out"
}

show_circle()
{
    at h1 xvsctl vm register vm8 --on h2
    at h2 xvsctl vm register vm8 --on h1
    status=0
    connect vm8 80 </dev/null 2>"$dir/out" || status=$?
    say "exit $status, $(sed 's/.*80: //' "$dir/out")"
    [ $status = 14 ]
}

show_peer()
{
    at h1 xvsctl feature add XVS_ChannelPeer host Host=h2 \
        Address=192.0.2.2:3128
    get vm1/data >"$dir/data"
    cmp "$dir/data" "$vm_guest/www/data"
    say "curl asks h1, and gets 2000000 bytes by h2"
}

# ---- All of it --------------------------------------------------------------
cat >"$dir/connect.conf" <<EOF
proxy = $proxy
host h1 = $proxy
host h2 = 192.0.2.2:3128
timeout = 30
EOF
channel_vm vm1 serial
echo $vm_pid >"$dir/vm1.pid"
host h1 1
host h2 2
${CC:-cc} -std=gnu11 -D_GNU_SOURCE -O2 -o "$dir/vsock" \
    "$top_srcdir"/tests/lab/vsock/*.c
(umask 0 && exec "$dir/vsock" "$dir/vm2.vhost" 5 "$dir/vm2.v") \
    >"$dir/vsock.log" 2>&1 &
cleanup_fn "kill $!; wait $!"
VM_SECONDS=180
vm_ready vm1
at h1 xvsctl vm register vm1 --link agent --path "$dir/vm1.channel" \
    --generation 1 >"$dir/out"
wait_for 60 get vm1/ || echo "vm1 cannot be reached"

show card "no network card"
show curl "curl, through CONNECT"
show ssh "ssh, ProxyCommand xvs-connect"
show socks "SOCKS5 and listener"
show wbem "wbemcli, TLS to xvsd in the guest"
show route "a request that the guest begins"
show streams "1000 streams at once, compared"
show refusals "refusals"
show agent "agent killed"
show process "process of the extension killed"
show xvsd "xvsd killed"
show switch "xvs-switch killed"
show pause "guest paused"
show minute "guest paused for a minute"
show reset "guest reset"
if wanted move redirect peer; then
    channel_vm vm1b serial -incoming "unix:$dir/move.sock"
    wait_for 30 test -S "$dir/move.sock" || fail "no target of the migration"
fi
show move "guest moved to another host"
show redirect "old host: one redirect"
show circle "hosts that disagree"
show peer "old host passes on"
kill -9 $vm_pid 2>/dev/null || :
if wanted vsock vsock_agent; then
    channel_vm vm2 vsock
    vm_ready vm2
fi
show vsock "hybrid vsock, a connection each"
show vsock_agent "hybrid vsock, agent, 1000 streams"
exit $bad
