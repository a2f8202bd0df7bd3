#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# How long "xvsctl port list" takes as a user waits for it: start, connection,
# two classes, the ports.  Prints minimum, median and 90th percentile of RUNS
# (100) in milliseconds; fails above 10 ms (median).
. "${top_srcdir:-..}/tests/functions.sh"
in_namespaces "$@"
requires ip
start_host
xvsctl switch add lan
for port in a b c d; do
    xvsctl port add lan $port --device "$tag.$port"
done

runs=${RUNS:-100}
for ((i = 0; i < runs; i++)); do
    start=$EPOCHREALTIME
    xvsctl port list >/dev/null
    end=$EPOCHREALTIME
    echo $((${end/./} - ${start/./}))
done | sort -n >"$dir/times"
at()
{
    sed -n "$((runs * $1 / 100 + 1))p" "$dir/times"
}
median=$(at 50)
printf 'xvsctl port list: min %d.%03d, median %d.%03d, p90 %d.%03d ms\n' \
    $(($(at 0) / 1000)) $(($(at 0) % 1000)) $((median / 1000)) \
    $((median % 1000)) $(($(at 90) / 1000)) $(($(at 90) % 1000))
[ "$median" -le 10000 ] || fail "slower than 10 ms"
