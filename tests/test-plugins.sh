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
# It is asked for the switch that is named only: the question that has an
# honest answer is its eighth, of each switch.
xvsctl switch add wan
xvsctl ext enable bad-status wan
for _ in 2 3 4 5 6 7; do
    expect_fail 1 bad-status xvsctl query Test_BadStatus lan
done
[ "$(xvsctl query Test_BadStatus lan --value Number)" = 7 ] \
    || fail "$(xvsctl query Test_BadStatus lan)"
[ "$(xvsctl wql "SELECT * FROM Test_BadStatus WHERE 'LAN' = SystemName" \
    --value Number)" = 8 ] || fail "not in another case"
expect_fail 1 bad-status xvsctl query Test_BadStatus wan
# Who asks for one object says so to the extension, which calls its only one as
# it is asked for it.
one=11111111-2222-4333-8444-555555555555
name='xvs:lan\\7E570003-0001-4000-8000-000000000001\\'$one
xvsctl instance get "Test_BadStatus.Name=\"$name\",SystemName=\"lan\",\
SystemCreationClassName=\"XVS_Switch\",CreationClassName=\"Test_BadStatus\"" \
    >"$dir/out" || fail "one object: $(cat "$dir/out")"
grep -q $one "$dir/out" || fail "it is another: $(cat "$dir/out")"
expect lan xvsctl switch list
kill -0 "$switch_pid" || fail "xvs-switch is gone"
xvsctl feature add XVS_AclSwitchRule lan Action=allow
