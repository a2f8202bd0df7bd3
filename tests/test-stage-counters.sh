#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# C2: what a stage did is counted: packets, bytes, drops by reason under the
# extension's own names, and time in its hooks.
. "${top_srcdir:-..}/tests/functions.sh"
requires ip ping jq
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

# stage FILTER: of the stage's object.
stage()
{
    xvsctl stage show acl lan --json | jq -e "$1" >"$dir/value" \
        || fail "not so: $1: $(xvsctl stage show acl lan --json)"
    cat "$dir/value"
}

guest_ping a 192.0.2.2 5 || fail "no ping"
stage '.Packets >= 10 and .Bytes >= 980 and .Drops == 0'
stage '.Bursts >= 1 and .HookTime > 0 and .Bursts <= .Packets'
stage '(.PacketCost - .HookTime / .Packets | fabs) < .PacketCost * 0.01'

# Drops, each under its reason.
xvsctl feature add XVS_AclSwitchRule lan Action=deny Protocol=1
! guest_ping a 192.0.2.2 3 || fail "the rule does not bite"
stage '.DropReasons | index("denied by a rule") != null'
stage '.DropCounts[.DropReasons | index("denied by a rule")] == 3'
stage '([.DropCounts[]] | add) == .Drops and .Broken == 0'
expect "denied by a rule" xvsctl stage show acl lan
expect "ns/packet" xvsctl stage list
expect_fail 3 "acl" xvsctl stage show acl wan
