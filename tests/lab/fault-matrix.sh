#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The fault matrix at numbers: kinds of fault x partition x place in the chain x
# moment, several a second, under full load (tests/matrix/matrix.h).
#
#     make -C build/tests fault-matrix [MATRIX_SECONDS=N] [MATRIX_SEED=N]
#         [MATRIX_KIND=KIND] [MATRIX_LOG=FILE]
#
# A run takes MATRIX_SECONDS and appends its rows to MATRIX_LOG; the table at the
# end is that of all runs in there, so that a long one can be cut into pieces, each
# with a seed of its own.  A piece that failed leaves "bad" in the log.  Pieces can
# run side by side: each has a switch of its own, and most of a fault is waiting.
# Faults are of all kinds, or of the one that MATRIX_KIND names.
#
# Domains are not in it: their faults are caught in xvs-switch, of which there
# are none where the processor has no protection keys; "fault-matrix-domain"
# has them in an emulated guest.
. "${top_srcdir:-..}/tests/functions.sh"
. "$top_srcdir/tests/lab/matrix.sh"
requires awk flock

seconds=${MATRIX_SECONDS:-100}
seed=${MATRIX_SEED:-$(date +%s)}
log=${MATRIX_LOG:-$dir/all}
matrix_begin
status=0
matrix -t "$seconds" -s "$seed" ${MATRIX_KIND:+-k "$MATRIX_KIND"} \
    >"$dir/rows" 2>"$dir/why" || status=$?
tail -n 1 "$dir/rows"
[ $status = 0 ] || {
    cat "$dir/why"
    echo "bad seed $seed: $(head -n 1 "$dir/why")" >>"$dir/rows"
}
flock "$log" cat "$dir/rows" >>"$log"
awk -v kinds="kill kill-standby kill-both kill-again kill-newborn stop crash\
 exit hang call stack lie word" -v modes="process alone,copy alone" \
    -v moments="first steady,first halved,middle steady,middle halved,last\
 steady,last halved,first before,first at,first within,first behind,middle\
 before,middle at,middle within,middle behind,last before,last at,last\
 within,last behind" \
    -f "$top_srcdir/tests/lab/chaos.awk" "$log"
[ $status = 0 ] || fail "seed $seed: $(cat "$dir/why")"
matrix_end
