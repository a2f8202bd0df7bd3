#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# A7: either daemon is killed and comes back; settings in force are those that
# were confirmed, and packets never stop while only xvsd is away.
. "${top_srcdir:-..}/tests/functions.sh"
in_namespaces "$@"
requires ip ping jq
guest_veth a 192.0.2.1/24
guest_veth b 192.0.2.2/24
start_host
xvsctl schema add "$top_srcdir/mof/xvs_acl.mof"
xvsctl ext install acl.so
xvsctl switch add lan
xvsctl port add lan a --driver packet --device "$tag.a"
xvsctl port add lan b --driver packet --device "$tag.b"
xvsctl ext enable acl lan
xvsctl feature add XVS_AclPortRule lan/a Direction=in Action=deny Protocol=17
xvsctl feature get --json | jq -S 'sort_by(.InstanceID)' >"$dir/before"
guest_ping a 192.0.2.2 || fail "no ping before"

same()
{
    xvsctl feature get --json | jq -S 'sort_by(.InstanceID)' >"$dir/after"
    diff "$dir/before" "$dir/after"
}

# xvsd: killed hard, the ping that runs all the while loses nothing.
ip netns exec "$tag-a" ping -n -q -c 40 -i 0.05 -W 1 192.0.2.2 \
    >"$dir/ping.out" &
ping_pid=$!
kill -9 "$xvsd_pid"
wait "$xvsd_pid" || :
start_xvsd
wait_for 10 switch_is_there || fail "xvsd does not adopt the switch"
wait "$ping_pid" || fail "ping while xvsd was away: $(cat "$dir/ping.out")"
grep -q ' 0% packet loss' "$dir/ping.out" || fail "$(cat "$dir/ping.out")"
same || fail "settings differ after xvsd was killed"
xvsctl event --json >"$dir/events"
! grep -q '"Kind": *"reconcile' "$dir/events" \
    || fail "nothing differed, but something was mended"

# xvs-switch: everything comes back.
kill -9 "$switch_pid"
wait "$switch_pid" || :
expect absent xvsctl switch list
start_switch
wait_for 10 switch_is_there || fail "xvsd does not find the new switch"
wait_for 10 guest_ping a 192.0.2.2 1 || fail "no ping after xvs-switch restart"
same || fail "settings differ after xvs-switch was killed"
expect in-force xvsctl feature get XVS_AclPortRule lan/a
stop "$xvsd_pid" || fail "xvsd does not end cleanly"
