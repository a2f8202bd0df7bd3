#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Partition domain on this very host: an extension says when it is installed
# whether it could be in one; xvs-switch says at its start whether there can be
# any, and a stage is put into one, or refused and goes on as it was.
. "${top_srcdir:-..}/tests/functions.sh"
start_host
xvsctl schema add "$top_srcdir/mof/xvs_guard.mof"
xvsctl ext install guard.so
xvsctl switch add lan

# What is found in a file is told before anybody tries; what there is, and how
# much of it, as xvsctl ext scan finds it.
scan()
{
    xvsctl ext show "$1" --json \
        | jq -r '"\(.DomainScan) \(.DomainFindings) \(.DomainFinding)"'
}
sanitized || [ "$(scan guard)" = "clean 0 null" ] || fail "$(scan guard)"
xvsctl ext install hang-setting.so
sanitized || case $(scan hang-setting) in
"findings "[1-9]*" null") fail "hang-setting: $(scan hang-setting)" ;;
"findings "[1-9]*) ;;
*) fail "hang-setting: $(scan hang-setting)" ;;
esac
sanitized || expect "findings" xvsctl ext list
stop "$switch_pid" || fail "xvs-switch ended with $?"
start_switch
wait_for 10 switch_is_there || fail "xvsd does not find xvs-switch"
stop "$xvsd_pid"
start_xvsd
wait_for 10 switch_is_there || fail "xvsd does not find xvs-switch"
sanitized || case $(scan hang-setting) in
"findings "*) ;;
*) fail "hang-setting, when the programs have started again: $(scan hang-setting)" ;;
esac
xvsctl ext remove hang-setting

partition()
{
    xvsctl stage show guard lan --value Partition
}

if grep -q "partition domain is there" "$dir/switch.log"; then
    xvsctl ext enable guard lan --partition domain
    [ "$(partition)" = domain ] || fail "it is $(partition)"
    exit 0
fi
why=$(sed -n 's/.*partition domain is not there: //p' "$dir/switch.log" \
    | tail -n 1)
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
