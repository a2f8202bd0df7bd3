#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Partition domain, on a processor with protection keys, which an emulated
# guest has: a packet hook that does what it may not is ended where it is, the
# switch and its other stages go on, an event says what it did, and the stage
# begins anew, as often as DOMAIN_ROUNDS says (1).
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
capture()
{
    name=$1
    type=$2
    shift 2
    {
        bytes d4c3b2a1020004000000000000000000ffff000001000000
        for kind; do
            bytes 00000000000000003c0000003c000000
            bytes "ffffffffffff02000000000b$type${kind}29"
            head -c 44 /dev/zero
        done
    } >"$dir/root/x/$name.pcap"
}

mkdir -p "$dir/root/x/plugins"
cp "$top_builddir"/tests/plugins/fault.so \
    "$top_builddir/tests/plugins/fault-open.so" "$plugins/guard/guard.so" \
    "$plugins/acl/acl.so" \
    "$top_builddir/tests/plugins/veto.so" "$dir/root/x/plugins"
cp "$top_srcdir/mof/xvs_guard.mof" "$top_srcdir/mof/xvs_acl.mof" \
    "$top_srcdir/tests/plugins/veto.mof" "$dir/root/x"
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
inside "for mof in xvs_guard xvs_acl veto; do xvsctl schema add /x/\$mof.mof || exit; done;
    for name in fault fault-open guard acl veto; do xvsctl ext install \$name.so || exit; done;
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
# faults KIND TEXT: the second of three frames ends the hook; the three are
# dropped, an event will have the text, and frames pass again.
faults()
{
    faults=$((faults + 1))
    play "kind$1"
    inside "i=0; until [ \$(grep -c 'has begun anew' /tmp/switch.log) = $faults
        ]; do sleep 0.1; i=\$((i + 1)); [ \$i -lt 200 ] || exit; done" \
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
wait_for 5 sent $((4 * faults + 4)) || fail "sent: $(inside 'xvsctl stage list')"
inside "xvsctl event" >"$dir/out"
while IFS= read -r text; do
    grep -qF "$text" "$dir/out" || fail "no event '$text': $(cat "$dir/out")"
done <"$dir/events"
! grep -q "woken without" "$dir/out" || fail "a timer that nobody has set"
grep -q "touched 0x.*which is not its own, at fault.so+0x" "$dir/out" \
    || fail "no event of a stray write: $(cat "$dir/out")"
[ "$(stage fault '.Partition, .Restarts, .Lost')" = "domain $faults $((3 * faults))" ] \
    || fail "stage: $(inside 'xvsctl stage show fault lan')"
[ "$(stage guard '.Restarts, .Packets')" = "0 $((7 * faults + 5))" ] \
    || fail "the other stage: $(inside 'xvsctl stage show guard lan')"

# Those that failed are gone, but perhaps the last one.
copies=$(inside "grep -c 'r-xp.*memfd:fault.so' /proc/\$(pidof xvs-switch)/maps")
[ "$copies" = 1 ] || [ "$copies" = 2 ] \
    || fail "$copies copies of fault.so are there after $faults faults"

# What goes on when a stage fails is as it was before.
inside "xvsctl ext disable fault lan
    && xvsctl ext enable fault-open lan --partition domain" >"$dir/out" \
    || fail "$(cat "$dir/out")"
inside "xvsctl port remove lan out && xvsctl port add lan out --driver pcap
    --mode record --device /tmp/open.pcapng" >"$dir/out"
play kind01
wait_for 5 sent 3 || fail "nothing goes on: $(inside 'xvsctl stage list')"
inside "xvsctl port remove lan out >/dev/null; od -An -v -tx1
    /tmp/open.pcapng" | tr -d ' \n' >"$dir/open"
[ "$(grep -o 88b60[01]29 "$dir/open" | wc -l)" = 3 ] \
    || fail "packets that went on: $(grep -o '88b6....' "$dir/open")"

# The next one is told what the one before knew.
inside "xvsctl ext enable veto lan --partition domain
    && xvsctl feature add Test_Veto lan && xvsctl feature add Test_Veto lan" \
    >"$dir/out" 2>&1 || fail "$(cat "$dir/out")"
trace=$(inside "xvsctl query Test_VetoStatus lan --json" | jq -r '.[0].Trace')
play veto
wait_for 5 inside "grep 'veto on switch lan has begun anew' /tmp/switch.log" \
    || fail "veto: $(inside 'cat /tmp/switch.log')"
inside "xvsctl query Test_VetoStatus lan --json" >"$dir/json"
[ "$(jq -r '.[0] | .InForce, .Added' "$dir/json" | xargs)" = "2 2" ] \
    || fail "veto: $(cat "$dir/json")"
[ "$(jq -r '.[0].Trace' "$dir/json")" != "$trace" ] \
    || fail "it is the same one: $trace"

# It goes from partition to partition, and gives its key back: there are 13.
inside "xvsctl shell </x/moves" \
    >"$dir/out" 2>&1 || fail "back and forth: $(cat "$dir/out")"
[ "$(stage guard .Partition)" = domain ] || fail "back and forth: $(inside \
    'cat /tmp/switch.log')"
inside "kill \$(pidof xvs-switch)"
wait_for 5 inside "grep 'xvs-switch ended with 0' /tmp/switch.log" \
    || fail "xvs-switch does not end: $(inside 'cat /tmp/switch.log')"
! inside "grep -i -e error -e 'not end' /tmp/switch.log | grep -v 'its ingress'" \
    || fail "xvs-switch: $(inside 'cat /tmp/switch.log')"
