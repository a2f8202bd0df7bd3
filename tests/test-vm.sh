#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Two unmodified QEMU guests talk through vhost-user ports, of which one
# listens and one connects: ping, TCP both ways in super frames.  They go on,
# without a restart of their own, when xvs-switch or xvsd is killed and comes
# back, or its port is disabled and enabled; a rule between them bites.
. "${top_srcdir:-..}/tests/functions.sh"
in_namespaces "$@"
. "$top_srcdir/tests/lab/vm.sh"

start_host
xvsctl schema add "$top_srcdir/mof/xvs_acl.mof"
xvsctl ext install acl.so
xvsctl switch add lan
xvsctl port add lan a --driver vhost-user --device "$dir/a.sock"
xvsctl port add lan b --driver vhost-user --mode client \
    --device "$dir/b.sock"
xvsctl ext enable acl lan

vm_start a 192.0.2.1/24 "$dir/a.sock"
a_pid=$vm_pid
vm_start b 192.0.2.2/24 "$dir/b.sock" server
b_pid=$vm_pid
vm_ready a
vm_ready b

# in_super_frames WHEN FROM TO ADDRESS: TCP, and that it came in frames larger
# than a wire's; a guest that gets no processor makes smaller ones, so that it
# has three chances.
in_super_frames()
{
    for chance in 1 2 3; do
        vm_tcp "$2" "$3" "$4"
        [ "$vm_frame" -le 3000 ] || return 0
    done
    fail "$1: no TSO to $3: $vm_frame bytes a frame, in $chance runs"
}

both_ways()
{
    in_super_frames "$1" a b 192.0.2.2
    in_super_frames "$1" b a 192.0.2.1
}

wait_for 10 vm_ping a 192.0.2.2 1 || fail "no ping from a to b"
vm_ping b 192.0.2.1 >"$dir/out" || fail "no ping from b to a"
both_ways "at first"

# A connection outlives xvsd, then xvs-switch, and loses and changes nothing.
vm_tcp_begin a b 192.0.2.2
kill -9 "$xvsd_pid"
wait "$xvsd_pid" || :
start_xvsd
wait_for 10 switch_is_there || fail "xvsd does not adopt the switch"
kill -9 "$switch_pid"
wait "$switch_pid" || :
start_switch
wait_for 10 switch_is_there || fail "xvsd does not find the new switch"
wait_for 10 vm_ping b 192.0.2.1 1 || fail "no ping after the restarts"
vm_tcp_end a b
both_ways "after the restarts"

# A disabled port: its guest sees the link down, whoever of the two made the
# socket, and goes on when the port is enabled.
carrier()
{
    vm_run "$1" "[ \$(cat /sys/class/net/eth0/carrier) = $2 ]"
}
for name in a b; do
    carrier $name 1 || fail "$name has no carrier at first"
    xvsctl port set lan $name --enabled false
    wait_for 10 carrier $name 0 || fail "$name is disabled and has a carrier"
    ! vm_ping $name 192.0.2.$([ $name = a ] && echo 2 || echo 1) 1 \
        || fail "$name is disabled and sends"
    xvsctl port set lan $name --enabled true
    wait_for 10 carrier $name 1 || fail "$name is enabled and has no carrier"
done
wait_for 10 vm_ping a 192.0.2.2 1 || fail "no ping after ports were disabled"
both_ways "after ports were disabled"

# The acl stops what it says, and only that.
rule=$(xvsctl feature add XVS_AclPortRule lan/a Direction=in Action=deny \
    Protocol=icmp --names)
! vm_ping a 192.0.2.2 1 || fail "the ping passes in spite of the rule"
vm_tcp a b 192.0.2.2
[ "$(xvsctl query XVS_AclPortStatus lan/a --value BlockedPackets)" \
    -ge 1 ] || fail "nothing is counted as blocked"
xvsctl feature remove "$rule"
vm_ping a 192.0.2.2 || fail "no ping after the rule has gone"

kill -0 "$a_pid" && kill -0 "$b_pid" || fail "a guest has ended"
stop "$xvsd_pid" || fail "xvsd ended with $?"
stop "$switch_pid" || fail "xvs-switch ended with $?"
