#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The fault matrix with stages in domains, some of it ("fault-matrix-domain"
# has numbers): kinds of fault x place in the chain x moment, in an emulated
# guest, under two streams on two workers, of which no frame is lost, late,
# doubled or changed but the one that does harm; and the same with an extension
# that keeps memory, which has the number of each frame there, once.
. "${top_srcdir:-..}/tests/functions.sh"
requires busybox strip
! sanitized || skip "a sanitizer writes everywhere"
. "$top_srcdir/tests/lab/vm.sh"
. "$top_srcdir/tests/lab/domain.sh"
. "$top_srcdir/tests/lab/domain-matrix.sh"
matrix_boot tests/gate-flood
inside "gate-flood 1000" 120 >"$dir/out" 2>&1 \
    || fail "a fault together with the watchdog's signal: $(cat "$dir/out")"
for folder in plugins keeps; do
    matrix_begin $folder
    matrix 600 -n 60 >"$dir/rows" || fail "$folder: $(grep -v ^cell "$dir/rows")
$(inside 'tail -n 5 /tmp/switch.log; dmesg | tail -n 3')"
    matrix_end
done
