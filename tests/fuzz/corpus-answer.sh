#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The corpora of fuzz-answer, fuzz-gate and fuzz-records as a regression test.
fuzz/fuzz-answer "$top_srcdir/tests/fuzz/corpus/answer" \
    && fuzz/fuzz-gate "$top_srcdir/tests/fuzz/corpus/gate" \
    && fuzz/fuzz-records "$top_srcdir/tests/fuzz/corpus/records"
