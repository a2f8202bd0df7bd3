#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The corpus of fuzz-encrypt as a regression test.
exec fuzz/fuzz-encrypt "$top_srcdir/tests/fuzz/corpus/encrypt"
