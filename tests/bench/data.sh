#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# The data path against other switches, in one run:
#
#     make -C tests bench-data CASES="..."
#     tests/bench/data.sh [WHAT...]
#
# WHAT is a goal (G1, P3), a case (64B, tcp) or a switch (xvs, ovs-emc,
# testpmd); without any, all goals.  In each round all switches that take part
# are measured one after the other, so that what drifts hits all of them; what
# is compared, and with which result a goal holds, is in data/goals and
# data/summary.awk.  A switch that is not installed is left out, and said so.
#
# ROUNDS (5); BENCH_RAW: file to which samples are appended, so that runs can
# be added up; BENCH_PRIORITY (-20): of our session, against other work on the
# machine; BENCH_HUGE (1500): MiB of hugepages to reserve while it runs, 0 for
# none; BENCH_LIMIT (180): seconds that one switch may take; BENCH_DEBUG: show
# why one was left out.  See data/measure.sh for samples and cores.
#
# Packages of the others: bench_packages in autogen.sh, which installs them
# with --bench.
set -eu
top_srcdir=${top_srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}
top_builddir=${top_builddir:-$top_srcdir/build}
export top_srcdir top_builddir
here=$top_srcdir/tests/bench/data

[ "$(id -u)" = 0 ] || { echo "data.sh: needs root, for cores and hugepages" >&2
    exit 77; }
# A session of its own is what the scheduler weighs against others.
if [ -z "${bench_session-}" ] && [ -w /proc/self/autogroup ]; then
    bench_session=1
    export bench_session
    exec setsid -w sh "$0" "$@"
fi
echo "${BENCH_PRIORITY:--20}" 2>/dev/null >/proc/self/autogroup || :

work=$(mktemp -d "${TMPDIR:-/tmp}/xvs-bench.XXXXXX")
pages=/proc/sys/vm/nr_hugepages
pages_before=$(cat $pages)
cleanup()
{
    status=$?
    trap - EXIT INT TERM
    ! mountpoint -q "$work/huge" 2>/dev/null || umount "$work/huge"
    echo "$pages_before" >$pages
    rm -rf "$work"
    exit $status
}
trap cleanup EXIT
trap 'exit 1' INT TERM

# Reserves hugepages for all who take part.
reserve()
{
    [ "${BENCH_HUGE:-1500}" -gt 0 ] || return 0
    echo $((pages_before + ${BENCH_HUGE:-1500} / 2)) >$pages
    free=$(awk '$1 == "HugePages_Free:" { print $2 }' /proc/meminfo)
    if [ "$free" -lt $((${BENCH_HUGE:-1500} / 2)) ]; then
        echo "data.sh: only $free hugepages are free" >&2
        [ "$free" -ge 550 ] || return 0
    fi
    mkdir "$work/huge"
    mount -t hugetlbfs -o pagesize=2M none "$work/huge"
    PEER_HUGE=$work/huge
    export PEER_HUGE
}

# wanted: the goals that match the arguments.
wanted()
{
    awk -v what="$*" '
        BEGIN { n = split(what, words, " ") }
        /^#/ || NF < 7 { next }
        { split($4, part, "@"); hit = n == 0 }
        { for (i = 1; i <= n; i++) {
            hit = hit || words[i] == $1 || words[i] == $2 || words[i] == $3 \
                || words[i] == part[1] } }
        hit' "$here/goals"
}

# plan: "SUBJECT CASE..." of every switch that the goals name, in their order.
plan()
{
    awk '
        function add(subject, name) {
            if (subject == "-" || (subject, name) in seen) { return }
            seen[subject, name] = 1
            if (!(subject in cases)) { order[++n] = subject }
            cases[subject] = cases[subject] " " name
        }
        { sub(/-p99$/, "", $2); add($3, $2); split($4, part, "@")
          add(part[1], part[2] ? part[2] : $2) }
        END { for (i = 1; i <= n; i++) { print order[i] cases[order[i]] } }' \
        "$work/goals"
}

# reason: why the last measurement failed.
reason()
{
    grep -hE '^(SKIP|FAIL)' "$work/err" "$work/out" \
        || { tail -n 1 "$work/err"
             echo "(or no end after ${BENCH_LIMIT:-180} s)"; }
}

# measure ROUND SUBJECT CASE...
measure()
{
    round=$1
    shift
    huge=${PEER_HUGE-}
    case $1 in
    *-small)
        # As on a machine without hugepages; those in use stay.
        PEER_HUGE=
        echo 0 >$pages
        ;;
    esac
    if timeout -k 10 "${BENCH_LIMIT:-180}" sh "$here/measure.sh" "$@" >"$work/out" 2>"$work/err"; then
        sed "s/\$/,$round/" "$work/out" >>"$raw"
    else
        echo "round $round: left out: $1: $(reason)" >&2
        [ -z "${BENCH_DEBUG-}" ] || cat "$work/err" >&2
    fi
    case $1 in
    *-small)
        echo $((pages_before + ${BENCH_HUGE:-1500} / 2)) >$pages
        PEER_HUGE=$huge
        ;;
    esac
}

for program in ovs-vsctl dpdk-testpmd iperf3 ethtool jq; do
    command -v $program >/dev/null || echo "data.sh: $program is not" \
        "installed: ./autogen.sh --bench installs what is measured with" >&2
done
wanted "$@" >"$work/goals"
[ -s "$work/goals" ] || { echo "data.sh: no goal matches: $*" >&2; exit 2; }
reserve
raw=${BENCH_RAW:-$work/raw}
: >>"$raw"
plan >"$work/plan"
printf '%s, %s, %s rounds\n' "$(date -u +%Y-%m-%d)" \
    "$(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1)" "${ROUNDS:-5}"
for round in $(seq "${ROUNDS:-5}"); do
    while read -r line <&3; do
        # shellcheck disable=SC2086
        measure "$round" $line
    done 3<"$work/plan"
done
awk -f "$here/summary.awk" "$raw" "$work/goals"
