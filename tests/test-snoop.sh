#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Multicast goes to members, of IPv4 and IPv6, once there is a querier: who
# joins, who leaves, routers, limits, and what is left when it ends.
. "${top_srcdir:-..}/tests/functions.sh"
requires ip jq
in_namespaces "$@"
. "$top_srcdir/tests/ethernet.sh"
group=$top_builddir/tests/switch-group
n=0
for name in a b s q; do
    n=$((n + 1))
    guest_veth $name 192.0.2.$n/24 2>/dev/null
    ip -n "$tag-$name" addr add fe80::$n/64 dev eth0 nodad
done

start_host
xvsctl schema add "$top_srcdir/mof/xvs_snoop.mof"
xvsctl ext install snoop.so
xvsctl switch add lan
for port in a b s q; do
    xvsctl port add lan $port --driver packet --device "$tag.$port"
done
xvsctl ext enable snoop lan
xvsctl feature add XVS_SwitchSnooping lan LeaveWait=1 MaxGroupsPerPort=100

# What is sent to the groups 239.1.1.1, ff3e::1234, 239.9.9.9 and 224.0.0.251.
v4=01005e010101
v6=333300001234
unknown=01005e090909
all=01005e0000fb

# join NAME GROUP...: until part NAME.
join()
{
    who=$1
    shift
    rm -f "$dir/joined.$who"
    ip netns exec "$tag-$who" "$group" join eth0 "$@" >"$dir/joined.$who" &
    echo $! >"$dir/member.$who"
    cleanup_fn "kill $!"
    wait_for 10 grep -q joined "$dir/joined.$who"
}

part()
{
    kill "$(cat "$dir/member.$1")"
}

# ask: a querier does, and all have answered.
ask()
{
    ip netns exec "$tag-q" "$group" query eth0 "${1:-igmp3}" 100
    ip netns exec "$tag-q" "$group" query eth0 "${2:-mld2}" 100
}

# members PORT: the groups it is in.
members()
{
    xvsctl query XVS_SnoopMember lan --json \
        | jq -r ".[] | select(.Port == \"$1\") | .Group" | sort | xargs
}

# is_member PORT GROUP
is_member()
{
    members "$1" | grep -qF "$2"
}

is_no_member()
{
    ! is_member "$@"
}

bound()
{
    [ "$(xvsctl query XVS_SnoopQuerier lan --json \
        | jq '[.[] | select(.Forwarding == 2)] | length')" = 2 ]
}

status()
{
    xvsctl query XVS_PortSnoopingStatus "lan/$1" --value "$2"
}

# get MAC NAME...: sent by s, it comes to exactly these.
serial=10
get()
{
    serial=$((serial + 1))
    hex=${1}02000000000988b6$serial
    shift
    for name in a b q; do
        case " $* " in
        *" $name "*) listen $name 10000 "$hex" ;;
        *) listen $name 600 "$hex" ;;
        esac
    done
    send s "$hex"
    for name in a b q; do
        case " $* " in
        *" $name "*) heard $name || fail "$name does not get $hex" ;;
        *) ! heard $name || fail "$name gets $hex" ;;
        esac
    done
}

# Without a querier nobody says what he listens to: all is flooded.
join a 239.1.1.1 ff3e::1234
get $v4 a b q

# A querier comes, and hosts answer it.
ask
wait_for 10 bound || fail "VLANs are not bound: $(xvsctl query \
    XVS_SnoopQuerier lan)"
[ "$(members a)" = "239.1.1.1 ff3e::1234" ] || fail "a: $(members a)"
expect 192.0.2.4 xvsctl query XVS_SnoopQuerier lan
expect fe80::4 xvsctl query XVS_SnoopQuerier lan
expect '"Mode": 3' xvsctl query XVS_SnoopMember lan --json
[ "$(xvsctl query XVS_SnoopRouter lan --json \
    | jq -r '[.[].Port] | unique | join(" ")')" = q ] \
    || fail "$(xvsctl query XVS_SnoopRouter lan)"
get $v4 a q
get $v6 a q
get $unknown q
get $all a b q

# Another one joins; other hosts do not hear its report, the router does.
listen a 800 01005e000016
listen q 10000 01005e000016
join b 239.1.1.1
heard q || fail "the router does not get reports"
! heard a || fail "a host gets another one's reports"
wait_for 10 is_member b 239.1.1.1
get $v4 a b q
# It ends with a leave, for each by itself.
part a
wait_for 10 is_no_member a 239.1.1.1 || fail "a has left: $(members a)"
get $v4 b q
# Version 2, and a leave that counts at once.
xvsctl feature add XVS_PortSnooping lan/b FastLeave=true
ask igmp2 mld1
answered()
{
    xvsctl query XVS_SnoopMember lan --json \
        | jq -e '.[] | select(.Port == "b" and .Mode == 2)'
}
wait_for 10 answered || fail "b does not speak IGMPv2"
part b
wait_for 10 is_no_member b 239.1.1.1 || fail "no fast leave"
[ "$(status b Leaves)" -ge 1 ] || fail "b has sent no leave"

# A flood of joins: the limit holds, and all of it is counted.
ip netns exec "$tag-s" "$group" flood eth0 1000
flooded()
{
    [ "$(($(status s Groups) + $(status s RefusedByPort) \
        + $(status s Lost)))" -ge 1000 ]
}
wait_for 10 flooded || fail "$(xvsctl query XVS_PortSnoopingStatus lan/s)"
[ "$(status s Groups)" = 100 ] || fail "$(status s Groups) groups"
[ "$(status s RefusedByPort)" -ge 900 ] || fail "refusals are not counted"

# What the operator says.
xvsctl feature add XVS_SnoopStaticGroup lan/b Group=239.9.9.9
get $unknown b q
xvsctl feature add XVS_SnoopGroupFilter lan/a Groups=239.1.0.0/16
join a 239.1.1.1 ff3e::1234
wait_for 10 is_member a ff3e::1234 || fail "a: $(members a)"
! is_member a 239.1.1.1 || fail "a is in a blocked group"
[ "$(status a BlockedJoins)" -ge 1 ] || fail "the blocked join is not counted"
expect_fail 4 '"224.0.0.9" goes to all ports' \
    xvsctl feature add XVS_SnoopStaticGroup lan/b Group=224.0.0.9
expect_fail 4 "expected VLANs from 0 to 4094" xvsctl feature set \
    "$(xvsctl feature get XVS_SwitchSnooping lan --json \
        | jq -r '.[0].InstanceID')" Vlans=9-5000

# Settings outlive xvs-switch; what was learned comes with the next query.
kill -9 "$switch_pid"
wait "$switch_pid" || :
start_switch
wait_for 10 switch_is_there || fail "xvsd does not find the new switch"
wait_for 10 is_member b 239.9.9.9 || fail "the static group is gone"
ask
wait_for 10 bound || fail "not bound after a restart"
wait_for 10 is_member a ff3e::1234 || fail "a: $(members a)"
! is_member a 239.1.1.1 || fail "the filter is gone"
get $unknown b q
get $v6 a q

# Nobody asks from where no router may be; and all is flooded at the end.
xvsctl feature add XVS_PortSnooping lan/q Router=never
ask
[ "$(status q RefusedQueries)" -ge 1 ] || fail "a forbidden querier is heard"
get $v6 a b q
xvsctl feature remove "$(xvsctl feature get XVS_PortSnooping lan/q --json \
    | jq -r '.[0].InstanceID')"
ask
wait_for 10 bound || fail "not bound again"
get $unknown b q
xvsctl ext disable snoop lan
get $unknown a b q
get $v6 a b q
