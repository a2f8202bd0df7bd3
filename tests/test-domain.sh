#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Partition domain, on a processor with protection keys, which an emulated
# guest has: a packet hook that does what it may not is ended where it is, the
# switch and its other stages go on, an event says what it did, and a standby
# goes on with the other packets of the burst, as often as DOMAIN_ROUNDS says
# (1).
. "${top_srcdir:-..}/tests/functions.sh"
requires jq busybox strip
! sanitized || skip "a sanitizer writes everywhere"
. "$top_srcdir/tests/lab/vm.sh"
. "$top_srcdir/tests/lab/domain.sh"

# bytes HEX: as they are.
bytes()
{
    for pair in $(echo "$1" | sed 's/../& /g'); do
        printf "\\$(printf %o "0x$pair")"
    done
}

# capture NAME TYPE KIND...: a file with a frame for each: 0 is a harmless one.
# They have $zeros bytes more than what is said here, in all $length (hex).
zeros=44 length=3c
capture()
{
    name=$1
    type=$2
    shift 2
    {
        bytes d4c3b2a1020004000000000000000000ffff000001000000
        for kind; do
            bytes "0000000000000000${length}000000${length}000000"
            bytes "ffffffffffff02000000000b$type${kind}29"
            head -c $zeros /dev/zero
        done
    } >"$dir/root/x/$name.pcap"
}

mkdir -p "$dir/root/x/plugins"
cp "$top_builddir"/tests/plugins/fault.so \
    "$top_builddir/tests/plugins/fault-last.so" "$plugins/guard/guard.so" \
    "$plugins/acl/acl.so" \
    "$top_builddir/tests/plugins/tally.so" \
    "$top_builddir/tests/plugins/tally-2.so" \
    "$top_builddir/tests/plugins/veto.so" "$dir/root/x/plugins"
cp "$top_srcdir/mof/xvs_guard.mof" "$top_srcdir/mof/xvs_acl.mof" \
    "$top_srcdir/tests/plugins/tally.mof" \
    "$top_srcdir/tests/plugins/veto.mof" "$dir/root/x"
# numbered NAME NUMBER...: frames of a flow with these numbers (hex, the lower
# byte first), 100 ms after one another if there are two.
numbered()
{
    name=$1 time=00000000
    shift
    {
        bytes d4c3b2a1020004000000000000000000ffff000001000000
        for number; do
            bytes "00000000${time}3c0000003c000000"
            bytes ffffffffffff02000000000b88b6
            head -c 32 /dev/zero
            bytes "${number}000000000000000000000000"
            [ $# != 2 ] || time=a0860100
        done
    } >"$dir/root/x/$name.pcap"
}

# tally crashes in the midst of each, once, but not of the last.
numbered tally-249 f800 f900 fa00
numbered tally-499 f201 f301 f401
numbered tally-on f501 f601
numbered tally-749 ec02 ed02 ee02
zeros=184 length=c8
capture long 88b6 00 01 00
zeros=44 length=3c
capture good 88b6 00 00 00 00
capture wake 88b6 0b
capture veto 88b7 00
for kind in 01 02 03 04 05 06 08 09 0a; do
    capture "kind$kind" 88b6 00 "$kind" 00
done
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14; do
    echo "stage set guard lan --partition inline"
    echo "stage set guard lan --partition domain"
done >"$dir/root/x/moves"
lab_switch_start lab
expect "partition domain is there" inside "cat /tmp/switch.log"
inside "for mof in xvs_guard xvs_acl veto tally; do xvsctl schema add /x/\$mof.mof || exit; done;
    for name in fault fault-last guard acl veto tally; do xvsctl ext install \$name.so || exit; done;
    xvsctl switch add lan
    && xvsctl port add lan out --driver pcap --mode record
        --device /tmp/out.pcapng" >"$dir/out" || fail "$(cat "$dir/out")"
expect_fail 1 "acl.so cannot run in a domain: it has" \
    inside "xvsctl ext enable acl lan --partition domain"
inside "xvsctl ext enable guard lan --partition domain
    && xvsctl ext enable fault lan --partition domain" >"$dir/out" \
    || fail "$(cat "$dir/out")"

# stage NAME PROPERTIES: of the stage.
stage()
{
    inside "xvsctl stage show $1 lan --json" | jq -r "$2" | xargs
}

# sent N: frames that left by port out.
sent()
{
    [ "$(inside "xvsctl port show lan out --json" | jq .TxPackets)" = "$1" ]
}

# play NAME: adds a port that replays the capture, which no other may use.
play()
{
    inside "ports=\$(ls /tmp | wc -l)
        && cp /x/$1.pcap /tmp/in\$ports && xvsctl port add lan in\$ports
        --driver pcap --device /tmp/in\$ports" >"$dir/out" \
        || fail "$1: $(cat "$dir/out")"
}

faults=0
# faults KIND TEXT: the second of three frames ends the hook, and the standby's;
# it is dropped and no other, an event will have the text, and frames pass
# again when there are two others; those that failed may still be there.
faults()
{
    faults=$((faults + 1))
    play "kind$1"
    inside "i=0; until [ \$(grep -c '2 instances ended over a frame'
        /tmp/switch.log) = $faults -a \$(grep -c 'r-xp.*memfd:fault.so'
        /proc/\$(pidof xvs-switch)/maps) -ge 3 ]; do sleep 0.1; i=\$((i + 1));
        [ \$i -lt 50 ] || exit; done" \
        || fail "$1: $(inside 'cat /tmp/switch.log')"
    play good
    echo "fault: its ingress hook $2" >>"$dir/events"
}

play good
round=0
while [ $round -lt "${DOMAIN_ROUNDS:-1}" ]; do
    round=$((round + 1))
    : >"$dir/events"
    faults 01 "touched 0x10 (SIGSEGV), at fault.so+0x"
    faults 02 "did not return within 50 ms of the processor's time, at fault.so+0x"
    faults 03 "called the system (call 231)"
    faults 04 "touched 0x"
    faults 05 ""
    faults 06 "called the system (call 59)"
    faults 08 "touched 0x"
    faults 09 "divided by zero"
    faults 0a "touched 0x10 (SIGSEGV), at 0x10"
    [ "${DOMAIN_ROUNDS:-1}" = 1 ] \
        || inside "for port in \$(ls /tmp | grep ^in); do xvsctl port remove
            lan \$port; rm /tmp/\$port; done" 60 >"$dir/out"
done
play wake
echo "fault: woken" >>"$dir/events"
wait_for 5 sent $((6 * faults + 4)) || fail "sent: $(inside 'xvsctl stage list')"
inside "xvsctl event" >"$dir/out"
while IFS= read -r text; do
    grep -qF "$text" "$dir/out" || fail "no event '$text': $(cat "$dir/out")"
done <"$dir/events"
! grep -q "woken without" "$dir/out" || fail "a timer that nobody has set"
grep -q "touched 0x.*which is not its own, at fault.so+0x" "$dir/out" \
    || fail "no event of a stray write: $(cat "$dir/out")"
[ "$(stage fault '.Partition, .Restarts, .Lost, .Replayed')" \
    = "domain $((2 * faults)) $faults $((3 * faults))" ] \
    || fail "stage: $(inside 'xvsctl stage show fault lan')"
copies=$(inside "grep -c 'r-xp.*memfd:fault.so' /proc/\$(pidof xvs-switch)/maps")
[ "$copies" -le 5 ] || fail "$copies copies of fault.so after $faults faults"
[ "$(stage guard '.Restarts, .Packets')" = "0 $((7 * faults + 5))" ] \
    || fail "the other stage: $(inside 'xvsctl stage show guard lan')"

# Also when packets are to pass by a stage that fails, the one to blame does not.
inside "xvsctl ext disable fault lan
    && xvsctl ext enable fault-last lan --partition domain" >"$dir/out" \
    || fail "$(cat "$dir/out")"
inside "xvsctl port remove lan out && xvsctl port add lan out --driver pcap
    --mode record --device /tmp/open.pcapng" >"$dir/out"
play kind01
play long
wait_for 5 sent 4 || fail "nothing goes on: $(inside 'xvsctl stage list')"
inside "xvsctl port remove lan out >/dev/null; od -An -v -tx1
    /tmp/open.pcapng" | tr -d ' \n' >"$dir/open"
[ "$(grep -o 88b6002a "$dir/open" | wc -l)" = 4 ] \
    || fail "packets that went on: $(grep -o '88b6....' "$dir/open")"
# (It adds one to the last byte, too: what it did before its end is undone.)
[ "$(grep -oE '88b6002a(00){183}01' "$dir/open" | wc -l)" = 2 ] \
    || fail "long packets that went on: $(cat "$dir/open")"

# A standby was told what the first one was told, be it made before or after.
inside "xvsctl ext enable veto lan --partition domain
    && xvsctl feature add Test_Veto lan && xvsctl feature add Test_Veto lan" \
    >"$dir/out" 2>&1 || fail "$(cat "$dir/out")"
inside "xvsctl query Test_VetoStatus lan --json" | jq -r '.[0].Trace' \
    >"$dir/first"
for ends in 2 4; do
    play veto
    wait_for 5 inside "[ \$(grep -c 'veto: 2 instances ended over a frame' \
        /tmp/switch.log) = $((ends / 2)) ]" \
        || fail "veto: $(inside 'cat /tmp/switch.log')"
    inside "xvsctl query Test_VetoStatus lan --json" >"$dir/json"
    [ "$(jq -r '.[0] | .InForce, .Added' "$dir/json" | xargs)" = "2 2" ] \
        || fail "veto: $(cat "$dir/json")"
    [ "$(stage veto '.Restarts, .Lost')" = "$ends $((ends / 2))" ] \
        || fail "veto: $(inside 'xvsctl stage show veto lan')"
done
[ "$(jq -r '.[0].Trace' "$dir/json")" != "$(cat "$dir/first")" ] \
    || fail "it is the same one: $(cat "$dir/first")"

# What an extension keeps counts each frame once, also those of the burst in
# which it crashed: its standby takes that over before it gets them, and no other
# one writes there, though all are told of settings.  When one crashes as it takes
# over, the next one does.
inside "xvsctl ext enable tally lan --partition domain
    && xvsctl feature add Test_Tally lan Attempt=one" >"$dir/out" \
    || fail "$(cat "$dir/out")"

# tallies WHAT: it has counted so many frames, settings, crashes and instances
# that took over; the stage ended so many, and gave packets again, but lost none.
tallies()
{
    inside "xvsctl query Test_TallyStatus lan --json" >"$dir/json"
    case "$(jq -r '.[0] | .Total, .Settings, .Crashes, .Taken' "$dir/json" | xargs
        ) $(stage tally '.Restarts, .Replayed, .Lost, .StandbyState')" in
    $1) ;;
    *) return 1 ;;
    esac
}
wait_for 20 tallies "0 1 0 0 0 0 0 present" \
    || fail "tally: $(cat "$dir/json") $(stage tally .)"
play tally-249
wait_for 20 tallies "3 1 1 1 1 3 0 present" \
    || fail "tally: $(cat "$dir/json") $(stage tally .)"
inside "xvsctl feature add Test_Tally lan Attempt=two
    && xvsctl feature add Test_Tally lan Attempt=taken" >"$dir/out" \
    || fail "$(cat "$dir/out")"
play tally-499
wait_for 20 tallies "6 2 2 2 3 6 0 present" \
    || fail "tally: $(cat "$dir/json") $(stage tally .)"
inside "xvsctl event" | grep -q "tally: its taken hook touched 0x10 (SIGSEGV)" \
    || fail "no event of a crash in taken(): $(inside 'xvsctl event')"
inside "xvsctl feature add Test_Tally lan Attempt=three" >"$dir/out" \
    || fail "$(cat "$dir/out")"
wait_for 20 tallies "6 3 2 2 3 6 0 present" \
    || fail "tally: $(cat "$dir/json") $(stage tally .)"

# What a control hook says counts nothing when a packet hook fails meanwhile: it
# refuses then, and the next instance, which is asked, does not.
inside "xvsctl port add lan on --driver pcap --device /x/tally-on.pcap --mode loop
    && xvsctl feature add Test_Tally lan Attempt=meanwhile
    && xvsctl port remove lan on" >"$dir/out" || fail "$(cat "$dir/out")"
counts()
{
    tallies "$(stage tally .Packets) 4 3 3 4 * 0 present"
}
wait_for 20 counts || fail "tally: $(cat "$dir/json") $(stage tally .)"

# Another version converts what there was, once, though its standby was made before
# it had done so.
total=$(jq -r '.[0].Total' "$dir/json")
inside "xvsctl ext upgrade tally tally-2.so" >"$dir/out" || fail "$(cat "$dir/out")"
wait_for 20 tallies "$total 4 3 4 0 0 0 present" \
    || fail "tally: $(cat "$dir/json") $(stage tally .)"
play tally-749
wait_for 20 tallies "$((total + 3)) 4 4 5 1 3 0 present" \
    || fail "tally: $(cat "$dir/json") $(stage tally .)"
[ "$(jq -r '.[0] | .Converted, .Version' "$dir/json" | xargs)" = "1 2" ] \
    || fail "tally: $(cat "$dir/json")"

# It goes from partition to partition, and gives its key back: there are 13.
inside "xvsctl shell </x/moves" \
    >"$dir/out" 2>&1 || fail "back and forth: $(cat "$dir/out")"
[ "$(stage guard .Partition)" = domain ] || fail "back and forth: $(inside \
    'cat /tmp/switch.log')"
inside "ls /tmp | grep ^in | sed 's/^/port remove lan /' | xvsctl shell" 60 \
    >"$dir/out" 2>&1 || fail "$(cat "$dir/out")"
inside "kill \$(pidof xvs-switch)"
wait_for 5 inside "grep 'xvs-switch ended with 0' /tmp/switch.log" \
    || fail "xvs-switch does not end: $(inside 'cat /tmp/switch.log')"
! inside "grep -i -e error -e 'not end' /tmp/switch.log
    | grep -v -e 'its ingress' -e 'its taken' -e 'last line repeated'" \
    || fail "xvs-switch: $(inside 'cat /tmp/switch.log')"

# Standbys come back when faults were too many to make others at once.
lab_switch 1
inside "xvsctl ext disable fault-last lan
    && xvsctl ext enable fault lan --partition domain" >"$dir/out" \
    || fail "$(cat "$dir/out")"
play kind01
comes_back()
{
    [ "$(stage fault '.Restarts, .StandbyState')" = "2 present" ]
}
wait_for 20 comes_back || fail "no standby: $(stage fault .)"
