#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# C1, C5: an extension in a process of its own that lies, in every way that
# there is (doc/security.md, "Hostile extensions"), with packets and with copies
# of them: under a stream that passes it each kind of harm ends its processes or
# is refused, an event says which it was, and nothing else is disturbed.
. "${top_srcdir:-..}/tests/functions.sh"
. "$top_srcdir/tests/lab/matrix.sh"
quick=
! sanitized || quick=-q
matrix_begin
# shellcheck disable=SC2086
matrix -e $quick >"$dir/rows" 2>"$dir/matrix.log" \
    || fail "$(tail -n 1 "$dir/rows"): $(cat "$dir/matrix.log")"
matrix_end
