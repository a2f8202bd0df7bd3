#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Builds the fuzz targets with clang's libFuzzer, AddressSanitizer and
# UndefinedBehaviorSanitizer, and runs each for FUZZ_SECONDS (default 60),
# starting from its corpus, as many at a time as there are processors; with
# FUZZ_SECONDS=0 it only builds them.
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
    --enable-sanitizer=address,undefined CC=clang \
    CFLAGS='-O1 -g -fno-sanitize-recover=undefined'
# The daemons' libraries first; only they and the targets are built.
make -s -j"$jobs" all-am
for plugin in acl compress encrypt guard snoop; do
    make -s -C "plugins/$plugin"
done
[ $# -gt 0 ] || set -- $(cd "$source/tests/fuzz" \
    && ls fuzz-*.c | sed 's/^fuzz-//; s/\.c$//')
mkdir -p crashes corpus
make -s -j"$jobs" -C tests $(printf 'fuzz/fuzz-%s ' "$@")

# one TARGET: runs it; its output goes to TARGET.log, its status to TARGET.bad.
one()
{
    mkdir -p "corpus/$1"
    rm -f "$1.bad"
    if "tests/fuzz/fuzz-$1" -max_total_time="$seconds" -timeout=10 \
        -rss_limit_mb=2048 -artifact_prefix="crashes/$1-" -print_final_stats=1 \
        "corpus/$1" "$source/tests/fuzz/corpus/$1" >"$1.log" 2>&1; then
        echo "fuzz $1: clean, $(sed -n \
            's/^stat::number_of_executed_units: *//p' "$1.log") runs"
    else
        echo "fuzz $1: FAILED"
        tail -n 40 "$1.log"
        : >"$1.bad"
    fi
}

[ "$seconds" != 0 ] || exit 0
running=0
for target; do
    one "$target" &
    running=$((running + 1))
    if [ "$running" = "$jobs" ]; then
        wait
        running=0
    fi
done
wait
! ls ./*.bad 2>/dev/null
