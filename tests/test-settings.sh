#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# A2, A6, A7, A9: settings from arguments, MOF, CIM-XML, JSON and standard input;
# refused ones name what, where and why, and change nothing.
. "${top_srcdir:-..}/tests/functions.sh"
in_namespaces "$@"
requires ip jq
guest_veth a 192.0.2.1/24
start_host
xvsctl schema add "$top_srcdir/mof/xvs_acl.mof"
xvsctl ext install acl.so
xvsctl switch add lan
xvsctl port add lan a --driver packet --device "$tag.a"

rules()
{
    xvsctl feature get XVS_AclPortRule lan/a --names | wc -l
}

# Nobody there yet: an error, and nothing is stored.
expect_fail 5 "xvsctl ext enable acl lan" \
    xvsctl feature add XVS_AclPortRule lan/a Action=deny
xvsctl ext enable acl lan
[ "$(rules)" = 0 ] || fail "a setting without consumer was stored"

id=$(xvsctl feature add XVS_AclPortRule lan/a Direction=in Action=deny \
    Protocol=17 Priority=5 --names)
xvsctl feature get XVS_AclPortRule lan/a --json >"$dir/rule.json"
[ "$(jq -r '.[0].Priority' "$dir/rule.json")" = 5 ] || fail "Priority"
xvsctl feature set "$id" Priority=6
expect 6 xvsctl feature get XVS_AclPortRule lan/a

cat >"$dir/rule.mof" <<EOF
instance of XVS_AclPortRule { Direction = 1; Action = 2; Priority = 7;
    SourcePrefix = "192.0.2.0/24"; };
EOF
xvsctl feature add XVS_AclPortRule lan/a -f "$dir/rule.mof"
echo '{"class": "XVS_AclPortRule", "properties": {"Direction": 1,
    "Action": 2, "Priority": 8}}' \
    | xvsctl feature add XVS_AclPortRule lan/a -f -
cat >"$dir/rule.xml" <<EOF
<INSTANCE CLASSNAME="XVS_AclPortRule">
<PROPERTY NAME="Priority" TYPE="uint32"><VALUE>9</VALUE></PROPERTY>
<PROPERTY NAME="Action" TYPE="uint8"><VALUE>2</VALUE></PROPERTY>
</INSTANCE>
EOF
xvsctl feature add XVS_AclPortRule lan/a -f "$dir/rule.xml"
[ "$(rules)" = 4 ] || fail "four rules expected, $(rules) there"

# Bad input: names the place, changes nothing.
set -- xvsctl feature add XVS_AclPortRule lan/a
expect_fail 1 Priorty "$@" Priorty=1
expect_fail 1 Priority "$@" Priority=blue
expect_fail 1 Priority "$@" Priority=-1
expect_fail 4 SourcePrefix "$@" SourcePrefix=300.1.1.1/8
expect_fail 3 nowhere xvsctl feature add XVS_AclPortRule lan/nowhere Action=deny
expect_fail 3 XVS_AclPortRul xvsctl feature add XVS_AclPortRul lan/a Action=deny
expect_fail 4 SourcePrefix xvsctl feature validate XVS_AclPortRule lan/a \
    SourcePrefix=junk
xvsctl feature validate XVS_AclPortRule lan/a Action=allow
[ "$(rules)" = 4 ] || fail "a refused setting left a trace"

xvsctl ext disable acl lan
expect_fail 5 acl "$@" Action=deny
[ "$(rules)" = 4 ] || fail "disabling lost settings"
expect parked xvsctl feature get XVS_AclPortRule lan/a
xvsctl ext enable acl lan
expect in-force xvsctl feature get XVS_AclPortRule lan/a
xvsctl feature remove "$id"
[ "$(rules)" = 3 ] || fail "remove"
