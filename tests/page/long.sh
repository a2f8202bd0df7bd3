#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# What takes a browser longer than "make check" should: readers, tabs without a
# token, pages of strangers, a thousand ports, and the pictures of the
# documents (to $pictures).
. "${top_srcdir:-..}/tests/functions.sh"
requires ip ping
in_namespaces "$@"
. "$top_srcdir/tests/page/host.sh"

page_host
page_web
in_web python3 -B "$top_srcdir/tests/page/check.py" \
    reader "$basic" stranger "$basic" other "${url%%#*}" || fail "the page"
! xvsctl switch list --names | grep -q evil || fail "a stranger's switch"

if [ -n "${pictures-}" ]; then
    xvsctl feature add XVS_AclPortRule lan/b Direction=in Action=deny Protocol=udp
    ip netns exec "$tag-a" ping -q -f 192.0.2.2 >/dev/null &
    cleanup_fn "kill $!"
    in_web python3 -B "$top_srcdir/tests/page/check.py" \
        pictures "$url" "$pictures" || fail "pictures"
fi

# Ports of driver pipe are sockets alone.
mkdir "$dir/pipes"
chmod 777 "$dir/pipes"
{
    echo switch add big
    seq 1000 | sed "s#.*#port add big p& --driver pipe --device $dir/pipes/&#"
} | xvsctl shell --stop >"$dir/ports.log" || fail "a thousand ports"
in_web python3 -B "$top_srcdir/tests/page/check.py" many "$url" \
    || fail "a thousand ports"
