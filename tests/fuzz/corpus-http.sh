#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# What the fuzzer of the management interface found interesting, once.
exec ./fuzz/fuzz-http "$top_srcdir/tests/fuzz/corpus/http"
