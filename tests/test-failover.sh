#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# An extension in a process of its own: packets pass it, and when the process
# is killed the standby goes on with the same settings.
. "${top_srcdir:-..}/tests/functions.sh"
requires ip ping jq
in_namespaces "$@"

number=1
for guest in a b; do
    guest_veth $guest 192.0.2.$number/24
    number=$((number + 1))
done
start_host
xvsctl schema add "$top_srcdir/mof/xvs_acl.mof"
xvsctl ext install acl.so
xvsctl switch add lan
for guest in a b; do
    xvsctl port add lan $guest --driver packet --device "$tag.$guest"
done
xvsctl ext enable acl lan --partition process

# stage FILTER: of what is known of it.
stage()
{
    xvsctl stage show acl lan --json | jq -r "if type == \"array\" then .[0] else . end | $1"
}

# another PID: the stage has another process than that.
another()
{
    pid=$(stage .ProcessId)
    [ "$pid" != "$1" ] && [ "$pid" -gt 0 ]
}

guest_ping a 192.0.2.2 1 || fail "no ping"
first=$(stage .ProcessId)
[ "$first" -gt 0 ] || fail "no process"
[ "$(stage .Partition)" = process ] || fail "$(stage .)"
[ "$(readlink "/proc/$first/exe")" = "$top_builddir/xvs-stage" ] \
    || fail "$first is no xvs-stage"

# A rule bites there as it does here.
xvsctl feature add XVS_AclSwitchRule lan Action=2 Protocol=1 Priority=1
! guest_ping a 192.0.2.2 1 || fail "the rule does not bite"

# The next process has the rule as well.
for _ in 1 2 3; do
    before=$(stage .ProcessId)
    kill -9 "$before"
    wait_for 10 another "$before" || fail "no other process: $(stage .)"
    ! guest_ping a 192.0.2.2 1 || fail "the rule is lost"
done
