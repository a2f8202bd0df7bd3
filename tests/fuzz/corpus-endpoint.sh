#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The corpus of fuzz-endpoint as a regression test.
exec fuzz/fuzz-endpoint "$top_srcdir/tests/fuzz/corpus/endpoint"
