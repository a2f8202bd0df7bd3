#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# doc/tutorial.md is true: its commands, one after the other, say what it says
# they do.
. "${top_srcdir:-..}/tests/functions.sh"
in_namespaces "$@"
requires pkg-config ip ping make

# The host of the text: what is installed is in its usual place, and all that is
# made stays in namespaces of our own.
if [ "${1-}" != inside ]; then
    exec unshare -nm "$0" inside
fi
unset MAKEFLAGS MAKELEVEL MFLAGS
make -s -C "$top_builddir" install DESTDIR="$dir/root" \
    >"$dir/install.log" 2>&1 || fail "make install"
pc=$(find "$dir/root" -name xvs.pc)
prefix=$(sed -n 's/^prefix=//p' "$pc")
[ -d "$prefix" ] || skip "there is no folder $prefix"
mount --bind "$dir/root$prefix" "$prefix"
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /var/lib
PATH=$prefix/bin:$prefix/sbin:$PATH
export PKG_CONFIG_PATH="$prefix/lib/pkgconfig"
mkdir -p "$prefix/var/run/xvs"
chown "$run_user" "$prefix/var/run/xvs"
for daemon in "xvs-switch" "xvsd --no-spawn-switch"; do
    $daemon --user "$run_user" >"$dir/${daemon%% *}.log" 2>&1 &
    cleanup_fn "kill $!; wait $!"
done
wait_for 20 xvsctl switch list || fail "xvsd does not answer"
mkdir "$dir/work"
cd "$dir/work"

. "$top_srcdir/tests/tutorial.sh"
tutorial_run "$top_srcdir/doc/tutorial.md"
