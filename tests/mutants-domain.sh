#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The fault matrix with stages in domains finds what it is there to find: an
# xvs-switch with one line changed, which does not undo, replay or drop what it
# has to when a packet hook fails, or believes what another worker's hook did
# in the instance that failed, is found out within some faults; unchanged, it
# is not.  The same of what an extension keeps.  All of them are in one emulated
# guest.  For "make -C tests mutants-domain", which says how to compile and link.
. "${top_srcdir:-..}/tests/functions.sh"
: "${compile:?run this by make -C tests mutants-domain}" "${link:?}"
: "${switch_libs:?}"
requires busybox strip
. "$top_srcdir/tests/lab/vm.sh"
. "$top_srcdir/tests/lab/domain.sh"
. "$top_srcdir/tests/lab/domain-matrix.sh"
domain=$top_srcdir/core/stage/domain
stream="the stream is not as it was sent"
mutants=
folder=plugins

# mutant NAME FILE SCRIPT WORDS OPTION...: what sed makes of a file of domains
# must be found out by the matrix with those options, which has to say one of
# the words.
mutant()
{
    mutants="$mutants $1"
    printf '%s\n' "$4" >"$dir/words.$1"
    sed -e "$3" "$domain/$2" >"$dir/$2"
    ! cmp -s "$domain/$2" "$dir/$2" \
        || fail "$1: there is no such line in $2 any more"
    $compile -w -c "$dir/$2" -o "$dir/mutant.o" >"$dir/cc" 2>&1 \
        || fail "$1 does not compile: $(cat "$dir/cc")"
    $link -o "$dir/mutant" ../core/main/xvs-switch.o \
        ../core/main/privilege.o "$dir/mutant.o" $switch_libs
    strip -o "$dir/root/x/$1" "$dir/mutant"
    echo $folder >"$dir/folder.$1"
    name=$1
    shift 4
    echo "$*" >"$dir/options.$name"
}

mkdir -p "$dir/root/x"
cd "$top_builddir/tests"
mutant no-undo domain.c '/^undo_all/,/^}/s/undo_restore(/if (0) &/' \
    "$stream" -n 60 -k crash
mutant no-payload domain.c '/^undo_all/,/^}/s/const struct undo \*undo = .*/\
    struct undo part = domain->undo[burst->worker], *undo = \&part;\
    part.keeps = 128;/' \
    "$stream" -n 60 -k crash
mutant no-replay rescue.c 's/i < burst->n; i++/i < 0; i++/' \
    "$stream|crash does not end" -n 60 -k crash
mutant replayed-twice rescue.c 's/case TRIED_LEFT:/case TRIED_LEFT:\
        domain_try(next, one, what);/' "$stream" -n 60 -k crash
mutant no-drop rescue.c \
    '/^blame/,/^}/s/one->packets\[0\]->verdict = XVS_DROP;//' \
    "$stream|frames are lost|crash does not end" -n 60 -k crash
mutant all-to-blame rescue.c '/^rescue(/,/^}/s/DOMAIN_RAN;/DOMAIN_LOSES;/' \
    "$stream|frames are lost|crash does not end" -n 60 -k crash
mutant stale-believed domain.c '/__atomic_load_n(&resident->is_dead,/,/{/{
    s/__atomic_load_n(&resident->is_dead,/__atomic_load_n(\&(bool) { 0 },/
}' "$stream|frames are lost|an honest" -n 400
folder=keeps
mutant kept-not-undone domain.c '/^take_back/,/^}/s/if (kept)/if (0)/' \
    "$stream" -n 60 -k crash
mutant kept-too-soon taking.c '/^await_others/,/^}/s/while ((/while (0 \&\& (/' \
    "$stream" -n 600
matrix_boot
echo keeps >"$dir/folder.xvs-switch"
for name in xvs-switch $mutants; do
    set -- -n 60
    # shellcheck disable=SC2046
    [ "$name" = xvs-switch ] || set -- $(cat "$dir/options.$name")
    # What two workers do has to meet in one moment: it is tried more than once.
    for seed in 1 2 3 4; do
        matrix_begin "$(cat "$dir/folder.$name")" "$name"
        status=0
        matrix 600 -s $seed "$@" >"$dir/out" 2>&1 || status=$?
        inside "kill -9 \$(pidof $name) || exit 1;
            while pidof $name >/dev/null; do sleep 0.1; done" \
            || fail "$name has ended"
        [ $status = 0 ] && [ "$name" != xvs-switch ] || break
    done
    if [ "$name" = xvs-switch ]; then
        [ $status = 0 ] || fail "unchanged: $(cat "$dir/out")"
    else
        [ $status != 0 ] || fail "the matrix does not notice: $name"
        grep -qE "matrix: ($(cat "$dir/words.$name"))" "$dir/out" \
            || fail "$name: the matrix does not say so: $(cat "$dir/out")"
    fi
done
echo "all were noticed:$mutants"
