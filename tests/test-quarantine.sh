#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# C5: a frame that ends processes is kept whole, in a file that only its owner
# may read: also when xvsd is away, and never more than so many of them.
. "${top_srcdir:-..}/tests/functions.sh"
requires ip jq od tshark
in_namespaces "$@"
. "$top_srcdir/tests/ethernet.sh"

expect_fail 2 "there can be 0 to 10000, not 10001" \
    xvsd --quarantine-files=10001
guest_veth a 192.0.2.1/24
guest_veth b 192.0.2.2/24
for end in "ip netns exec $tag-a ip link set eth0" "ip link set $tag.a" \
    "ip netns exec $tag-b ip link set eth0" "ip link set $tag.b"; do
    $end mtu 9000
done
start_host --quarantine "$dir/kept"
xvsctl ext install fault-hold.so
xvsctl switch add lan
for guest in a b; do
    xvsctl port add lan $guest --driver packet --device "$tag.$guest" \
        --mtu 9000
done
xvsctl ext enable fault-hold lan --partition process

# frame WHAT SIZE: one on which fault does that, each with its own end.
frames=0
frame()
{
    frames=$((frames + 1))
    head=020000000002020000000001
    printf '%s88b6%s00%0*d%02d' $head "$1" $((($2 - 17) * 2)) 0 $frames
}

# strike WHAT SIZE: sends one, which is in $sent, and waits for its end.
strike()
{
    sent=$(frame "$1" "$2")
    send a "$sent"
    struck=$((${struck-0} + 1))
    wait_for 20 is_struck || fail "frame $struck is not taken out"
}
# (xvsd may be away.)
is_struck()
{
    [ "$(grep -c 'process.* ended over a frame' "$dir/switch.log")" = \
        "$struck" ]
}

# kept N: so many are listed.
kept()
{
    [ "$(xvsctl quarantine list --names | wc -l)" = "$1" ]
}

# newest: its name.
newest()
{
    xvsctl quarantine list --names | tail -n 1
}

# has FILE HEX: these bytes are in it.
has()
{
    od -An -v -tx1 "$1" | tr -d ' \n' | grep -q "$2" \
        || fail "$1 has not the frame that was sent"
}

kept 0 || fail "there is something already"
[ ! -e "$dir/kept" ] || [ -z "$(ls "$dir/kept")" ] || fail "a file"
strike 01 60
wait_for 10 kept 1 || fail "the frame is not kept"
name=$(newest)
file=$dir/kept/$name
has "$file" "$sent"
tshark -r "$file" -T fields -e frame.len -e frame.interface_name \
    -e frame.comment >"$dir/read" 2>"$dir/tshark.log" || :
grep -q "^60	lan/a	.*extension: fault-hold.n.*reason: fault-hold crashed" "$dir/read" \
    || fail "tshark reads $(cat "$dir/read" "$dir/tshark.log")"
[ "$(stat -c %a "$file")" = 600 ] || fail "$(stat -c %a "$file")"
xvsctl quarantine show "$name" --json >"$dir/shown"
jq -e --arg file "$file" '.ExtensionName == "fault-hold" and .SwitchName == "lan"
    and .PortName == "a" and .Length == 60 and .Hook == "ingress"
    and .File == $file and .ProcessesEnded >= 3
    and (.Reason | contains("SIGSEGV at 0x10"))' "$dir/shown" >"$dir/out" \
    || fail "$(cat "$dir/shown")"
xvsctl event list | grep -q "the frame of 60 bytes .* is kept in $file" \
    || fail "no event names the file: $(xvsctl event list)"
[ "$(xvsctl stage show fault-hold lan --json \
    | jq 'if type == "array" then .[0] else . end | .Quarantined')" = 1 ] \
    || fail "$(xvsctl stage show fault-hold lan)"
xvsctl quarantine save "$name" -o "$dir/saved"
cmp "$file" "$dir/saved" || fail "save writes another file"
xvsctl quarantine save "$name" | cmp - "$file" || fail "save, to a pipe"
expect_fail 3 "no packet is kept as 'x'" xvsctl quarantine save x -o "$dir/x"

# Of many buffers, while xvsd is away, and as a copy.
xvsctl stage set fault-hold lan --partition copy
stop "$xvsd_pid"
strike 03 4000
long=$sent
strike 01 100
start_xvsd --quarantine "$dir/kept"
wait_for 20 kept 3 || fail "what happened without xvsd is not kept"
has "$dir/kept/$(xvsctl quarantine list --names | sed -n 2p)" "$long"
has "$dir/kept/$(newest)" "$sent"

# What is not ours is left alone; what an admin has removed is gone.
stop "$xvsd_pid"
echo x >"$dir/kept/20260101T000000.000000000Z.pcapng"
echo x >"$dir/kept/other"
rm "$file"
start_xvsd --quarantine "$dir/kept" --quarantine-files 2
kept 2 || fail "$(xvsctl quarantine list)"
wait_for 10 switch_is_there || fail "xvsd does not find xvs-switch"

# The oldest goes; a folder that cannot be written loses none.
second=$(xvsctl quarantine list --names | sed -n 1p)
strike 01 60
wait_for 10 grep -q "fault.* is kept in .*/kept" "$dir/xvsd.log"
wait_for 10 sh -c "! [ -e $dir/kept/$second ]" || fail "$second is still there"
kept 2 || fail "$(xvsctl quarantine list)"
mv "$dir/kept" "$dir/away"
echo >"$dir/kept"
strike 01 61
wait_for 10 sh -c "xvsctl event list | grep -q 'cannot be kept: .*/kept'" \
    || fail "nobody says that it cannot be kept: $(xvsctl event list)"
rm "$dir/kept"
mv "$dir/away" "$dir/kept"
stop "$xvsd_pid"
start_xvsd --quarantine "$dir/kept" --quarantine-files 3
wait_for 20 kept 3 || fail "a frame is lost with its folder"
has "$dir/kept/$(newest)" "$sent"

# shellcheck disable=SC2046
xvsctl quarantine remove $(xvsctl quarantine list --names) >"$dir/out"
kept 0 || fail "$(xvsctl quarantine list)"
[ "$(ls "$dir/kept")" = "$(printf '%s\n' \
    20260101T000000.000000000Z.pcapng other)" ] || fail "$(ls "$dir/kept")"
