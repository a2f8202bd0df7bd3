#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The corpus of fuzz-state as a regression test.
exec fuzz/fuzz-state "$top_srcdir/tests/fuzz/corpus/state"
