#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The conformance suite for extensions: everything that is shipped passes its
# short form, and each plugin that breaks a rule is caught by the test that
# was made for it.  "make exttest" runs the whole suite.
. "${top_srcdir:-..}/tests/functions.sh"
requires jq
exttest=$top_builddir/xvs-exttest
mode=${EXTTEST_MODE--q -o schema.hash -o life.switches -o oid.version \
    -o settings.limits -o settings.traffic -o upgrade.self -o faults.kill}

# The options: what is printed, what is refused.
"$exttest" --help | grep -q -- --only || fail "no help"
"$exttest" --list >"$dir/list"
[ "$(grep -c '^  [a-z]*\.[a-z-]* ' "$dir/list")" -ge 40 ] || fail "few tests"
expect_fail 2 'no test or group is called' \
    "$exttest" -o nothing "$top_builddir/plugins/acl/acl.so"
expect_fail 2 'which plugin' "$exttest"
expect_fail 2 'absent.so' "$exttest" "$dir/absent.so"
echo 'class' >"$dir/bad.mof"
expect_fail 2 bad.mof "$exttest" "$top_builddir/plugins/acl/acl.so" \
    "$dir/bad.mof"

# All that is shipped passes.
for plugin in "$top_builddir"/plugins/*/*.so; do
    name=$(basename "$plugin" .so)
    # shellcheck disable=SC2086 # no mode is no argument
    "$exttest" $mode "$plugin" "$top_srcdir/mof/xvs_$name.mof" \
        >"$dir/out" 2>&1 || fail "$(cat "$dir/out")"
    [ -n "$mode" ] || tail -n 1 "$dir/out"
done

# An earlier build gives way to this one; another extension does not.
"$exttest" -o upgrade -p "$top_builddir/plugins/acl/acl.so" --json \
    "$top_builddir/plugins/acl/acl.so" "$top_srcdir/mof/xvs_acl.mof" \
    | jq -e '.failed == 0 and .passed == 2' >/dev/null || fail "upgrade"
! "$exttest" -o upgrade.previous -p "$top_builddir/plugins/qos/qos.so" \
    "$top_builddir/plugins/acl/acl.so" "$top_srcdir/mof/xvs_acl.mof" \
    >"$dir/out" 2>&1 || fail "acl is another version of qos"
grep -q "FAIL  upgrade.previous .*not another version of qos" "$dir/out" \
    || fail "$(cat "$dir/out")"
expect_fail 2 absent.so "$exttest" --previous absent.so \
    "$top_builddir/plugins/acl/acl.so"

# The report in its other forms.
"$exttest" -o abi --json "$top_builddir/plugins/acl/acl.so" \
    "$top_srcdir/mof/xvs_acl.mof" | jq -e '.failed == 0 and .passed > 5
        and (.tests | all(.why != ""))' >/dev/null || fail "JSON"
"$exttest" -o schema --tap "$top_builddir/plugins/acl/acl.so" \
    "$top_srcdir/mof/xvs_acl.mof" >"$dir/tap"
[ "$(grep -c '^ok ' "$dir/tap")" = "$(sed -n 's/^1\.\.//p' "$dir/tap")" ] \
    || fail "$(cat "$dir/tap")"

# caught PLUGIN TEST TEXT: exactly that test finds it, and says so.  (With a
# sanitizer, what crashes may be ended earlier, and reports of it are wanted;
# it counts memory itself.)
caught()
{
    text=$3
    ! sanitized || text=$(echo "$3" \
        | sed 's/crashed.*/\\(crashed\\|ended its process\\)/')
    schema=$top_srcdir/tests/plugins/$(basename "$1").mof
    [ -f "$schema" ] || schema=
    # shellcheck disable=SC2086 # no schema is no argument
    ! timeout 100 "$exttest" -q -o "$2" "$1.so" $schema >"$dir/out" 2>&1 \
        || fail "$2 does not catch $1${NAUGHTY:+ ($NAUGHTY)}"
    grep -q "^FAIL  $2 .*$text" "$dir/out" || fail "$1: $(cat "$dir/out")"
    rm -f "$dir"/sanitizer.*
}

p=$top_builddir/tests/plugins
caught "$p/no-symbol" abi.symbol 'no symbol xvs_extension_v1'
caught "$p/wrong-abi" abi.load 'version 2.0'
caught "$p/crash-init" abi.load 'crashed in init'
caught "$p/forger" abi.load 'forger'
caught "$p/two-faced" abi.same 'something else of itself'
caught "$p/wrong-hash" schema.hash 'another text of the class'
caught "$p/bad-status" status.answers 'not valid'
caught "$p/raw-oid" oid.raw 'crashed: SIGSEGV'
caught "$p/fault" traffic.types 'crashed: SIG'
caught "$p/veto" traffic.types 'crashed: SIGSEGV'
# Whether it hits packets that are looked at depends on where buffers are.
(caught "$p/scribble" traffic.corpus 'without XVS_TRAIT_PAYLOAD') \
    || (caught "$p/scribble" traffic.corpus 'without XVS_TRAIT_PAYLOAD') \
    || caught "$p/scribble" traffic.corpus 'without XVS_TRAIT_PAYLOAD'
caught "$p/scramble" traffic.corpus 'left its buffer'
caught "$p/escape" faults.kill 'does not run in a process'
caught "$p/captive" oid.short 'taken for a good one'
caught "$p/secret" settings.delete 'KeySum'

# One rule at a time, of a plugin that keeps the others.
"$top_builddir/xvs-mofc" header "$top_srcdir/tests/plugins/naughty.mof" \
    -o "$dir/naughty.h"
compile()
{
    $CC -O1 -g -fPIC -shared -I"$top_srcdir/sdk/include" -I"$dir" "$2" \
        -o "$1/naughty.so" "$top_srcdir/tests/plugins/naughty.c" -pthread
}
mkdir "$dir/filter" "$dir/capture" "$dir/forgets"
compile "$dir/filter" -DCLASS=XVS_CLASS_FILTER
compile "$dir/capture" -DCLASS=XVS_CLASS_CAPTURE
compile "$dir/forgets" -DN_FEATURES=1
# shellcheck disable=SC2086 # no mode is no argument
"$exttest" $mode "$dir/filter/naughty.so" \
    "$top_srcdir/tests/plugins/naughty.mof" >"$dir/out" 2>&1 \
    || fail "$(cat "$dir/out")"
caught "$dir/forgets/naughty" schema.owner 'do not agree'
while read -r NAUGHTY class name told; do
    export NAUGHTY
    ! sanitized || [ "$name" != leaks.memory ] || continue
    caught "$dir/$class/naughty" "$name" "$told"
done <<END
1 capture traffic.corpus bytes were changed
2 filter traffic.corpus without XVS_TRAIT_PAYLOAD
3 filter traffic.corpus without XVS_TRAIT_EGRESS
4 filter traffic.return must not be kept
5 filter traffic.corpus only a forwarder may
6 capture traffic.corpus moved or resized
7 filter settings.validate has an effect
8 filter settings.delete has an effect
9 filter settings.limits without a sentence
10 filter leaks.memory bytes of memory behind
11 filter leaks.descriptors descriptors behind
12 filter leaks.threads threads behind
13 filter reload.settings crashed
14 filter oid.version taken for a good one
15 filter oid.short taken for a good one
16 filter settings.limits no result of a hook
17 filter settings.limits ended its process
18 filter life.switches cannot be enabled
19 filter status.repeats Level
20 filter life.last-port crashed: SIGABRT
21 filter upgrade.self it is not upgraded
END
