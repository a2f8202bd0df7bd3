#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# xvs-connect with proxies that do what they should, and that do not: standard
# input and output, listeners, SOCKS5, TLS, tokens, redirects, each refusal.
. "${top_srcdir:-..}/tests/functions.sh"
in_namespaces "$@"
requires socat curl certtool nc jq
guest c
run="ip netns exec $tag-c"
peer="sh $top_srcdir/tests/connect-peer.sh"

# background COMMAND...
background()
{
    "$@" >>"$dir/background.log" 2>&1 &
    cleanup_fn "kill $!; wait $!"
}
background socat -t 30 "UNIX-LISTEN:$dir/p.sock,fork" "EXEC:$peer host1"
background socat -t 30 "UNIX-LISTEN:$dir/p2.sock,fork" "EXEC:$peer host2"
wait_for 10 unix_listens "$dir/p2.sock" || fail "no proxy"
wait_for 10 unix_listens "$dir/p.sock" || fail "no proxy"
cat >"$dir/connect.conf" <<EOF
# of this test
proxy = unix:$dir/wrong
host host2 = unix:$dir/p2.sock
timeout = 20
EOF
connect()
{
    xvs-connect --config "$dir/connect.conf" "$@"
}
export XVS_PROXY="unix:$dir/p.sock"
head -c 3000000 /dev/urandom >"$dir/in"

# Files, pipes; half close; what comes with the answer is not lost.
connect echo 7 <"$dir/in" >"$dir/got" || fail "files: exit $?"
cmp "$dir/in" "$dir/got" || fail "files: other bytes"
cat "$dir/in" | connect echo 7 | cat >"$dir/got"
cmp "$dir/in" "$dir/got" || fail "pipes: other bytes"
[ "$(echo world | connect early 7)" = "hello world" ] || fail "early bytes"
socat -t 30 "EXEC:xvs-connect echo 7" STDIO <"$dir/in" >"$dir/got" \
    || fail "sockets: exit $?"
cmp "$dir/in" "$dir/got" || fail "sockets: other bytes"

# Each refusal has its status and says why.
while read -r status code; do
    expect_fail "$code" "port 1: $status: because" connect "status$status" 1
done <<'EOF'
400 10
401 11
403 12
404 13
408 10
418 19
429 15
500 19
502 16
503 17
504 18
508 14
EOF
expect_fail 3 "No such file" xvs-connect --proxy "unix:$dir/none" vm 1
expect_fail 3 "Connection refused" $run xvs-connect --proxy 127.0.0.1:9 vm 1
expect_fail 5 "no answer in time" connect --timeout 1 silent 1
expect_fail 6 "does not begin as one of HTTP" connect junk 1
expect_fail 6 "ended without an answer" connect ends 1
expect_fail 2 "cannot be the name of a VM" connect 'a b' 1
expect_fail 2 "is no port" connect vm 0
expect_fail 2 "missing" connect vm
expect_fail 2 "--forward needs" connect -L 80:vm

# Another host: once, to where the configuration says; never in a circle.
[ "$(echo there | connect moved 1)" = there ] || fail "no redirect"
expect_fail 14 "sent on twice, now to host2" connect loop 1
expect_fail 14 "the VM is on host host3; say where" connect nowhere 1

# A token, which nobody else may read.
expect_fail 11 "407: no token" connect token 1
echo sesame >"$dir/token"
chmod 644 "$dir/token"
expect_fail 2 "others may read this token" connect --token-file \
    "$dir/token" token 1
chmod 600 "$dir/token"
[ "$(echo in | connect --token-file "$dir/token" token 1)" = in ] \
    || fail "no way in with the token"
echo "token-file = $dir/token" >>"$dir/connect.conf"
[ "$(echo in | connect token 1)" = in ] || fail "no token from the file"
echo "colour = blue" >>"$dir/connect.conf"
expect_fail 2 "connect.conf:6: there is no option 'colour'" connect echo 7
sed -i '$d' "$dir/connect.conf"

# Lines of JSON.
echo abc | connect --json early 7 2>"$dir/json" >"$dir/out"
[ "$(jq -r '"\(.event) \(.vm) \(.port) \(.up) \(.down)"' "$dir/json" \
    | xargs)" = "open early 7 null null closed early 7 4 10" ] \
    || fail "JSON: $(cat "$dir/json")"
connect --json status404 1 2>"$dir/json" && fail "404 is good"
jq -e '.event == "failed" and .code == 13 and .status == 404
    and .reason == "because"' "$dir/json" >"$dir/out" || fail "JSON of 404"

# Listeners: many at a time, each its own; one that fails disturbs nobody.
background $run xvs-connect --config "$dir/connect.conf" -D 1080 \
    -L 7000:echo:7 -L 7001:status502:1
wait_for 10 $run nc -z 127.0.0.1 1080 || fail "no listener"
head -c 200000 "$dir/in" >"$dir/part"
pids=
for i in 1 2 3 4 5 6 7 8 9 10; do
    # shellcheck disable=SC2016
    $run sh -c 'nc -N 127.0.0.1 7000 <"$1/part" >"$1/got.$2"' - "$dir" $i &
    pids="$pids $!"
done
$run nc -N 127.0.0.1 7001 <"$dir/part" >"$dir/got" || :
[ ! -s "$dir/got" ] || fail "a port that is refused answers"
# shellcheck disable=SC2086
wait $pids
for i in 1 2 3 4 5 6 7 8 9 10; do
    cmp "$dir/part" "$dir/got.$i" || fail "listener: other bytes ($i)"
done
grep -q "status502 port 1: 502: because" "$dir/background.log" \
    || fail "the listener does not say what failed"
expect_fail 1 "cannot listen on 127.0.0.1:7000: Address already in use" \
    $run xvs-connect -L 7000:echo:7

# SOCKS5.
expect "web of host1" $run curl -sS --max-time 20 \
    --socks5-hostname 127.0.0.1:1080 http://web/
expect_fail 97 "(4)" $run curl -sS --max-time 20 \
    --socks5-hostname 127.0.0.1:1080 http://status404/
expect_fail 97 "(8)" $run curl -sS --max-time 20 \
    --socks5 127.0.0.1:1080 http://192.0.2.1/

# TLS: who vouches for the proxy, its name, and our certificate.  (Why it was
# refused an alert says, unless the connection is reset before it was read.)
for name in ca other; do
    certtool --generate-privkey --outfile "$dir/$name.key" --ecc
    printf 'cn = %s\nca\ncert_signing_key\n' $name >"$dir/t"
    certtool --generate-self-signed --load-privkey "$dir/$name.key" \
        --template "$dir/t" --outfile "$dir/$name.pem"
done >"$dir/out" 2>&1
for name in proxy client; do
    certtool --generate-privkey --outfile "$dir/$name.key" --ecc
    printf 'cn = %s\ndns_name = localhost\ntls_www_server\ntls_www_client\n' \
        $name >"$dir/t"
    certtool --generate-certificate --load-privkey "$dir/$name.key" \
        --load-ca-certificate "$dir/ca.pem" --load-ca-privkey "$dir/ca.key" \
        --template "$dir/t" --outfile "$dir/$name.pem"
done >"$dir/out" 2>&1
background $run socat -t 30 "OPENSSL-LISTEN:8443,fork,reuseaddr,\
cert=$dir/proxy.pem,key=$dir/proxy.key,cafile=$dir/ca.pem" "EXEC:$peer host1"
wait_for 10 $run nc -z 127.0.0.1 8443 || fail "no proxy with TLS"
tls()
{
    $run xvs-connect --proxy localhost:8443 --tls --ca "$dir/ca.pem" "$@"
}
show="--cert $dir/client.pem --key $dir/client.key"
# (The peer ends without a close_notify, as one that was cut off: status 7.)
# shellcheck disable=SC2086
tls $show echo 7 <"$dir/in" >"$dir/got" 2>"$dir/out" || [ $? = 7 ] \
    || fail "TLS: exit $?: $(cat "$dir/out")"
cmp "$dir/in" "$dir/got" || fail "TLS: other bytes"
expect_fail 4 "the proxy at localhost:8443" tls echo 7 </dev/null
expect_fail 4 "issuer is unknown" tls $show --ca "$dir/other.pem" echo 7
expect_fail 4 "does not match" tls $show --proxy 127.0.0.1:8443 echo 7
expect_fail 4 "none.pem" tls --ca "$dir/none.pem" echo 7
expect_fail 2 "need each other" tls --cert "$dir/client.pem" echo 7
expect_fail 2 "needs a proxy at HOST:PORT" xvs-connect --tls echo 7
