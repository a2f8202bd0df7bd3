#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# What is wrong is refused with where it is and what to do about it; nothing
# changes by it, and others go on.  (Malformed HTTP and XML, and clients that
# do not behave: test-http-hostile.sh.)
. "${top_srcdir:-..}/tests/functions.sh"
in_namespaces "$@"
requires ip jq
guest_veth a 192.0.2.1/24
guest_veth b 192.0.2.2/24
start_host
mof=$top_srcdir/tests/plugins
xvsctl schema add "$mof/secret.mof" "$mof/hang-setting.mof" \
    "$mof/wrong-hash.mof" "$top_srcdir/mof/xvs_acl.mof"
xvsctl ext install secret.so
xvsctl ext install hang-setting.so
xvsctl ext install acl.so
xvsctl switch add lan
xvsctl port add lan a --driver packet --device "$tag.a"
xvsctl port add lan b --driver packet --device "$tag.b"
xvsctl ext enable secret lan
xvsctl ext enable acl lan
xvsctl feature add XVS_AclSwitchRule lan Action=allow

everything()
{
    xvsctl config export 2>/dev/null | tail -n +2
    xvsctl schema list --names
    xvsctl ext list --names
}

# bad STATUS PLACE REMEDY COMMAND...: fails so and says both.
bad()
{
    status=$1
    place=$2
    remedy=$3
    shift 3
    everything >"$dir/before"
    expect_fail "$status" "$place" "$@"
    grep -qF -- "$remedy" "$dir/out" \
        || fail "$*: no remedy '$remedy': $(cat "$dir/out")"
    everything >"$dir/after"
    cmp -s "$dir/before" "$dir/after" || fail "$*: something changed"
    guest_ping a 192.0.2.2 1 >/dev/null || fail "$*: traffic stopped"
    kill -0 "$switch_pid" && kill -0 "$xvsd_pid" || fail "$*: a daemon ended"
}

# schema BASE PROPERTIES [UUID]: a file with one class.
schema()
{
    cat >"$dir/bad.mof" <<EOF
[UUID("${3:-7E5700D0-0001-4000-8000-000000000001}"),
 ExtensionId("7E5700D0-0000-4000-8000-000000000000"),
 InterfaceVersion("1"), InterfaceRevision("0"), DisplayName("Bad")]
class Test_Bad : $1 {
    $2
};
EOF
}

# Schemas.
schema XVS_PortFeatureSetting '[WmiDataId(1), Write] uint8 A;'
bad 1 bad.mof:4: "did you mean XVS_PortFeatureSettings" \
    xvsctl schema add "$dir/bad.mof"
schema XVS_PortFeatureSettings '[WmiDataId(1), Write] uint8 A;' \
    7E57000A-0001-4000-8000-000000000001
bad 9 Test_Bad Test_Key xvsctl schema add "$dir/bad.mof"
grep -q 'secret' "$dir/out" || fail "the other file is not named"
schema XVS_PortFeatureSettings '[WmiDataId(1), Write] uint8 A;
    [WmiDataId(3), Write] uint8 B;'
bad 1 bad.mof:6: "2 is expected next" xvsctl schema add "$dir/bad.mof"
schema XVS_PortFeatureSettings '[WmiDataId(1), Write, MaxValue(9)] uint8 A = 10;'
bad 1 bad.mof:5: "MaxValue(9)" xvsctl schema add "$dir/bad.mof"
schema XVS_PortFeatureSettings '[WmiDataId(1), Write] uint8 A = 300;'
bad 1 bad.mof:5: "uint8" xvsctl schema add "$dir/bad.mof"

# Plugins.
bad 1 wrong-abi.so "version" xvsctl ext install wrong-abi.so
bad 1 no-symbol.so xvs_extension_v1 xvsctl ext install no-symbol.so
bad 1 crash-init.so SIGSEGV xvsctl ext install crash-init.so
xvsctl ext install wrong-hash.so
bad 1 Test_WrongHash "register the schema that came with" \
    xvsctl ext enable wrong-hash lan

# Settings.
set -- xvsctl feature add Test_Key lan
bad 1 Test_Key "did you mean Peer" "$@" Pear=x
bad 1 Priority "uint32 (0 to 4294967295)" \
    xvsctl feature add XVS_AclPortRule lan/a Priority=blue
bad 1 XVS_AclPortRule.Priority "MaxValue 65535" \
    xvsctl feature add XVS_AclPortRule lan/a Priority=65536
bad 1 XVS_AclPortRule.SourceMac "at most 17 are allowed" \
    xvsctl feature add XVS_AclPortRule lan/a SourceMac=02:00:00:00:00:00:00
bad 1 XVS_AclPortRule.Action "MaxValue 2" \
    xvsctl feature add XVS_AclPortRule lan/a Action=77
bad 1 Test_Key.Pin "limits are in the class" "$@" Pin=10000
bad 1 Test_Key.Key "limits are in the class" "$@" \
    Key=12345678901234567890123456789012345678901
bad 3 nowhere "lan" xvsctl feature add XVS_AclPortRule lan/nowhere Action=deny
bad 5 hang-setting "xvsctl ext enable hang-setting lan" \
    xvsctl feature add Test_Hang lan Seconds=0
