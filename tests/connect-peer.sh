#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# A proxy that does what it is told, for test-connect.sh: one connection on
# standard input and output.  The name of the VM says what happens.  It stands
# in for proxies that misbehave; the real one is in plugins/channel.
#
#     connect-peer.sh HOST
host=${1-}
token=
read -r _ target _
while read -r line; do
    case $line in
    "$(printf '\r')") break ;;
    "Proxy-Authorization: Bearer sesame"*) token=yes ;;
    esac
done

answer()
{
    printf 'HTTP/1.1 %s\r\n%b\r\n' "$1" "${2-}"
}

case $target in
echo:7) answer 200 && exec cat ;;
early:7) printf 'HTTP/1.1 200 ok\r\n\r\nhello ' && exec cat ;;
web:80)
    answer 200
    while read -r line && [ "$line" != "$(printf '\r')" ]; do :; done
    printf 'HTTP/1.0 200 OK\r\n\r\nweb of %s' "$host"
    ;;
token:1) [ -n "$token" ] && answer 200 && exec cat
    answer 407 'Proxy-Status: h1; details="no token"\r\n' ;;
moved:1)
    [ "$host" != host2 ] || { answer 200 && exec cat; }
    answer '421 Misdirected' 'XVS-Host: host2\r\nContent-Length: 0\r\n'
    ;;
loop:1)
    answer '421 Misdirected' 'XVS-Host: host2\r\nContent-Length: 0\r\n' ;;
nowhere:1)
    answer '421 Misdirected' 'XVS-Host: host3\r\nContent-Length: 0\r\n' ;;
status*)
    status=${target#status}
    answer "${status%:*}" 'Proxy-Status: h1; details="because"\r\n'
    ;;
silent:1) exec sleep 60 ;;
junk:1) printf 'SSH-2.0-x\r\n' ;;
esac
