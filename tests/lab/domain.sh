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

# lab_switch_start NAME: boots it, and starts xvs-switch and xvsd in it.
lab_switch_start()
{
    mkdir -p "$dir/root/x/plugins" "$dir/root/etc"
    echo root:x:0:0:root:/:/bin/sh >"$dir/root/etc/passwd"
    for program in xvs-switch xvs-stage xvsd xvsctl; do
        strip -o "$dir/root/x/$program" "$top_builddir/$program"
    done
    add_libraries "$top_builddir"/xvs-switch "$top_builddir"/xvs-stage \
        "$top_builddir"/xvsd "$top_builddir"/xvsctl
    # Archives of the kernel's file system can follow each other.
    { cat "$vm_guest/initramfs"
      (cd "$dir/root" && find . | busybox cpio -o -H newc 2>/dev/null)
    } >"$dir/initramfs"
    qemu-system-x86_64 -name "$1" -nodefaults -no-user-config -display none \
        -no-reboot -accel tcg,tb-size=128 -cpu "${VM_PROCESSOR:-max}" \
        -m 384 -machine microvm,x-option-roms=off -bios qboot.rom \
        -kernel "$vm_guest/vmlinux" -initrd "$dir/initramfs" \
        -append "$(vm_kernel_line)" -serial "file:$dir/$1.console" \
        -device virtio-serial-device \
        -chardev "socket,id=agent,path=$dir/$1.agent,server=on,wait=off" \
        -device virtserialport,chardev=agent,name=lab.agent \
        </dev/null >"$dir/$1.log" 2>&1 &
    vm_pid=$!
    cleanup_fn "kill -9 $vm_pid; wait $vm_pid"
    vm_ready "$1"
    inside "mkdir -p /tmp/state /run; cd /tmp;
        { /x/xvs-switch -c /tmp/control -p /x/plugins -w 2 \
            --restarts 100000 2>&1;
            echo xvs-switch ended with \$?; } >/tmp/switch.log &
        /x/xvsd --socket /tmp/xvsd.sock --control /tmp/control \
            --state-dir /tmp/state --no-spawn-switch --user root >/tmp/xvsd.log 2>&1 &
        exit 0"
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
