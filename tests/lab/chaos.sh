#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Chaos: processes of extensions end in every way, at random moments, while
# numbered flows pass through them and everything about the chain changes.
#
#     make -C build/tests chaos CHAOS_KILLS=10000 [CHAOS_SEED=N]
#
# The chain is acl and fault in processes, and mark in xvs-switch between.  A
# fault is one of: -9 to the active process, to the standby, to both at once,
# to one that is being made, SIGSTOP to either (it is seen when it hangs), or a
# frame over which fault crashes, loops, exits, overflows its stack, calls what
# it may not.  Between them settings come and go, mark moves, is upgraded, and
# gets another partition.
#
# Every 25 faults, and at the end: each poison frame is counted in Lost once,
# the acl denies what it must, every stage has its two processes again and
# there is no other.  At the end: each frame of each flow came once, in order
# and whole, seen by each stage once; of the flow that is denied none came; no
# packet buffer is in use, and xvs-switch has its descriptors and threads of
# before, and less than CHAOS_GROWTH kB more memory.
. "${top_srcdir:-..}/tests/functions.sh"
requires ip ping jq pgrep awk
in_namespaces "$@"
. "$top_srcdir/tests/ethernet.sh"

kills=${CHAOS_KILLS:-10000}
rate=${CHAOS_RATE:-1000}        # frames in a second, of all flows
growth=${CHAOS_GROWTH:-2048}
random=${CHAOS_SEED:-$(date +%s)}
flows=4                         # the last one is denied
every=25                        # faults between two looks
struck=0 poison=0 refused=0 changed=0
began=$(date +%s)
echo "chaos: $kills faults, CHAOS_SEED=$random"

# pick N: a number below it, in $picked.
pick()
{
    random=$(((random * 1103515245 + 12345) % 2147483648))
    picked=$((random / 65536 % $1))
}

# count WHAT: one more of it.
count()
{
    eval "n_$1=\$((\${n_$1:-0} + 1))"
}

# ---- What is known -----------------------------------------------------------

# stage NAME FILTER: of what is known of it.
stage()
{
    xvsctl stage show "$1" lan --json \
        | jq -r "if type == \"array\" then .[0] else . end | $2"
}

processes()
{
    pgrep -P "$switch_pid" -f "xvs-stage $1" || :
}

buffers()
{
    xvsctl wql 'SELECT PacketBuffersUsed FROM XVS_Host' --json \
        | jq '.[0].PacketBuffersUsed'
}

# Descriptors, threads, buffers in use, processes.
things()
{
    echo $(find "/proc/$switch_pid/fd" -mindepth 1 | wc -l) \
        $(find "/proc/$switch_pid/task" -mindepth 1 -maxdepth 1 | wc -l) \
        $(buffers) $(pgrep -P "$switch_pid" | wc -l)
}

memory()
{
    awk '/^Anonymous:/ { print $2 }' "/proc/$switch_pid/smaps_rollup"
}

is_whole()
{
    [ "$(stage fault .Lost)" = "$poison" ] && [ "$(stage acl .Lost)" = 0 ] \
        && [ "$(processes acl | wc -l)" = 2 ] \
        && [ "$(processes fault | wc -l)" = 2 ] \
        && [ "$(pgrep -P "$switch_pid" | wc -l)" = 4 ]
}

is_as_before()
{
    [ "$(things)" = "$base" ]
}

# ---- The nemesis -------------------------------------------------------------

# The stage that is meant, and its processes, in $name, $active, $standby.
# False: it has not both of them just now.
aim()
{
    pick 2
    name=acl
    [ "$picked" = 0 ] || name=fault
    active=$(stage $name .ProcessId)
    standby=$(processes $name | grep -vx "$active" | head -n 1)
    [ "${active:-0}" -gt 1 ] && [ "${standby:-0}" -gt 1 ]
}

# The next process that comes is killed while it is made.
kill_newborn()
{
    before=" $(processes $name | tr '\n' ' ')"
    kill -9 "$active" 2>/dev/null || :
    tries=200
    while [ $tries -gt 0 ]; do
        tries=$((tries - 1))
        for pid in $(cat /proc/"$switch_pid"/task/*/children 2>/dev/null); do
            case $before in
            *" $pid "*) ;;
            *) ! kill -9 "$pid" 2>/dev/null || return 0 ;;
            esac
        done
    done
}

# send_poison WHAT: a frame on which fault does that.
send_poison()
{
    poison=$((poison + 1))
    send a "${mac}02000000000188b6${1}0000000000000000000000000000"
}

strike()
{
    wait_for 20 aim || fail "$name has no two processes: $(stage $name .)"
    pick 12
    case $picked in
    0 | 1) count active; kill -9 "$active" 2>/dev/null || : ;;
    2) count standby; kill -9 "$standby" 2>/dev/null || : ;;
    3 | 4) count both; kill -9 "$active" "$standby" 2>/dev/null || : ;;
    5) count newborn; kill_newborn ;;
    6) count stopped_active; kill -STOP "$active" 2>/dev/null || : ;;
    7)
        # One that is stopped while it is made is waited for five seconds,
        # which is longer than packets are kept for it.
        count stopped_standby
        sleep 0.3
        kill -STOP "$standby" 2>/dev/null || :
        ;;
    8) count crash; send_poison 01 ;;
    9) count loop; send_poison 02 ;;
    10) count exit; send_poison 03 ;;
    11)
        pick 2
        if [ "$picked" = 0 ]; then
            count stack
            send_poison 04
        else
            count call
            send_poison 06
        fi
        ;;
    esac
    struck=$((struck + 1))
}

# change COMMAND...: a process may end in the midst of it, and it is refused.
change()
{
    changed=$((changed + 1))
    "$@" >>"$dir/changes" 2>&1 || refused=$((refused + 1))
}

# A rule, which must be there when it was accepted.
come_and_go()
{
    rule=$(xvsctl feature add XVS_AclSwitchRule lan Action=1 Protocol=132 \
        Priority=9 --names) || return 1
    wait_for 10 xvsctl feature remove "$rule" \
        || fail "a rule that was accepted cannot go: $rule"
}

alter()
{
    pick 5
    case $picked in
    0) change come_and_go ;;
    1) change xvsctl ext move mark lan $((struck % 3)) ;;
    2) change xvsctl ext upgrade mark mark$([ $((struck % 2)) = 0 ] \
        || echo -2).so ;;
    3)
        change xvsctl stage set mark lan --partition process
        xvsctl stage set mark lan --partition inline >>"$dir/changes" 2>&1 \
            || xvsctl stage set mark lan --partition inline \
            || fail "mark does not come back"
        ;;
    4) change xvsctl feature validate XVS_AclSwitchRule lan Action=1 ;;
    esac
}

# look: all is mended, nothing was lost but what must be.
look()
{
    wait_for 60 is_whole || fail "after $struck faults: $poison poison frames;" \
        "$(stage fault .) $(stage acl .) $(ps --ppid "$switch_pid" -o \
        pid,stat,args)"
    ! guest_ping a 192.0.2.2 1 >/dev/null || fail "the acl's rule is lost"
    kill -0 "$follower" && kill -0 "$streamer" && kill -0 "$switch_pid" \
        || fail "something has ended"
}

# ---- The run -----------------------------------------------------------------

setup()
{
    guest_veth a 192.0.2.1/24
    guest_veth b 192.0.2.2/24
    switch_options="--restarts=1000000"
    start_host
    xvsctl schema add "$top_srcdir/mof/xvs_acl.mof"
    for file in acl mark fault; do
        xvsctl ext install $file.so
    done
    xvsctl switch add lan
    for guest in a b; do
        xvsctl port add lan $guest --driver packet --device "$tag.$guest"
    done
    xvsctl ext enable acl lan --partition process
    xvsctl ext enable mark lan
    xvsctl ext enable fault lan --partition process
    guest_ping a 192.0.2.2 1 || fail "no ping"
    xvsctl feature add XVS_AclSwitchRule lan Action=2 Protocol=1 Priority=1
    xvsctl feature add XVS_AclSwitchRule lan Action=2 Protocol=17 \
        DestinationPortLow=$((7000 + flows - 1)) \
        DestinationPortHigh=$((7000 + flows - 1)) Priority=1
    mac=$(ip netns exec "$tag-b" cat /sys/class/net/eth0/address | tr -d :)
    wait_for 10 is_whole || fail "$(stage acl .) $(stage fault .)"
}

begin_stream()
{
    ip netns exec "$tag-b" "$frame" follow eth0 1 >"$dir/follow" &
    follower=$!
    cleanup_fn "kill $follower"
    wait_for 10 grep -q listening "$dir/follow" || fail "the follower"
    ip netns exec "$tag-a" "$frame" stream eth0 "$mac" "$rate" $flows \
        >"$dir/stream" &
    streamer=$!
    cleanup_fn "kill $streamer"
}

end_stream()
{
    kill "$streamer"
    wait "$streamer" || fail "the stream: $(cat "$dir/stream")"
    sent=$(sed -n 's/^sent //p' "$dir/stream")
    sleep 1
    kill "$follower"
    wait "$follower" || fail "the follower ended with $?"
    [ "$(tail -n 1 "$dir/follow")" = "received $((sent / flows * (flows - 1)))\
 missing 0 late 0 doubled 0 damaged 0" ] && ! grep "too slow" "$dir/follow" \
        || fail "sent $((sent / flows)) in each of $flows flows;" \
            "$(cat "$dir/follow") $(stage fault .) $(stage acl .)"
    ! grep -q "^flow $((flows - 1)) " "$dir/follow" \
        || fail "a denied flow passes: $(cat "$dir/follow")"
}

setup >"$dir/setup" 2>&1 || fail "$(tail -n 5 "$dir/setup")"
base=$(things)
first=$(memory)
begin_stream
while [ $struck -lt "$kills" ]; do
    strike
    pick 4
    [ "$picked" != 0 ] || alter
    if [ $((struck % every)) = 0 ]; then
        look
    fi
    if [ $((struck % (kills / 10 + 1))) = 0 ]; then
        # From a fifth of the way on it must not grow.
        [ $struck -gt $((kills / 5)) ] || first=$(memory)
        echo "chaos: $struck faults in $(($(date +%s) - began)) s," \
            "$(stage fault .Restarts) ends of fault, $(stage acl .Restarts)" \
            "of acl, $(memory) kB"
    fi
done
look
end_stream
wait_for 20 is_as_before || fail "descriptors, threads, buffers, processes:" \
    "$(things), at first $base"
last=$(memory)
[ "$kills" -lt 1000 ] || [ $((last - first)) -le "$growth" ] || sanitized \
    || fail "xvs-switch has grown from $first to $last kB"

for what in active standby both newborn stopped_active stopped_standby \
    crash loop exit stack call; do
    eval "printf 'chaos: %-16s %6d\n' $what \${n_$what:-0}"
done
echo "chaos: $sent frames sent in $flows flows, one of them denied; $poison" \
    "poison frames lost, no other; $changed changes, $refused refused;" \
    "$(($(date +%s) - began)) s; memory $first to $last kB"
echo "chaos: all well"
