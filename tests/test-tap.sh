#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# A port of driver tap is changed and made again under the same name, also
# where only root may open /dev/net/tun and its descriptors are few: none is
# used up.
. "${top_srcdir:-..}/tests/functions.sh"
requires ip jq
in_namespaces "$@"
start_host
xvsctl switch add lan
xvsctl port add lan a --driver tap --device "$tag.a" >"$dir/out" 2>&1 \
    || skip "no taps here: $(cat "$dir/out")"

mtu()
{
    ip -j link show "$tag.a" | jq '.[0].mtu'
}

# descriptors: of /dev/net/tun that xvs-switch holds.
descriptors()
{
    ls -l "/proc/$switch_pid/fd" | grep -c net/tun
}

before=$(descriptors)
for i in $(seq 20); do
    xvsctl port set lan a --mtu $((1300 + i)) || fail "change $i"
    [ "$(mtu)" = $((1300 + i)) ] || fail "MTU is $(mtu)"
done
xvsctl port set lan a --mac 02:00:00:00:00:0a
expect 02:00:00:00:00:0a ip link show "$tag.a"
expect_fail 1 "" xvsctl port set lan a --mtu 65530
[ "$(mtu)" = 1320 ] || fail "MTU is $(mtu) after a change that was refused"

# An interface that is removed comes back, and goes with its port.
ip link del "$tag.a"
wait_for 10 ip link show "$tag.a" || fail "the tap does not come back"
for i in 1 2 3; do
    xvsctl port remove lan a
    ! ip link show "$tag.a" >/dev/null 2>&1 || fail "the tap stays"
    xvsctl port add lan a --driver tap --device "$tag.a"
done
[ "$(descriptors)" = "$before" ] \
    || fail "$before descriptors, now $(descriptors)"

# A port that waits for its interface uses none up.
xvsctl port remove lan a
ip tuntap add "$tag.a" mode tap
cleanup_fn "ip link del $tag.a"
xvsctl port add lan a --driver tap --device "$tag.a"
xvsctl port remove lan a
ip link show "$tag.a" >/dev/null || fail "a tap of others is removed"
! grep -q "could not be taken back" "$dir/xvsd.log" || fail "taken back"

# A tap in a guest's namespace is changed where it is, and traffic goes on.
ip link del "$tag.a"
xvsctl port add lan a --driver tap --device "$tag.a"
ip netns add "$tag-g"
cleanup_fn "ip netns del $tag-g"
own=$(ip -j link show "$tag.a" | jq -r '.[0].address')
ip link set "$tag.a" netns "$tag-g"
ip -n "$tag-g" addr add 192.0.2.1/24 dev "$tag.a"
ip -n "$tag-g" link set "$tag.a" up
guest_veth b 192.0.2.2/24
xvsctl port add lan b --driver packet --device "$tag.b"
ip netns exec "$tag-g" ping -n -q -c 1 -W 1 192.0.2.2 >/dev/null \
    || fail "no ping out of the guest"

# there: the tap as the guest has it.
there()
{
    ip -n "$tag-g" -j link show "$tag.a" \
        | jq -r '.[0] | "\(.mtu) \(.address)"'
}

number=$(ip -n "$tag-g" -j link show "$tag.a" | jq '.[0].ifindex')
xvsctl port set lan a --mac 02:00:00:00:00:0b
[ "$(there)" = "1500 02:00:00:00:00:0b" ] || fail "the guest has $(there)"
expect_fail 1 "ip link set $tag.a mtu 1400" xvsctl port set lan a --mtu 1400 \
    --mac 02:00:00:00:00:0c
[ "$(there)" = "1500 02:00:00:00:00:0b" ] || fail "refused, but $(there)"
ip -n "$tag-g" link set "$tag.a" mtu 1400
xvsctl port set lan a --mtu 1400 || fail "an MTU that is there is refused"
expect 1400 xvsctl port list lan --json
xvsctl port set lan a --mac ""
[ "$(there)" = "1400 $own" ] || fail "the guest has $(there), not $own"
[ "$(ip -n "$tag-g" -j link show "$tag.a" | jq '.[0].ifindex')" = "$number" ] \
    || fail "the tap was made anew"
! ip link show "$tag.a" >/dev/null 2>&1 || fail "there is a second tap"
ip netns exec "$tag-g" ping -n -q -c 1 -W 1 192.0.2.2 >/dev/null \
    || fail "no ping after the changes"

# A change that was never durable is taken back in place.
ids=$(xvsctl port list lan --json | jq -r '.[] | select(.Name == "b").PortId')
ids="$ids $(xvsctl switch list --json | jq -r '.[0].SwitchId')"
stop "$xvsd_pid"
# shellcheck disable=SC2086
"$top_builddir/tests/switch-client" "$dir/control" \
    update $ids packet b "$tag.b" 1300 || fail "switch-client"
expect "mtu 1300" ip link show "$tag.b"
start_xvsd
wait_for 10 switch_is_there || fail "xvsd does not find xvs-switch"
expect "had another MTU" xvsctl event
expect "mtu 1500" ip link show "$tag.b"
ip netns exec "$tag-g" ping -n -q -c 1 -W 1 192.0.2.2 >/dev/null \
    || fail "no ping after xvsd restarted"
