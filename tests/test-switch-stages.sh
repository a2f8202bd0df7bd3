#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Extensions on xvs-switch, without xvsd: refusals of plugin files, the order
# of life, settings as transactions, hangs, lies, and the end of it all.
. "${top_srcdir:-..}/tests/functions.sh"
requires ip
in_namespaces "$@"

mof=$top_srcdir/tests/plugins

# say COMMAND...: commands of switch-client, with the schemas read.
say()
{
    "$top_builddir/tests/switch-client" "$dir/control" schema "$mof/veto.mof" \
        : schema "$mof/hang-setting.mof" : schema "$mof/bad-status.mof" \
        : schema "$mof/wrong-hash.mof" : "$@"
}

chmod 755 "$dir"
start_switch

# Files that are refused, each in a sentence.
expect_fail 1 "no-symbol.so is not an xvs plugin: it has no symbol" \
    say load no-symbol.so
expect_fail 1 "wrong-abi.so was built for version 2.0 of the plugin" \
    say load wrong-abi.so
expect_fail 1 "crash-init.so crashed in init (SIGSEGV)" say load crash-init.so
expect_fail 1 "there is no plugin file nothing.so" say load nothing.so
expect "ok wrong-hash" say load wrong-hash.so
expect_fail 1 "was built against another version of class" \
    say layout Test_WrongHash
expect "ok" say unload Test_WrongHash
expect_fail 1 "is not loaded" say layout Test_WrongHash

# Life: ports and settings before ACTIVATE, and their end.
guest_veth a 192.0.2.1/24
guest_veth b 192.0.2.2/24
expect "ok SUCCESS NOT_ACCEPTED" say switch 1 lan \
    : port 1 1 packet a "$tag.a" : load veto.so : layout Test_Veto \
    : layout Test_VetoStatus \
    : enable Test_Veto 1 add 1 - Test_Veto 1 , \
    add 1 - Test_Veto 2 Refuse=true
expect_fail 1 "loaded already" say load veto.so
expect_fail 1 "is enabled on switch lan already" say enable Test_Veto 1
expect '"InForce":1,"Added":2,"Ports":1,"Trace":"cCaxS"' \
    say status 1 - Test_VetoStatus
expect ok say port 2 1 packet b "$tag.b"
guest_veth c 192.0.2.3/24
expect_fail 1 "veto refused PORT_CREATE" say port 3 1 packet no "$tag.c"
expect '"Ports":2,"Trace":"cCaxScC"' say status 1 - Test_VetoStatus
guest_ping a 192.0.2.2 || fail "no ping through the stage"

# MTU and address in place: the stage is told; anything else is refused.
expect ok say update 2 1 packet b "$tag.b" 1400
expect "mtu 1400" ip link show "$tag.b"
expect '"Ports":2,"Trace":"cCaxScCu"' say status 1 - Test_VetoStatus
expect_fail 1 "only MTU and address" say update 2 1 packet b "$tag.c"
expect_fail 1 "no port number 9" say update 9 1 packet b "$tag.b"
expect_fail 1 "carry at most" say update 2 1 packet b "$tag.b" 65530
expect "mtu 1400" ip link show "$tag.b"

# All or nothing; reverse order; the extension's own words; no trace.
expect_fail 1 "NOT_ACCEPTED 2 veto: veto was told to refuse this one" \
    say set add 1 - Test_Veto 3 , update 1 - Test_Veto 1 Note=new , \
    add 1 - Test_Veto 4 Refuse=true , add 1 - Test_Veto 5
expect '"InForce":1,"Added":4,"Ports":2,"Trace":"cCaxScCuauxur"' \
    say status 1 - Test_VetoStatus
expect_fail 1 "INVALID_PARAMETER 0 veto: a setting with this instance" \
    say set add 1 - Test_Veto 1
expect_fail 1 "INVALID_PARAMETER 1 veto: no setting with this instance" \
    say set update 1 - Test_Veto 1 , delete 1 - Test_Veto 77
expect_fail 1 "NO_CONSUMER 0 : extension 7E570002" say set add 1 - Test_Hang 1
expect ok say set validate 1 - Test_Veto 9
expect_fail 1 "NOT_ACCEPTED 0" say set validate 1 - Test_Veto 9 Refuse=true
expect ok say set add 1 - Test_Veto 3 , delete 1 - Test_Veto 1
[ "$(say snapshot | grep -c '^setting')" = 1 ] || fail "not one setting left"

# A hang: bounded, by name, and taken back when it ends.
say load hang-setting.so >"$dir/out" || fail "$(cat "$dir/out")"
expect_fail 1 "hang-setting cannot come at that position: it must be behind" \
    say position 0 : enable Test_Hang 1
say layout Test_Hang : layout Test_HangStatus \
    : enable Test_Hang 1 >"$dir/out" || fail "$(cat "$dir/out")"
expect_fail 1 "TIMED_OUT 1 hang-setting: hang-setting did not answer ADD" \
    say timeout 200 : set add 1 - Test_Veto 6 , \
    add 1 - Test_Hang 1 Seconds=3 , add 1 - Test_Veto 7
expect_fail 1 "still does not answer" say set add 1 - Test_Hang 2
expect_fail 1 "still does not answer" say status 1 - Test_HangStatus
expect "state 2" say counters
expect '"InForce":1,' say status 1 - Test_VetoStatus
guest_ping a 192.0.2.2 || fail "no ping past a stage that hangs"
wait_for 10 say status 1 - Test_HangStatus || fail "it hangs for ever"
expect '"InForce":0' say status 1 - Test_HangStatus
expect_fail 1 "event RECOVERED: hang-setting answers again" \
    say timeout 100 : async set add 1 - Test_Hang 4 Seconds=1 : wait 4000

# Disabling one that hangs does not wait; it is abandoned until it returns.
say timeout 100 : async set add 1 - Test_Hang 3 Seconds=1 : wait 200 \
    : disable Test_Hang 1 >"$dir/out" || fail "$(cat "$dir/out")"
expect_fail 1 "not done with fini yet" say unload Test_Hang
wait_for 10 say unload Test_Hang || fail "the abandoned one did not end"

# Lies about sizes: refused by name, one after the other.
say load bad-status.so : layout Test_BadStatus : enable Test_BadStatus 1 \
    >"$dir/out" || fail "$(cat "$dir/out")"
for lie in 1 2 3 4 5 6 7; do
    expect_fail 1 "PROVIDER_FAILED -1 bad-status: bad-status returned a" \
        say status 1 - Test_BadStatus
done
expect '"Text":"honest","List":[1,2,3]' say status 1 - Test_BadStatus

# The order: capture first, veto before hang-setting wherever it comes.
expect "ok" say load hang-setting.so : layout Test_Hang \
    : disable Test_Veto 1 : enable Test_Hang 1 : enable Test_Veto 1 \
    : snapshot
order=$(sed -n 's/^enabled \(.*\) on 1/\1/p' "$dir/out" | tr '\n' ' ')
[ "$order" = "7E570003 7E570001 7E570002 " ] || fail "order is $order"
expect ok say disable Test_Hang 1 : unload Test_Hang
expect_fail 1 "interface $tag.a belongs to port a of switch lan" \
    say port 9 1 packet z "$tag.a"

# The end, in order.
expect_fail 1 "veto is enabled on switch lan" say unload Test_Veto
expect_fail 1 "still has ports" say delete-switch 1
expect ok say delete-port 2 : delete-port 1
expect '"Ports":0' say status 1 - Test_VetoStatus
expect ok say disable Test_Veto 1 : disable Test_BadStatus 1 \
    : unload Test_Veto : unload Test_BadStatus : delete-switch 1
stop "$switch_pid" || fail "xvs-switch ended with $?"
