#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The corpus of fuzz-answer as a regression test.
exec fuzz/fuzz-answer "$top_srcdir/tests/fuzz/corpus/answer"
