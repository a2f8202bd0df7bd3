#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# A7: an extension whose plugin is not there when xvs-switch starts is tried
# again, by itself and when somebody asks; its place, its settings and the
# others are what they were.
. "${top_srcdir:-..}/tests/functions.sh"
in_namespaces "$@"
requires jq
mkdir -p "$dir/plugins"
cp "$top_builddir/tests/plugins/veto.so" "$dir/plugins/veto.so"
cp "$top_builddir/tests/plugins/secret.so" "$dir/plugins/secret.so"
# Only from there.
plugin_dirs()
{
    printf -- '--plugin-dir %s' "$dir/plugins"
}
start_host
xvsctl schema add "$top_srcdir/tests/plugins/veto.mof" \
    "$top_srcdir/tests/plugins/secret.mof"
xvsctl ext install veto.so
xvsctl ext install secret.so
xvsctl switch add lan
xvsctl ext enable veto lan --position 0
xvsctl ext enable secret lan --position 1
xvsctl feature add Test_Key lan Peer=x Key=abc Pin=7

chain()
{
    xvsctl wql "SELECT * FROM XVS_Switch" --json | jq -c '.[0].Extensions'
}

stage_is()
{
    [ "$(xvsctl wql "SELECT * FROM XVS_Stage WHERE ExtensionName = '$1'" \
        --value State)" = "$2" ]
}

pin()
{
    xvsctl query Test_KeyStatus lan --value PinTwice
}

# restart_switch FILE...: a new one, while these plugins are away.
restart_switch()
{
    kill -9 "$switch_pid"
    wait "$switch_pid" || :
    for file; do
        mv "$dir/plugins/$file" "$dir/$file"
    done
    start_switch
    wait_for 10 switch_is_there || fail "xvsd does not find the new switch"
}

told()
{
    xvsctl event --json | jq -s --arg kind "$1" --arg name "$2" \
        'flatten | map(select(.Kind == $kind and .ExtensionName == $name))
        | length'
}

before=$(chain)
restart_switch secret.so
stage_is secret failed || fail "a missing plugin runs"
stage_is veto running || fail "the other extension does not run"
expect parked xvsctl feature get Test_Key lan
sleep 2.5
n=$(told restore-failed secret)
mv "$dir/secret.so" "$dir/plugins/secret.so"
wait_for 10 stage_is secret running || fail "it is not tried again"
[ "$(pin)" = 14 ] || fail "it came back without its setting"
expect in-force xvsctl feature get Test_Key lan
[ "$(told extension-restored secret)" = 1 ] || fail "nobody is told"
[ "$(told restore-failed secret)" = "$n" ] || fail "each try is told of"

# The first of two is away: the other one keeps running when xvsd restarts,
# and the first gets its place back.
restart_switch veto.so
stage_is veto failed || fail "a missing plugin runs"
[ "$(pin)" = 14 ] || fail "the other one lost its setting"
stop "$xvsd_pid"
start_xvsd
wait_for 10 switch_is_there || fail "xvsd does not find the switch"
! xvsctl event | grep -q "another place" \
    || fail "a stage is moved because another one is missing"
expect_fail 3 veto.so xvsctl ext enable veto lan
mv "$dir/veto.so" "$dir/plugins/veto.so"
# (Unless it has been tried again meanwhile.)
xvsctl ext enable veto lan || stage_is veto running \
    || fail "enabling does not load it"
stage_is veto running || fail "enabling did not help"
[ "$(chain)" = "$before" ] || fail "the chain is $(chain), was $before"
stop "$xvsd_pid"
start_xvsd
wait_for 10 switch_is_there || fail "xvsd does not find the switch"
expect "nothing differed" xvsctl event

# Installing it again loads it, and enables it where it is configured.
restart_switch secret.so
expect_fail 3 secret.so xvsctl ext install secret.so
mv "$dir/secret.so" "$dir/plugins/secret.so"
xvsctl ext install secret.so || wait_for 10 stage_is secret running \
    || fail "installing does not load it"
wait_for 10 stage_is secret running || fail "installing did not help"
[ "$(pin)" = 14 ] || fail "it came back without its setting"
stop "$xvsd_pid" || fail "xvsd does not end cleanly"
