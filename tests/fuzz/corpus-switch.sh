#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The corpora of fuzz-control, fuzz-packet and fuzz-pipe as a regression test.
set -e
for target in control packet pipe; do
    "fuzz/fuzz-$target" "$top_srcdir/tests/fuzz/corpus/$target"
done
