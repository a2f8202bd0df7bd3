#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
exec ./fuzz/fuzz-connect "$top_srcdir/tests/fuzz/corpus/connect"
