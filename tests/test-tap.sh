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
wait_for 5 ip link show "$tag.a" || fail "the tap does not come back"
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
