#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# bench-partition's part of domains with real protection keys, in an emulated
# guest: its times say nothing of a processor, but each fault ends as it should.
#
#     make -C build/tests domain-bench [DOMAIN_FAULTS=N]
. "${top_srcdir:-..}/tests/functions.sh"
requires busybox strip
! sanitized || skip "a sanitizer writes everywhere"
. "$top_srcdir/tests/lab/vm.sh"
. "$top_srcdir/tests/lab/domain.sh"
mkdir -p "$dir/root/x"
cp "$top_builddir/tests/bench/partition/touch.so" \
    "$top_builddir/tests/bench/partition/fail.so" "$dir/root/x"
export VM_SECONDS=600
VM_PROCESSORS=2 lab_boot lab tests/bench/bench-partition
inside "bench-partition -t 20 -f ${DOMAIN_FAULTS:-20} -k 0 -u 0" 600
