#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# Are the lab's guests good?  Two of them on a vhost-user switch of others:
# ping, and TCP both ways.
#
#     tests/lab/smoke.sh testpmd      DPDK's vhost library, with TSO
#     tests/lab/smoke.sh ovs          Open vSwitch with DPDK, with TSO
top_srcdir=${top_srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}
. "$top_srcdir/tests/functions.sh"
. "$top_srcdir/tests/lab/vm.sh"
. "$top_srcdir/tests/lab/peers.sh"

case ${1-} in
testpmd)
    peer_testpmd_vhost sw tso=1
    mode=
    ;;
ovs)
    peer_ovs_start other_config:userspace-tso-enable=true
    peer_ovs_vhost a b
    mode=server
    ;;
*)
    sed -n '4,8s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac
start=$(date +%s)
vm_start a 192.0.2.1/24 "$dir/a.sock" $mode
vm_start b 192.0.2.2/24 "$dir/b.sock" $mode
vm_ready a
vm_ready b
echo "both have booted after $(($(date +%s) - start)) s"
wait_for 10 vm_ping a 192.0.2.2 1 || fail "no ping from a to b"
vm_ping b 192.0.2.1 || fail "no ping from b to a"
vm_tcp a b 192.0.2.2
echo "TCP from a to b: $vm_speed MB/s, $vm_frame bytes a frame"
vm_tcp b a 192.0.2.1
echo "TCP from b to a: $vm_speed MB/s, $vm_frame bytes a frame"
