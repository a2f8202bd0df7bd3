#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# A7: with a full disk a change fails with the reason, leaves no trace in the
# extension either, loses nothing, and later ones work again.
. "${top_srcdir:-..}/tests/functions.sh"
in_namespaces "$@"
requires jq mount dd
mkdir -p "$dir/state"
mount -t tmpfs -o size=11m tmpfs "$dir/state" 2>/dev/null \
    || skip "cannot mount a small file system"
cleanup_fn "umount $dir/state"
start_host
xvsctl schema add "$top_srcdir/mof/xvs_acl.mof"
xvsctl ext install acl.so
xvsctl switch add lan
xvsctl ext enable acl lan
xvsctl feature add XVS_AclSwitchRule lan Action=allow Priority=1
sleep 0.5
dd if=/dev/zero of="$dir/state/filler" bs=4k 2>/dev/null || :
[ "$(df --output=avail "$dir/state" | tail -n 1 | tr -d " ")" = 0 ] || fail "not full"

rules()
{
    xvsctl feature get XVS_AclSwitchRule --json | jq length
}

# The journal has room of its own; the files wait.
xvsctl feature add XVS_AclSwitchRule lan Action=allow Priority=2
wait_for 10 grep -q 'state files are behind' "$dir/xvsd.log" \
    || fail "nothing in the log"

# A change that is too large for it.
printf '{"class": "XVS_AclSwitchRule", "properties": {
"SwitchName": "lan", "Action": 1, "Priority": 3, "Caption": "%s"}}' \
    "$(head -c 6000000 /dev/zero | tr '\0' x)" >"$dir/big.json"
expect_fail 1 'No space left' xvsctl feature apply -f "$dir/big.json"
[ "$(rules)" = 2 ] || fail "a change that failed left a trace"
[ "$(xvsctl query XVS_AclSwitchRuleStatus lan --json | jq length)" = 2 ] \
    || fail "the extension kept what was not stored"
xvsctl feature add XVS_AclSwitchRule lan Action=allow Priority=4

# Killed while it is full: all that was confirmed is there.
kill -9 "$xvsd_pid"
wait "$xvsd_pid" || :
start_xvsd
wait_for 10 switch_is_there
[ "$(rules)" = 3 ] || fail "$(rules) rules after a restart on a full disk"
rm "$dir/state/filler"
xvsctl feature add XVS_AclSwitchRule lan Action=allow Priority=5
stop "$xvsd_pid"
start_xvsd
wait_for 10 switch_is_there
[ "$(rules)" = 4 ] || fail "$(rules) rules at the end"
