#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# A10: the acl lets pass and blocks what its rules say, per port and per
# switch: pings, connections, fragments; and counts it.
. "${top_srcdir:-..}/tests/functions.sh"
requires ip ping bash timeout jq
in_namespaces "$@"
guest_veth a 192.0.2.1/24
guest_veth b 192.0.2.2/24
start_host
xvsctl schema add "$top_srcdir/mof/xvs_acl.mof"
xvsctl ext install acl.so
xvsctl switch add lan
xvsctl port add lan a --driver packet --device "$tag.a"
xvsctl port add lan b --driver packet --device "$tag.b"
xvsctl ext enable acl lan

# rule SWITCH[/PORT] PROPERTY=VALUE...: adds one, its name is in $rule.
rule()
{
    class=XVS_AclSwitchRule
    [ "${1#*/}" = "$1" ] || class=XVS_AclPortRule
    rule=$(xvsctl feature add "$class" "$@" --names)
}

# count PORT COUNTER: of the port's status.
count()
{
    xvsctl query XVS_AclPortStatus "lan/$1" --value "$2"
}

# connects FROM ADDRESS PORT: nobody listens, but "refused" comes back.
connects()
{
    ip netns exec "$tag-$1" timeout 1 bash -c ": >/dev/tcp/$2/$3" 2>&1 \
        | grep -q refused
}

guest_ping a 192.0.2.2 || fail "no ping without rules"

# One port denies; the other goes on.
rule lan/a Direction=in Action=deny Protocol=6 DestinationPortLow=80
connects a 192.0.2.2 81 || fail "port 81 is blocked"
! connects a 192.0.2.2 80 || fail "port 80 is not blocked"
connects b 192.0.2.1 80 || fail "the rule of port a blocks port b"
[ "$(count a BlockedConnections)" -ge 1 ] || fail "$(count a BlockedPackets)"

# The switch denies for all, in the order of priority.
rule lan Action=deny Protocol=1 Priority=10
denial=$rule
! guest_ping a 192.0.2.2 1 || fail "the switch's rule does not block"
rule lan/a Action=allow Protocol=1 Priority=5
first=$rule
rule lan/b Action=allow Protocol=1 Priority=5
guest_ping a 192.0.2.2 || fail "the rules before it do not allow"
xvsctl feature remove "$denial" "$first" "$rule"

# By default nothing, but what a opens is answered, in fragments too.
xvsctl feature add XVS_AclPortSettings lan/a DefaultAction=deny
! guest_ping a 192.0.2.2 1 || fail "the default does not deny"
rule lan/a Direction=in Action=allow Stateful=true SourcePrefix=192.0.2.1
guest_ping a 192.0.2.2 || fail "replies do not pass"
ip netns exec "$tag-a" ping -n -q -c 1 -s 4000 -W 1 192.0.2.2 >"$dir/out" \
    || fail "fragments of replies do not pass: $(cat "$dir/out")"
connects a 192.0.2.2 81 || fail "TCP replies do not pass"
! guest_ping b 192.0.2.1 1 || fail "b reaches a"
! connects b 192.0.2.1 81 || fail "b reaches a with TCP"
[ "$(count a Connections)" -ge 2 ] || fail "connections: $(count a Connections)"

# A new denial ends what is open; its counter tells, until it is reset.
rule lan/a Direction=in Action=deny Priority=1 DestinationPrefix=192.0.2.2
! guest_ping a 192.0.2.2 1 || fail "the denial does not come first"
id=${rule##*\\}
packets()
{
    xvsctl query XVS_AclRuleStatus lan/a --json \
        | jq ".[] | select(.RuleInstance == \"$id\") | .Packets"
}
[ "$(packets)" -ge 1 ] || fail "the rule has not counted"
status=$(xvsctl query XVS_AclPortStatus lan/a --names)
xvsctl call "$status" ResetCounters IncludeConnections=true --json \
    >"$dir/out"
[ "$(jq .Cleared "$dir/out")" = 3 ] || fail "$(cat "$dir/out")"
[ "$(packets) $(count a Connections)" = "0 0" ] || fail "not reset"

# Refusals say what is wrong.
expect_fail 4 'SourcePrefix: "10.0.0.1/8" has address bits behind' \
    xvsctl feature add XVS_AclPortRule lan/a Action=allow \
    SourcePrefix=10.0.0.1/8
expect_fail 4 'Action: not given' \
    xvsctl feature validate XVS_AclPortRule lan/a Protocol=6
