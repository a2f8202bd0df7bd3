#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The corpora of fuzz-config and fuzz-kept as a regression test.
fuzz/fuzz-config "$top_srcdir/tests/fuzz/corpus/config" \
    && fuzz/fuzz-kept "$top_srcdir/tests/fuzz/corpus/kept"
