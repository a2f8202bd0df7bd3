#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Builds the fuzz targets with clang's libFuzzer, AddressSanitizer and
# UndefinedBehaviorSanitizer, and runs each for FUZZ_SECONDS (default 60),
# starting from its corpus, FUZZ_JOBS at a time (as many as there are
# processors); with FUZZ_SECONDS=0 it only builds them.
#
#     tests/fuzz/run.sh SOURCE [TARGET...]
#
# FUZZ_RUNS=N: so many runs of each instead, for which FUZZ_SECONDS is the time
# that there is at most; who runs is shown every FUZZ_REPORT seconds.
# FUZZ_FAST=yes: without these sanitizers but with assertions and
# -fsanitize=bounds, which is several times as fast.
#
# What a target finds is kept in ./fuzz/crashes of the current folder
# (./fuzz-fast/crashes).
set -eu
source=$1
shift
jobs=${FUZZ_JOBS:-$(nproc)}
if [ -n "${FUZZ_RUNS:-}" ]; then
    seconds=${FUZZ_SECONDS:-}
else
    seconds=${FUZZ_SECONDS:-60}
fi
if [ -n "${FUZZ_FAST:-}" ]; then
    folder=fuzz-fast
    flags='-O2 -g -fsanitize=bounds -fsanitize-trap=bounds'
    sanitizer=no
else
    folder=fuzz
    flags='-O1 -g -fno-sanitize-recover=undefined'
    sanitizer=address,undefined
fi

mkdir -p "$folder" && cd "$folder"
[ -f Makefile ] || "$source/configure" -q --enable-fuzzing \
    --enable-sanitizer="$sanitizer" CC=clang CFLAGS="$flags"
# Only what the targets are made of.
make -s -j"$(nproc)" xvs-mofc plugins/channel/connect/libconnect.a \
    $(for name in base client control manage marshal object packet port \
        schema service stage switch tap; do echo "core/lib$name.a"; done)
for plugin in acl channel compress encrypt guard snoop; do
    make -s -C "plugins/$plugin"
done
[ $# -gt 0 ] || set -- $(cd "$source/tests/fuzz" \
    && ls fuzz-*.c | sed 's/^fuzz-//; s/\.c$//')
mkdir -p crashes corpus
make -s -j"$(nproc)" -C tests $(printf 'fuzz/fuzz-%s ' "$@")

[ "$seconds" != 0 ] || exit 0
printf '%s\n' "$@" | xargs -P "$jobs" -n 1 env FUZZ_SECONDS="$seconds" \
    sh "$source/tests/fuzz/one.sh" "$source"
