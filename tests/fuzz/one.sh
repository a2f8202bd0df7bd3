#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Runs one fuzz target that run.sh has built, in the folder of that build:
#
#     tests/fuzz/one.sh SOURCE TARGET
#
# for FUZZ_SECONDS, or FUZZ_RUNS times (see run.sh), with FUZZ_OPTIONS as more
# options of libFuzzer (-max_len=1024), and says in a line what came of it; all
# of the output is in TARGET.log.
set -eu
source=$1 target=$2
kept=$source/tests/fuzz/corpus/$target
mkdir -p "corpus/$target"
# The clock of -timeout goes on where another has the processor, and a long run
# leaves it to all others.
timeout=10
[ -z "${FUZZ_RUNS:-}" ] || timeout=100
set -- "-timeout=$timeout" -rss_limit_mb=2048 -print_final_stats=1 \
    "-artifact_prefix=crashes/$target-"
[ -z "${FUZZ_SECONDS:-}" ] || set -- "$@" "-max_total_time=$FUZZ_SECONDS"
[ -z "${FUZZ_RUNS:-}" ] || set -- "$@" "-runs=$FUZZ_RUNS"
# shellcheck disable=SC2086
set -- "$@" ${FUZZ_OPTIONS:-}
# Memory that is used again soon is in the cache still.
[ -n "${ASAN_OPTIONS:-}" ] \
    || export ASAN_OPTIONS=quarantine_size_mb=8:malloc_context_size=4

# covered [INITED]: what libFuzzer said of coverage and corpus, then or last.
covered()
{
    awk -v when="${1-}" '$3 == "cov:" && (when == "" || $2 == when) {
            split($8, n, "/")
            print $4 " by " n[1] " inputs"
        }' "$target.log" | tail -n 1
}

final()
{
    sed -n "s/^stat::$1: *//p" "$target.log"
}

# Every now and then, until it has ended.
report()
{
    while sleep "$1" && kill -0 "$2" 2>/dev/null; do
        echo "fuzz $target: $(grep -a '^#[0-9]' "$target.log" | tail -n 1 \
            | tr '\t' ' ' | cut -d '/' -f 1)"
    done
}

began=$(date +%s)
"tests/fuzz/fuzz-$target" "$@" "corpus/$target" "$kept" >"$target.log" 2>&1 &
pid=$!
trap 'kill $pid' INT TERM
reporter=
if [ -n "${FUZZ_REPORT:-}" ]; then
    report "$FUZZ_REPORT" $pid &
    reporter=$!
fi
status=0
wait $pid || status=$?
[ -z "$reporter" ] || kill $reporter
took=$(($(date +%s) - began))
case $status in
0) result=clean ;;
72) result=interrupted ;;       # libFuzzer's, of SIGINT and SIGTERM
*) result=FAILED ;;
esac
echo "fuzz $target: $result, $(final number_of_executed_units) runs in $took s" \
    "($(final average_exec_per_sec) a second); edges reached:" \
    "$(covered INITED), then $(covered);" \
    "$(find crashes -name "$target-*" | wc -l) findings kept"
if [ $status != 0 ]; then
    tail -n 40 "$target.log"
    exit 1
fi
