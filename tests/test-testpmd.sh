#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# DPDK's virtio-user as the guest of two vhost-user ports, with each form of
# ring that it knows: split and packed, mergeable buffers or not, in order,
# two queue pairs.  dpdk-testpmd joins each of its cards to a namespace, so
# that kernels check what came through.
. "${top_srcdir:-..}/tests/functions.sh"
in_namespaces "$@"
requires ip ping socat ethtool jq
. "$top_srcdir/tests/lab/peers.sh"

guest_veth a 192.0.2.1/24
guest_veth b 192.0.2.2/24
for name in a b; do
    # Nobody behind a packet socket finishes checksums; and our own kernel
    # shall not answer for an address that it has itself.
    ip link set "$tag.$name" arp off
    ip netns exec "$tag-$name" ethtool -K eth0 tx off >/dev/null
done
start_host
xvsctl switch add lan
xvsctl port add lan a --driver vhost-user --device "$dir/a.sock"
xvsctl port add lan b --driver vhost-user --device "$dir/b.sock"
head -c 2000000 /dev/urandom >"$dir/data"

# transfer FROM TO ADDRESS: a file, unchanged.
transfer()
{
    rm -f "$dir/copy"
    ip netns exec "$tag-$2" timeout 20 \
        socat -u TCP-LISTEN:5001,reuseaddr CREATE:"$dir/copy" &
    wait_for 10 ip netns exec "$tag-$2" sh -c 'ss -ltn | grep -q :5001'
    ip netns exec "$tag-$1" timeout 20 socat -u OPEN:"$dir/data" \
        "TCP:$3:5001" || fail "$form: no TCP from $1 to $2"
    wait $! || fail "$form: TCP to $2 does not end"
    cmp "$dir/data" "$dir/copy" || fail "$form: TCP changed the data"
}

# guests QUEUES OPTIONS: testpmd with two cards of ours.
guests()
{
    queues=$1
    form="$2, $1 queue pairs"
    PEER_MB=256 peer_testpmd "form$((n += 1))" \
        --vdev "net_virtio_user0,path=$dir/a.sock,queues=$1,$2" \
        --vdev "net_af_packet0,iface=$tag.a,qpairs=$1" \
        --vdev "net_virtio_user1,path=$dir/b.sock,queues=$1,$2" \
        --vdev "net_af_packet1,iface=$tag.b,qpairs=$1" \
        -- -i --forward-mode=io --port-topology=paired \
        --total-num-mbufs=16384 "--rxq=$1" "--txq=$1"
    peer_say "form$n" start
    wait_for 10 guest_ping a 192.0.2.2 1 || fail "$form: no ping"
    guest_ping b 192.0.2.1 >"$dir/out" || fail "$form: no ping from b"
    transfer a b 192.0.2.2
    transfer b a 192.0.2.1
    # Without a goodbye, as when a guest crashes.
    kill -9 "$peer_pid"
    wait "$peer_pid" || :
}

n=0
guests 1 packed_vq=0,mrg_rxbuf=1
guests 1 packed_vq=0,mrg_rxbuf=0,in_order=1
guests 1 packed_vq=1,mrg_rxbuf=1
guests 1 packed_vq=1,mrg_rxbuf=0,in_order=1
guests 2 packed_vq=0,mrg_rxbuf=1
guests 2 packed_vq=1,mrg_rxbuf=1

# A socket that we may not connect to is told, not waited for in silence.
if [ "$run_user" = nobody ]; then
    xvsctl port add lan c --driver vhost-user --mode client \
        --device "$dir/c.sock"
    socat "UNIX-LISTEN:$dir/c.sock,mode=700" - </dev/null >/dev/null &
    cleanup_fn "kill $!"
    says_why()
    {
        xvsctl port show lan c | grep -q 'cannot connect: Permission denied'
    }
    wait_for 10 says_why || fail "port c: $(xvsctl port show lan c)"
fi
stop "$switch_pid" || fail "xvs-switch ended with $?"
