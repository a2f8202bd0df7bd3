#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The corpus of fuzz-mux as a regression test.
exec fuzz/fuzz-mux "$top_srcdir/tests/fuzz/corpus/mux"
