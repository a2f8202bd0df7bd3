#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Another host by https: the certificate must be good, the user known; password
# and client certificate both do.
. "${top_srcdir:-..}/tests/functions.sh"
requires openssl curl

# certificate NAME SUBJECT [EXTENSION]: signed by ca.pem.
certificate()
{
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
        -keyout "$dir/$1.key" -out "$dir/$1.csr" -subj "/CN=$2" 2>/dev/null
    printf '%s' "${3-}" >"$dir/ext"
    openssl x509 -req -in "$dir/$1.csr" -CA "$dir/ca.pem" \
        -CAkey "$dir/ca.key" -CAcreateserial -days 2 -extfile "$dir/ext" \
        -out "$dir/$1.pem" 2>/dev/null || fail "openssl"
}

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
    -keyout "$dir/ca.key" -out "$dir/ca.pem" -subj /CN=xvs-test -days 2 \
    2>/dev/null || fail "openssl"
certificate server localhost 'subjectAltName=DNS:localhost,IP:127.0.0.1'
certificate alice alice
printf 'alice:admin:%s\n' "$(openssl passwd -6 secret)" >"$dir/users"
echo secret >"$dir/secret"
echo wrong >"$dir/wrong"
chmod 644 "$dir"/*
port=$first_port
start_host --listen "127.0.0.1:$port" --certificate "$dir/server.pem" \
    --key "$dir/server.key" --client-ca "$dir/ca.pem" \
    --password-file "$dir/users"
xvsctl switch add lan
unset XVS_SOCKET

there()
{
    where=$1
    shift
    set -- xvsctl --host "$where:$port" "$@" switch list --names
    echo "$*" >>"$dir/commands.log"
    "$@"
}
good="--cacert $dir/ca.pem --user alice --password-file $dir/secret"
# shellcheck disable=SC2086
{
    expect lan there localhost $good
    expect lan there 127.0.0.1 $good
    expect lan there localhost --cacert "$dir/ca.pem" \
        --cert "$dir/alice.pem" --key "$dir/alice.key"
    expect_fail 6 "who you are" there localhost --cacert "$dir/ca.pem"
    expect_fail 6 "does not accept" there localhost --cacert "$dir/ca.pem" \
        --user alice --password-file "$dir/wrong"
    expect_fail 6 "NOT trusted" there localhost --user alice \
        --password-file "$dir/secret"
    expect_fail 1 "server" there http://127.0.0.1
    expect_fail 1 "PEM" there localhost $good --cert "$dir/ext"
    expect_fail 7 "package libgnutls30" without libgnutls.so.30 \
        there localhost $good
}

# What GET reads takes the same right.
# reads STATUS [CURL-OPTION...]
reads()
{
    want=$1
    shift
    got=$(curl -s -m 10 -o "$dir/out" -w '%{http_code}' --cacert \
        "$dir/ca.pem" "$@" "https://127.0.0.1:$port/metrics") || :
    [ "$got" = "$want" ] || fail "GET with $*: $got, not $want"
}
reads 200 --cert "$dir/alice.pem" --key "$dir/alice.key"
reads 200 -u alice:secret
grep -q '^xvs_build_info{version=".*"} 1$' "$dir/out" || fail "/metrics"
curl -s -m 10 --cacert "$dir/ca.pem" -u alice:secret \
    "https://127.0.0.1:$port/" | grep -q '<html' || fail "no page by TLS"
reads 401
reads 401 -u alice:wrong
! grep -q xvs_build "$dir/out" || fail "read without a right"

# A class goes from host to host.
start_other()
{
    mkdir "$dir/state2"
    [ "$(id -u)" != 0 ] || chown "$run_user" "$dir/state2"
    xvsd --socket "$dir/other.sock" --control "$dir/none" --state-dir \
        "$dir/state2" --no-spawn-switch --user "$run_user" \
        >>"$dir/other.log" 2>&1 &
    cleanup_fn "kill $!; wait $!"
    wait_for 10 xvsctl --socket "$dir/other.sock" schema list \
        || fail "the second xvsd does not answer"
}
xvsctl --socket "$dir/xvsd.sock" schema add "$top_srcdir/mof/xvs_acl.mof"
start_other
# shellcheck disable=SC2086
xvsctl --socket "$dir/other.sock" schema add --from "localhost:$port" \
    $good XVS_AclPortRule
expect XVS_AclPortRule xvsctl --socket "$dir/other.sock" schema list
