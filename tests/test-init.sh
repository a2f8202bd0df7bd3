#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# xvs-mofc init: what it writes builds with nothing but the installed SDK,
# passes the conformance suite, and runs, unedited.
. "${top_srcdir:-..}/tests/functions.sh"
in_namespaces "$@"
requires pkg-config ip jq ping

unset MAKEFLAGS MAKELEVEL MFLAGS
make -s -C "$top_builddir" install DESTDIR="$dir/root" \
    >"$dir/install.log" 2>&1 || fail "make install"
pc=$(find "$dir/root" -name xvs.pc)
prefix=$(sed -n 's/^prefix=//p' "$pc")
mofc=$dir/root$prefix/bin/xvs-mofc
cd "$dir"

# Bad input; nothing is made, nothing is overwritten.
expect_fail 2 'filter' "$mofc" init fine
expect_fail 2 'bridge' "$mofc" init fine --class bridge
expect_fail 2 'no name for an extension' "$mofc" init ../up --class filter
expect_fail 2 'no name for an extension' "$mofc" init Up --class filter
expect_fail 2 '--vendor=' "$mofc" init fine --class filter --vendor 'a"b'
expect_fail 2 'does not take' "$mofc" init fine --class filter --strict
expect_fail 2 'does not take' "$mofc" lint --class filter x.mof
[ ! -e fine ] || fail "something was made"
mkdir there
expect_fail 1 'overwrites nothing' "$mofc" init there --class filter
[ -z "$(ls there)" ] || fail "something was written"

for class in filter capture forward service; do
    "$mofc" init "new-$class" --class "$class" --vendor 'Acme, Inc.' \
        --debian >/dev/null
    make -C "new-$class" PKG_CONFIG_PATH="${pc%/*}" \
        PKG_CONFIG="pkg-config --define-variable=prefix=$dir/root$prefix" \
        CFLAGS='-O2 -Wall -Wextra -Werror' >"$dir/$class.log" 2>&1 \
        || fail "new-$class does not build"
    "$mofc" lint --strict "new-$class/new-$class.mof" || fail "lint"
    if [ "${INIT_MODE-short}" = short ]; then
        "$top_builddir/xvs-exttest" -q -o schema.hash -o settings.limits \
            -o life.switches -o traffic.corpus "new-$class/new-$class.so" \
            "new-$class/new-$class.mof" >out 2>&1 || fail "$(cat out)"
    else
        make -C "new-$class" certify PKG_CONFIG_PATH="${pc%/*}" \
            PKG_CONFIG="pkg-config --define-variable=prefix=$dir/root$prefix" \
            >out 2>&1 || fail "$(cat out)"
    fi
done
grep -q '"Acme, Inc."' new-filter/new-filter.c || fail "vendor"
grep -q 'class AcmeInc_NewFilterSettings' new-filter/new-filter.mof \
    || fail "class"
# No two projects share a GUID.
cat new-*/*.mof | grep -o '\(ExtensionId\|UUID\)("[^"]*")' | sort | uniq -c \
    | awk '$2 ~ /^UUID/ && $1 != 1 || $2 ~ /^Ext/ && $1 != 2' >twice
[ ! -s twice ] || fail "GUIDs: $(cat twice)"

# They run in a switch, all at once.
guest_veth a 192.0.2.1/24
guest_veth b 192.0.2.2/24
start_host
cp new-*/*.so "$dir/plugins"
xvsctl switch add lan
xvsctl port add lan a --driver packet --device "$tag.a"
xvsctl port add lan b --driver packet --device "$tag.b"
for class in filter capture forward service; do
    xvsctl schema add "new-$class/new-$class.mof"
    xvsctl ext install "new-$class.so"
    xvsctl ext enable "new-$class" lan
done
guest_ping a 192.0.2.2 || fail "no ping through them"
xvsctl feature add AcmeInc_NewFilterSettings lan MaximumSize=500
xvsctl feature add AcmeInc_NewForwardSettings lan/a Peer=b
xvsctl feature add AcmeInc_NewServiceSettings lan Interval=20
expect_fail 4 'no packet is smaller' \
    xvsctl feature set AcmeInc_NewFilterSettings lan MaximumSize=1
guest_ping a 192.0.2.2 || fail "no ping"
! ip netns exec "$tag-a" ping -c 1 -W 1 -s 1000 192.0.2.2 >/dev/null || fail "not dropped"
count()
{
    xvsctl query "$1" lan --json | jq ".[0].$2"
}
[ "$(count AcmeInc_NewFilterStatus Dropped)" -gt 0 ] || fail "no drops"
[ "$(count AcmeInc_NewCaptureStatus Packets)" -gt 0 ] || fail "no packets"
[ "$(count AcmeInc_NewForwardStatus Packets)" -gt 0 ] || fail "none is sent"
ticks()
{
    [ "$(count AcmeInc_NewServiceStatus Ticks)" -gt 3 ]
}
wait_for 20 ticks || fail "no ticks"
