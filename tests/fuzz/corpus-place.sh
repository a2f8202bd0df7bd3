#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The corpora of what other processes say of plugins as a regression test.
set -e
for target in description; do
    "fuzz/fuzz-$target" "$top_srcdir/tests/fuzz/corpus/$target"
done
