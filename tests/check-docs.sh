#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Options in man pages = options in --help, of every program; xvsctl's nouns
# and verbs too; and the pages are well formed.
set -eu
top_builddir=${top_builddir:-.}
source=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bad=0

complain()
{
    echo "check-docs: $*" >&2
    bad=1
}

command -v mandoc >/dev/null || {
    echo "check-docs: mandoc is not installed" >&2
    exit 1
}

# Long options in a text, one per line.
options()
{
    grep -oE -- '(^|[^a-z-])--[a-z][a-z-]*' | sed 's/^[^-]*//' | sort -u
}

# Everything that a program's --help says, its nouns' too.
help_of()
{
    "$1" --help
    case $1 in
    */xvsctl | */xvs-mofc)
        "$1" --help | sed -n 's/^  \([a-z][a-z]*\)  .*/\1/p' \
            | while read -r noun; do
                "$1" "$noun" --help 2>/dev/null || :
            done
        ;;
    esac
}

for page in $(cd "$source" && ls core/main/*.[1-8] sdk/*/*.[1-8] \
    plugins/*/*.[1-8] plugins/*/*/*.[1-8] samples/*/*.[1-8] 2>/dev/null); do
    mandoc -T lint -W warning "$source/$page" >"$work/lint" 2>&1 \
        || complain "$page: $(cat "$work/lint")"
    name=$(basename "$page")
    program=$top_builddir/${name%.*}
    [ -x "$program" ] || continue
    mandoc -T ascii "$source/$page" | col -b | tee "$work/text" \
        | options >"$work/page"
    help_of "$program" >"$work/help"
    options <"$work/help" >"$work/used"
    for option in $(comm -23 "$work/used" "$work/page"); do
        complain "$page does not describe $option"
    done
    for option in $(comm -13 "$work/used" "$work/page"); do
        complain "$page describes $option, which --help does not know"
    done
done

# Those of the SDK's reference, which are made.
for page in "$top_builddir"/sdk/reference/man/*.3; do
    mandoc -T lint -W warning "$page" >"$work/lint" 2>&1 \
        || complain "$page: $(cat "$work/lint")"
done

# The README shows the smallest extension as it is.
sed -n '/^```c$/,/^```$/p' "$source/README.md" | sed '1d;$d' >"$work/shown"
cmp -s "$work/shown" "$source/samples/01-null/null.c" \
    || complain "README.md shows another samples/01-null/null.c"

# Each command of xvsctl stands in its page.
if [ -x "$top_builddir/xvsctl" ]; then
    mandoc -T ascii "$source/core/main/xvsctl.1" | col -b | tr -d '][' \
        >"$work/text"
    "$top_builddir/xvsctl" --help | sed -n 's/^  \([a-z][a-z]*\)  .*/\1/p' \
        | while read -r noun; do
            "$top_builddir/xvsctl" "$noun" --help \
                | sed -n 's/^\(usage:\)\{0,1\} *xvsctl \([a-z]*\( [a-z]\{2,\}\)\{0,1\}\).*/\2/p'
        done | sort -u >"$work/commands"
    while read -r command; do
        grep -qE "xvsctl $command( |\$)" "$work/text" \
            || complain "xvsctl.1 does not describe '$command'"
    done <"$work/commands"
fi
sh "$source/tests/check-claims.sh" || bad=1
exit $bad
