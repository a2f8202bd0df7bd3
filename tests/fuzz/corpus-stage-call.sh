#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The corpus of fuzz-stage-call as a regression test.
exec fuzz/fuzz-stage-call "$top_srcdir/tests/fuzz/corpus/stage-call"
