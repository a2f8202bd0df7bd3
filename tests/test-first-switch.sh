#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# A10, A6, A9: the demonstration of the README holds, as root and without.
. "${top_srcdir:-..}/tests/functions.sh"
requires ip ping unshare
unshare -Urnm true 2>/dev/null || skip "no user namespaces here"

sh "$top_srcdir/samples/first-switch.sh" "$top_builddir" >"$dir/run.log" 2>&1 \
    || fail "samples/first-switch.sh"
[ "$(id -u)" = 0 ] || exit 0
chmod 755 "$dir"
setpriv --reuid nobody --regid nogroup --clear-groups env TMPDIR=/tmp \
    sh "$top_srcdir/samples/first-switch.sh" "$top_builddir" \
    >"$dir/unprivileged.log" 2>&1 \
    || fail "samples/first-switch.sh without root"
