#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The corpora of XML, CIM-XML, objects, paths and queries, replayed once.
set -eu
tests=${top_builddir:-..}/tests/fuzz
corpus=${top_srcdir:-../..}/tests/fuzz/corpus
for target in xml cimxml instances path wql; do
    "$tests/fuzz-$target" "$corpus/$target"
done
