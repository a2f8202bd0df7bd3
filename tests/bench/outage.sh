#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# For how long no frame passes a stage whose processes end: the active one, that
# and its standby, all; or one after the other over a frame (outage.py).
#
#     make -C tests bench-outage [OUTAGE_ROUNDS=N]
. "${top_srcdir:-..}/tests/functions.sh"
requires ip pgrep python3
in_namespaces "$@"
for guest in a b; do
    guest_quiet $guest 192.0.2.1/24
done
switch_options="--restarts=100000"
start_host
xvsctl ext install fault.so >/dev/null
xvsctl switch add lan >/dev/null
for guest in a b; do
    xvsctl port add lan $guest --driver packet --device "$tag.$guest" >/dev/null
done
xvsctl ext enable fault lan --partition process >/dev/null
python3 "$top_srcdir/tests/bench/outage.py" "$tag" "$switch_pid" \
    "${OUTAGE_ROUNDS:-50}" active both all poison || fail "$(xvsctl stage list)"
