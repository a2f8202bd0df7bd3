#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Events arrive while they happen, and are remembered.
. "${top_srcdir:-..}/tests/functions.sh"
requires jq
start_host
xvsctl switch add lan
last=$(xvsctl event --json | jq '[.[].Sequence] | max')
[ "$last" -gt 0 ] || fail "nothing is remembered"
xvsctl event follow --json >"$dir/followed" &
follower=$!
cleanup_fn "kill $follower"
xvsctl event follow --since "$last" >"$dir/since" &
cleanup_fn "kill $!"
# found_again: xvsd has seen the switch program of this round, too.
found_again()
{
    [ "$(grep -c switch-found "$dir/xvsd.log")" -gt $round ]
}

# What happened before it was there is not news to a follower.
for round in 1 2 3 4 5 6; do
    stop "$switch_pid" || :
    ! wait_for 2 grep -q switch-lost "$dir/followed" || break
    start_switch
    wait_for 10 found_again || fail "xvsd does not find xvs-switch again"
done
[ -s "$dir/followed" ] || fail "no event in $round rounds"
wait_for 10 grep -q switch-lost "$dir/since" \
    || fail "--since: $(cat "$dir/since")"
[ $round != 1 ] || ! grep -q switch-found "$dir/followed" \
    || fail "an old event is no news: $(cat "$dir/followed")"
start_switch
wait_for 10 grep -q switch-found "$dir/followed" || fail "no second event"
jq -es 'all(.[]; .class == "XVS_Event" and .Sequence > '"$last"')' \
    "$dir/followed" >/dev/null || fail "JSON: $(cat "$dir/followed")"
expect switch-lost xvsctl event --since "$last"
[ -z "$(xvsctl event -n --since 1000000)" ] || fail "--since a late number"

# The server goes away: the follower says so.
stop "$xvsd_pid" || :
got=0
wait $follower || got=$?
[ $got != 0 ] || fail "the follower ends as if all were well"
