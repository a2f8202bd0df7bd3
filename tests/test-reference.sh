#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The vendors' reference: each member of the tables between an extension and the
# host is in it, as the compiler sees the headers; each hook and each service has
# a page of its own, and there is none of what is no more.
. "${top_srcdir:-..}/tests/functions.sh"
pages=$top_builddir/sdk/reference/man
include=$top_srcdir/sdk/include
[ -d "$pages" ] || fail "no pages in $pages"

# Members of a struct, one a line: its name, and "()" behind functions.
members()
{
    for header in "$include"/xvs/*.h; do
        echo "#include <xvs/${header##*/}>"
    done | ${CC:-cc} -E -P -I"$include" - | tr '\n' ' ' \
        | sed 's/;/;\n/g; s/{/{\n/g; s/}/\n}/g' \
        | awk -v wanted="struct $1 {" '
            index($0, wanted) { inside = 1; next }
            inside && /^}/ { exit }
            inside && /\(\*/ {
                $0 = substr($0, index($0, "(*") + 2)
                sub(/\).*/, "")
                print $0 "()"
                next
            }
            inside && /;/ {
                sub(/;.*/, ""); gsub(/\[[^]]*\]/, "")
                n = split($0, parts, ",")
                for (i = 1; i <= n; i++) {
                    sub(/ *$/, "", parts[i]); sub(/.*[ *]/, "", parts[i])
                    print parts[i]
                }
            }'
}

: >"$dir/wanted"
total=0
for struct in xvs_extension xvs_host xvs_sockets xvs_switching xvs_keep; do
    prefix=$struct
    [ $struct != xvs_extension ] || prefix=xvs_hook
    echo $struct >>"$dir/wanted"
    members $struct >"$dir/members"
    [ -s "$dir/members" ] || fail "no members of $struct are found"
    while read -r member; do
        name=${member%()}
        total=$((total + 1))
        grep -q "[ *]$name[],;)[]" "$pages/$struct.3" \
            || fail "$struct.3 does not show $name"
        [ "$name" != "$member" ] || continue
        echo "${prefix}_$name" >>"$dir/wanted"
        page=$pages/${prefix}_$name.3
        [ -e "$page" ] || fail "$struct.$name has no page"
        grep -q "(\*$name)(" "$page" || fail "$page does not show it"
        sed -n '/^.Sh DESCRIPTION/,/^.Sh /p' "$page" | grep -q '[a-z] [a-z]' \
            || fail "$page says nothing"
        grep -q "^.Xr ${prefix}_$name 3" "$pages/$struct.3" \
            || fail "$struct.3 does not lead to ${prefix}_$name.3"
    done <"$dir/members"
done
[ $total -ge 65 ] || fail "only $total members are found"

for header in "$include"/xvs/*.h; do
    name=${header##*/}
    echo "xvs-$name" >>"$dir/wanted"
    # Each function stands in it, and a search for its name finds it.
    sed -n 's/^\(xvs_[a-z0-9_]*\)(.*/\1/p' "$header" | while read -r function; do
        grep -q "^$function(.*" "$pages/xvs-$name.3" || echo "$function"
        grep -q "^.Nm.* $function\( \|\$\)" "$pages/xvs-$name.3" \
            || [ -e "$pages/$function.3" ] || echo "$function in NAME"
    done >"$dir/absent"
    [ ! -s "$dir/absent" ] || fail "xvs-$name.3 lacks $(cat "$dir/absent")"
done

(cd "$pages" && ls) | sed 's/\.3$//' | sort >"$dir/there"
sort "$dir/wanted" | diff - "$dir/there" >"$dir/out" \
    || fail "pages that should be, and those that are: $(cat "$dir/out")"

# A service without a comment is not let through.
mkdir "$dir/xvs" "$dir/man"
sed '/Adds one status object/d' "$include/xvs/extension.h" \
    >"$dir/xvs/extension.h"
expect_fail 1 "xvs_host.answer has no comment" ${AWK:-awk} -v out="$dir/man" \
    -f "$top_srcdir/sdk/reference/reference.awk" "$dir/xvs/extension.h"
