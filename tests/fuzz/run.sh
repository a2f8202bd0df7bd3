#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Builds the fuzz targets with clang's libFuzzer, AddressSanitizer and
# UndefinedBehaviorSanitizer, and runs each for FUZZ_SECONDS (default 60),
# starting from its corpus, as many at a time as there are processors.
#
#     tests/fuzz/run.sh SOURCE [TARGET...]
#
# What a target finds is kept in ./fuzz/crashes of the current folder.
set -eu
source=$1
shift
seconds=${FUZZ_SECONDS:-60}
jobs=$(nproc)

mkdir -p fuzz && cd fuzz
[ -f Makefile ] || "$source/configure" -q --enable-fuzzing \
    --enable-sanitizer=address,undefined CC=clang CXX=clang++ \
    CFLAGS='-O1 -g -fno-sanitize-recover=undefined'
# The daemons' libraries first; only they and the targets are built.
make -s -j"$jobs" all-am
[ $# -gt 0 ] || set -- $(cd "$source/tests/fuzz" \
    && ls fuzz-*.c | sed 's/^fuzz-//; s/\.c$//')
mkdir -p crashes corpus
for target; do
    make -s -C tests "fuzz/fuzz-$target"
done

# one TARGET: exit status of the run; its output in TARGET.log.
one()
{
    mkdir -p "corpus/$1"
    if "tests/fuzz/fuzz-$1" -max_total_time="$seconds" -timeout=10 \
        -rss_limit_mb=2048 -artifact_prefix="crashes/$1-" -print_final_stats=1 \
        "corpus/$1" "$source/tests/fuzz/corpus/$1" >"$1.log" 2>&1; then
        echo "fuzz $1: clean, $(sed -n \
            's/^stat::number_of_executed_units: *//p' "$1.log") runs"
    else
        echo "fuzz $1: FAILED"
        tail -n 40 "$1.log"
        return 1
    fi
}

if [ -n "${FUZZ_ONE-}" ]; then
    one "$FUZZ_ONE"
    exit
fi
printf '%s\n' "$@" | xargs -P "$jobs" -I{} env FUZZ_ONE={} \
    sh -c 'cd .. && FUZZ_ONE='{}' sh "'"$source"'/tests/fuzz/run.sh" "'"$source"'" '{}
