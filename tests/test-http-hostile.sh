#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# A hostile client of the management socket harms itself only: it gets an
# error or loses its connection, and others go on being answered.
. "${top_srcdir:-..}/tests/functions.sh"
requires nc curl
start_host --idle-timeout 2
xml='Content-Type: application/xml'
long=$(head -c 300000 /dev/zero | tr '\0' '<')

# others_go_on WHAT: an ordinary client is answered, quickly.
others_go_on()
{
    timeout 5 xvsctl switch list >"$dir/out" 2>&1 \
        || fail "$1: others are not answered: $(cat "$dir/out")"
    kill -0 "$xvsd_pid" || fail "$1: xvsd has ended"
}

# post STATUS WHAT [CURL-OPTION...]: posts standard input; gets that status.
post()
{
    want=$1
    what=$2
    shift 2
    cat >"$dir/body"
    got=$(curl -s -m 10 -o "$dir/answer" -D "$dir/head" -w '%{http_code}' \
        --unix-socket "$XVS_SOCKET" -H "$xml" "$@" \
        --data-binary "@$dir/body" http://xvs/cimom) || :
    [ "$got" = "$want" ] || fail "$what: status $got, not $want"
    others_go_on "$what"
}

# say STATUS WHAT: sends standard input as it is; gets that status.
say()
{
    timeout 10 nc -N -U "$XVS_SOCKET" >"$dir/answer" || :
    head -n 1 "$dir/answer" | grep -q "^HTTP/1.1 $1 " \
        || fail "$2: $(head -n 1 "$dir/answer")"
    others_go_on "$2"
}

call='<CIM CIMVERSION="2.0" DTDVERSION="2.0"><MESSAGE ID="1"
PROTOCOLVERSION="1.0"><SIMPLEREQ><IMETHODCALL NAME="OpenEnumerateInstances">
<LOCALNAMESPACEPATH><NAMESPACE NAME="root"/><NAMESPACE NAME="xvs"/>
</LOCALNAMESPACEPATH><IPARAMVALUE NAME="ClassName"><CLASSNAME
NAME="XVS_Event"/></IPARAMVALUE></IMETHODCALL></SIMPLEREQ></MESSAGE></CIM>'

echo "${call%</CIM>}" | post 400 'a truncated document'
grep -q 'CIMError: request-not-well-formed' "$dir/head" || fail 'CIMError'
echo '<CIM>' "$long" | post 400 'garbage'
awk 'BEGIN { for (i = 0; i < 100000; i++) printf "<a>" }' \
    | post 400 'a deep document'
printf '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>' \
    | post 400 'an external entity'
{
    printf '<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb">'
    printf '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">'
    printf '<!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">]><a>&d;</a>'
} | post 400 'entities of entities'
echo "$call" | xml='Content-Type: text/plain' post 415 'plain text'
head -c 20000000 /dev/zero | post 413 'a huge document'
printf 'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n%s\r\n\r\n' \
    'Transfer-Encoding: chunked' | say 400 'two lengths'
printf 'POST / HTTP/1.1\nHost: h\n\n' | say 400 'bare line feeds'
printf 'GET /%s HTTP/1.1\r\n' "$long" | say 431 'a long request line'
printf 'DELETE / HTTP/1.1\r\nHost: h\r\n\r\n' | say 405 'another method'
printf '\026\003\001\002\r\n\r\n' | say 400 'TLS where there is none'


# GET reads a few resources and nothing else: no path is decoded or opened.
get='GET %s HTTP/1.1\r\nHost: h\r\nConnection: close\r\n%b\r\n'
for path in / '*' /cimom/ /metrics/ /METRICS //metrics /metrics/../metrics \
    /../../../../etc/passwd /%2e%2e/%2e%2e/etc/passwd /metrics%00 \
    'file:///etc/passwd' 'http://h/../metrics' /metrics#x/.. "/${long%?????}"
do
    case $path in
    / | /metrics#*) want=200 ;;
    ????????????????????????????????????????*) want=431 ;;
    *) want=404 ;;
    esac
    # shellcheck disable=SC2059
    printf "$get" "$path" '' | say "$want" "GET $(printf %.40s "$path")"
    ! grep -q root: "$dir/answer" || fail "GET $path: a file"
done
# shellcheck disable=SC2059
{
    printf "$get" /cimom '' | say 405 'GET where requests are posted'
    printf "$get" /metrics 'Content-Length: 3\r\n' | say 400 'GET, a body'
    printf "$get" /metrics 'Transfer-Encoding: chunked\r\n' \
        | say 400 'GET, a body in chunks'
    printf "$get" /metrics 'If-None-Match: ",W/",W/W/\r\n' \
        | say 200 'a broken list of tags'
    printf "$get" /metrics \
        "Accept: $(head -c 9000 /dev/zero | tr '\0' ,)text\\r\\n" \
        | say 200 'a long list of types'
    printf "$get" '/metrics HTTP/1.1' '' | say 400 'a blank in the path'
}

# A head that never ends, byte by byte.
{
    printf 'POST / HTTP/1.1\r\n'
    for i in 1 2 3 4 5 6 7 8; do
        printf 'X' && sleep 0.5
    done
} 2>/dev/null | say 408 'a slow head'

# Enumerations that nobody reads to the end; none expires meanwhile.
patient=$(echo "$call" | sed 's|</IMETHODCALL>|<IPARAMVALUE\
NAME="OperationTimeout"><VALUE>3600</VALUE></IPARAMVALUE>&|')
refused=0
for i in $(seq 200); do
    curl -s -m 10 --unix-socket "$XVS_SOCKET" -H "$xml" \
        --data-binary "$patient" http://xvs/ >"$dir/answer" || fail 'curl'
    ! grep -q 'CODE="27"' "$dir/answer" || refused=$((refused + 1))
done
[ "$refused" = 136 ] || fail "$refused enumerations of 200 were refused"
others_go_on '200 abandoned enumerations'

# A client that asks for all classes again and again, and never reads.
classes=$(echo "$call" | sed 's/OpenEnumerateInstances/EnumerateClasses/;
    s/<IPARAMVALUE.*//; s/^NAME="XVS_Event"\/><\/IPARAMVALUE>//')
{
    for i in $(seq 200); do
        printf 'POST / HTTP/1.1\r\nHost: h\r\n%s\r\nContent-Length: %d' \
            "$xml" "${#classes}"
        printf '\r\n\r\n%s' "$classes"
    done
    sleep 3
} | nc -U "$XVS_SOCKET" | sleep 3 &
reader=$!
sleep 0.5
others_go_on 'a client that stops reading'
wait "$reader"
# A sanitizer keeps what was freed for a while.
sanitized || [ "$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' \
    "/proc/$xvsd_pid/status")" -lt 100000 ] || fail 'xvsd has grown'
stop "$xvsd_pid"
