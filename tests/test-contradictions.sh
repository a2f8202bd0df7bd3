#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Our answers to the contradictions of Hyper-V's reference (doc/formats.md,
# section 3), one function for each.  The extension raw-oid takes requests in
# their raw form and counts what is not as the answer says.
. "${top_srcdir:-..}/tests/functions.sh"
in_namespaces "$@"
requires ip jq cc
guest_veth a 192.0.2.1/24
guest_veth b 192.0.2.2/24
start_host
for name in raw-oid secret veto; do
    xvsctl schema add "$top_srcdir/tests/plugins/$name.mof"
    xvsctl ext install $name.so
done
xvsctl switch add lan
xvsctl port add lan a --driver packet --device "$tag.a"

# raw PROPERTY: what raw-oid has counted.
raw()
{
    xvsctl query Test_RawStatus lan --value "$1"
}

# class NAME:SUPERCLASS [PROPERTIES]: one text of a schema on standard output.
class()
{
    cat <<EOF
[UUID("7E5700C0-0001-4000-8000-000000000001"),
 ExtensionId("7E5700C0-0000-4000-8000-000000000000"),
 InterfaceVersion("1"), InterfaceRevision("0"), DisplayName("X")]
class ${1%:*} : ${1#*:} { $2 };
EOF
}

# The owner consumes, of whatever class it is; nobody else sees the request.
c1()
{
    expect_fail 5 raw-oid xvsctl feature add Test_Raw lan/a Small=1 Large=5
    xvsctl ext enable raw-oid lan
    xvsctl ext enable secret lan
    xvsctl ext enable veto lan
    before=$(xvsctl query Test_VetoStatus lan --value Trace)
    id=$(xvsctl feature add Test_Raw lan/a Small=1 Large=5 --names)
    [ "$(raw Sum)" = 5 ] || fail "C1: the owner did not get it"
    [ "$(xvsctl query Test_VetoStatus lan --value Trace)" \
        = "$before" ] || fail "C1: another extension saw it"
}

# Update and delete find the setting by class and instance, whatever revision
# it was stored with.
c2()
{
    sed '0,/InterfaceRevision("0")/s//InterfaceRevision("1")/
        s/uint32 Large;/&\n    [WmiDataId(3), Write] uint32 More;/' \
        "$top_srcdir/tests/plugins/raw-oid.mof" >"$dir/raw-oid.mof"
    xvsctl schema add "$dir/raw-oid.mof"
    xvsctl feature set "$id" Large=6 More=1
    [ "$(raw Sum)" = 6 ] || fail "C2: update"
    second=$(xvsctl feature add Test_Raw lan/a Small=1 Large=10 --names)
    xvsctl feature remove "$id"
    [ "$(raw Sum)" = 10 ] || fail "C2: another instance was deleted"
    xvsctl feature remove "$second"
    [ "$(raw InForce)" = 0 ] || fail "C2: delete"
    expect_fail 3 "$id" xvsctl feature remove "$id"
    xvsctl schema add "$top_srcdir/tests/plugins/raw-oid.mof"
}

# A short buffer is INVALID_LENGTH with what is needed; RESOURCES is not.
c3()
{
    asked=$(raw Asked)
    [ "$(raw Asked)" = $((asked + 2)) ] || fail "C3: it is not asked again"
    id=$(xvsctl feature add Test_Raw lan/a Small=2 Large=7 --names)
    [ "$(raw Asked)" = $((asked + 4)) ] || fail "C3: no retry when busy"
    xvsctl feature remove "$id"
}

# The core undoes a create that is refused, in reverse order; in one stage
# too, when it has agreed to the first half.
c4()
{
    xvsctl port add lan b --driver packet --device "$tag.b"
    xvsctl port remove lan b
    before="$(raw Ports) $(raw Nics)"
    expect_fail 4 "veto refused" xvsctl port add lan no --driver packet \
        --device "$tag.b"
    [ "$(raw Ports) $(raw Nics)" = "$before" ] || fail "C4: not undone"
    expect_fail 4 raw-oid xvsctl port add lan second --driver packet \
        --device "$tag.b"
    [ "$(raw Ports) $(raw Nics)" = "$before" ] || fail "C4: half undone"
    [ "$(xvsctl port list lan --json | jq -r '.[].Name')" = a ] \
        || fail "C4: a port stayed"
}

# Headers are those of the structure in use: for ports, nics, port settings
# and queries.
c5()
{
    xvsctl port set lan a --mtu 1400
    [ "$(raw Updates)" = 1 ] || fail "C5: no NIC_UPDATED"
    [ "$(raw Wrong)" = 0 ] || fail "C5: $(raw Wrong) wrong headers"
}

# Several requests at once: each gets its own answer, hooks see one at a time.
c6()
{
    jobs=
    for n in 1 2 3 4 5 6 7 8; do
        xvsctl feature add Test_Raw lan/a Small=1 Large=$n \
            >"$dir/add.$n" 2>&1 &
        jobs="$jobs $!"
        raw Wrong >"$dir/query.$n" &
        jobs="$jobs $!"
    done
    for job in $jobs; do
        wait "$job" || fail "C6: $(cat "$dir"/add.*)"
    done
    [ "$(sort -u "$dir"/query.*)" = 0 ] || fail "C6: two at a time"
    [ "$(raw InForce) $(raw Sum)" = "8 36" ] || fail "C6: $(raw Sum)"
}

c7()
{
    class Test_X:XVS_PortFeatureSettings '[Read] uint32 A;' >"$dir/c7.mof"
    expect_fail 1 "status class cannot be derived from a base for settings" \
        xvsctl schema check "$dir/c7.mof"
}

c8()
{
    class Test_X:XVS_PortFeatureSettings '[Write] uint32 A;' \
        | sed 's/InterfaceRevision/InterfaceRevison/' >"$dir/c8.mof"
    expect_fail 1 "InterfaceRevision" xvsctl schema check "$dir/c8.mof"
    expect "c8.mof:3:" cat "$dir/out"
    expect "did you mean" cat "$dir/out"
}

c9()
{
    class Test_X:Msvm_EthernetSwitchPortFeatureSettingDataMsvm \
        '[Write] uint32 A;' >"$dir/c9.mof"
    expect_fail 1 "did you mean Msvm_EthernetSwitchPortFeatureSettingData" \
        xvsctl schema check "$dir/c9.mof"
}

# uint16 is 2 bytes at natural alignment, in the header and on the wire.
c10()
{
    xvs-mofc header "$top_srcdir/tests/plugins/raw-oid.mof" >"$dir/raw.h"
    expect "offsetof(struct test_raw, large) == 4" cat "$dir/raw.h"
    expect "uint16_t small" cat "$dir/raw.h"
    id=$(xvsctl feature add Test_Raw lan/a Small=65535 Large=100 --names)
    [ "$(raw Sum)" = 136 ] || fail "C10: the members lie elsewhere"
    xvsctl feature remove "$id"
}

c11()
{
    cat >"$dir/c11.c" <<EOF
#include <xvs/extension.h>
#include <xvs/oid.h>
char x[sizeof(((struct xvs_property_enum_parameters *) 0)
    ->first_property_offset) == 4 ? 1 : -1];
char y[offsetof(struct xvs_property_enum_parameters, n_properties)
    - offsetof(struct xvs_property_enum_parameters, first_property_offset)
    == 4 ? 1 : -1];
EOF
    cc -I "$top_srcdir/sdk/include" -c -o "$dir/c11.o" "$dir/c11.c" \
        || fail "C11: FirstPropertyOffset is not an u32"
}

c12()
{
    class Test_X:XVS_PortFeatureSettings '[Write] uint32 A;' >"$dir/one.mof"
    class Test_Y:XVS_PortFeatureSettings '[Write] uint32 A;' >"$dir/two.mof"
    xvsctl schema add "$dir/one.mof"
    expect_fail 9 one xvsctl schema add "$dir/two.mof"
    expect two.mof cat "$dir/out"
    xvsctl schema remove one
}

for answer in c1 c2 c3 c4 c5 c6 c7 c8 c9 c10 c11 c12; do
    echo "== $answer"
    $answer
done
[ "$(raw Wrong)" = 0 ] || fail "$(raw Wrong) requests were not as promised"
