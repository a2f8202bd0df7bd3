#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The corpus of fuzz-snoop as a regression test.
exec fuzz/fuzz-snoop "$top_srcdir/tests/fuzz/corpus/snoop"
