# SPDX-License-Identifier: BSD-3-Clause
# Guests of the lab.  Source it after functions.sh; it boots unmodified QEMU
# with the kernel that guest.sh unpacked, one network card on a vhost-user
# socket, and a command channel over virtio-serial.  No KVM is needed: guests
# are emulated, so that they run in a virtual machine too.
#
# VM_MACHINE (microvm) may be pc or q35, for virtio over PCI; VM_QUEUES (1) is
# the number of queue pairs, VM_CARD adds properties of the card.

requires qemu-system-x86_64
vm_guest=${XVS_TEST_GUEST:-$top_builddir/tests/lab/guest}
sh "$top_srcdir/tests/lab/guest.sh" "$vm_guest" >"$dir/guest.out" 2>&1 \
    || { [ $? != 77 ] || skip "$(tail -n 1 "$dir/guest.out")"
         fail "guest.sh: $(cat "$dir/guest.out")"; }

# What keeps a boot without help of the processor short.  With tsc_early_khz
# the kernel need not measure the clock, which fails at times when emulated; it
# has VM_KHZ, or that of our processor.
vm_kernel_line()
{
    khz=${VM_KHZ:-$(awk '/^cpu MHz/ { printf "%d", $4 * 1000; exit }' \
        /proc/cpuinfo)}
    echo "console=ttyS0 quiet panic=-1 tsc_early_khz=$khz tsc=reliable" \
        "no_timer_check nokaslr mitigations=off cryptomgr.notests audit=0" \
        "apparmor=0 random.trust_cpu=on rcupdate.rcu_expedited=1" \
        "8250.nr_uarts=1 init_on_alloc=0 i8042.noprobe nowatchdog"
}

# vm_start NAME ADDRESS/LENGTH SOCKET [server]: begins to boot a guest, whose
# card is on SOCKET.  QEMU connects, and again when the switch comes back;
# with "server" it listens.  Pid in $vm_pid.
vm_start()
{
    bus=pci vectors=,vectors=0 firmware=
    case ${VM_MACHINE:-microvm} in
    microvm)
        machine=microvm,x-option-roms=off bus=device vectors=
        firmware="-bios qboot.rom"
        ;;
    *) machine=$VM_MACHINE ;;
    esac
    wait_mode=reconnect=1
    [ "${4-}" != server ] || wait_mode=server=on,wait=off
    multiqueue=
    [ "${VM_QUEUES:-1}" = 1 ] || multiqueue=,mq=on
    card=$multiqueue$vectors${VM_CARD-}
    # vectors=0: QEMU 7.2 crashes when an emulated guest turns MSI-X on.
    # The switch's user has to be able to connect to its sockets.
    # shellcheck disable=SC2086
    (umask 0 && exec qemu-system-x86_64 -name "$1" -nodefaults -no-user-config \
        -display none -no-reboot -accel tcg,tb-size=128 -cpu max \
        -m 96 -machine "$machine,memory-backend=memory" $firmware \
        -object memory-backend-memfd,id=memory,size=96M,share=on \
        -kernel "$vm_guest/vmlinux" -initrd "$vm_guest/initramfs" \
        -append "$(vm_kernel_line) lab.address=$2" \
        -serial "file:$dir/$1.console" \
        -device virtio-serial-$bus \
        -chardev "socket,id=agent,path=$dir/$1.agent,server=on,wait=off" \
        -device virtserialport,chardev=agent,name=lab.agent \
        -chardev "socket,id=card,path=$3,$wait_mode" \
        -netdev "vhost-user,id=net,chardev=card,queues=${VM_QUEUES:-1}" \
        -device "virtio-net-$bus,netdev=net,mac=$(vm_mac "$1")$card" \
        </dev/null >"$dir/$1.log" 2>&1) &
    vm_pid=$!
    cleanup_fn "kill -9 $vm_pid; wait $vm_pid"
}

# vm_mac NAME: of its card, the same at each start.
vm_mac()
{
    printf '52:54:00:%02x:%02x:%02x' $(($(echo "$1" | cksum \
        | sed 's/ .*//') >> 16 & 255)) $(($(echo "$1" | cksum \
        | sed 's/ .*//') >> 8 & 255)) 1
}

# vm_ready NAME: waits until it has booted.
vm_ready()
{
    wait_for "${VM_SECONDS:-60}" grep -qa 'LAB READY' "$dir/$1.console" \
        || fail "guest $1 does not boot: $(tail -n 5 "$dir/$1.console")"
}

# vm_run NAME COMMAND [SECONDS]: runs it, one line, in the guest; its status is
# ours.
vm_run()
{
    "$vm_guest/guest-tool" run "$dir/$1.agent" "${3:-20}" "$2"
}

# vm_ping FROM ADDRESS [COUNT]
vm_ping()
{
    vm_run "$1" "ping -q -c ${3:-2} -W 1 $2"
}

# vm_statistics NAME: bytes and packets that its card has received.
vm_statistics()
{
    vm_run "$1" 'cd /sys/class/net/eth0/statistics; cat rx_bytes rx_packets' \
        | xargs
}

# vm_tcp_begin FROM TO ADDRESS: TCP one way, until vm_tcp_end.
vm_tcp_begin()
{
    vm_run "$2" ': >/tmp/sink'
    vm_before=$(vm_statistics "$2")
    vm_run "$1" "guest-tool blast $3 5001 >/tmp/blast 2>&1 & echo \$! >/tmp/blast.pid"
}

# vm_tcp_end FROM TO: nothing was lost or changed.  The speed is in $vm_speed
# (MB/s), and in $vm_frame how many bytes a frame had on average when it came
# out of the receiver's card.
vm_tcp_end()
{
    vm_run "$1" 'kill $(cat /tmp/blast.pid)'
    vm_run "$2" 'until [ -s /tmp/sink ]; do sleep 0.1; done; cat /tmp/sink' \
        >"$dir/sink" || fail "TCP from $1 to $2 does not end"
    vm_run "$1" 'cat /tmp/blast' >"$dir/blast"
    sent=$(sed -n 's/^blast \([0-9]*\) .*/\1/p' "$dir/blast")
    [ "${sent:-0}" != 0 ] || fail "no TCP from $1 to $2: $(cat "$dir/blast")"
    grep -q "^sink $sent bytes, 0 wrong" "$dir/sink" \
        || fail "$1 sent $sent bytes to $2, which says: $(cat "$dir/sink")"
    vm_speed=$(sed -n 's/^sink .*, \([0-9.]*\) MB.*/\1/p' "$dir/sink")
    vm_frame=$(echo "$vm_before $(vm_statistics "$2")" \
        | awk '{ printf "%d", ($3 - $1) / ($4 - $2) }')
}

# vm_tcp FROM TO ADDRESS [SECONDS]: both, with some time between.
vm_tcp()
{
    vm_tcp_begin "$1" "$2" "$3"
    sleep "${4:-1}"
    vm_tcp_end "$1" "$2"
}
