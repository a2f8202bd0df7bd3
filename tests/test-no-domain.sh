#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Partition domain on this very host: xvs-switch says at its start whether
# there can be any, and a stage is put into one, or refused and goes on as it
# was.
. "${top_srcdir:-..}/tests/functions.sh"
requires jq
start_host
xvsctl schema add "$top_srcdir/mof/xvs_guard.mof"
xvsctl ext install guard.so
xvsctl switch add lan

partition()
{
    xvsctl stage show guard lan --json | jq -r .Partition
}

if grep -q "partition domain is there" "$dir/switch.log"; then
    xvsctl ext enable guard lan --partition domain
    [ "$(partition)" = domain ] || fail "it is $(partition)"
    exit 0
fi
why=$(sed -n 's/.*partition domain is not there: //p' "$dir/switch.log")
[ -n "$why" ] || fail "xvs-switch does not say that there are no domains"
grep -q -w pku /proc/cpuinfo || sanitized \
    || [ "$why" = "this processor has no protection keys (PKU)" ] \
    || fail "it says: $why"
expect_fail 1 "$why (use partition process)" \
    xvsctl ext enable guard lan --partition domain
[ -z "$(xvsctl stage list --names)" ] || fail "it is enabled"
xvsctl ext enable guard lan
expect_fail 1 "$why" xvsctl stage set guard lan --partition domain
[ "$(partition)" = inline ] || fail "it is $(partition)"
