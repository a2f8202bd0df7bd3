#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# A1: schemas are registered before or after their extension, listed, shown,
# replaced, unregistered; they survive a restart; what holds one is named; a
# class can be taken from another host.
. "${top_srcdir:-..}/tests/functions.sh"
start_host
acl=$top_srcdir/mof/xvs_acl.mof

xvsctl schema check "$acl"
xvsctl schema add "$acl"
expect xvs_acl xvsctl schema list
expect XVS_AclPortRule xvsctl schema show XVS_AclPortRule --mof
expect '<CLASS NAME="XVS_AclPortRule"' xvsctl schema show XVS_AclPortRule --xml
xvsctl schema show XVS_AclPortRule --mof >"$dir/class.mof"
xvsctl schema add "$acl"            # the same again: replaced
xvsctl ext install acl.so
xvsctl switch add lan
xvsctl ext enable acl lan
id=$(xvsctl feature add XVS_AclSwitchRule lan Action=deny Protocol=17 --names)
expect_fail 9 XVS_AclSwitchRule xvsctl schema remove xvs_acl
expect xvs_acl xvsctl schema list

stop "$xvsd_pid"
start_xvsd
wait_for 10 switch_is_there
expect xvs_acl xvsctl schema list
expect in-force xvsctl feature get XVS_AclSwitchRule
xvsctl feature remove "$id"
xvsctl ext disable acl lan
xvsctl schema remove xvs_acl
expect_fail 3 XVS_AclPortRule xvsctl schema show XVS_AclPortRule

# Broken ones: the place, many at once, nothing registered.
cat >"$dir/bad.mof" <<'EOF'
[UUID("9B1E7DF2-41F5-4E4D-9A94-0B3C9D0F7A11"), ExtensionId("nonsense"),
 InterfaceVersion("1"), InterfaceRevision("0")]
class Acme_One : XVS_PortFeatureSetting {
    [WmiDataId(1)] uint8 A = 300;
    [WmiDataId(3)] uint8 B;
};
class Acme_Two {
    uint8 ;
};
EOF
expect_fail 1 "bad.mof:8:11" xvsctl schema add "$dir/bad.mof"
sed -i '/Acme_Two/,$d' "$dir/bad.mof"
expect_fail 1 "bad.mof:4:30" xvsctl schema add "$dir/bad.mof"
sed -i 's/ = 300//' "$dir/bad.mof"
expect_fail 1 "did you mean XVS_PortFeatureSettings" xvsctl schema add \
    "$dir/bad.mof"
! xvsctl schema list --names | grep bad || fail "a broken schema is listed"

# From another host: a second xvsd with its own state.
xvsctl schema add "$acl"
mkdir -p "$dir/other"
[ "$(id -u)" != 0 ] || chown "$run_user" "$dir/other"
xvsd --socket "$dir/other.sock" --control "$dir/none" \
    --state-dir "$dir/other" --no-spawn-switch --user "$run_user" \
    >>"$dir/other.log" 2>&1 &
other=$!
cleanup_fn "kill $other; wait $other"
wait_for 10 xvsctl --socket "$dir/other.sock" schema list
xvsctl --socket "$dir/other.sock" schema add --from "$XVS_SOCKET" \
    XVS_AclPortRule
expect XVS_AclPortRule xvsctl --socket "$dir/other.sock" \
    schema show XVS_AclPortRule --mof
diff "$dir/class.mof" "$dir/out" || fail "the class changed on its way"
