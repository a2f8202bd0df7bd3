#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The promise of doc/abi.md: plugins that were compiled with the headers of an
# earlier version work in the host of today, and nothing that they can see has
# moved.
. "${top_srcdir:-..}/tests/functions.sh"
old=$top_srcdir/tests/old-plugins
naughty=$top_srcdir/tests/plugins/naughty

# layout HEADERS FILE
layout()
{
    $CC -I"$1" "$old/layout.c" -o "$dir/layout" || fail "layout.c: $1"
    "$dir/layout" | sort >"$2"
}

layout "$top_srcdir/sdk/include" "$dir/now"
"$top_builddir/xvs-mofc" header "$naughty.mof" -o "$dir/naughty.h"
for version in 1.0 1.1 1.2 1.3; do
    layout "$old/$version" "$dir/then"
    comm -23 "$dir/then" "$dir/now" >"$dir/moved"
    [ ! -s "$dir/moved" ] || fail "since $version: $(cat "$dir/moved")"
    [ "$(wc -l <"$dir/then")" -gt 150 ] || fail "layout.c says little"
    # With no feature of later versions, under the name of its version.
    mkdir "$dir/$version"
    $CC -O1 -fPIC -shared -I"$old/$version" -I"$dir" \
        -o "$dir/$version/naughty.so" "$naughty.c" -pthread \
        || fail "$version: does not compile"
    "$top_builddir/xvs-exttest" -q -o abi.load -o abi.size -o schema.hash \
        -o life.switches -o settings.limits -o settings.delete \
        -o faults.kill "$dir/$version/naughty.so" "$naughty.mof" \
        >"$dir/out" 2>&1 || fail "$version: $(cat "$dir/out")"
done
