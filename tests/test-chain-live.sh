#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# C2: the chain changes while packets flow: extensions are enabled, moved,
# upgraded and disabled a hundred times, and of a numbered stream no frame is
# lost and none overtakes another.  Orders that cannot be are refused by name.
. "${top_srcdir:-..}/tests/functions.sh"
requires ip ping jq
in_namespaces "$@"
. "$top_srcdir/tests/stream.sh"
guest_veth a 192.0.2.1/24
guest_veth b 192.0.2.2/24
start_host
xvsctl schema add "$top_srcdir/mof/xvs_acl.mof"
for file in acl mark order-a order-b order-c order-d; do
    xvsctl ext install $file.so
done
xvsctl switch add lan
xvsctl port add lan a --driver packet --device "$tag.a"
xvsctl port add lan b --driver packet --device "$tag.b"

# order: the extensions of the switch, in the order of the chain.
order()
{
    xvsctl switch show lan --value Extensions | xargs
}

# is ORDER
is()
{
    [ "$(order)" = "$1" ] || fail "the order is $(order), not $1"
}

# Orders: by class, by wish, by position, else by time.
xvsctl ext enable order-b lan
xvsctl ext enable mark lan
is "order-b mark"
xvsctl ext enable order-a lan
is "order-a order-b mark"
xvsctl ext move mark lan 0
is "mark order-a order-b"
expect_fail 1 "order-a cannot come at that position: it must be before order-b" \
    xvsctl ext move order-a lan 2
is "mark order-a order-b"
expect_fail 1 "order-c, order-b and order-a go in a circle" \
    xvsctl ext enable order-c lan
expect_fail 1 "mark cannot come before order-d" xvsctl ext enable order-d lan
expect_fail 3 "not enabled" xvsctl ext move order-c lan 0
is "mark order-a order-b"
xvsctl ext disable order-a lan
xvsctl ext disable order-b lan

# The same order after xvs-switch was started again.
xvsctl ext enable acl lan --position 0
is "acl mark"
xvsctl feature add XVS_AclSwitchRule lan Action=deny EtherType=2048 Protocol=17

# change EXT-COMMAND...: must succeed.
change()
{
    xvsctl ext "$@" >"$dir/change" 2>&1 \
        || fail "round $round: $*: $(cat "$dir/change")"
}

# The stream.
stream_begin
wait_for 10 sh -c "xvsctl stage show mark lan --json | jq -e '.Packets > 100'" \
    || fail "no stream"

# Ten changes in each round; with a sanitizer they take long.
rounds="1 2 3 4 5 6 7 8 9 10"
! sanitized || rounds="1 2 3"
cp "$plugins/acl/acl.so" "$dir/plugins/acl-1.so"
cp "$plugins/acl/acl.so" "$dir/plugins/acl-2.so"
for round in $rounds; do
    change enable order-b lan
    change upgrade mark mark-2.so
    change enable order-a lan
    change move mark lan 3
    change upgrade acl acl-$((round % 2 + 1)).so
    change move acl lan 2
    change disable order-b lan
    change upgrade mark mark.so
    change move acl lan 0
    change disable order-a lan
done
is "acl mark"
stream_end

# An upgrade brings everything along; what refuses changes nothing.
expect '"SettingState": "in-force"' \
    xvsctl instance list XVS_AclSwitchRule --json
expect_fail 4 "mark" xvsctl ext upgrade mark mark-bad.so
expect_fail 1 "is extension acl, and not another version of mark" \
    xvsctl ext upgrade mark acl.so
expect_fail 3 "there is no plugin file" xvsctl ext upgrade mark nothing.so
expect_fail 9 "mark.so is what runs already" xvsctl ext upgrade mark mark.so
expect_fail 3 "extension nothing is not installed" \
    xvsctl ext upgrade nothing mark.so
guest_ping a 192.0.2.2 || fail "no ping"
expect '"Version": "1.0"' xvsctl ext show mark --json
cp "$top_builddir/tests/plugins/mark-2.so" "$dir/mark-new.so"
expect "mark upgraded" xvsctl ext upgrade mark "$dir/mark-new.so" \
    --plugin-dir "$dir/plugins"
expect '"Version": "2.0"' xvsctl ext show mark --json
expect '"File": "mark-new.so"' xvsctl ext show mark --json
# The same name, another file: the folder's is taken.
cp "$top_builddir/tests/plugins/mark.so" "$dir/mark-new.so"
xvsctl ext upgrade mark "$dir/mark-new.so" --plugin-dir "$dir/plugins"
expect '"Version": "1.0"' xvsctl ext show mark --json
is "acl mark"

# All of it is durable.
stop "$switch_pid" || fail "xvs-switch ended with $?"
start_switch
wait_for 10 switch_is_there || fail "xvsd does not find xvs-switch"
wait_for 10 guest_ping a 192.0.2.2 || fail "no ping after a restart"
is "acl mark"
xvsctl ext move acl lan 1
is "mark acl"
stop "$xvsd_pid" || fail "xvsd ended with $?"
start_xvsd
wait_for 10 switch_is_there || fail "xvsd does not find xvs-switch"
is "mark acl"
expect '"File": "mark-new.so"' xvsctl ext show mark --json
stop "$switch_pid" || fail "xvs-switch ended with $?"
