#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The tests of kept memory find what they are there to find: with one line of
# it changed, so that writes are not taken back, or in the wrong order, or too
# many, or beyond the memory, or that two have it, test-keep must fail; and
# test-keep.sh, when xvs-switch takes nothing back.  For "make -C tests
# mutants-keep", which says how to compile and link.
. "${top_srcdir:-..}/tests/functions.sh"
: "${compile:?run this by make -C tests mutants-keep}" "${link:?}" "${libs:?}"
: "${switch_libs:?}"
keep=$top_srcdir/core/stage/keep
names=
count=0 failed=0

# mutant NAME FILE SCRIPT: what sed makes of the file must be found out.
mutant()
{
    mkdir "$dir/$1"
    sed -e "$3" "$keep/$2" >"$dir/$1/$2"
    ! cmp -s "$keep/$2" "$dir/$1/$2" \
        || fail "$1: there is no such line in $2 any more"
    $compile -w -c "$dir/$1/$2" -o "$dir/$1/mutant.o" >"$dir/$1/cc" 2>&1 \
        || fail "$1 does not compile: $(cat "$dir/$1/cc")"
    $link -o "$dir/$1/keep" "$dir/$1/mutant.o" unit/test-keep.o $libs
    if timeout 6 "$dir/$1/keep" >"$dir/$1/out" 2>&1; then
        echo "nobody notices: $1" >&2
        failed=1
    fi
    count=$((count + 1))
    names="$names $1"
}

cd "$top_builddir/tests"
unit/test-keep >"$dir/none" || fail "unchanged: $(cat "$dir/none")"

mutant no-rollback log.c 's/while (left > 0)/while (0)/'
mutant oldest-first log.c 's/&log->entries\[--left\]/\&log->entries[\
        __atomic_load_n(\&log->n, __ATOMIC_RELAXED) - left--]/'
mutant finished-too log.c 's/ == (uint32_t) whose)/ || 1)/'
mutant not-emptied log.c 's/__atomic_store_n(&log->n, 0, __ATOMIC_RELEASE);//'
mutant beyond log.c 's/ || size - entry->offset < n//'
mutant unaligned log.c 's/entry->offset % 8/0/'
mutant no-limit log.c 's/left = good ? left : 0;/left %= 8192;/'
mutant alive keep.c 's/!share_has_ended(keep->share)/0/'
mutant two-owners keep.c 's/keep->owner && keep->owner != kept/0/'
mutant not-settled keep.c '/^try_take/,/^}/s/settle_packets(.*);//'
mutant not-reaped keep.c '/^kept_own/,/^}/s/settle_control(kept);//'
mutant again keep.c '/^try_take/,/^}/s/note_taken(.*);//'
[ $failed = 0 ] || fail "see above"

# Through what a user runs: an xvs-switch that takes nothing back.
mkdir "$dir/tree"
chmod 755 "$dir" "$dir/tree"
for one in "$top_builddir"/*; do
    ln -s "$one" "$dir/tree"
done
rm "$dir/tree/xvs-switch"
$link -o "$dir/tree/xvs-switch" ../core/main/xvs-switch.o \
    ../core/main/privilege.o "$dir/no-rollback/mutant.o" $switch_libs
! top_builddir=$dir/tree sh "$top_srcdir/tests/test-keep.sh" \
    >"$dir/tree.out" 2>&1 || fail "test-keep.sh does not notice"
grep -q 'FAIL: not 0 0 1' "$dir/tree.out" \
    || fail "test-keep.sh: $(cat "$dir/tree.out")"
echo "$count changes of kept memory were noticed:$names;" \
    "one of them by test-keep.sh"
