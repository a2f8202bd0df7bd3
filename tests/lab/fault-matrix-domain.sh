#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The fault matrix with stages in domains at numbers (tests/matrix/matrix.h),
# in an emulated guest (lab/domain-matrix.sh).
#
#     make -C build/tests fault-matrix-domain [MATRIX_SECONDS=N]
#         [MATRIX_SEED=N] [MATRIX_KIND=KIND] [MATRIX_LOG=FILE]
#
# A run takes MATRIX_SECONDS of ours and appends its rows to MATRIX_LOG; the
# table at the end is that of all runs in there, so that pieces can follow each
# other or run side by side.  A piece that failed leaves "bad" in the log.
# Every other round the hostile extension keeps memory.
. "${top_srcdir:-..}/tests/functions.sh"
requires awk flock busybox strip
! sanitized || skip "a sanitizer writes everywhere"
. "$top_srcdir/tests/lab/vm.sh"
. "$top_srcdir/tests/lab/domain.sh"
. "$top_srcdir/tests/lab/domain-matrix.sh"
seconds=${MATRIX_SECONDS:-100}
seed=${MATRIX_SEED:-$(date +%s)}
log=${MATRIX_LOG:-$dir/all}
end=$(($(date +%s) + seconds))
export VM_SECONDS=600
matrix_boot
status=0
# The guest has a time of its own, so a round is so many faults.
while [ $status = 0 ] && [ "$(date +%s)" -lt $end ]; do
    seed=$((seed + 1))
    folder=plugins
    [ $((seed % 2)) = 0 ] || folder=keeps
    matrix_begin $folder
    matrix 3600 -n 200 -s $seed ${MATRIX_KIND:+-k "$MATRIX_KIND"} \
        >"$dir/rows" || status=$?
    tail -n 1 "$dir/rows"
    # What the guest's programs say comes in one stream.
    grep -v -e '^cell ' -e '^frames ' "$dir/rows" >"$dir/why"
    [ $status = 0 ] \
        || echo "bad seed $seed: $(head -n 1 "$dir/why")" >>"$dir/rows"
    flock "$log" cat "$dir/rows" >>"$log"
    [ $status != 0 ] || matrix_end
done
awk -v kinds="crash hang exit stack sleep call write divide wild illegal trap\
 code data ruin abort" -v modes="domain alone" \
    -v moments="first before,first at,first within,first behind,middle before,\
middle at,middle within,middle behind,last before,last at,last within,last\
 behind" -f "$top_srcdir/tests/lab/chaos.awk" "$log"
[ $status = 0 ] || fail "seed $seed: $(cat "$dir/why")
$(inside 'tail -n 5 /tmp/switch.log; dmesg | tail -n 5')"
