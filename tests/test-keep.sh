#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# C4, A8: memory that an extension keeps.  tally counts a numbered stream there
# and crashes at every 250th frame, when it has counted it; its processes are
# killed, it is upgraded to a version that keeps something else, moves to
# other partitions, is disabled and enabled: at the end it has counted each
# frame once.
. "${top_srcdir:-..}/tests/functions.sh"
requires ip ping jq pgrep
in_namespaces "$@"
. "$top_srcdir/tests/stream.sh"
. "$top_srcdir/tests/ethernet.sh"

guest_veth a 192.0.2.1/24
guest_veth b 192.0.2.2/24
switch_options="--restarts=1000000"
start_host
xvsctl schema add "$top_srcdir/tests/plugins/tally.mof"
xvsctl ext install tally.so
xvsctl switch add lan
for guest in a b; do
    xvsctl port add lan $guest --driver packet --device "$tag.$guest"
done
xvsctl ext enable tally lan --partition process

# stage FILTER: of what is known of it.
stage()
{
    xvsctl stage show tally lan --json \
        | jq -r "if type == \"array\" then .[0] else . end | $1"
}

# tally FILTER: of what it says.
tally()
{
    xvsctl wql 'SELECT * FROM Test_TallyStatus' --json | jq -r ".[0] | $1"
}

# It has its three processes.
standby()
{
    [ "$(pgrep -P "$switch_pid" -f "xvs-stage tally" | wc -l)" = 3 ]
}

# at_least NUMBER NAME: tally says so much.
at_least()
{
    [ "$(tally ".$2")" -ge "$1" ]
}

# another PID: the stage has another process than that.
another()
{
    pid=$(stage .ProcessId)
    [ "$pid" != "$1" ] && [ "$pid" -gt 0 ]
}

crashed_in_taken()
{
    xvsctl event list | grep -qF "tally crashed in taken (SIGSEGV at 0x10)"
}

# is WHAT: nothing is counted that did not follow the frame before; so many
# settings; in this version.
is()
{
    wait_for 20 says "$1" || fail "not $1: $(tally .) $(stage .)"
}
says()
{
    [ "$(tally '"\(.Wrong) \(.Settings) \(.Version)"')" = "$1" ]
}

guest_ping a 192.0.2.2 1 || fail "no ping"
stream_begin 4
for partition in process copy; do
    xvsctl stage set tally lan --partition $partition || fail "$partition"
    for _ in 1 2; do
        wait_for 20 standby || fail "no standby: $(stage .)"
        pid=$(stage .ProcessId)
        kill -9 "$pid" 2>/dev/null || :
        wait_for 20 another "$pid" || fail "no other process"
    done
    crashes=$(($(tally .Crashes) + 2))
    wait_for 30 at_least $crashes Crashes || fail "no crash: $(tally .)"
done
is "0 0 1"

# All its processes at once.
wait_for 20 standby || fail "no standby: $(stage .)"
pid=$(stage .ProcessId)
pgrep -P "$switch_pid" -f "xvs-stage tally" | xargs kill -9 2>/dev/null || :
wait_for 20 another "$pid" || fail "no other process"

# Settings are counted once each, though the standby and all that follow are
# told of them, too; one in which it crashes is not at all.
xvsctl feature add Test_Tally lan Attempt=one || fail "a setting"
! xvsctl feature add Test_Tally lan Attempt=crash 2>"$dir/crash" \
    || fail "it does not crash"
grep -q "tally crashed in ADD" "$dir/crash" || fail "$(cat "$dir/crash")"
wait_for 20 standby || fail "no standby: $(stage .)"
is "0 1 1"
xvsctl feature add Test_Tally lan Attempt=two || fail "a setting"
is "0 2 1"

# It crashes when it takes over what there is; the next one has it, and what that
# one wrote is taken back.
wait_for 20 standby || fail "no standby: $(stage .)"
xvsctl feature add Test_Tally lan Attempt=taken || fail "a setting"
pid=$(stage .ProcessId)
kill -9 "$pid" 2>/dev/null || :
wait_for 20 crashed_in_taken || fail "nobody told of it: $(xvsctl event list)"
wait_for 20 another "$pid" || fail "no other process"
wait_for 20 standby || fail "no standby: $(stage .)"
is "0 2 1"

# Another version converts what there was, and the first one does it again.
for version in 2 1; do
    converted=$(tally .Converted)
    file=tally.so
    [ $version = 1 ] || file=tally-2.so
    xvsctl ext upgrade tally $file || fail "upgrade to $file"
    wait_for 20 at_least $((converted + 1)) Converted \
        || fail "not converted: $(tally .)"
    is "0 2 $version"
done

# It moves, and everything is there.
for partition in inline process; do
    xvsctl stage set tally lan --partition $partition || fail "$partition"
    is "0 2 1"
done
stream_end
sum()
{
    [ "$(tally .Total)" = "$sent" ]
}
wait_for 10 sum || fail "sent $sent: $(tally .) $(stage .)"
for flow in 0 1 2 3; do
    [ $(($(tally .Flow$flow) - sent / 4)) -le 1 ] \
        && [ $(($(tally .Flow$flow) - sent / 4)) -ge 0 ] \
        || fail "flow $flow of $sent: $(tally .)"
done
[ "$(tally '.Flow0 + .Flow1 + .Flow2 + .Flow3')" = "$sent" ] \
    || fail "flows of $sent: $(tally .)"
[ "$(tally .Crashes)" -ge 4 ] && [ "$(tally .Taken)" -ge 10 ] \
    || fail "$(tally .)"
[ "$(stage .KeptBytes)" -gt 100 ] && [ "$(stage .KeptHandovers)" -ge 10 ] \
    && [ "$(stage .KeptUndone)" -ge 12 ] \
    && stage .KeptSince | grep -q "^$(date -u +%Y%m%d)" \
    || fail "what is kept: $(stage .)"

# Off and on again; and gone with the extension.
xvsctl ext disable tally lan
xvsctl ext enable tally lan --partition process
wait_for 10 sum || fail "forgotten by disabling it: $(tally .)"
xvsctl ext disable tally lan
xvsctl ext remove tally
xvsctl ext install tally.so
xvsctl ext enable tally lan --partition process
[ "$(tally .Total)" = 0 ] || fail "it outlives its extension: $(tally .)"
