# SPDX-License-Identifier: BSD-3-Clause
# A guest with a switch of its own, on a processor that has protection keys:
# source it after functions.sh and vm.sh.  The programs of the build tree, what
# they are linked with and $dir/root/x are in its initramfs, and commands
# of it are given through the agent of vm.sh.

# add_libraries PROGRAM...: what they are linked with, to where it belongs.
add_libraries()
{
    ldd "$@" | grep -o '/[^ :]*' | sort -u | while read -r library; do
        mkdir -p "$dir/root${library%/*}"
        cp -L "$library" "$dir/root$library"
    done
}

# lab_boot NAME PROGRAM...: boots it, with these programs of the build tree in
# /x.  VM_COUNTED=1: its time is that of its instructions, and does not go on
# while our machine has none for it.
lab_boot()
{
    counted=
    [ -z "${VM_COUNTED-}" ] || { counted="-icount shift=4"
        VM_KHZ=1000000; }
    name=$1
    shift
    mkdir -p "$dir/root/x/plugins" "$dir/root/etc"
    echo root:x:0:0:root:/:/bin/sh >"$dir/root/etc/passwd"
    for program; do
        strip -o "$dir/root/x/${program##*/}" "$top_builddir/$program"
        add_libraries "$top_builddir/$program"
    done
    # Archives of the kernel's file system can follow each other.
    { cat "$vm_guest/initramfs"
      (cd "$dir/root" && find . | busybox cpio -o -H newc 2>/dev/null)
    } >"$dir/initramfs"
    # shellcheck disable=SC2086
    qemu-system-x86_64 -name "$name" -nodefaults -no-user-config $counted \
        -display none -no-reboot -accel tcg,tb-size=128 \
        -cpu "${VM_PROCESSOR:-max}" -smp "${VM_PROCESSORS:-1}" \
        -m 384 -machine microvm,x-option-roms=off -bios qboot.rom \
        -kernel "$vm_guest/vmlinux" -initrd "$dir/initramfs" \
        -append "$(vm_kernel_line)" -serial "file:$dir/$name.console" \
        -device virtio-serial-device \
        -chardev "socket,id=agent,path=$dir/$name.agent,server=on,wait=off" \
        -device virtserialport,chardev=agent,name=lab.agent \
        </dev/null >"$dir/$name.log" 2>&1 &
    vm_pid=$!
    cleanup_fn "kill -9 $vm_pid; wait $vm_pid"
    vm_ready "$name"
}

# lab_switch_start NAME: boots it, and starts xvs-switch and xvsd in it.
lab_switch_start()
{
    lab_boot "$1" xvs-switch xvs-stage xvsd xvsctl
    inside "mkdir -p /tmp/state /run; cd /tmp;
        /x/xvsd --socket /tmp/xvsd.sock --control /tmp/control \
            --state-dir /tmp/state --no-spawn-switch --user root >/tmp/xvsd.log 2>&1 &
        exit 0"
    lab_switch 100000
}

# lab_switch RESTARTS: starts xvs-switch, of which there is none.
lab_switch()
{
    inside "cd /tmp; { /x/xvs-switch -c /tmp/control -p /x/plugins -w 2 \
            --restarts $1 2>&1;
            echo xvs-switch ended with \$?; } >/tmp/switch.log & exit 0"
    wait_for 5 inside "xvsctl wql 'SELECT SwitchState FROM XVS_Host' --json
        | grep -q running" \
        || fail "no switch in the guest: $(inside 'cat /tmp/*.log')"
}

# inside COMMAND [SECONDS]: in guest "lab"; several lines are one.
inside()
{
    vm_run lab "export PATH=/x:/bin XVS_SOCKET=/tmp/xvsd.sock; $(echo "$1" \
        | tr '\n' ' ')" "${2:-30}"
}
