#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The corpora of the switch's fuzz targets as a regression test.
set -e
for target in control packet pipe vhost-front vhost-ring; do
    "fuzz/fuzz-$target" "$top_srcdir/tests/fuzz/corpus/$target"
done
