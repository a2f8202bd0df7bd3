# SPDX-License-Identifier: BSD-3-Clause
# Guests of the management channel: no network card at all.  Source it after
# functions.sh; see channel-guest.sh for what is in them, vm.sh for vm_ready and
# vm_run.

requires ssh
. "$top_srcdir/tests/lab/vm.sh"
sh "$top_srcdir/tests/lab/channel-guest.sh" "$vm_guest" "$top_builddir" \
    >"$dir/guest.out" 2>&1 \
    || { [ $? != 77 ] || skip "$(tail -n 1 "$dir/guest.out")"
         fail "channel-guest.sh: $(cat "$dir/guest.out")"; }
cat "$vm_guest/initramfs" "$vm_guest/channel.cpio" >"$dir/initramfs"

# channel_vm NAME serial|vsock|both [QEMU ARGUMENT...]: begins to boot a guest;
# pid in $vm_pid.  Its sockets are $dir/NAME.channel (virtio-serial),
# $dir/NAME.vhost (where the device of vsock connects to), $dir/NAME.agent
# (commands of the test) and $dir/NAME.qmp; with both also $dir/NAME.raw and
# $dir/NAME.relay (virtio-serial without an agent: a service, and a plain relay
# to one).  VM_CPU (max) is the processor that is emulated.
channel_vm()
{
    name=$1
    device="virtserialport,chardev=channel,name=org.xvs.channel"
    socket="path=$dir/$1.channel,server=on,wait=off" words=
    if [ "$2" = vsock ]; then
        device="vhost-user-vsock-device,chardev=channel"
        socket="path=$dir/$1.vhost" words=lab.vsock
    fi
    if [ "$2" = both ]; then
        words=lab.vsock
        shift 2
        set -- x x -device vhost-user-vsock-device,chardev=vsock \
            -chardev "socket,id=vsock,path=$dir/$name.vhost" \
            -device virtserialport,chardev=raw,name=lab.raw \
            -chardev "socket,id=raw,path=$dir/$name.raw,server=on,wait=off" \
            -device virtserialport,chardev=relay,name=lab.relay \
            -chardev \
            "socket,id=relay,path=$dir/$name.relay,server=on,wait=off" "$@"
    fi
    shift 2
    (umask 0 && exec qemu-system-x86_64 -name "$name" -nodefaults \
        -no-user-config -display none -accel tcg,tb-size=128 \
        -cpu "${VM_CPU:-max}" -m 160 -bios qboot.rom \
        -machine microvm,x-option-roms=off,memory-backend=memory \
        -object memory-backend-memfd,id=memory,size=160M,share=on \
        -kernel "$vm_guest/vmlinux" -initrd "$dir/initramfs" \
        -append "$(vm_kernel_line) lab.name=$name $words" \
        -serial "file:$dir/$name.console" \
        -qmp "unix:$dir/$name.qmp,server=on,wait=off" \
        -device virtio-serial-device \
        -chardev "socket,id=agent,path=$dir/$name.agent,server=on,wait=off" \
        -device virtserialport,chardev=agent,name=lab.agent \
        -chardev "socket,id=channel,$socket" -device "$device" \
        "$@" </dev/null >"$dir/$name.log" 2>&1) &
    vm_pid=$!
    cleanup_fn "kill -9 $vm_pid; wait $vm_pid"
}
