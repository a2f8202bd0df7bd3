#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The promise of doc/abi.md, as a tool sees it that compares binaries: since each
# version that there was, types of the contract have grown at their ends, and
# that is all.  Also, that plugins export one symbol and import none of the host.
#
#     check-abi.sh            compares
#     check-abi.sh NEW FILE   writes the baseline of the headers in folder NEW
set -eu
source=$(cd "$(dirname "$0")/.." && pwd)
top_builddir=${top_builddir:-.}
old=$source/tests/old-plugins
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bad=0

complain()
{
    echo "check-abi: $*" >&2
    bad=1
}

for tool in abidiff abidw nm; do
    command -v $tool >/dev/null || {
        echo "check-abi: $tool is not installed (abigail-tools, binutils)" >&2
        exit 1
    }
done

# contract HEADERS FILE: the types, in a shared object.
contract()
{
    ${CC:-cc} -g -O0 -fPIC -shared -fvisibility=hidden -I"$1" \
        -o "$2" "$source/tests/abi/contract.c"
}

if [ $# = 2 ]; then
    contract "$1" "$work/new.so"
    exec abidw --no-corpus-path --no-comp-dir-path --no-show-locs \
        --short-locs --out-file "$2" "$work/new.so"
fi

# What a report says besides that structs grew at their ends.
judge()
{
    awk '
        /^$/ || /^Leaf changes summary|^Changed leaf types summary/ \
            || /^Removed.Changed.Added functions.*: 0 Removed, 0 Ch.*, 0 Added/ \
            || /^Removed.Changed.Added variables.*: 0 Removed, . Ch.*, 0 Added/ \
            || /^1 Changed variable:$|^    type of variable changed:$/ \
            || /^  \[C\] .const xvs_extension xvs_extension_v1. was changed:$/ \
            || /^  [0-9]* data member insertions?:$/ { next }
        /^    size of symbol changed from [0-9]* to [0-9]*$/ && $8 > $6 { next }
        /^.struct xvs_[a-z_]*. changed:$/ { struct = $0; size = -1; next }
        /^  type size changed from [0-9]* to [0-9]* / && $7 > $5 {
            size = $5
            next
        }
        /^    .*, at offset [0-9]* \(in bits\)$/ \
            && size > 0 && $(NF - 2) + 0 >= size { next }
        { print struct " " $0 }' "$1"
}

# compare VERSION BASELINE
compare()
{
    status=0
    abidiff --leaf-changes-only --no-show-locs "$2" "$work/now.so" \
        >"$work/report" 2>&1 || status=$?
    judge "$work/report" >"$work/out"
    [ $((status & 3)) = 0 ] || complain "abidiff: $(cat "$work/report")"
    [ ! -s "$work/out" ] || complain "since $1: $(cat "$work/out")"
}

contract "$source/sdk/include" "$work/now.so"
# The first version as it was compiled then; later ones by their headers.
if [ "$(uname -m)" = x86_64 ]; then
    compare 1.0 "$old/1.0.abi"
fi
for headers in "$old"/[0-9]*/; do
    version=$(basename "$headers")
    contract "$headers" "$work/$version.so"
    compare "$version" "$work/$version.so"
done

for plugin in "$top_builddir"/plugins/*/*.so "$top_builddir"/plugins/*/.libs/*.so
do
    [ -e "$plugin" ] || continue
    symbols=$(nm -D --defined-only "$plugin" | awk '{ print $3 }' | xargs)
    [ "$symbols" = xvs_extension_v1 ] \
        || complain "$plugin exports $symbols"
    symbols=$(nm -D --undefined-only "$plugin" | awk '/ xvs_/ { print $2 }')
    [ -z "$symbols" ] || complain "$plugin wants $symbols of the host"
done
exit $bad
