#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The corpus of fuzz-scan as a regression test.
exec fuzz/fuzz-scan "$top_srcdir/tests/fuzz/corpus/scan"
