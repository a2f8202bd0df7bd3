#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The corpus of fuzz-guard as a regression test.
exec fuzz/fuzz-guard "$top_srcdir/tests/fuzz/corpus/guard"
