#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Clients of the management channel: CONNECT as its RFCs say, SOCKS5, TLS with
# certificates, and a VM's port outside as it is inside; through real daemons,
# to a VM behind an address.
. "${top_srcdir:-..}/tests/functions.sh"
in_namespaces "$@"
requires ip python3 curl openssl socat jq
port=$first_port
token=0123456789abcdef0123
start_host
xvsctl schema add "$top_srcdir/mof/xvs_channel.mof"
xvsctl ext install channel.so
xvsctl ext enable channel host

add()
{
    class=$1
    shift
    xvsctl feature add "XVS_Channel$class" host "$@" --names >/dev/null
}
xvsctl feature add XVS_Channel host HeadTimeout=2
add Listener Listen=127.0.0.1:$port
add Client Name=alice Token=$token
add Rule Client=anonymous Vm=open
add Rule Client=alice "Vm=*"
add Vm Name=open Link=fixed
add Vm Name=web Link=fixed
add Service Vm=open Port=22 Address=127.0.0.1:$((port + 1))
add Service Vm=open Port=23 Address=127.0.0.1:1
add Service Vm=open Port=80 Path="$dir/web.sock"
add Service Vm=web Port=80 Path="$dir/web.sock"
listens()
{
    socat -u /dev/null TCP:127.0.0.1:"$1"
}
wait_for 20 listens $port || fail "nobody listens"

# ---- CONNECT -----------------------------------------------------------------
timeout 300 python3 "$top_srcdir/tests/lab/connect-conf.py" 127.0.0.1:$port \
    --dest open.vm.internal:22 --listen $((port + 1)) --closed open:23 \
    --elsewhere nobody.vm.internal:22 --head-timeout 2 >"$dir/conf.log" 2>&1 \
    || fail "$(grep -v '^ok' "$dir/conf.log")"
[ "$(grep -c '^ok' "$dir/conf.log")" = 21 ] || fail "too few checks"

# ---- A web server in the VM --------------------------------------------------
cat >"$dir/web" <<'END'
while read -r line && [ "${line%?}" ]; do :; done
printf 'HTTP/1.1 200 OK\r\nContent-Length: 8\r\nConnection: close\r\n\r\nfrom VM\n'
END
socat "UNIX-LISTEN:$dir/web.sock,fork,mode=777" SYSTEM:"sh $dir/web" &
cleanup_fn "kill $!"
wait_for 10 unix_listens "$dir/web.sock" || fail "socat does not listen"
# gets ARGUMENTS: curl does; without a proxy of the environment.
gets()
{
    [ "$(curl -sS --noproxy '' --max-time 60 "$@" 2>"$dir/curl")" = "from VM" ]
}
proxy=127.0.0.1:$port
gets --proxytunnel --proxy http://$proxy http://open.vm.internal/ \
    || fail "CONNECT: $(cat "$dir/curl")"
gets --proxytunnel --proxy http://alice:$token@$proxy http://web.vm.internal/ \
    || fail "CONNECT with a password: $(cat "$dir/curl")"
! gets --proxytunnel --proxy http://$proxy http://web.vm.internal/ \
    || fail "CONNECT of nobody is let through"
grep -q 407 "$dir/curl" || fail "no 407: $(cat "$dir/curl")"
gets --proxy socks5h://alice:$token@$proxy http://web/ \
    || fail "SOCKS5: $(cat "$dir/curl")"
gets --proxy socks5h://$proxy http://open/ || fail "SOCKS5: $(cat "$dir/curl")"
! gets --proxy socks5h://$proxy http://web/ || fail "SOCKS5 of nobody"
mv "$dir/curl" "$dir/there"
! gets --proxy socks5h://$proxy http://wex/ || fail "SOCKS5 to nowhere"
[ "$(sed s/wex/web/ "$dir/curl")" = "$(cat "$dir/there")" ] \
    || fail "SOCKS5 tells nobody which VMs there are: $(cat "$dir/curl")"
! gets --proxy socks5://$proxy http://127.0.0.1/ || fail "an address"

# ---- The same port outside as inside -----------------------------------------
add Listener Listen=127.0.0.1:$((port + 2)) Port=80
wait_for 20 listens $((port + 2)) || fail "nobody listens for port 80"
gets -H "Host: open.vm.internal" http://127.0.0.1:$((port + 2))/x \
    || fail "Host: $(cat "$dir/curl")"
expect "403" curl -sS -o /dev/null -w '%{http_code}' --max-time 60 \
    -H "Host: web" http://127.0.0.1:$((port + 2))/
expect "403" curl -sS -o /dev/null -w '%{http_code}' --max-time 60 \
    -H "Host: nobody" http://127.0.0.1:$((port + 2))/

# ---- TLS ---------------------------------------------------------------------
# certificate NAME [SIGNER]
certificate()
{
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
        -days 2 -subj "/CN=$1" -addext "subjectAltName=DNS:$1,IP:127.0.0.1" \
        -keyout "$dir/$1.key" -out "$dir/$1.pem" 2>/dev/null
}
certificate proxy
certificate bob
certificate mallory
add Client Name=bob Fingerprint="$(openssl x509 -in "$dir/bob.pem" -noout \
    -fingerprint -sha256 | sed 's/.*=//')"
add Rule Client=bob Vm=web
expect_fail 4 "ertificate" xvsctl feature add XVS_ChannelListener host \
    Listen=127.0.0.1:$((port + 3)) Certificate=x Key=y
add Listener Listen=127.0.0.1:$((port + 3)) Certificate="$(cat "$dir/proxy.pem")" \
    Key="$(cat "$dir/proxy.key")" ClientCa="$(cat "$dir/bob.pem")"
wait_for 20 listens $((port + 3)) || fail "nobody listens for TLS"
# over_tls ARGUMENTS: by the proxy, under TLS.
over_tls()
{
    gets --proxytunnel --proxy https://127.0.0.1:$((port + 3)) \
        --proxy-cacert "$dir/proxy.pem" "$@"
}
over_tls --proxy-cert "$dir/bob.pem" --proxy-key "$dir/bob.key" http://web/ \
    || fail "a certificate: $(cat "$dir/curl")"
told()
{
    xvsctl event list | grep -q "refused: somebody.*$1"
}
# refused WHY COMMAND...: the command fails, and an event says why; again when it
# was one too many of its second to be told.
refused()
{
    why=$1
    shift
    for _ in 1 2 3 4 5; do
        ! "$@" || fail "not refused for '$why': $*"
        ! wait_for 1 told "$why" || return 0
    done
    fail "no event '$why': $(xvsctl event list)"
}
refused "Certificate is required" over_tls http://open/
refused "issuer is unknown" over_tls --proxy-cert "$dir/mallory.pem" \
    --proxy-key "$dir/mallory.key" http://open/
refused "TLS packet" gets --proxytunnel --proxy http://127.0.0.1:$((port + 3)) \
    http://open/
listener_refused()
{
    xvsctl query XVS_ChannelListenerStatus host --json | jq -e --arg at \
        "127.0.0.1:$((port + 3))" '.[] | select(.Listener == $at) | .Refused
        >= 3' >/dev/null
}
wait_for 20 listener_refused \
    || fail "$(xvsctl query XVS_ChannelListenerStatus host)"
# Without ClientCa any certificate will do, or none.
add Listener Listen=127.0.0.1:$((port + 6)) Key="$(cat "$dir/proxy.key")" \
    Certificate="$(cat "$dir/proxy.pem")"
wait_for 20 listens $((port + 6)) || fail "nobody listens for TLS"
any_tls()
{
    gets --proxytunnel --proxy https://127.0.0.1:$((port + 6)) \
        --proxy-cacert "$dir/proxy.pem" "$@"
}
any_tls http://open/ || fail "TLS: $(cat "$dir/curl")"
any_tls --proxy-cert "$dir/mallory.pem" --proxy-key "$dir/mallory.key" \
    http://open/ || fail "TLS of a stranger: $(cat "$dir/curl")"
! any_tls http://web/ || fail "TLS of nobody"

# ---- TLS of the VM itself, which passes untouched ----------------------------
certificate open.vm.internal
openssl s_server -accept 127.0.0.1:$((port + 4)) -www -quiet \
    -cert "$dir/open.vm.internal.pem" -key "$dir/open.vm.internal.key" \
    >"$dir/s_server" 2>&1 &
cleanup_fn "kill $!"
wait_for 20 listens $((port + 4)) || fail "openssl does not listen"
add Service Vm=open Port=443 Address=127.0.0.1:$((port + 4))
add Listener Listen=127.0.0.1:$((port + 5)) Port=443
wait_for 20 listens $((port + 5)) || fail "nobody listens for port 443"
expect "200" curl -sS -o /dev/null -w '%{http_code}' --max-time 60 \
    --cacert "$dir/open.vm.internal.pem" \
    --resolve open.vm.internal:$((port + 5)):127.0.0.1 \
    https://open.vm.internal:$((port + 5))/
