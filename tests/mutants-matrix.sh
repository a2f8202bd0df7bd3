#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The fault matrix finds what it is there to find: an xvs-switch with one line
# changed, which loses, doubles or half changes packets when a process ends, or
# does not wait until it is dead, is found out within some faults; unchanged,
# it is not.  And with one line of the sink's judgement changed, its unit test
# fails.  For "make -C tests mutants-matrix", which says how to compile and
# link.
. "${top_srcdir:-..}/tests/functions.sh"
: "${compile:?run this by make -C tests mutants-matrix}" "${link:?}"
: "${libs:?}" "${switch_libs:?}"
lanes=$top_srcdir/core/stage/lane
noticed=

# change NAME SOURCE SCRIPT: what sed makes of it, compiled.
change()
{
    mkdir -p "$dir/$1/tree"
    file=$dir/$1/${2##*/}
    sed -e "$3" "$2" >"$file"
    ! cmp -s "$2" "$file" || fail "$1: there is no such line in $2 any more"
    $compile -w -c "$file" -o "$dir/$1/mutant.o" >"$dir/$1/cc" 2>&1 \
        || fail "$1 does not compile: $(cat "$dir/$1/cc")"
}

# strike FOLDER OPTION...: faults upon the xvs-switch of a built tree.
strike()
{
    top_builddir=$1 sh -c '. "$top_srcdir/tests/functions.sh"
        . "$top_srcdir/tests/lab/matrix.sh"
        shift
        matrix_begin
        matrix -s 1 "$@"' sh "$@" >"$dir/out" 2>&1
}

# mutant NAME FILE SCRIPT WORDS OPTION...: what sed makes of a file of lanes
# must be found out by the matrix with those options, which has to say one of
# the words.
mutant()
{
    name=$1
    change "$1" "$lanes/$2" "$3"
    for one in "$top_builddir"/*; do
        ln -s "$one" "$dir/$1/tree"
    done
    rm "$dir/$1/tree/xvs-switch"
    $link -o "$dir/$1/tree/xvs-switch" ../core/main/xvs-switch.o \
        ../core/main/privilege.o "$dir/$1/mutant.o" $switch_libs
    words=$4
    shift 4
    ! strike "$dir/$name/tree" "$@" || fail "the matrix does not notice: $name"
    grep -qE "^matrix: ($words)" "$dir/out" \
        || fail "$name: the matrix does not say '$words': $(cat "$dir/out")"
    noticed="$noticed $name"
}

# blind NAME SCRIPT: the same of the sink's judgement, and its test.
blind()
{
    change "$1" "$top_srcdir/tests/matrix/history.c" "$2"
    $link -o "$dir/$1/test" "$dir/$1/mutant.o" unit/test-history.o \
        ../core/libbase.a $libs
    # (One that believes any number counts up to it.)
    ! timeout 5 "$dir/$1/test" >"$dir/out" 2>&1 \
        || fail "test-history does not notice: $1"
    noticed="$noticed $1"
}

chmod 755 "$dir"
cd "$top_builddir/tests"
stream="the stream is not as it was sent"
strike "$top_builddir" -n 40 || fail "unchanged: $(cat "$dir/out")"
strike "$top_builddir" -n 10 -k scrawl || fail "unchanged: $(cat "$dir/out")"

mutant no-undo lane-undo.c '/^lane_restore/,/^}/s/if (lane->n_dirty)/if (0)/' \
    "$stream" -n 40 -k crash -p process
mutant no-payload lane-undo.c \
    '/^lane_restore/,/^}/s/undo_restore(&lane->undo/undo_restore(\
        \&(struct undo) { 128, lane->undo.heads, lane->undo.rests,\
                          lane->undo.others }/' \
    "$stream" -n 40 -k crash -p process
mutant no-replay lane-fault.c 's/lane->given = lane->head;/lane->head =\
    lane->given;/' "$stream" -n 200 -k kill
mutant reversed lane-fault.c \
    's/^    tally_add(&lane->tally.replayed,.*/&\
    for (uint32_t a = lane->head, b = lane->given; a != b \&\& a != --b;\
         a++) {\
        struct xvs_packet *packet = lane->packets[a % SHARE_LANE];\
        lane->packets[a % SHARE_LANE] = lane->packets[b % SHARE_LANE];\
        lane->packets[b % SHARE_LANE] = packet;\
    }/' "$stream" -n 200 -k kill
mutant no-fence lanes.c \
    's/taken == n && ended/taken == n \&\& (ended || !share_is_fine(lane->share))/' \
    "$stream" -n 100 -k scrawl -p process
mutant wrong-one lane-forsaken.c \
    '/^leave/,/^}/s/lane_undo(lane);/if (verdict == XVS_DROP \&\& lane->tail \
        - lane->head > 1) { lane_pop(lane); }&/' "$stream|frames are lost" \
    -n 20 -k crash

blind no-loss 's/ledger->missing++;//'
blind all-new 's/flow->next = number + 1;/flow->next = 0;/'
blind no-double 's/ledger->doubled++;//'
blind late-is-fine 's/ledger->late++;//'
blind late-forever 's/ledger->missing--;//'
blind any-gap 's/if (\*gap != number + 1)/if (0)/'
blind gap-stays 's/\*gap = 0;//'
blind any-size 's/size != expect(/!expect(/'
blind any-bytes 's/memcmp(sent, frame, size) != 0/0/'
blind head-only 's/memcmp(sent, frame, size) != 0/memcmp(sent, frame, 128)/'
blind no-hooks 's/memset(frame + HISTORY_COUNTS, 1, STAGES)/\
    memset(frame + HISTORY_COUNTS, 1, 1)/'
blind one-flow 's/history->flows\[flow\]/history->flows[0]/'
echo "all were noticed:$noticed"
