#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# compress and encrypt between two switches joined by a wire: TCP of guests
# with offloads and a full MTU, keys that change and stages that move and end
# while packets flow, sizes, wrong keys, secrets that nobody sees.
. "${top_srcdir:-..}/tests/functions.sh"
requires ip ping socat sha256sum
in_namespaces "$@"
. "$top_srcdir/tests/stream.sh"
guest_veth a 192.0.2.1/24
guest_veth b 192.0.2.2/24
ip link add "$tag.w1" type veth peer name "$tag.w2"
cleanup_fn "ip link del $tag.w1"
ip link set "$tag.w1" up
ip link set "$tag.w2" up
key_1=00112233445566778899aabbccddeeff00112233445566778899aabbccddeef1
key_2=00112233445566778899aabbccddeeff00112233445566778899aabbccddeef2
start_host
for name in compress encrypt; do
    xvsctl schema add "$top_srcdir/mof/xvs_$name.mof"
    xvsctl ext install $name.so
done

# host SWITCH GUEST WIRE
host()
{
    xvsctl switch add "$1"
    xvsctl ext enable encrypt "$1"
    xvsctl ext enable compress "$1"
    xvsctl port add "$1" "$2" --driver packet --device "$tag.$2"
    xvsctl port add "$1" wire --driver packet --device "$tag.$3" \
        --enter network
}
host one a w1
host two b w2

# count SWITCH CLASS PROPERTY
count()
{
    xvsctl query "XVS_${2}Status" "$1" --value "$3"
}

# no_ping [OPTION...]
no_ping()
{
    ! ip netns exec "$tag-a" ping -n -q -c 1 -W 0.3 "$@" 192.0.2.2 \
        >"$dir/ping" 2>&1
}

# stopped SWITCH PROPERTY: pings do not pass, and are counted there.
stopped()
{
    no_ping || fail "a ping passes: $*"
    [ "$(count "$1" Encryption "$2")" -gt 0 ]
}

# Without a key nothing leaves, and it is said why.
wait_for 10 stopped one NoKey || fail "what has no key"
[ "$(count one Encryption State)" = 0 ] || fail "a state without keys"
expect_fail 4 "Key: expected 64 hexadecimal digits" \
    xvsctl feature add XVS_EncryptionKey one KeyId=1 Key=sesame
! grep -q sesame "$dir/out" || fail "a refusal shows a secret"
expect_fail 4 "KeyId: must be given" \
    xvsctl feature add XVS_EncryptionKey one Key=$key_1
for switch in one two; do
    id=$(xvsctl feature add XVS_EncryptionSettings $switch SendKey=1 --names)
    eval "settings_$switch=\$id"
done
expect "SendKey: there is no key 1" xvsctl event list
first_one=$(xvsctl feature add XVS_EncryptionKey one KeyId=1 Key=$key_1 \
    --names)
expect_fail 4 "KeyId: 1: there is a key of that number already" \
    xvsctl feature add XVS_EncryptionKey one KeyId=1 Key=$key_2

# Another key on the other side: nothing passes, until it is the same.
first_two=$(xvsctl feature add XVS_EncryptionKey two KeyId=1 Key=$key_2 \
    --names)
wait_for 10 stopped two NotAuthentic || fail "what is not authentic"
xvsctl feature set "$first_two" Key=$key_1
wait_for 10 guest_ping a 192.0.2.2 1 || fail "no ping"

# A full frame has no room for the seal, and a smaller one has; compressed it
# would fit.
ip netns exec "$tag-a" ping -n -q -c 2 -i 0.1 -s 1472 192.0.2.2 \
    || fail "a full frame that is compressed"
xvsctl port set one a --enter encrypt
xvsctl port set two b --enter encrypt
no_ping -s 1472 || fail "a frame that is too long"
[ "$(count one Encryption TooLong)" -gt 0 ] || fail "what is too long"
ip netns exec "$tag-a" ping -n -q -c 2 -i 0.1 -s 1438 192.0.2.2 \
    || fail "a frame that fits"
xvsctl port set one a --enter ""
xvsctl port set two b --enter ""

# A frame to all that is not encrypted reaches nobody here, and a trace says
# so, though others have the same frame.
xvsctl port set one a --enter network
xvsctl trace two --filter 'ether proto 0x88b6' --count 1 >"$dir/trace" \
    2>"$dir/trace.log" &
tracer=$!
cleanup_fn "kill $tracer"
wait_for 10 grep -q "capture .* begins" "$dir/switch.log" || fail "no trace"
ip netns exec "$tag-a" "$top_builddir/tests/switch-frame" send eth0 \
    ffffffffffff02000000000188b6 || fail "nothing was sent"
wait $tracer || fail "the trace: $(cat "$dir/trace.log")"
grep -q "encrypt .*dropped: not encrypted" "$dir/trace" \
    || fail "$(cat "$dir/trace")"
xvsctl port set one a --enter ""

# TCP of a guest that leaves its segments to be cut, with the MTU of others.
seq 1 400000 >"$dir/sent"
ip netns exec "$tag-b" socat -u TCP-LISTEN:7000,bind=192.0.2.2 \
    "OPEN:$dir/received,creat" &
receiver=$!
cleanup_fn "kill $receiver"
listens()
{
    ip netns exec "$tag-b" ss -Hltn | grep -q :7000
}
wait_for 10 listens || fail "nobody listens"
timeout 60 ip netns exec "$tag-a" socat -u "OPEN:$dir/sent" \
    TCP:192.0.2.2:7000 || fail "the sender ended with $?"
wait $receiver
[ "$(sha256sum <"$dir/sent")" = "$(sha256sum <"$dir/received")" ] \
    || fail "what was received is not what was sent"
[ "$(count one Encryption Clamped)" -gt 0 ] || fail "no segment size was changed"
[ "$(count one Compression Compressed)" -gt 0 ] || fail "nothing was compressed"
[ "$(count two Compression Restored)" -gt 0 ] || fail "nothing was restored"
[ "$(count two Compression Damaged)" = 0 ] || fail "something was damaged"

# Keys change while packets flow; so do the places where both run, and the
# processes of encrypt end.
pid()
{
    xvsctl stage show encrypt two --value ProcessId
}
other_pid()
{
    [ "$(pid)" != "$1" ] && [ "$(pid)" != "" ] && [ "$(pid)" != 0 ]
}
stream_begin
for switch in one two; do
    xvsctl feature add XVS_EncryptionKey $switch KeyId=2 Key=$key_2
done
xvsctl feature set "$settings_one" SendKey=2
xvsctl feature set "$settings_two" SendKey=2
xvsctl feature remove "$first_one"
xvsctl feature remove "$first_two"
for name in encrypt compress; do
    xvsctl stage set $name one --partition process
    xvsctl stage set $name two --partition process
done
for switch in one two; do
    victim=$(xvsctl stage show encrypt $switch --value ProcessId)
    kill -9 "$victim"
done
wait_for 10 other_pid "$victim" || fail "encrypt has not come back"
sleep 0.3
xvsctl stage set encrypt one --partition inline
stream_end
expect "Partition" xvsctl stage show encrypt two

# What restarts knows its keys; nobody else does.
stop "$switch_pid" || fail "xvs-switch ended with $?"
start_switch
wait_for 10 switch_is_there || fail "xvsd does not find xvs-switch"
wait_for 10 guest_ping a 192.0.2.2 1 || fail "no ping after a restart"
xvsctl config export one -o "$dir/one.cfg" 2>"$dir/left-out"
xvsctl instance list XVS_EncryptionKey --json >"$dir/keys"
xvsctl event list >"$dir/events"
for file in one.cfg left-out keys events switch.log xvsd.log; do
    ! grep -q "$key_1\|$key_2" "$dir/$file" || fail "$file has a secret"
done
stop "$xvsd_pid" || fail "xvsd ended with $?"
stop "$switch_pid" || fail "xvs-switch ended with $?"
