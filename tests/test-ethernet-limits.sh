#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Limits of ports: storms, rates, addresses; a flood of made-up addresses does
# not disturb the others.
. "${top_srcdir:-..}/tests/functions.sh"
requires ip ping jq
in_namespaces "$@"
. "$top_srcdir/tests/ethernet.sh"
guest_veth a 192.0.2.1/24
guest_veth b 192.0.2.2/24
guest_veth c 192.0.2.3/24
start_ethernet a b c

# Storms: each kind has its own limit; 500 frames at once against 50 a second.
set_port XVS_PortStorm a Broadcast=50 Multicast=50 UnknownUnicast=50
storm=$setting
for kind in ffffffffffff:Broadcast 010203040506:Multicast \
    02aabbccddee:UnknownUnicast; do
    to=${kind%:*}
    n=$(counted b "${to}020000000a0188b6" \
        repeat a "${to}020000000a0188b6" 60 500)
    [ "$n" -ge 4 ] && [ "$n" -le 100 ] || fail "$n of 500, ${kind#*:}"
    lost=$(drops a "Dropped${kind#*:}")
    [ "$lost" -ge 400 ] || fail "$lost counted, ${kind#*:}"
done
xvsctl feature remove "$storm"
n=$(counted b "${to_all}020000000a0188b6" \
    repeat a "${to_all}020000000a0188b6" 60 500 500)
[ "$n" = 500 ] || fail "$n of 500 without a limit"

# Rates: 8 Mbit/s is 1000 frames of 1000 bytes a second; 3000 are sent.
offer()
{
    counted b 020000000b0102000000 \
        repeat "$1" 020000000b01020000000a0188b6 1000 3000 1000
}
# limited WHAT: about 1000 of them pass.  A machine that has no time for the
# switch lets fewer pass, and one that has none for a more: it is tried again.
limited()
{
    for _ in 1 2 3 4; do
        n=$(offer a)
        [ "$n" -lt 700 ] || [ "$n" -gt 1300 ] || return 0
    done
    fail "$n frames in a second ($1)"
}
send b "${to_all}020000000b0188b6"
set_port XVS_PortRate a InRate=8000000 InBurst=10000
limited in
[ "$(drops a DroppedInRate)" -ge 1000 ] || fail "not counted"
xvsctl feature remove "$setting"
set_port XVS_PortRate b OutRate=8000000 OutBurst=10000
out=$setting
limited out
# A full port: c has half of it guaranteed against all that a sends; without
# that, half of its frames pass.
set_port XVS_PortRate c Guarantee=4000000
repeat a 020000000b01020000000a0188b6 1000 6000 1500 &
crowd=$!
n=$(counted b 020000000b01020000000c01 \
    repeat c 020000000b01020000000c0188b6 1000 500 1000)
wait $crowd
[ "$n" -ge 400 ] || fail "$n of 500 guaranteed frames"
expect_fail 4 "is more than InRate" xvsctl feature add XVS_PortRate lan/a \
    InRate=1000 Guarantee=2000
xvsctl feature remove "$out"

# Addresses: three, and nobody else may speak.
set_port XVS_PortLearning c MaxAddresses=3 DropUnknown=true
limit=$setting
only_three()
{
    [ "$(drops c Addresses)" = 3 ] \
        && [ "$(drops c DroppedAddressLimit)" -ge 17 ]
}
repeat c "${to_all}02cc0000000088b6" 60 20 vary
wait_for 10 only_three || fail "$(drops c Addresses) known,\
 $(drops c DroppedAddressLimit) frames of others dropped"
xvsctl feature remove "$limit"

# 200,000 made-up addresses: the others keep theirs, and nothing of b is
# flooded to c.
guest_ping a 192.0.2.2 || fail "no ping before the flood"
repeat c 02dd0000000102dd0000000088b6 60 200000 vary
flooded=$(counted c "$(ip -n "$tag-b" -j link show eth0 \
    | jq -r '.[0].address' | tr -d :)" guest_ping a 192.0.2.2 5)
[ "$(echo "$flooded" | tail -n 1)" = 0 ] || fail "$flooded pings flooded to c"
[ "$(drops c Addresses)" -gt 20000 ] || fail "$(drops c Addresses) learned"
[ "$(drops c Addresses)" -le 131072 ] || fail "$(drops c Addresses) learned"
