#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The corpus of fuzz-compress as a regression test.
exec fuzz/fuzz-compress "$top_srcdir/tests/fuzz/corpus/compress"
