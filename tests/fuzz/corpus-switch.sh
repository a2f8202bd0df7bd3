#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The corpora of fuzz-control and fuzz-packet as a regression test.
fuzz/fuzz-control "$top_srcdir/tests/fuzz/corpus/control" \
    && fuzz/fuzz-packet "$top_srcdir/tests/fuzz/corpus/packet"
