#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# C6: who shares a place with whom is said when an extension is enabled, or
# later, kept by both daemons, exported and imported; what cannot be is refused
# with the reason and changes nothing.
. "${top_srcdir:-..}/tests/functions.sh"
requires ip jq
in_namespaces "$@"
guest_veth a 192.0.2.1/24

# Copies, of which this test may take one away.
plugin_dirs()
{
    echo "--plugin-dir $dir/plugins"
}
mkdir "$dir/plugins"
cp "$plugins/acl/acl.so" "$top_builddir"/tests/plugins/*.so "$dir/plugins"
start_host
xvsctl schema add "$top_srcdir/mof/xvs_acl.mof"
for file in acl mark fault order-a order-b captive raw-oid; do
    xvsctl ext install $file.so
done
xvsctl switch add lan
xvsctl switch add wan
xvsctl port add lan a --driver packet --device "$tag.a"
xvsctl ext enable acl lan
xvsctl ext enable mark lan

# shared NAME: with whom, and how.
shared()
{
    for property in Partner Sharing; do
        xvsctl stage show "$1" lan --value $property
    done | xargs
}

# order NAMES: the filters of lan.
order()
{
    got=$(xvsctl stage list --json \
        | jq -r '[.[] | select(.SwitchName == "lan"
            and .ExtensionName != "raw-oid")] | sort_by(.Position)
            | map(.ExtensionName) | join(" ")')
    [ "$got" = "$1" ] || fail "the chain is $got, not $1"
}

# joined: mark holds the place of acl.
joined()
{
    [ "$(shared mark)" = "acl ${1:-failover}" ] \
        || fail "mark: $(shared mark)"
    [ "$(shared acl)" = "" ] \
        || fail "acl: $(shared acl)"
}

# What cannot be.
set -- xvsctl stage set
expect_fail 1 "Sharing is 'both'; it can be failover or aggregate" \
    "$@" mark lan --partner acl --sharing both
expect_fail 1 "with Partner, which is missing" \
    "$@" mark lan --sharing failover
expect_fail 1 "cannot be its own partner" "$@" acl lan --partner acl
expect_fail 3 "fault is not enabled on switch lan" \
    "$@" mark lan --partner fault
expect_fail 3 "nobody is not enabled on switch lan" \
    "$@" mark lan --partner nobody
xvsctl ext enable raw-oid lan
expect_fail 1 "cannot hold one place: their classes are capture and filter" \
    "$@" acl lan --partner raw-oid
xvsctl ext enable captive lan
expect_fail 1 "captive gets no packets that it could share" \
    "$@" captive lan --partner acl
xvsctl ext disable captive lan
xvsctl ext enable fault wan
expect_fail 3 "fault is not enabled on switch lan" \
    "$@" mark lan --partner fault
expect_fail 1 "the place is that of the partner" \
    "$@" mark lan --partner acl --position 0
[ "$(shared mark)" = "" ] || fail "$(shared mark)"

# What can be, and what then cannot.
"$@" mark lan --partner acl
joined
xvsctl ext enable fault lan
expect_fail 9 "acl shares its place with mark already" \
    "$@" fault lan --partner acl
expect_fail 9 "xvsctl stage set mark lan --partner" \
    "$@" fault lan --partner mark
expect_fail 9 "acl shares its place with mark already" \
    "$@" acl lan --partner fault
expect_fail 9 "would be a circle" "$@" acl lan --partner mark
expect_fail 1 "part the two first, then move one" \
    "$@" mark lan --partner "" --position 1
joined

# Where one goes the other goes, and stays behind it or before it.
order "acl mark fault"
"$@" acl lan --position 1
order "fault acl mark"
xvsctl ext move mark lan 1
order "acl mark fault"
xvsctl ext move mark lan 9
order "fault acl mark"
xvsctl ext move mark lan 0
order "acl mark fault"
xvsctl ext move acl lan 0
order "acl mark fault"
joined
"$@" mark lan --sharing aggregate
joined aggregate
"$@" mark lan --partner acl --sharing Failover
joined
expect failover xvsctl complete -- stage set mark lan --sharing ""
expect acl xvsctl complete -- ext enable mark lan --partner ""

# Nobody comes between them.
"$@" fault lan --position 1
order "acl mark fault"
"$@" fault lan --position 0
order "fault acl mark"
"$@" fault lan --position 9
order "acl mark fault"
xvsctl ext disable fault lan
xvsctl ext enable fault lan --position 1
order "acl mark fault"

# The second comes to the first, if it may be there.
xvsctl ext enable order-b lan
xvsctl ext enable order-a lan
order "acl mark fault order-a order-b"
expect_fail 1 "order-a cannot come at that position: it must be before" \
    "$@" order-a lan --partner order-b
order "acl mark fault order-a order-b"
"$@" order-b lan --partner order-a
"$@" order-b lan --partner ""
"$@" order-b lan --partner fault 2>"$dir/err" \
    && fail "order-b is where it must not be"
grep -q "it must be behind order-a" "$dir/err" || fail "$(cat "$dir/err")"
xvsctl ext disable order-a lan
"$@" order-b lan --partner fault --sharing aggregate
xvsctl ext disable order-b lan
xvsctl ext disable fault lan
order "acl mark"

# Both daemons may be started again.
stop "$switch_pid" || fail "xvs-switch ended with $?"
start_switch
wait_for 10 switch_is_there || fail "xvsd does not find xvs-switch"
joined
grep -q "acl and mark hold one place on switch lan: failover" \
    "$dir/switch.log" || fail "xvs-switch was not told"
stop "$xvsd_pid" || fail "xvsd ended with $?"
expect 'sharing = "failover"' cat "$dir/state/switch-lan.cfg"
start_xvsd
wait_for 10 switch_is_there || fail "xvsd does not find xvs-switch"
joined
expect "nothing differed" xvsctl event list

# One that is not there now comes back to its place; so does the other.
for name in acl mark; do
    file=$dir/plugins/$name.so
    stop "$switch_pid" || fail "xvs-switch ended with $?"
    mv "$file" "$file.away"
    : >"$dir/switch.log"
    start_switch
    wait_for 10 switch_is_there || fail "xvsd does not find xvs-switch"
    joined
    "$@" acl lan --position 1 || fail "acl does not move with one missing"
    order "acl mark"
    "$@" mark lan --sharing aggregate
    mv "$file.away" "$file"
    wait_for 20 grep -q "acl and mark hold one place on switch lan: aggregate" \
        "$dir/switch.log" || fail "$name did not come back to its place"
    joined aggregate
    "$@" mark lan --sharing failover
    order "acl mark"
done

# A configuration has it, and is judged.
xvsctl config export lan -o "$dir/lan.cfg"
expect 'sharing = "failover"' cat "$dir/lan.cfg"
xvsctl port remove lan a
xvsctl ext disable acl lan
[ "$(shared mark)" = "" ] || fail "mark: $(shared mark)"
expect "which has its place without acl now" xvsctl event list
xvsctl config export lan -o "$dir/alone.cfg"
! grep sharing "$dir/alone.cfg" || fail "a configuration has it still"
for name in mark raw-oid; do
    xvsctl ext disable $name lan
done
xvsctl switch remove lan
id=$(xvsctl ext show raw-oid --value ExtensionId)
sed '1d; s/sharing = "failover"/sharing = "moon"/' "$dir/lan.cfg" \
    >"$dir/moon.body"
sed "1d; s/partner = \".*\"/partner = \"$id\"/" "$dir/lan.cfg" \
    >"$dir/other.body"
for file in moon other; do
    sealed "$dir/$file.body" >"$dir/$file.cfg"
done
expect_fail 1 "there is no sharing 'moon'" \
    xvsctl config import "$dir/moon.cfg" --switch lan
expect_fail 1 "shares the place of one that is not right before it" \
    xvsctl config import "$dir/other.cfg" --switch lan
xvsctl config import "$dir/lan.cfg" --switch lan
joined
order "acl mark"

# At once when it is enabled.
xvsctl ext disable mark lan
expect_fail 3 "fault is not enabled on switch lan" \
    xvsctl ext enable mark lan --partner fault
order "acl"
xvsctl ext enable mark lan --partner acl --sharing aggregate
joined aggregate
