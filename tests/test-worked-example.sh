#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# C10, C3, C9: compression, then encryption, then the network, between two
# hosts, with clients at each of the three; inline, in processes, and without
# root.
. "${top_srcdir:-..}/tests/functions.sh"
requires ip ping unshare
unshare -Urnm true 2>/dev/null || skip "no user namespaces here"

for partition in inline process; do
    sh "$top_srcdir/samples/worked-example.sh" "$top_builddir" $partition \
        >"$dir/$partition.log" 2>&1 || fail "samples/worked-example.sh"
done
[ "$(id -u)" = 0 ] && ! sanitized || exit 0     # it takes so long then
chmod 755 "$dir"
setpriv --reuid nobody --regid nogroup --clear-groups env TMPDIR=/tmp \
    sh "$top_srcdir/samples/worked-example.sh" "$top_builddir" \
    >"$dir/unprivileged.log" 2>&1 \
    || fail "samples/worked-example.sh without root"
