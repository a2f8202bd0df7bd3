#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The corpus of fuzz-mof as a regression test.
exec fuzz/fuzz-mof "$top_srcdir/tests/fuzz/corpus/mof"
