#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Extensions in processes of their own, without packets: they answer as those
# do that run inline, and their end is told, whatever it is.
. "${top_srcdir:-..}/tests/functions.sh"
requires ip
in_namespaces "$@"

mof=$top_srcdir/tests/plugins

# say COMMAND...: commands of switch-client, with the schemas read.
say()
{
    "$top_builddir/tests/switch-client" "$dir/control" \
        schema "$mof/veto.mof" : schema "$mof/hang-setting.mof" \
        : schema "$mof/bad-status.mof" : schema "$mof/captive.mof" \
        : schema "$top_srcdir/mof/xvs_acl.mof" \
        : schema "$top_srcdir/mof/xvs_ethernet.mof" \
        : schema "$top_srcdir/mof/xvs_guard.mof" : "$@"
}

# Says it, and keeps what was answered, whatever it was.
tell()
{
    say "$@" >"$dir/told" 2>&1 || :
    cat "$dir/told" >>"$dir/answers.$partition"
}

enable()
{
    tell partition "$partition" : timeout 30000 : enable "$@"
}

# The life of the extensions that come with xvs, and of one that refuses.
live()
{
    tell load acl.so : layout XVS_AclPortRule : layout XVS_AclPortSettings \
        : layout XVS_AclPortStatus : layout XVS_AclRuleStatus \
        : layout XVS_AclSwitchRule
    enable XVS_AclPortRule 1 add 1 1 XVS_AclPortRule 1 Action=1 Priority=10
    tell set add 1 1 XVS_AclPortRule 2 Action=2 SourcePrefix=10.0.0.0/8
    tell set add 1 1 XVS_AclPortRule 3 Action=2 SourcePrefix=nonsense
    tell set update 1 1 XVS_AclPortRule 2 Action=1 , \
        delete 1 1 XVS_AclPortRule 1 , \
        add 1 1 XVS_AclPortSettings 9 DefaultAction=2
    tell status 1 1 XVS_AclPortStatus
    tell status 1 1 XVS_AclRuleStatus
    tell method 1 1 XVS_AclPortStatus ResetCounters
    tell disable XVS_AclPortRule 1

    tell load ethernet.so : layout XVS_PortVlan : layout XVS_Mirror \
        : layout XVS_StaticAddress : layout XVS_AddressEntry \
        : layout XVS_PortEthernetStatus : layout XVS_SwitchEthernet
    enable XVS_PortVlan 1 add 1 1 XVS_PortVlan 1 Mode=1 Vlan=7
    tell set add 1 1 XVS_StaticAddress 2 MacAddress=02:00:00:00:00:07 Vlan=7
    tell set add 1 2 XVS_StaticAddress 3 MacAddress=02:00:00:00:00:07 Vlan=7
    tell set add 1 1 XVS_StaticAddress 4 MacAddress=03:00:00:00:00:07
    tell set add 1 2 XVS_PortVlan 5 Mode=2 Trunk=1-9,x
    tell set add 1 2 XVS_Mirror 6 TargetPort=a
    tell set add 1 - XVS_SwitchEthernet 7 Ageing=60
    tell status 1 - XVS_AddressEntry
    tell status 1 1 XVS_PortEthernetStatus
    tell disable XVS_PortVlan 1

    tell load guard.so : layout XVS_GuardPortSettings \
        : layout XVS_GuardAddress : layout XVS_GuardPortStatus
    enable XVS_GuardAddress 1 add 1 1 XVS_GuardAddress 1 Address=192.0.2.1
    tell set add 1 1 XVS_GuardAddress 2 Address=192.0.2.300
    tell set add 1 2 XVS_GuardPortSettings 3 AllowedMacs=02:00:00:00:00:01
    tell status 1 1 XVS_GuardPortStatus
    tell status 1 2 XVS_GuardPortStatus
    tell disable XVS_GuardAddress 1

    tell load veto.so : layout Test_Veto : layout Test_VetoStatus
    enable Test_Veto 1 add 1 - Test_Veto 1 , add 1 - Test_Veto 2 Refuse=true
    tell port 3 1 packet no "$tag.c"
    tell set add 1 - Test_Veto 3 , add 1 - Test_Veto 4 Refuse=true
    tell status 1 - Test_VetoStatus
    tell delete-port 2 : status 1 - Test_VetoStatus
    tell port 2 1 packet b "$tag.b"
    tell disable Test_Veto 1

    tell load bad-status.so : layout Test_BadStatus
    enable Test_BadStatus 1
    for lie in 1 2 3 4 5 6 7 8; do
        tell status 1 - Test_BadStatus
    done
    tell disable Test_BadStatus 1
    for extension in XVS_AclPortRule XVS_PortVlan XVS_GuardAddress \
        Test_Veto Test_BadStatus; do
        tell unload "$extension"
    done
}

stages()
{
    pgrep -P "$switch_pid" -x xvs-stage
}

no_stages()
{
    ! stages
}

chmod 755 "$dir"
start_switch
guest_veth a 192.0.2.1/24
guest_veth b 192.0.2.2/24
guest_veth c 192.0.2.3/24
# Guests that say nothing: addresses are not learned, and nothing is counted.
for guest in a b; do
    ip -n "$tag-$guest" link set eth0 down
done
expect ok say switch 1 lan : port 1 1 packet a "$tag.a" \
    : port 2 1 packet b "$tag.b"

for partition in 1 2 3; do
    live
    diff "$dir/answers.1" "$dir/answers.$partition" >"$dir/out" \
        || fail "other answers from partition $partition: $(cat "$dir/out")"
done
[ "$(wc -l <"$dir/answers.1")" -gt 40 ] || fail "too few answers"
grep -q "02:00:00:00:00:07" "$dir/answers.2" || fail "no fixed address"
wait_for 10 no_stages || fail "a process outlives its stage"

# Timer, wake-ups, what is said, and what is asked.
expect ok say load captive.so : layout Test_Captive : layout Test_CaptiveStatus \
    : partition 2 : enable Test_Captive 1
expect "event EXTENSION: captive: captive speaks" \
    say set add 1 - Test_Captive 1 Attempt=event : wait 200
grep -q "captive on switch lan: captive logs??" "$dir/switch.log" \
    || fail "its log line is not there"
expect '"Parameters":0,"Ports":2,"Policy":0,"NoPort":6,' \
    say set add 1 - Test_Captive 2 Attempt=timer : wait 300 \
    : status 1 - Test_CaptiveStatus
timers=$(sed -n 's/.*"Timers":\([0-9]*\).*/\1/p' "$dir/out")
[ "$timers" -ge 3 ] || fail "timer() was called $timers times"
say set add 1 - Test_Captive 3 Attempt=wake >"$dir/out"
# (The timer's last call may have been on its way.)
woken()
{
    say status 1 - Test_CaptiveStatus | grep -q '"Timers":[12],'
}
wait_for 10 woken || fail "timer() is not called when the extension is woken"
expect ok say set add 1 - Test_Captive 4 Attempt=flood : wait 200
[ "$(grep -c "flood" "$dir/switch.log")" -le 201 ] || fail "it floods the log"

# Each end, in a sentence; another process goes on with what was accepted.
answers()
{
    say status 1 - Test_CaptiveStatus | grep -q '"Timers":'
}
ends()
{
    expect_fail 1 "$2" say timeout "${3-3000}" : set add 1 - Test_Captive 9 \
        "Attempt=$1"
    wait_for 10 answers || fail "it does not answer after $1"
}
ends segv "captive crashed in ADD (SIGSEGV at 0x10)"
ends abort "captive crashed in ADD (SIGABRT)"
ends stack "captive crashed in ADD (SIGSEGV at 0x"
ends exit "captive ended its process in ADD (exit status 3)"
ends spin "captive did not answer ADD within 500 ms" 500
grep -q "captive did not return from ADD and was ended" "$dir/switch.log" \
    || fail "nobody was told"
grep -q "captive answers again" "$dir/switch.log" || fail "it answers"

# A timer that does not return is ended as well, without anybody's request.
expect_fail 1 "captive refused ADD" \
    say set add 1 - Test_Captive 9 Attempt=hang-timer
wait_for 10 grep -q "captive did not finish timer in time and was ended" \
    "$dir/switch.log" || fail "timer() may take for ever"
wait_for 10 answers || fail "it does not answer after its timer"

# One that ends each time that it is to follow another leaves the stage with one
# process, which goes on; without the setting there are three again.
pair()
{
    [ "$(stages | wc -l)" = 3 ]
}
wait_for 10 pair || fail "captive has no standby"
expect ok say set add 1 - Test_Captive 8 Attempt=successor
kill -KILL "$(stages | head -n 1)"
wait_for 10 grep -q "no new process: captive crashed in ADD (SIGSEGV at 0x10)" \
    "$dir/switch.log" || fail "nobody says that there is no successor"
wait_for 10 answers || fail "one process does not go on"
expect ok say set delete 1 - Test_Captive 8
wait_for 70 pair || fail "captive gets no standby any more"

# The end of its life: in pause, in fini, and in a fini that never returns.
for last in pause fini fini-hang; do
    expect ok say set add 1 - Test_Captive 9 Attempt=$last
    expect ok say disable Test_Captive 1
    wait_for 10 no_stages || fail "a process outlives its stage after $last"
    expect ok say partition 2 : enable Test_Captive 1
done

# Killed by somebody: told at once, and the rest goes on.
first=$(stages | head -n 1)
vetoes=$(grep -c "enabled veto" "$dir/switch.log")
veto_is_there()
{
    [ "$(grep -c "enabled veto" "$dir/switch.log")" -gt "$vetoes" ]
}
kill_first()
{
    wait_for 20 veto_is_there
    kill -KILL "$first"
}
kill_first &
expect "event FAILED: captive was killed (SIGKILL)" \
    say partition 2 : load veto.so : layout Test_Veto \
    : layout Test_VetoStatus : enable Test_Veto 1 : wait 2000 \
    : status 1 - Test_VetoStatus
wait_for 10 answers || fail "it does not answer after it was killed"

# The end of xvs-switch, and a program that is not there.
expect ok say disable Test_Captive 1 : disable Test_Veto 1 \
    : partition 2 : enable Test_Veto 1
of_veto=$(stages)
none_left()
{
    for stage in $of_veto; do
        ! kill -0 "$stage" 2>/dev/null || return 1
    done
}
stop "$switch_pid" || fail "xvs-switch ended with $?"
wait_for 10 none_left || fail "a process outlives xvs-switch"
rm -f "$dir/control"
start_switch
expect ok say switch 1 lan : load veto.so : partition 2 : enable Test_Veto 1
of_veto=$(stages)
[ "$of_veto" ] || fail "there is no process"
kill -KILL "$switch_pid"
wait_for 10 none_left || fail "a process outlives xvs-switch that was killed"
rm -f "$dir/control"
start_switch --stage-program "$dir/nothing"
expect_fail 1 "cannot start $dir/nothing for veto: No such file" \
    say switch 1 lan : load veto.so : partition 2 : enable Test_Veto 1
expect ok say enable Test_Veto 1

# An upgrade that puts another xvs-stage in its place is nothing to an xvs-switch
# that runs.
stop "$switch_pid" || fail "xvs-switch ended with $?"
rm -f "$dir/control"
cp "$top_builddir/xvs-stage" "$dir/own-stage"
start_switch --stage-program "$dir/own-stage"
cp /bin/false "$dir/new-stage"
mv "$dir/new-stage" "$dir/own-stage"
expect ok say switch 1 lan : load veto.so : partition 2 : enable Test_Veto 1
