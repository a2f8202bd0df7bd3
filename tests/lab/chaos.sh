#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Chaos: processes of extensions end in every way, at random moments, while
# numbered flows pass through them and everything about the chain changes.
#
#     make -C build/tests chaos CHAOS_KILLS=10000 [CHAOS_SEED=N]
#         [CHAOS_SECONDS=N] [CHAOS_SEGMENT=N]
#     awk -f tests/lab/chaos.awk LOG...       the table of several runs
# The chain is acl and fault in processes, and mark in xvs-switch.  A fault is:
# -9 to the active process, to the standby, to both, to all, to one that is being
# made, SIGSTOP to either (it is seen when it hangs), or a frame over which fault
# crashes, loops, exits, overflows its stack, calls what it may not.  Between
# them settings come and go, mark moves, is upgraded, gets another partition.
#
# A run has segments of CHAOS_SEGMENT faults, each with a stream of its own:
# processes have the packets or copies of them; fault has its place alone, or
# with fault-open as failover or aggregate; what is struck comes first or last
# in the chain.  A fault comes when a stage has both its processes, when it has
# just lost its standby, or in the midst of a change.
#
# Every 25 faults, and at the end: each poison frame is counted in Lost, the acl
# denies what it must, every stage has its three processes again and
# there is no other.  After each segment: each frame of each flow came once, in
# order and whole, seen by each stage once; of the flow that is denied none
# came.  At the end no packet buffer is in use, and xvs-switch has its
# descriptors and threads of before, and less than CHAOS_GROWTH kB more memory.
. "${top_srcdir:-..}/tests/functions.sh"
requires ip ping jq pgrep awk
in_namespaces "$@"
. "$top_srcdir/tests/ethernet.sh"

kills=${CHAOS_KILLS:-10000}
rate=${CHAOS_RATE:-1000}        # frames in a second, of all flows
growth=${CHAOS_GROWTH:-2048}
random=${CHAOS_SEED:-$(date +%s)}
seconds=${CHAOS_SECONDS:-1000000}       # then it ends, after a segment
flows=4                         # the last one is denied
every=25                        # faults between two looks
segment=${CHAOS_SEGMENT:-50}    # faults
struck=0 poison=0 refused=0 changed=0 segments=0 bad=0 sent_all=0
first_mode=$((random % 6))      # so that short runs differ
began=$(date +%s)
echo "chaos: $kills faults, CHAOS_SEED=$random"

# pick N: a number below it, in $picked.
pick()
{
    random=$(((random * 1103515245 + 12345) % 2147483648))
    picked=$((random / 65536 % $1))
}

# ---- What is known -----------------------------------------------------------

# stage NAME FILTER: of what is known of it.
stage()
{
    xvsctl stage show "$1" lan --json \
        | jq -r "if type == \"array\" then .[0] else . end | $2"
}

# lost: frames that stages have lost: by poison, or for want of a process.
lost()
{
    xvsctl stage list --json | jq '[.[].Lost // 0] | add'
}

processes()
{
    pgrep -P "$switch_pid" -f "xvs-stage $1\$" || :
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
    for one in $stages; do
        [ "$(processes "$one" | wc -l)" = 3 ] || return 1
    done
    [ "$(lost)" -ge "$poison" ] && [ "$(pgrep -P "$switch_pid" | wc -l)" \
            = $((3 * $(echo "$stages" | wc -w))) ]
}

no_buffers()
{
    [ "$(buffers)" = 0 ]
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
    pick "$(echo "$stages" | wc -w)"
    name=$(echo "$stages" | cut -d ' ' -f $((picked + 1)))
    active=$(stage "$name" .ProcessId)
    standby=$(stage "$name" .StandbyProcessId)
    [ "${active:-0}" -gt 1 ] && [ "${standby:-0}" -gt 1 ]
}

# The next process that comes is killed while it is made.
kill_newborn()
{
    before=" $(processes "$name" | tr '\n' ' ')"
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
    name=fault
    send a "${mac}02000000000188b6${1}0000000000000000000000000000"
}

# A change that runs while the fault comes, and whose end is waited for.
begin_change()
{
    pick 3
    case $picked in
    0) set -- xvsctl ext move mark lan $((struck % 3)) ;;
    1) set -- come_and_go ;;
    2) set -- upgrade_mark ;;
    esac
    "$@" >>"$dir/changes" 2>&1 &
    changing=$!
}

# When the fault comes, in $moment.
choose_moment()
{
    moment=steady changing=
    pick 4
    case $picked in
    0) moment=halved; kill -9 "$standby" 2>/dev/null || : ;;
    1) moment=changing; begin_change ;;
    esac
}

strike()
{
    wait_for 20 aim || fail "$name has no standby: $(stage "$name" .)"
    choose_moment
    pick 12
    case $picked in
    0 | 1) kind=active; kill -9 "$active" 2>/dev/null || : ;;
    2) kind=standby; kill -9 "$standby" 2>/dev/null || : ;;
    3) kind=both; kill -9 "$active" "$standby" 2>/dev/null || : ;;
    4)
        kind=all
        # shellcheck disable=SC2046
        kill -9 $(processes "$name") 2>/dev/null || :
        ;;
    5) kind=newborn; kill_newborn ;;
    6) kind=stopped_active; kill -STOP "$active" 2>/dev/null || : ;;
    7)
        # One that is stopped while it is made is waited for five seconds,
        # which is longer than packets are kept for it.
        kind=stopped_standby
        sleep 0.3
        kill -STOP "$standby" 2>/dev/null || : ;;
    8) kind=crash; send_poison 01 ;;
    9) kind=loop; send_poison 02 ;;
    10) kind=exit; send_poison 03 ;;
    11)
        pick 2
        kind=stack what=04
        [ "$picked" != 0 ] || kind=call what=06
        send_poison $what
        ;;
    esac
    struck=$((struck + 1))
    [ "$name" = acl ] && place=$acl_place || place=$fault_place
    echo "$kind $partition $sharing $place $moment" >>"$dir/cells"
    if [ "$changing" ]; then
        changed=$((changed + 1))
        wait "$changing" || refused=$((refused + 1))
    fi
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
    wait_for 10 xvsctl feature remove "$rule" || echo "$rule" >"$dir/stuck"
}

upgrade_mark()
{
    xvsctl ext upgrade mark mark$([ $((struck % 2)) = 0 ] || echo -2).so
}

alter()
{
    pick 5
    case $picked in
    0) change come_and_go ;;
    1) change xvsctl ext move mark lan $((struck % 3)) ;;
    2) change upgrade_mark ;;
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
        "$(lost) lost; $(xvsctl stage list --json) $(ps --ppid "$switch_pid" \
        -o pid,stat,args)"
    ! guest_ping a 192.0.2.2 1 >/dev/null || fail "the acl's rule is lost"
    [ ! -e "$dir/stuck" ] \
        || fail "a rule that was accepted cannot go: $(cat "$dir/stuck")"
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
    for file in acl mark fault fault-open; do
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
    stages="acl fault"
    wait_for 10 is_whole || fail "$(stage acl .) $(stage fault .)"
}

# arrange: the chain is what this segment is about.
arrange()
{
    for one in acl fault; do
        xvsctl stage set $one lan --partition "$partition"
    done
    [ "$sharing" = alone ] || xvsctl ext enable fault-open lan \
        --partition "$partition" --partner fault --sharing "$sharing"
    xvsctl ext move fault lan $([ $fault_place = first ] && echo 0 || echo 9)
}

# enter PARTITION SHARING PLACE: a segment.  Nothing flows, so that no frame
# meets two that are about to share a place.
enter()
{
    partition=$1 sharing=$2 acl_place=$3 fault_place=last stages="acl fault"
    [ "$acl_place" = first ] || fault_place=first
    [ "$sharing" = alone ] || stages="acl fault fault-open"
    arrange >>"$dir/changes" 2>&1 || fail "$(tail -n 3 "$dir/changes")"
    # Stages that were made anew have lost none.
    poison=$(lost)
    wait_for 20 is_whole || fail "$(xvsctl stage list)"
}

leave()
{
    [ "$sharing" = alone ] \
        || xvsctl ext disable fault-open lan >>"$dir/changes" 2>&1
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
    said=$(tail -n 1 "$dir/follow")
    sent_all=$((sent_all + sent))
    # shellcheck disable=SC2086
    set -- $said
    # A machine that makes no process within a second loses by on_failure.
    forsaken=$(($(lost) - poison))
    [ "$4" -le $forsaken ] && [ "$6 $8 ${10}" = "0 0 0" ] \
        && [ $(($2 + forsaken)) -ge $((sent / flows * (flows - 1))) ] \
        && ! grep "too slow" "$dir/follow" \
        && ! grep "^flow $((flows - 1)) " "$dir/follow" || {
        bad=$((bad + 1))
        echo "chaos: BAD, sent $((sent / flows)) in each of $flows flows," \
            "the last of them denied: $(cat "$dir/follow")"
        xvsctl stage list
        for guest in a b; do
            xvsctl port show lan $guest
        done
    }
    echo "frames $partition $sharing $segment $sent $4 $6 $8 ${10}" \
        "$((poison - poison_before)) $forsaken" >>"$dir/cells"
}

run_segment()
{
    pick 2
    mode=$(((first_mode + segments) % 6))
    enter $([ $((mode % 2)) = 0 ] && echo process || echo copy) \
        "$(echo alone failover aggregate | cut -d ' ' -f $((mode / 2 + 1)))" \
        $([ "$picked" = 0 ] && echo first || echo last)
    segments=$((segments + 1)) poison_before=$poison
    begin_stream
    until=$((struck + segment))
    while [ $struck -lt $until ]; do
        strike
        pick 4
        [ "$picked" != 0 ] || alter
        if [ $((struck % every)) = 0 ]; then
            look
        fi
    done
    look
    end_stream
    leave
}

[ "$segment" -le "$kills" ] || segment=$kills
setup >"$dir/setup"
wait_for 5 no_buffers || :      # of what setup has sent
base=$(things)
first=$(memory)
while [ $struck -lt "$kills" ] && { [ $segments = 0 ] \
    || [ $(($(date +%s) - began)) -lt "$seconds" ]; }; do
    run_segment
    # From a fifth of the way on it must not grow.
    [ $struck -gt $((kills / 5)) ] || first=$(memory)
    echo "chaos: $struck faults in $(($(date +%s) - began)) s, the last" \
        "$segment with $partition, $sharing; $(memory) kB"
done
enter process alone first
wait_for 20 is_as_before || fail "descriptors, threads, buffers, processes:" \
    "$(things), at first $base"
last=$(memory)
[ "$kills" -lt 1000 ] || [ $((last - first)) -le "$growth" ] || sanitized \
    || fail "xvs-switch has grown from $first to $last kB"

# For chaos.awk: how often each was, and the verdict over each segment.
{ sort "$dir/cells" | grep -v ^frames | uniq -c \
    | awk '{ print "cell", $2, $3, $4, $5, $6, $1 }'
  grep ^frames "$dir/cells"; } | tee "$dir/rows"
awk -f "$top_srcdir/tests/lab/chaos.awk" "$dir/rows"
echo "chaos: $struck faults; $sent_all frames sent in $flows flows, one of" \
    "them denied; $changed changes, $refused refused;" \
    "$(($(date +%s) - began)) s; memory $first to $last kB"
[ "$bad" = 0 ] || fail "$bad of $segments segments were bad"
echo "chaos: all well"
