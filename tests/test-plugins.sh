#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Plugins that break the contract are refused in one sentence that names file
# and rule; the switch and the other extensions go on.
. "${top_srcdir:-..}/tests/functions.sh"
start_host
xvsctl schema add "$top_srcdir/mof/xvs_acl.mof"
xvsctl ext install acl.so
xvsctl switch add lan
xvsctl ext enable acl lan

# refused NAME TEXT
refused()
{
    if [ -f "$top_srcdir/tests/plugins/$1.mof" ]; then
        xvsctl schema add "$top_srcdir/tests/plugins/$1.mof"
    fi
    expect_fail 1 "$2" xvsctl ext install "$1.so"
    expect "$1" cat "$dir/out"
    ! xvsctl ext list --names | grep -q "$1" || fail "$1 is listed"
}

refused no-symbol xvs_extension_v1
refused wrong-abi version
refused crash-init SIGSEGV
expect_fail 3 nothing.so xvsctl ext install nothing.so
expect_fail 1 / xvsctl ext install ../etc/passwd

# Built against another version of its class.
xvsctl schema add "$top_srcdir/tests/plugins/wrong-hash.mof"
if xvsctl ext install wrong-hash.so 2>"$dir/err"; then
    expect_fail 1 Test_WrongHash xvsctl ext enable wrong-hash lan
fi

# Answers that lie about their size: the query fails by name.
xvsctl schema add "$top_srcdir/tests/plugins/bad-status.mof"
xvsctl ext install bad-status.so
xvsctl ext enable bad-status lan
expect_fail 1 bad-status xvsctl query Test_BadStatus lan
# Found where it came in, not only by xvsd.
expect extension-failed xvsctl event
expect lan xvsctl switch list
kill -0 "$switch_pid" || fail "xvs-switch is gone"
xvsctl feature add XVS_AclSwitchRule lan Action=allow
