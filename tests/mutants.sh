#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The tests of lanes find what they are there to find: with one line of the
# lanes changed, so that packets are lost, doubled, reordered, half changed or
# touched too early, one of them must fail; unchanged, none does.  For "make -C
# tests mutants", which says how to compile and link.
. "${top_srcdir:-..}/tests/functions.sh"
: "${compile:?run this by make -C tests mutants}" "${link:?}" "${libs:?}"
lanes=$top_srcdir/core/stage/lane

# build NAME FILE: the tests, with $dir/NAME/FILE instead of the library's.
build()
{
    $compile -w -c "$dir/$1/$2" -o "$dir/$1/mutant.o" >"$dir/$1/cc" 2>&1 \
        || fail "$1 does not compile: $(cat "$dir/$1/cc")"
    $link -o "$dir/$1/lanes" "$dir/$1/mutant.o" unit/test-lanes.o \
        unit/stage-process.o $libs
    $link -o "$dir/$1/copies" "$dir/$1/mutant.o" unit/test-copies.o $libs
}

# passes NAME SECONDS: both tests, each in that time.
passes()
{
    for test in lanes copies; do
        timeout "$2" "$dir/$1/$test" >"$dir/$1/$test.out" 2>&1 || return 1
    done
}

# mutant NAME FILE SCRIPT: what sed makes of the file must be found out.
mutant()
{
    turn=$((turn + 1))
    [ $((turn % ${MUTANTS_EVERY:-1})) = "${MUTANTS_FIRST:-0}" ] || return 0
    mkdir "$dir/$1"
    sed -e "$3" "$lanes/$2" >"$dir/$1/$2"
    ! cmp -s "$lanes/$2" "$dir/$1/$2" \
        || fail "$1: there is no such line in $2 any more"
    (
        cd "$top_builddir/tests"
        build "$1" "$2"
        XVS_TEST_PATIENCE=1 XVS_TEST_PACKETS=50000000 passes "$1" 12 || exit 0
        fail "nobody notices: $1"
    ) 2>"$dir/$1/why" &
    eval "pid_$count=$!"
    count=$((count + 1))
    names="$names $1"
    # As many at a time as there are processors, in turn.
    [ $((count % $(nproc))) != 0 ] || wait_all
}

wait_all()
{
    while [ "$waited" -lt "$count" ]; do
        eval "wait \$pid_$waited" || failed=1
        waited=$((waited + 1))
    done
}

names=
count=0 waited=0 failed=0 turn=0

# Without a change.
mkdir "$dir/none"
cp "$lanes/lanes.c" "$dir/none"
(
    cd "$top_builddir/tests"
    build none lanes.c
    passes none 60 || fail "unchanged: $(cat "$dir"/none/*.out)"
) || exit 1

# What is undone, replayed, and left alone until a process is dead.
mutant no-undo lane-undo.c '/^lane_restore/,/^}/s/if (lane->n_dirty)/if (0)/'
mutant undone-twice lane-forsaken.c 's/lane_restore(lane);/lane_undo(lane);/'
mutant no-replay lane-fault.c \
    's/lane->given = lane->head;/lane->head = lane->given;/'
mutant reversed lane-fault.c \
    's/^    tally_add(&lane->tally.replayed,.*/&\
    for (uint32_t a = lane->head, b = lane->given; a != b \&\& a != --b;\
         a++) {\
        struct xvs_packet *packet = lane->packets[a % SHARE_LANE];\
        lane->packets[a % SHARE_LANE] = lane->packets[b % SHARE_LANE];\
        lane->packets[b % SHARE_LANE] = packet;\
    }/'
mutant no-fence lanes.c \
    's/taken == n && ended/taken == n \&\& (ended || !share_is_fine(lane->share))/'

# What a process says is checked, and taken once.
mutant believed lanes.c 's/if (n > lane->given - lane->head)/if (0)/'
mutant late-believed lanes.c '/^finished/,/^}/s/        return 0;//'
mutant never-distrusts lane-fault.c 's/lane->distrusts = true;//'
mutant read-twice lanes.c 's/if (out->verdict.verdict != XVS_PASS/if (\
        ((volatile struct share_told *) lane->share->told)[lane->worker]\
            .verdicts[(lane->head - 1 + lane->offset) % SHARE_LANE].verdict\
            != XVS_PASS/'
mutant no-bounds copies.c 's/if (place <= .*) {/if (place <= UINT16_MAX) {/'

# Copies come back when they may, and those of the packet.
mutant too-early lane-fault.c '/^lane_take_back/,/^}/s/^    tally_add.*/&\
        for (uint32_t i = lane->head, at = lane->copy;\
             lane->lanes->config.copies \&\& i != lane->given; i++) {\
            const struct xvs_packet *packet = lane->packets[i % SHARE_LANE];\
            copies_take(lane->share, lane->worker, at,\
                        lane->lanes->config.pool, packet, 128,\
                        packet->length);\
            at += lane_needs(lane, packet);\
        }/'
mutant of-dropped lanes.c 's/if (out->verdict.verdict != XVS_PASS/if (0/'
mutant no-rights lanes.c 's/!rights_may_change(/0 \&\& &/'
mutant of-others lanes.c 's/lane->copy = lane->copies = 0;//'
mutant no-parts copies.c '/^copies_take/,/^}/s/while (.*) {/while (0) {/'
wait_all
[ "$failed" = 0 ] || fail "$(for name in $names; do
    cat "$dir/$name/why"
done)"
echo "$count changes of lanes were noticed:$names"
