#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# A11: an admin is told that a stage has no standby, by the stage itself, by
# status and by metrics, and that it has one again.
. "${top_srcdir:-..}/tests/functions.sh"
requires curl pgrep

switch_options="--restarts 0"       # each failure makes the next start later
start_host
xvsctl switch add lan
for name in mark fault; do
    xvsctl ext install $name.so
done
xvsctl ext enable mark lan --partition process
xvsctl ext enable fault lan

# standby NAME: what the stage says of its standby.
standby()
{
    xvsctl stage show "$1" lan --value StandbyState
}

# is WORD: the standby is ...
is()
{
    [ "$(standby mark)" = "$1" ]
}

# metric STATE: 1 or 0.
metric()
{
    curl -sS --unix-socket "$XVS_SOCKET" http://localhost/metrics \
        | sed -n "s/^xvs_stage_standby_state{.*extension=\"mark\".*state=\"$1\"} //p"
}

[ -z "$(standby fault)" ] || fail "inline there is no standby"
wait_for 20 is present || fail "no standby: $(xvsctl stage show mark lan)"
[ "$(metric present) $(metric absent)" = "1 0" ] || fail "metrics"
expect "All is well" xvsctl status

# Whatever is not the process that works is killed, again and again.
missed()
{
    active=$(xvsctl stage show mark lan --value ProcessId)
    for pid in $(pgrep -P "$switch_pid" -f "xvs-stage mark"); do
        [ "$pid" = "$active" ] || kill -9 "$pid" || :
    done
    ! xvsctl status >"$dir/out" \
        && grep -q "^warning *stage mark of switch lan: has no standby; the \
last failure: mark was killed" "$dir/out" \
        && is absent && [ "$(metric absent)" = 1 ]
}
wait_for 30 missed || fail "nobody misses it: $(cat "$dir/out")"
[ "$(xvsctl stage show mark lan --value ProcessId)" = "$active" ] \
    || fail "the process that works was ended"
wait_for 30 is present || fail "no other standby comes"
! xvsctl status >"$dir/out"         # it still tells of the errors
! grep -q "no standby" "$dir/out" || fail "$(cat "$dir/out")"
