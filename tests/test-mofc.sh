#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# xvs-mofc: every subcommand, its errors, and that generated headers compile.
. "${top_srcdir:-..}/tests/functions.sh"
sample=$top_srcdir/tests/mofc/sample.mof
cd "$dir"

# exits CODE COMMAND...: output and messages go to out and err.
exits()
{
    wanted=$1
    shift
    code=0
    "$@" >out 2>err || code=$?
    [ "$code" = "$wanted" ] || {
        cat out err
        fail "exit $code, expected $wanted: $*"
    }
}

says()
{
    grep -qF -e "$2" "$1" || { cat "$1"; fail "$1 does not say: $2"; }
}

# ---- Usage
exits 2 xvs-mofc
exits 2 xvs-mofc frobnicate x
says err 'unknown command "frobnicate"'
exits 2 xvs-mofc lint
exits 2 xvs-mofc diff one
exits 2 xvs-mofc lint -o x "$sample"
exits 2 xvs-mofc header --bogus "$sample"
exits 0 xvs-mofc --version
says out "xvs-mofc "
for command in lint mof xml header man diff; do
    exits 0 xvs-mofc $command --help
    says out "Usage: xvs-mofc $command"
    exits 0 xvs-mofc $command --version
done

# ---- lint
exits 0 xvs-mofc lint "$sample"
says err "1 file, 3 classes, 0 errors"
cat >bad.mof <<'END'
[UUID("5A1E0000-0000-4000-8000-000000000009"),
 ExtensionId("5A1E0000-0000-4000-8000-00000000000E"),
 InterfaceVersion("1"), InterfaceRevision("0"), DisplayName("x")]
class Test_Bad : XVS_PortFeatureSetings {
    [WmiDataId(1)] uint32 Priority;
};
END
exits 1 xvs-mofc lint bad.mof
says err "bad.mof:4:7: error:"
says err "    4 | class Test_Bad"
says err "      |       ^"
says err "did you mean XVS_PortFeatureSettings?"
says err "1 file, 0 classes, 1 error"
sed 's/Setings/Settings/; s/};/ uint32 M([In] uint8 List[]); };/' bad.mof \
    >method.mof
exits 1 xvs-mofc lint method.mof
says err "List of method M is an array"
sed 's/Setings/Settings/; s/Test_Bad/Test_Good/' bad.mof >one.mof
sed 's/Test_Good/Test_Other/' one.mof >two.mof
exits 1 xvs-mofc lint one.mof two.mof
says err "class Test_Other has the UUID of class Test_Good (one.mof:4)"
exits 1 xvs-mofc lint absent.mof
echo '#include "bad.mof"' >junk.mof
exits 1 xvs-mofc lint junk.mof
sed 's/Priority/Priority2; [Widget] uint32 P/; s/WmiDataId(1)/Read/' one.mof \
    >unknown.mof
exits 0 xvs-mofc lint unknown.mof
says err "warning:"
exits 1 xvs-mofc lint --strict unknown.mof
mkdir -p inc
cp "$sample" inc/
echo '#pragma include("sample.mof")' >include.mof
exits 1 xvs-mofc lint include.mof
exits 0 xvs-mofc lint -I inc include.mof

# ---- mof and xml: there and back without loss
exits 0 xvs-mofc xml "$sample" -o sample.xml
exits 0 xvs-mofc mof sample.xml -o again.mof
exits 0 xvs-mofc xml again.mof
cmp -s out sample.xml || fail "MOF and XML differ"
exits 0 xvs-mofc diff "$sample" sample.xml
exits 1 xvs-mofc mof bad.mof -o never
[ ! -e never ] || fail "a bad schema left an output file"
exits 1 xvs-mofc mof "$sample" -o no/such/folder
says err "cannot write no/such/folder"

# Names that are one in C.
cat >names.mof <<'END'
class Test_A { uint8 Get; string X; uint8 SetX; uint8 N_List; uint8 class_;
    [Max(2)] uint8 List[]; uint8 B_C; string B_D; uint8 Value;
    [ValueMap{"1", "2"}, Values{"a b", "a-b"}] uint8 V; };
class TestA { uint8 X; };
class Test_A_B { uint8 C; string D; };
END
set -- names.mof

# ---- header: C99 and C++, every schema that is shipped
set -- "$@" "$sample" "$top_srcdir"/mof/*.mof
if [ -d "$data/mof/microsoft-switch-extension" ]; then
    set -- "$@" "$data"/mof/microsoft-switch-extension/*.mof
fi
# 1,631 classes: names that collide, reserved words, every type.
whole=$data/mof/dmtf-cim-2.49.0/cim_schema_2.49.0.mof
[ ! -e "$whole" ] || set -- "$@" "$whole"
for schema; do
    case $schema in
    */xvs_core.mof|*/xvs_qualifiers.mof) continue ;;
    esac
    exits 0 xvs-mofc header "$schema" -o made.h
    exits 0 ${CC:-cc} -std=c99 -Wall -Wextra -Wshadow -Wcast-align -Werror \
        -pedantic -fsyntax-only -I"$top_srcdir/sdk/include" -x c made.h
    exits 0 "${CXX:-c++}" -std=c++11 -Wall -Wextra -Werror -pedantic \
        -fsyntax-only -I"$top_srcdir/sdk/include" -x c++ made.h
done

# ---- man
exits 0 env SOURCE_DATE_EPOCH=0 xvs-mofc man "$sample" -o page.7
says page.7 ".Dd January  1, 1970"
says page.7 ".Ss Test_HolderStatus"
says page.7 "Takes and gives every kind of argument."
! command -v mandoc >/dev/null || exits 0 mandoc -Tlint -Wwarning page.7

# ---- diff
exits 2 xvs-mofc diff "$sample" absent.mof
change()
{
    sed "$1" "$sample" >new.mof
    exits "$2" xvs-mofc diff "$sample" new.mof
    [ -z "$3" ] || says out "$3"
}
change 's/Revision("2")/Revision("3")/' 0 "~ revision 3 was 2"
change '/sint32 Offset;/s/$/ [WmiDataId(16)] uint8 More;/' 1 "raise InterfaceRevision"
change '/sint32 Offset;/s/$/ [WmiDataId(16)] uint8 More;/
    s/Revision("2")/Revision("3")/' 0 "+ More: added as number 16, uint8"
change 's/uint8 Kind = 3;/uint8 New; &/' 1 "! New: added before others"
change '/WmiDataId(15)/d' 1 "! Offset: removed (it was number 15, sint32)"
change 's/uint16 Class/uint32 Class/' 1 "! Class: retyped, uint32 was uint16"
change 's/WmiDataId(1)/WmiDataId(0)/; s/WmiDataId(2)/WmiDataId(1)/
    s/WmiDataId(0)/WmiDataId(2)/' 1 "renumbered"
change 's/MaxValue(200)/MaxValue(100)/' 1 "refuses values that were allowed"
change 's/Class = 7/Class = 8/' 0 "~ Class: its default changed"
change 's/\[In\] string Name/[In] uint8 Name/' 1 "! Mix(): signature"
change 's/void Nothing();//' 1 "! Nothing(): removed"
change 's/Version("1")/Version("2")/' 1 "major version 2 was 1"
says out "incompatible ("
