#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The corpus of fuzz-lanes as a regression test.
exec fuzz/fuzz-lanes "$top_srcdir/tests/fuzz/corpus/lanes"
