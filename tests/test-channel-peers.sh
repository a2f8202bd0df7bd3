#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Two hosts of the management channel: what is for a VM of the other one goes
# there under TLS, and the first host says for whom it asks.  Who may not say
# so, and who is not the host that he should be, gets nowhere.
. "${top_srcdir:-..}/tests/functions.sh"
in_namespaces "$@"
requires ip socat certtool jq
[ "$(id -u)" = 0 ] || skip "needs namespaces with names"
. "$top_srcdir/tests/lab/channel-hosts.sh"
token=0123456789abcdef0123

# ---- Who signs whom ----------------------------------------------------------
# key NAME LINE...: a key, and what its certificate is to say.
key()
{
    name=$1
    shift
    certtool --generate-privkey --ecc --outfile "$dir/$name.key"
    printf '%s\n' "cn = $name" "$@" >"$dir/$name.template"
}
for name in ca other; do
    key $name ca cert_signing_key
    certtool --generate-self-signed --load-privkey "$dir/$name.key" \
        --template "$dir/$name.template" --outfile "$dir/$name.pem"
done 2>"$dir/certtool.log"
# certificate NAME CA LINE...
certificate()
{
    signer=$2
    key "$1" tls_www_server tls_www_client "dns_name = $1" "$3" "${4-}"
    certtool --generate-certificate --load-privkey "$dir/$1.key" \
        --load-ca-certificate "$dir/$signer.pem" \
        --load-ca-privkey "$dir/$signer.key" \
        --template "$dir/$1.template" --outfile "$dir/$1.pem"
} 2>>"$dir/certtool.log"
certificate h1 ca "ip_address = 192.0.2.1"
certificate h2 ca "ip_address = 192.0.2.2"
certificate old ca 'activation_date = "2020-01-01 00:00:00 UTC"' \
    'expiration_date = "2020-01-02 00:00:00 UTC"'
certificate strange other ''
certificate alice ca ''
certificate carol ca ''
print_of()
{
    certtool --fingerprint --hash sha256 --infile "$dir/$1.pem"
}
pem()
{
    cat "$dir/$1"
}

# ---- The hosts ---------------------------------------------------------------
# add HOST CLASS PROPERTY...: the name of the setting.
add()
{
    on=$1 class=$2
    shift 2
    at "$on" xvsctl feature add "XVS_Channel$class" host "$@" --names
}
change()
{
    on=$1
    shift
    at "$on" xvsctl feature set "$@" >/dev/null
}
host_begin h1 1
host_begin h2 2
add h1 Client Name=alice "Fingerprint=$(print_of alice)" >/dev/null
add h1 Client Name=carol "Fingerprint=$(print_of carol)" >/dev/null
add h1 Rule "Client=*" "Vm=*" >/dev/null
add h1 Rule Client=anonymous Vm=vm1 >/dev/null
add h1 Listener Listen=192.0.2.1:3128 "Certificate=$(pem h1.pem)" \
    "Key=$(pem h1.key)" >/dev/null
at h1 xvsctl vm register vm1 --on h2
at h1 xvsctl vm register vm9 --on h2
expect_fail 4 "Ca is missing" add h1 Peer Host=h2 Address=192.0.2.2:3128 \
    "Token=$token"
expect_fail 4 "Key is missing" add h1 Peer Host=h2 Address=192.0.2.2:3128 \
    "Ca=$(pem ca.pem)" "Certificate=$(pem h1.pem)"
expect_fail 4 "who signs its certificate" add h1 Peer Host=h2 \
    Address=192.0.2.2:3128 Ca=x
peer=$(add h1 Peer Host=h2 Address=192.0.2.2:3128 "Ca=$(pem ca.pem)" \
    "Certificate=$(pem h1.pem)" "Key=$(pem h1.key)")

host1=$(add h2 Client Name=h1 "Fingerprint=$(print_of h1)" "Vouches=a*")
alice=$(add h2 Client Name=alice Vouched=true)
add h2 Client Name=bob "Token=bob-$token" Vouched=true >/dev/null
add h2 Rule Client=alice 'Vm=vm*' Ports=22 >/dev/null
add h2 Rule Client=bob Vm=vm1 >/dev/null
listener=$(add h2 Listener Listen=192.0.2.2:3128 "Certificate=$(pem h2.pem)" \
    "Key=$(pem h2.key)" "ClientCa=$(pem ca.pem)")
printf 'read -r _ port\necho OK 1\nexec cat\n' >"$dir/guest"
socat -t 60 "UNIX-LISTEN:$dir/v.sock,fork,mode=777" SYSTEM:"sh $dir/guest" &
cleanup_fn "kill $!"
wait_for 10 unix_listens "$dir/v.sock" || fail "socat does not listen"
at h2 xvsctl vm register vm1 --link vsock --path "$dir/v.sock"
at h2 xvsctl vm register vm9 --on h1
add h2 Peer Host=h1 Address=192.0.2.1:3128 "Ca=$(pem ca.pem)" >/dev/null

# talks CLIENT [VM:PORT]: by way of h1, with his certificate.
talks()
{
    target=${2-vm1:22}
    [ "$(echo hello | client timeout 30 "$top_builddir/xvs-connect" \
        --proxy 192.0.2.1:3128 --tls --ca "$dir/ca.pem" \
        --cert "$dir/$1.pem" --key "$dir/$1.key" "${target%:*}" \
        "${target#*:}" 2>"$dir/said")" = hello ]
}
# refused TEXT CLIENT [VM:PORT]
refused()
{
    text=$1
    shift
    ! talks "$@" || fail "not refused: $text"
    grep -q "$text" "$dir/said" || fail "no '$text': $(cat "$dir/said")"
}

# ---- Who is who --------------------------------------------------------------
wait_for 20 talks alice || fail "$(cat "$dir/said")"
grep -q 'alice (192.0.2.1:[0-9]*, by h1) talks to' "$dir/h2.switch.log" \
    || fail "the second host does not know who it is"
refused "no rule allows it" alice vm1:23
refused "may not speak for that client" carol
# (Each host says that the other one runs it.)
refused "there is no VM of that name" alice vm9:22
# Nobody who shows nothing becomes h1, or somebody else.
expect_fail 56 "407" client curl -sS --noproxy '' --proxytunnel \
    --proxy https://192.0.2.1:3128 --proxy-cacert "$dir/ca.pem" http://vm1:22/

# directly CLIENT NAME STATUS TEXT: who says at h2 that he speaks for NAME.
directly()
{
    client curl -sSv --noproxy '' --proxytunnel --max-time 20 \
        --proxy https://192.0.2.2:3128 --proxy-cacert "$dir/ca.pem" \
        --proxy-cert "$dir/$1.pem" --proxy-key "$dir/$1.key" \
        --proxy-header "XVS-Client: $2" http://vm1:22/ 2>"$dir/said" || :
    grep -q "^< HTTP/1.1 $3" "$dir/said" || fail "$1 for $2: $(cat "$dir/said")"
    grep -q "$4" "$dir/said" || fail "$1 for $2: $(cat "$dir/said")"
}
directly alice alice 403 "who speaks for that client is not known"
directly h1 bob 403 "may not speak for that client"
directly h1 nobody 403 "may not speak for that client"
directly h1 'a b' 400 "is no name"
directly h1 anonymous 407 "somebody unknown"

# ---- Rights that go ----------------------------------------------------------
mkfifo "$dir/in"
exec 9<>"$dir/in"
(exec ip netns exec "$tag-c" "$top_builddir/xvs-connect" --tls \
    --proxy 192.0.2.1:3128 --ca "$dir/ca.pem" --cert "$dir/alice.pem" \
    --key "$dir/alice.key" vm1 22 <"$dir/in" >"$dir/held" 2>&1) &
holder=$!
cleanup_fn "kill $holder"
echo held >&9
wait_for 20 grep -q held "$dir/held" || fail "no conversation"
change h2 "$host1" Vouches=b*
wait_for 20 eval "! kill -0 $holder 2>/dev/null" || fail "it outlives its right"
exec 9>&-
refused "may not speak for that client" alice
change h2 "$host1" 'Vouches=*'
talks alice || fail "not after it may again: $(cat "$dir/said")"
change h2 "$alice" Vouched=false "Token=alice-$token"
refused "may not speak for that client" alice
change h2 "$alice" Vouched=true
talks alice || fail "not after it may again: $(cat "$dir/said")"

# h2_shows NAME: its listener has that certificate, and is there again.
h2_shows()
{
    change h2 "$listener" "Certificate=$(pem "$1.pem")" "Key=$(pem "$1.key")"
    wait_for 20 client socat -u /dev/null TCP:192.0.2.2:3128 \
        || fail "nobody listens"
}

# ---- Who is not the right one ------------------------------------------------
change h1 "$peer" ServerName=h3
refused "does not match" alice
change h1 "$peer" ServerName=192.0.2.2 "Ca=$(pem other.pem)"
refused "issuer is unknown" alice
change h1 "$peer" ServerName=old "Ca=$(pem ca.pem)"
h2_shows old
refused "expired" alice
h2_shows h2
change h1 "$peer" ServerName=h2 "Certificate=$(pem strange.pem)" \
    "Key=$(pem strange.key)"
refused "TLS with the other host's proxy" alice
# (A certificate that another one has signed is not shown at all.)
grep -q "refused: somebody (192.0.2.1:[0-9]*) .*Certificate is required" \
    "$dir/h2.xvsd.log" || fail "the second host does not say who came"
change h1 "$peer" "Certificate=$(pem carol.pem)" "Key=$(pem carol.key)"
refused "who speaks for that client is not known" alice

# ---- A token instead of a certificate ----------------------------------------
change h1 "$peer" Certificate=NULL Key=NULL "Token=$token"
change h2 "$listener" ClientCa=NULL
change h2 "$host1" Fingerprint=NULL "Token=$token"
wait_for 20 talks alice || fail "by token: $(cat "$dir/said")"
change h1 "$peer" "Token=${token}x"
refused "nobody's" alice
! grep -q "$token" "$dir"/h?.*.log || fail "a token is in a log"
