#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# A6: several settings over several extensions are all in force or none; the
# refusing extension's own words reach the operator; a dry run leaves no trace;
# an extension that hangs fails its request and nothing else.
. "${top_srcdir:-..}/tests/functions.sh"
start_host --timeout 500
for name in xvs_acl; do
    xvsctl schema add "$top_srcdir/mof/$name.mof"
done
for name in veto hang-setting; do
    xvsctl schema add "$top_srcdir/tests/plugins/$name.mof"
done
xvsctl switch add lan
for name in acl veto hang-setting; do
    xvsctl ext install "$name.so"
    xvsctl ext enable "$name" lan
done

count()
{
    xvsctl feature get --names | wc -l
}

cat >"$dir/both.json" <<'EOF'
[ { "class": "XVS_AclSwitchRule", "properties": { "SwitchName": "lan",
    "Action": 2, "Priority": 1 } },
  { "class": "XVS_AclSwitchRule", "properties": { "SwitchName": "lan",
    "Action": 2, "Priority": 2 } },
  { "class": "Test_Veto", "properties": { "SwitchName": "lan",
    "Refuse": true } } ]
EOF
expect_fail 4 'veto' xvsctl feature apply -f "$dir/both.json"
[ "$(count)" = 0 ] || fail "a refused transaction left $(count) settings"
expect '"Requests"' xvsctl instance list XVS_Stage --json
sed -i 's/"Refuse": true/"Refuse": false/' "$dir/both.json"
xvsctl feature apply --validate -f "$dir/both.json"
[ "$(count)" = 0 ] || fail "validation left $(count) settings"
xvsctl feature apply -f "$dir/both.json"
[ "$(count)" = 3 ] || fail "three settings expected, $(count) there"

# The hang: its request fails by name, others go on, then it recovers or not.
xvsctl feature add Test_Hang lan Seconds=3 >"$dir/hang.out" 2>&1 &
hang=$!
sleep 0.1
expect acl xvsctl ext list
got=0
wait $hang || got=$?
[ $got = 8 ] || fail "hang: exit $got: $(cat "$dir/hang.out")"
grep -q hang "$dir/hang.out" || fail "hang: $(cat "$dir/hang.out")"
expect stuck xvsctl instance list XVS_Stage
xvsctl feature add XVS_AclSwitchRule lan Action=allow Priority=3
[ "$(count)" = 4 ] || fail "the hang was stored, or others were not"
