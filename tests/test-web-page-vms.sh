#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The web page's view of VMs behind the extension channel, in a real browser:
# who is up, who talks, what was refused; with pictures=FOLDER, pictures of it.
. "${top_srcdir:-..}/tests/functions.sh"
requires ip socat
in_namespaces "$@"
. "$top_srcdir/tests/page/host.sh"

page_begin
xvsctl schema add "$top_srcdir/mof/xvs_channel.mof"
xvsctl ext install channel.so
xvsctl ext enable channel host

# A VM whose port 22 says what it is told, and that has no other.
printf 'read -r _ port\n[ "$port" != 22 ] || { echo OK 1; exec cat; }\n' \
    >"$dir/guest"
socat -t 60 "UNIX-LISTEN:$dir/v.sock,fork,mode=777" SYSTEM:"sh $dir/guest" &
cleanup_fn "kill $!"
wait_for 10 unix_listens "$dir/v.sock" || fail "socat does not listen"
mkdir -m 777 "$dir/open"
proxy=$dir/open/proxy.sock
xvsctl vm register web1 --uuid 0b9fa7f6-28a5-4bb4-9c4c-6ba0c6f0b9d1 \
    --link vsock --path "$dir/v.sock"
xvsctl vm register far --on h2
xvsctl vm register dead --link agent --path "$dir/nobody"
xvsctl feature add XVS_ChannelListener host Path="$proxy" --names >/dev/null
xvsctl feature add XVS_ChannelRule host Client=anonymous Vm=web1 Ports=22-23 \
    --names >/dev/null
wait_for 20 unix_listens "$proxy" || fail "no listener"

# ask PORT SECONDS: what is said for so long.
ask()
{
    {
        printf 'CONNECT web1:%s HTTP/1.1\r\nHost: web1\r\n\r\n' "$1"
        seq 500
        sleep "$2"
    } | socat -t 5 - "UNIX-CONNECT:$proxy"
}
ask 22 0.2 | grep -q '^500' || fail "no conversation"
for _ in 1 2 3; do
    ask 23 0.2 | grep -q ' 502 ' || fail "a port that is not there"
done
ask 22 300 >/dev/null &
cleanup_fn "kill $!"
# The one that goes on is there from now on; what comes and goes is no number
# that can be waited for.
while :; do ask 22 0 >/dev/null; sleep 0.3; done &
cleanup_fn "kill $!"
page_web
in_web python3 -B "$top_srcdir/tests/page/vms.py" "$url" ${pictures-} \
    || fail "the page"
