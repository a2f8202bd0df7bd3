#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The corpus of fuzz-acl as a regression test.
exec fuzz/fuzz-acl "$top_srcdir/tests/fuzz/corpus/acl"
