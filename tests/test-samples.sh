#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The SDK as a vendor meets it: installed, outside of this tree.  The samples
# build against it with their own Makefiles and run in a switch.
. "${top_srcdir:-..}/tests/functions.sh"
in_namespaces "$@"
requires pkg-config nm ip jq ping g++ socat

# The conformance suite; "make exttest" runs all of it.
mode=${EXTTEST_MODE--q -o schema.hash -o settings.limits -o settings.traffic \
    -o life.switches}

# Make's own variables of the run that runs us are not for these.
unset MAKEFLAGS MAKELEVEL MFLAGS
make -s -C "$top_builddir" install DESTDIR="$dir/root" >"$dir/install.log" 2>&1 \
    || fail "make install"
pc=$(find "$dir/root" -name xvs.pc)
[ -n "$pc" ] || fail "xvs.pc is not installed"
prefix=$(sed -n 's/^prefix=//p' "$pc")
cp -R "$top_srcdir/samples" "$dir/samples"
for sample in 01-null 02-counter 03-mirror 04-limiter 05-forwarder 06-cpp \
    07-reader 08-service; do
    # (What links a library of ours needs what that was built with.)
    compiler=${CC:-cc}
    ! sanitized || [ $sample != 07-reader ] \
        || compiler="$compiler -fsanitize=address,undefined"
    make -C "$dir/samples/$sample" PKG_CONFIG_PATH="${pc%/*}" CC="$compiler" \
        PKG_CONFIG="pkg-config --define-variable=prefix=$dir/root$prefix" \
        CFLAGS='-O2 -Wall -Wextra -Werror' \
        CXXFLAGS='-O2 -Wall -Wextra -Werror' >"$dir/$sample.log" 2>&1 \
        || fail "$sample does not build"
    for plugin in "$dir/samples/$sample"/*.so; do
        [ -e "$plugin" ] || continue
        for schema in "$dir/samples/$sample"/*.mof; do
            [ -e "$schema" ] || schema=
            # shellcheck disable=SC2086 # no mode is no argument
            "$top_builddir/xvs-exttest" $mode "$plugin" \
                ${schema:+"$schema"} >"$dir/out" 2>&1 \
                || fail "$(cat "$dir/out")"
            [ -n "$mode" ] || tail -n 1 "$dir/out"
        done
        nm -D --defined-only "$plugin" >"$dir/symbols"
        [ "$(wc -l <"$dir/symbols")" = 1 ] && grep -q xvs_extension_v1 \
            "$dir/symbols" || fail "$sample: $(cat "$dir/symbols")"
    done
done

# The command of README.md builds the smallest one.
command=$(sed -n 's/.*`\(cc -shared [^`]*\)`.*/\1/p' "$top_srcdir/README.md")
(cd "$dir/samples/01-null" && rm null.so \
    && PKG_CONFIG_PATH=${pc%/*} PKG_CONFIG_SYSROOT_DIR=$dir/root sh -c "$command") \
    || fail "README.md: $command"
[ -e "$dir/samples/01-null/null.so" ] || fail "README.md: no null.so"

# They run.
guest_veth a 192.0.2.1/24
guest_veth b 192.0.2.2/24
vendor_partition=process
start_host
cp "$dir"/samples/*/*.so "$dir/plugins"
xvsctl switch add lan
xvsctl port add lan a --driver packet --device "$tag.a"
xvsctl port add lan b --driver packet --device "$tag.b"
xvsctl schema add "$dir/samples/02-counter/sample_counter.mof"
for name in null counter; do
    xvsctl ext install "$name.so"
    xvsctl ext enable "$name" lan
done
guest_ping a 192.0.2.2 || fail "no ping through the samples"
xvsctl query Sample_CounterStatus lan/a --json >"$dir/count"
[ "$(jq '.[0].Packets' "$dir/count")" -gt 0 ] || fail "$(cat "$dir/count")"
expect_fail 4 'no packet of the port has more than 1518 bytes' \
    xvsctl feature add Sample_CounterSettings lan/a MinimumSize=2000
xvsctl feature add Sample_CounterSettings lan/a MinimumSize=1000
object=$(xvsctl query Sample_CounterStatus lan/a --names)
xvsctl call "$object" Reset --json >"$dir/count"
[ "$(jq .Packets "$dir/count")" -gt 0 ] || fail "$(cat "$dir/count")"
guest_ping a 192.0.2.2 || fail "no ping"
xvsctl query Sample_CounterStatus lan/a --json >"$dir/count"
[ "$(jq '.[0].Packets' "$dir/count")" = 0 ] || fail "$(cat "$dir/count")"

# The others, all at once, with a program as a port.
xvsctl port add lan reader --driver pipe --device "$dir/reader.sock"
"$dir/samples/07-reader/reader" "$dir/reader.sock" >"$dir/frames" 2>&1 &
cleanup_fn "kill $!"
for name in mirror cross block; do
    xvsctl schema add "$dir"/samples/*/"sample_$name.mof"
    xvsctl ext install "$name.so"
    xvsctl ext enable "$name" lan
done
expect_fail 4 'no other port of that name' \
    xvsctl feature add Sample_MirrorSettings lan/a Target=nobody
xvsctl feature add Sample_MirrorSettings lan/a Target=reader
guest_ping a 192.0.2.2 || fail "no ping through all of them"
is_read()
{
    grep -q 'type 0800, 98 bytes' "$dir/frames"
}
wait_for 20 is_read || fail "nothing was mirrored: $(cat "$dir/frames")"
# All IPv4 is blocked, and allowed again.
xvsctl feature add Sample_BlockSettings lan 'Types={2048}'
! guest_ping a 192.0.2.2 1 || fail "IPv4 is not blocked"
xvsctl feature set Sample_BlockSettings lan 'Types={1}'
guest_ping a 192.0.2.2 || fail "IPv4 is still blocked"

# What a flow has used is known to the process after the one that was killed.
xvsctl schema add "$dir/samples/04-limiter/sample_limiter.mof"
xvsctl ext install limiter.so
xvsctl ext enable limiter lan
xvsctl feature add Sample_LimiterSettings lan PacketsPerSecond=1
limited()
{
    ip netns exec "$tag-a" ping -n -q -c 5 -i 0.05 -W 0.3 192.0.2.2 \
        >"$dir/ping" && ! grep -q ' 5 received' "$dir/ping"
}
wait_for 20 limited || fail "nothing is limited: $(cat "$dir/ping")"
kill -9 "$(xvsctl stage show limiter lan --value ProcessId)"
wait_for 20 limited || fail "nothing is limited then: $(cat "$dir/ping")"
[ "$(xvsctl stage show limiter lan --value KeptHandovers)" -ge 1 ] \
    || fail "nothing was handed over"

# A service, on the host itself: a setting lets it listen, until it goes.
at=127.0.0.1:$first_port
xvsctl schema add "$dir/samples/08-service/sample_greeter.mof"
xvsctl ext install greeter.so
xvsctl ext enable greeter host
expect_fail 4 'there is nothing to say' \
    xvsctl feature add Sample_Greeting host Address=$at Line=
greeting=$(xvsctl feature add Sample_Greeting host Address=$at \
    Line=welcome --names)
welcomed()
{
    [ "$(timeout 10 socat -u "TCP:$at" -)" = welcome ]
}
wait_for 20 welcomed || fail "$(xvsctl query Sample_Visits host)"
kill -9 "$(xvsctl stage show greeter host --value ProcessId)"
wait_for 20 welcomed || fail "not after its process ended"
[ "$(xvsctl query Sample_Visits host --value Visits)" -ge 1 ] \
    || fail "$(xvsctl query Sample_Visits host)"
xvsctl feature remove "$greeting"
! welcomed || fail "it listens without a setting"
