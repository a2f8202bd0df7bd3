#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# A10: the acl lets pass and blocks what its rules say, per port and per
# switch: pings, connections, fragments; and counts it.
. "${top_srcdir:-..}/tests/functions.sh"
requires ip ping bash timeout jq
in_namespaces "$@"
guest_veth a 192.0.2.1/24
guest_veth b 192.0.2.2/24
chmod 755 "$dir"
start_switch

say()
{
    "$top_builddir/tests/switch-client" "$dir/control" \
        schema "$top_srcdir/mof/xvs_acl.mof" : "$@"
}

# rule PORT NUMBER PROPERTY=VALUE...: adds one; port - is the switch.
rule()
{
    class=XVS_AclPortRule
    [ "$1" != - ] || class=XVS_AclSwitchRule
    port=$1
    number=$2
    shift 2
    expect ok say set add 1 "$port" $class "$number" "$@"
}

# count PORT COUNTER: of the port's status.
count()
{
    say status 1 "$1" XVS_AclPortStatus | sed -n 's/^ok.*] //p' | jq ".$2"
}

# connects FROM ADDRESS PORT: nobody listens, but "refused" comes back.
connects()
{
    ip netns exec "$tag-$1" timeout 1 bash -c ": >/dev/tcp/$2/$3" 2>&1 \
        | grep -q refused
}

for class in PortRule SwitchRule PortSettings RuleStatus SwitchRuleStatus \
    PortStatus; do
    layouts="${layouts:-} : layout XVS_Acl$class"
done
# shellcheck disable=SC2086
expect ok say switch 1 lan : port 1 1 packet a "$tag.a" \
    : port 2 1 packet b "$tag.b" : load acl.so $layouts \
    : enable XVS_AclPortRule 1
guest_ping a 192.0.2.2 || fail "no ping without rules"

# One port denies; the other goes on.
rule 1 1 Direction=1 Action=2 Protocol=6 DestinationPortLow=80
connects a 192.0.2.2 81 || fail "port 81 is blocked"
! connects a 192.0.2.2 80 || fail "port 80 is not blocked"
connects b 192.0.2.1 80 || fail "the rule of port a blocks port b"
[ "$(count 1 BlockedConnections)" -ge 1 ] || fail "$(count 1 BlockedPackets)"

# The switch denies for all, in the order of priority.
rule - 2 Action=2 Protocol=1 Priority=10
! guest_ping a 192.0.2.2 1 || fail "the switch's rule does not block"
rule 1 3 Action=1 Protocol=1 Priority=5
rule 2 4 Action=1 Protocol=1 Priority=5
guest_ping a 192.0.2.2 || fail "the rules before it do not allow"
expect ok say set delete 1 1 XVS_AclPortRule 3 , \
    delete 1 2 XVS_AclPortRule 4 , delete 1 - XVS_AclSwitchRule 2

# By default nothing, but what a opens is answered, in fragments too.
expect ok say set add 1 1 XVS_AclPortSettings 5 DefaultAction=2
! guest_ping a 192.0.2.2 1 || fail "the default does not deny"
rule 1 6 Direction=1 Action=1 Stateful=true SourcePrefix=192.0.2.1/32
guest_ping a 192.0.2.2 || fail "replies do not pass"
ip netns exec "$tag-a" ping -n -q -c 1 -s 4000 -W 1 192.0.2.2 >"$dir/out" \
    || fail "fragments of replies do not pass: $(cat "$dir/out")"
connects a 192.0.2.2 81 || fail "TCP replies do not pass"
! guest_ping b 192.0.2.1 1 || fail "b reaches a"
! connects b 192.0.2.1 81 || fail "b reaches a with TCP"
[ "$(count 1 Connections)" -ge 2 ] || fail "connections: $(count 1 Connections)"

# A new denial ends what is open; refusals say what is wrong.
rule 1 7 Direction=1 Action=2 Priority=1 DestinationPrefix=192.0.2.2/32
! guest_ping a 192.0.2.2 1 || fail "the denial does not come first"
expect_fail 1 'SourcePrefix: "10.0.0.1/8" has address bits behind' \
    say set add 1 1 XVS_AclPortRule 8 Action=1 SourcePrefix=10.0.0.1/8
expect_fail 1 'Action: not given' say set validate 1 1 XVS_AclPortRule 8
expect '"Packets"' say status 1 1 XVS_AclRuleStatus
