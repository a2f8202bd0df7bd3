#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The corpus of fuzz-dns as a regression test.
exec fuzz/fuzz-dns "$top_srcdir/tests/fuzz/corpus/dns"
