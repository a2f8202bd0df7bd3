#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Static analysis of the C code; any finding fails.  (What xvs-mofc init makes
# projects of is no C yet.)
set -eu
cd "${1:-$(dirname "$0")/..}"
command -v cppcheck >/dev/null || {
    echo "check-analysis: cppcheck is not installed" >&2
    exit 1
}
cppcheck --quiet --error-exitcode=1 --std=c11 --inline-suppr \
    --enable=warning,portability --suppress=missingIncludeSystem \
    --suppress=normalCheckLevelMaxBranches -j "$(nproc)" \
    -i sdk/mofc/init/ -D_GNU_SOURCE -Icore -Isdk/include core sdk plugins
