#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# C8: how much of a worker's time a stage may use.  What comes beyond it is
# dropped by a stage that fails closed, and counted; the limit is kept by both
# daemons, exported and imported, and changed while packets flow.
. "${top_srcdir:-..}/tests/functions.sh"
requires ip
in_namespaces "$@"
. "$top_srcdir/tests/ethernet.sh"
for guest in a b; do
    guest_quiet $guest 192.0.2.1/24
done
start_host
xvsctl ext install fault.so
xvsctl switch add lan
for port in a b; do
    xvsctl port add lan $port --driver packet --device "$tag.$port"
done
xvsctl ext enable fault lan

# stage PROPERTY
stage()
{
    xvsctl stage show fault lan --value "$1"
}

# has_got N: that many frames came to the stage, in time or not.
has_got()
{
    [ $(($(stage Packets) + $(stage OverTime))) = "$1" ]
}

# work N: so many frames.  Each takes 2 ms, and 1 % of 10 ms are 0.1 ms.  A burst
# that has begun is let through whole; it has up to 256.
work()
{
    repeat a "02000000000102000000000a88b60c" 60 "$1" 200
}
[ "$(stage TimeShare)" = 0 ] || fail "a limit that nobody set"
work 200
wait_for 20 has_got 200 || fail "$(stage Packets) came"
[ "$(stage OverTime)" = 0 ] || fail "over time without a limit"
expect_fail 1 "TimeShare is 101; it can be 1 to 100 percent" \
    xvsctl stage set fault lan --time-share 101
expect_fail 1 "--time-share" xvsctl stage set fault lan --time-share much
expect "stage fault of lan changed" \
    xvsctl stage set fault lan --time-share 1
[ "$(stage TimeShare)" = 1 ] || fail "TimeShare is $(stage TimeShare)"
work 400
wait_for 20 has_got 600 || fail "$(stage Packets), $(stage OverTime) over"
[ "$(stage OverTime)" -gt 20 ] || fail "only $(stage OverTime) over time"
[ "$(stage Packets)" -gt 200 ] || fail "it has no time at all"

# Both daemons keep it.
stop "$xvsd_pid"
start_xvsd
wait_for 10 switch_is_there || fail "xvsd does not find xvs-switch"
[ "$(stage TimeShare)" = 1 ] || fail "xvsd has forgotten it"
kill -9 "$switch_pid"
wait "$switch_pid" || :
start_switch
is_back()
{
    [ "$(stage State)" = running ] && [ "$(stage Packets)" = 0 ] \
        && [ "$(xvsctl port show lan a --value State)" = up ]
}
wait_for 10 is_back || fail "the stage is not back"
work 400
wait_for 20 has_got 400 || fail "$(stage Packets), $(stage OverTime) over"
[ "$(stage OverTime)" -gt 20 ] || fail "xvs-switch was not told again"

# In a text, and back.
xvsctl config export lan -o "$dir/lan.cfg"
expect "time-share = 1;" cat "$dir/lan.cfg"
xvsctl stage set fault lan --time-share 0
over=$(stage OverTime)
work 200
wait_for 20 has_got 600 || fail "$(stage Packets), $(stage OverTime) over"
[ "$(stage OverTime)" = "$over" ] || fail "a limit that was taken back"
xvsctl port remove lan a
xvsctl port remove lan b
xvsctl ext disable fault lan
xvsctl switch remove lan
xvsctl config import "$dir/lan.cfg" --switch lan
[ "$(stage TimeShare)" = 1 ] || fail "it is not imported"
