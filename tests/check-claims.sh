#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Every claim of README.md has a test, see claims.txt; a part of check-docs.
set -eu
source=$(cd "$(dirname "$0")/.." && pwd)
readme=${1:-$source/README.md}
claims=$source/tests/claims.txt
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The prose of README.md, a clause per line.
awk '/^```/ { code = !code }
    code || /^(```|\||#|    )/ || /^$/ { end(); next }
    { text = text (text == "" ? "" : " ") $0 }
    END { end() }
    function end() {
        if (text != "") {
            gsub(/[.;] /, "&\n", text)
            print text
        }
        text = ""
    }' "$readme" >"$work/clauses"
grep -v '^#' "$claims" >"$work/claims"

# Clauses of which nothing is listed, and lines of which nothing is claimed.
awk -F ' [|] ' '
    FILENAME == ARGV[1] { words[++n] = $1; next }
    /[A-Za-z]/ {
        known = 0
        for (i = 1; i <= n; i++) {
            if (index($0, words[i])) {
                known = used[i] = 1
            }
        }
        if (!known) {
            print "README.md claims \"" $0 "\": add a line to tests/claims.txt"
        }
    }
    END {
        for (i = 1; i <= n; i++) {
            if (!used[i]) {
                print "README.md does not claim \"" words[i] \
                    "\": tests/claims.txt"
            }
        }
    }' "$work/claims" "$work/clauses" >"$work/bad"

# What shows it is there, and is run.
sed 's/.* | //' "$work/claims" | while read -r shown; do
    case $shown in
    '- '?*) continue ;;
    esac
    set -- $shown
    while [ $# -gt 0 ]; do
        case $1 in
        test-*.sh)
            [ -e "$source/tests/$1" ] \
                && grep -q -- "$1" "$source"/tests/*.mk \
                || echo "tests/$1 is not there, or not run"
            ;;
        .ci/run:)
            shift
            grep -q "^step $1 " "$source/.ci/run" \
                || echo ".ci/run has no step $1"
            ;;
        make:)
            shift
            grep -q "^$1:" "$source"/tests/*.mk \
                || echo "tests/Makefile has no target $1"
            ;;
        *) echo "tests/claims.txt: what is '$1'?" ;;
        esac
        shift
    done
done >>"$work/bad"
if [ -s "$work/bad" ]; then
    sed 's/^/check-claims: /' "$work/bad" >&2
    exit 1
fi
