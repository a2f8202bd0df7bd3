#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The corpora of fuzz-block, fuzz-layout and fuzz-oid as a regression test.
set -e
for target in block layout oid; do
    "fuzz/fuzz-$target" "$top_srcdir/tests/fuzz/corpus/$target"
done
