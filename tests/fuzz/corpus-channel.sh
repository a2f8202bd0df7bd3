#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The corpora of what clients of the extension channel say, as a regression
# test.
set -eu
for target in channel-client channel-http channel-http2 channel-line; do
    fuzz/fuzz-$target "$top_srcdir/tests/fuzz/corpus/$target"
done
