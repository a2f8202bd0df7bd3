#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The SDK as a vendor meets it: installed, outside of this tree.  The samples
# build against it with their own Makefiles and run in a switch.
. "${top_srcdir:-..}/tests/functions.sh"
in_namespaces "$@"
requires pkg-config nm ip jq ping

# Make's own variables of the run that runs us are not for these.
unset MAKEFLAGS MAKELEVEL MFLAGS
make -s -C "$top_builddir" install DESTDIR="$dir/root" >"$dir/install.log" 2>&1 \
    || fail "make install"
pc=$(find "$dir/root" -name xvs.pc)
[ -n "$pc" ] || fail "xvs.pc is not installed"
prefix=$(sed -n 's/^prefix=//p' "$pc")
cp -R "$top_srcdir/samples" "$dir/samples"
for sample in 01-null 02-counter; do
    make -C "$dir/samples/$sample" PKG_CONFIG_PATH="${pc%/*}" \
        PKG_CONFIG="pkg-config --define-variable=prefix=$dir/root$prefix" \
        CFLAGS='-O2 -Wall -Wextra -Werror' >"$dir/$sample.log" 2>&1 \
        || fail "$sample does not build"
    for plugin in "$dir/samples/$sample"/*.so; do
        nm -D --defined-only "$plugin" >"$dir/symbols"
        [ "$(wc -l <"$dir/symbols")" = 1 ] && grep -q xvs_extension_v1 \
            "$dir/symbols" || fail "$sample: $(cat "$dir/symbols")"
    done
done

# Both run.
guest_veth a 192.0.2.1/24
guest_veth b 192.0.2.2/24
vendor_partition=process
start_host
cp "$dir"/samples/*/*.so "$dir/plugins"
xvsctl switch add lan
xvsctl port add lan a --driver packet --device "$tag.a"
xvsctl port add lan b --driver packet --device "$tag.b"
xvsctl schema add "$dir/samples/02-counter/sample_counter.mof"
for name in null counter; do
    xvsctl ext install "$name.so"
    xvsctl ext enable "$name" lan
done
guest_ping a 192.0.2.2 || fail "no ping through the samples"
xvsctl query Sample_CounterStatus lan/a --json >"$dir/count"
[ "$(jq '.[0].Packets' "$dir/count")" -gt 0 ] || fail "$(cat "$dir/count")"
expect_fail 4 'no packet of the port has more than 1518 bytes' \
    xvsctl feature add Sample_CounterSettings lan/a MinimumSize=2000
xvsctl feature add Sample_CounterSettings lan/a MinimumSize=1000
object=$(xvsctl query Sample_CounterStatus lan/a --names)
xvsctl call "$object" Reset --json >"$dir/count"
[ "$(jq .Packets "$dir/count")" -gt 0 ] || fail "$(cat "$dir/count")"
guest_ping a 192.0.2.2 || fail "no ping"
xvsctl query Sample_CounterStatus lan/a --json >"$dir/count"
[ "$(jq '.[0].Packets' "$dir/count")" = 0 ] || fail "$(cat "$dir/count")"
