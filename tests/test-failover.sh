#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# C1, C4, C5: extensions in processes of their own, which have the packets or
# copies of them.  Whatever ends a process, of a numbered stream no frame is
# lost and none overtakes another; the next process has the same settings; a
# frame that ends every process is taken out.
. "${top_srcdir:-..}/tests/functions.sh"
requires ip ping
in_namespaces "$@"
. "$top_srcdir/tests/stream.sh"
. "$top_srcdir/tests/ethernet.sh"

for number in -1 1000001 20x; do
    expect_fail 2 "there can be 0 to 1000000 restarts, not '$number'" \
        xvs-switch --restarts=$number
done
guest_veth a 192.0.2.1/24
guest_veth b 192.0.2.2/24
# Sanitizers have memory of their own.
sanitized || switch_options="--stage-memory 200"
start_host
xvsctl schema add "$top_srcdir/mof/xvs_acl.mof"
# With a sanitizer three processes in a row may take longer to begin than the
# second for which packets of those that fail closed wait.
fault=fault
! sanitized || fault=fault-hold
for file in acl mark $fault; do
    xvsctl ext install $file.so
done
xvsctl switch add lan
for guest in a b; do
    xvsctl port add lan $guest --driver packet --device "$tag.$guest"
done
xvsctl ext enable acl lan --partition process
xvsctl ext enable mark lan
xvsctl ext enable $fault lan --partition process

# stage NAME PROPERTY
stage()
{
    xvsctl stage show "$1" lan --value "$2"
}

# about NAME: all of it.
about()
{
    xvsctl stage show "$1" lan
}

# another NAME PID: the stage has another process than that.
another()
{
    pid=$(stage "$1" ProcessId)
    [ "$pid" != "$2" ] && [ "$pid" -gt 0 ]
}

# standby NAME: it has its three processes.
standby()
{
    [ "$(pgrep -P "$switch_pid" -f "xvs-stage $1" | wc -l)" = 3 ]
}

# touched NAME: pages of packets are there for its standby, which has had none.
touched()
{
    pid=$(stage "$1" StandbyProcessId)
    [ "$(awk '/memfd:xvs-/ { packets = /xvs-(buffers|copies)/ }
        /^Rss:/ && packets { n += $2 } END { print (n > 0) }' \
        "/proc/$pid/smaps")" = 1 ]
}

guest_ping a 192.0.2.2 1 || fail "no ping"
first=$(stage acl ProcessId)
[ "$(stage acl Partition)" = process ] || fail "$(about acl)"
[ "$(readlink "/proc/$first/exe")" = "$top_builddir/xvs-stage" ] \
    || fail "$first is no xvs-stage"

# The stream.
stream_begin

# A rule bites there as it does here, and in each process that follows.
xvsctl feature add XVS_AclSwitchRule lan Action=2 Protocol=1 Priority=1
! guest_ping a 192.0.2.2 1 || fail "the rule does not bite"
for partition in process copy; do
    for name in acl $fault; do
        xvsctl stage set $name lan --partition $partition
    done
    for _ in 1 2 3; do
        for name in acl $fault; do
            wait_for 10 standby $name || fail "$name has no standby"
            wait_for 10 touched $name || fail "the standby of $name is cold"
            before=$(stage $name ProcessId)
            kill -9 "$before"
            wait_for 10 another $name "$before" || fail "no other process"
        done
        ! guest_ping a 192.0.2.2 1 || fail "the rule is lost"
    done
    [ "$(stage acl Restarts)" -ge 3 ] || fail "$(about acl)"
done

# Faults in the packet hook: told with what it was, and the frame, which would
# end each process, is taken out.
faults()
{
    poison=$(($(stage $fault Lost) + 1))
    wait_for 10 standby $fault || fail "fault has no standby"
    send a "${mac}02000000000188b6${1}0000000000000000000000000000"
    wait_for 10 sh -c "xvsctl event list | grep -q '$fault $2'" \
        || fail "nobody told that fault $2: $(xvsctl event list)"
    wait_for 10 is_lost || fail "$(about $fault)"
}
is_lost()
{
    [ "$(stage $fault Lost)" = "$poison" ]
}
faults 01 "crashed in its packet hook (SIGSEGV at 0x10)"
faults 02 "did not return from its packet hook and was ended"
xvsctl stage set $fault lan --partition process
faults 02 "did not return from its packet hook and was ended"
faults 03 "ended its process in its packet hook (exit status 3)"
faults 06 "crashed in its packet hook (SIGSYS: a system call"
wait_for 10 standby $fault || fail "fault has no standby"
wait_for 10 sh -c \
    "xvsctl event list | grep -q 'a frame of .* begins with ${mac}0200'" \
    || fail "nobody says which frame it was: $(xvsctl event list)"

# It grows, and is ended for it: no frame's fault.
if ! sanitized; then
    before=$(stage $fault ProcessId)
    send a "${mac}02000000000188b607000000000000000000000000000000"
    wait_for 10 another $fault "$before" || fail "fault may grow"
    wait_for 10 sh -c \
        "xvsctl event list | grep -q '$fault has grown to [0-9]* MiB'" \
        || fail "nobody told of it: $(xvsctl event list)"
    wait_for 10 standby $fault || fail "fault has no standby"
fi


# A standby that hangs is ended; the request that it was told of succeeds.
wait_for 10 standby acl || fail "acl has no standby"
first=$(stage acl ProcessId)
for pid in $(pgrep -P "$switch_pid" -f "xvs-stage acl"); do
    [ "$pid" = "$first" ] || kill -STOP "$pid"
done
xvsctl feature add XVS_AclSwitchRule lan Action=2 Protocol=6 Priority=2 \
    || fail "a standby that hangs fails a request"
[ "$(stage acl ProcessId)" = "$first" ] || fail "the active one was ended"
wait_for 10 sh -c "xvsctl event list | grep -q 'acl did not finish'" \
    || fail "nobody told that the standby hung: $(xvsctl event list)"

# Another file takes its place, and the partition is another one.
for file in mark-2 mark mark-2; do
    xvsctl stage set mark lan --partition process || fail "mark to a process"
    xvsctl ext upgrade mark $file.so || fail "upgrade to $file.so"
    xvsctl stage set mark lan --partition inline || fail "mark comes back"
    xvsctl ext move $fault lan 0 || fail "fault cannot move"
    xvsctl ext move acl lan 0 || fail "acl cannot move"
done

# Nothing of the stream was lost, twice, or late.
stream_end

# It may come back into xvs-switch, and leaves no process behind.
xvsctl stage set acl lan --partition inline || fail "acl is to run inline"
[ "$(stage acl ProcessId)" = 0 ] || fail "$(about acl)"
! guest_ping a 192.0.2.2 1 || fail "the rule is lost inline"
xvsctl ext disable $fault lan
wait_for 10 sh -c "! pgrep -P $switch_pid -x xvs-stage" \
    || fail "a process outlives its stage"
