#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# Measures one switch: starts it, runs the cases, ends it.
#
#     tests/bench/data/measure.sh SUBJECT CASE...
#
# Prints a line "CASE,SUBJECT,VALUE" per sample: Mpps, nanoseconds, Gbit/s or
# what the case says.  A program of its own, so that everything which one
# measurement started is gone before the next begins.  data.sh calls it.
#
# BENCH_SAMPLES (3) of BENCH_SECONDS (0.4) each; PEER_CPU (0) is the switch's
# core, PEER_CONTROL_CPU (1) that of the guests; PEER_HUGE see lab/peers.sh.
# A sample that lost more than BENCH_NOISE (8) percent of its time to other
# programs is made again; a machine that is at work otherwise needs 100.
top_srcdir=${top_srcdir:-$(cd "$(dirname "$0")/../../.." && pwd)}
. "$top_srcdir/tests/functions.sh"
. "$top_srcdir/tests/lab/peers.sh"
. "$top_srcdir/tests/bench/data/vhost.sh"
. "$top_srcdir/tests/bench/data/kernel.sh"
. "$top_srcdir/tests/bench/data/own.sh"
programs=$top_builddir/tests/bench/data
[ $# -ge 2 ] || { sed -n '4,6s/^# \{0,1\}//p' "$0" >&2; exit 2; }
subject=$1
shift

# put CASE VALUE...: one line for each.
put()
{
    name=$1
    shift
    for value; do
        printf '%s,%s,%s\n' "$name" "$subject" "$value" >>"$dir/results"
    done
}

: >"$dir/results"
started=
for case; do
    case $case in
    tcp | flood64) kernel_case "$case" ;;
    idle | port-memory | port-add) own_case "$case" ;;
    *) vhost_case "$case" ;;
    esac
done >&2
cat "$dir/results"
