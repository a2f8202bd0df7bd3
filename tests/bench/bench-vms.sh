#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# How long commands about one VM take among ten and among VMS (10,000), as a
# user waits for them, and a list of all.  Prints the median of RUNS (50) in
# milliseconds for each, and the ratio; a command about one VM fails above 1.5.
. "${top_srcdir:-..}/tests/functions.sh"
. "$top_srcdir/tests/many-vms.sh"
in_namespaces "$@"
requires ip jq
many=${VMS:-10000}
runs=${RUNS:-50}
start_host
xvsctl schema add "$top_srcdir/mof/xvs_channel.mof"
xvsctl ext install channel.so
xvsctl ext enable channel host

# took COMMAND...: the median in microseconds.
took()
{
    local start end
    for ((i = 0; i < runs; i++)); do
        start=$EPOCHREALTIME
        xvsctl "$@" >"$dir/out" || exit 1
        end=$EPOCHREALTIME
        echo $((${end/./} - ${start/./}))
    done | sort -n | sed -n "$((runs / 2 + 1))p"
}
# Tells of each command about VM 7, by an alias; and the list.
tell()
{
    local command
    for command in "vm show alias7" "vm services alias7" "vm renew alias7" \
        "vm register vm7 --lease 0" "vm list"; do
        # shellcheck disable=SC2086
        echo "$(took $command) $command"
    done
}

vms 0 10 | xvsctl feature apply -f - >/dev/null
tell >"$dir/few"
start=$EPOCHREALTIME
for ((from = 10; from < many; from = to)); do
    to=$((from + 2000 < many ? from + 2000 : many))
    vms $from $to | xvsctl feature apply -f - >/dev/null
done
end=$EPOCHREALTIME
printf '%d VMs, each with a service, came in %d ms\n' $((many - 10)) \
    $(((${end/./} - ${start/./}) / 1000))
tell >"$dir/many"
paste -d ' ' "$dir/few" "$dir/many" | awk -v many="$many" '
    BEGIN { printf "%-28s %10s %10s %8s\n", "xvsctl", "of 10", "of " many,
            "ratio" }
    {
        few = $1
        $1 = ""
        n = NF / 2
        late = $(n + 1)
        name = $2
        for (i = 3; i <= n; i++) {
            name = name " " $i
        }
        bad = name != "vm list" && late > 1.5 * few
        worse = worse || bad
        printf "%-28s %7.2f ms %7.2f ms %8.2f%s\n", name, few / 1000,
            late / 1000, late / few, bad ? "  MISSED" : ""
    }
    END { exit worse }'
