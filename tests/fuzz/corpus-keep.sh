#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The corpus of fuzz-keep as a regression test.
exec fuzz/fuzz-keep "$top_srcdir/tests/fuzz/corpus/keep"
