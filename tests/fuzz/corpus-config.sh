#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The corpus of fuzz-config as a regression test.
exec fuzz/fuzz-config "$top_srcdir/tests/fuzz/corpus/config"
