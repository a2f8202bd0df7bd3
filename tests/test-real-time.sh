#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Processes of extensions are not in the real-time class of xvs-switch, nor
# are those that take their place.  (All of them idle: who loops in such a
# class has the processor to himself.)
. "${top_srcdir:-..}/tests/functions.sh"
in_namespaces "$@"
requires chrt
chrt -r 1 true 2>/dev/null || skip "no real-time class for us"

start_host
chrt -a -r -p 1 "$switch_pid" || skip "no real-time class for xvs-switch"
xvsctl schema add "$top_srcdir/mof/xvs_acl.mof"
xvsctl ext install acl.so
xvsctl switch add lan
xvsctl ext enable acl lan --partition process

# stages: pids of the extension's processes.
stages()
{
    pgrep -P "$switch_pid" -x xvs-stage
}
# ordinary: xvs-switch has real time, and of them no thread has.
ordinary()
{
    chrt -p "$switch_pid" | grep -q SCHED_RR || fail "xvs-switch lost it"
    for thread in $(stages | sed 's|.*|/proc/&/task/*|'); do
        chrt -p "${thread##*/}" >>"$dir/classes" || :
    done
    ! grep -E "SCHED_(RR|FIFO)" "$dir/classes" || fail "the extension has it"
}
two()
{
    [ "$(stages | wc -l)" -ge 2 ]
}
wait_for 10 two || fail "no standby"
ordinary
first=$(stages | head -n 1)
kill -KILL "$first"
gone()
{
    ! stages | grep -q "^$first\$" && two
}
wait_for 20 gone || fail "no process takes its place"
ordinary
[ "$(wc -l <"$dir/classes")" -ge 8 ] || fail "$(cat "$dir/classes")"
