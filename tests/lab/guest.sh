#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# Makes the guest that the lab boots: a Debian kernel as it is, and an
# initramfs of busybox, the virtio modules and guest-tool.
#
#     tests/lab/guest.sh FOLDER
#
# Leaves vmlinux, initramfs and guest-tool in FOLDER, which it makes; does
# nothing when they are there already.  The kernel is the package that
# XVS_TEST_KERNEL names (a .deb), else one in FOLDER, else it is downloaded,
# not installed.  Exits with 77 and a reason when something is missing.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
[ $# = 1 ] || { sed -n '4,7s/^# \{0,1\}//p' "$0" >&2; exit 2; }
mkdir -p "$1"
out=$(cd "$1" && pwd)

missing()
{
    echo "no guest for the lab: $*"
    exit 77
}

# One makes it, and others that want it wait.
exec 9>"$out/lock"
flock 9
if [ -s "$out/initramfs" ] && [ "$out/guest-tool" -nt "$here/guest-tool.c" ] \
    && [ "$out/initramfs" -nt "$here/guest-init" ]; then
    exit 0
fi
for program in dpkg-deb lz4 busybox strip; do
    command -v $program >/dev/null || missing "$program is not installed"
done
busybox=$(command -v busybox)
! ldd "$busybox" >/dev/null 2>&1 || missing "busybox-static is not installed"
work=$(mktemp -d "$out/work.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

# kernel_package: its file name; downloads it where there is none.
kernel_package()
{
    if [ -n "${XVS_TEST_KERNEL-}" ]; then
        echo "$XVS_TEST_KERNEL"
        return 0
    fi
    set -- "$out"/linux-image-*.deb
    if [ ! -f "$1" ]; then
        name=$(apt-cache depends linux-image-cloud-amd64 2>/dev/null \
            | sed -n 's/^ *Depends: \(linux-image-.*\)/\1/p')
        [ -n "$name" ] || return 1
        (cd "$out" && apt-get -qq download "$name" 2>"$work/log") || return 1
        set -- "$out"/linux-image-*.deb
    fi
    echo "$1"
}

# number OFFSET SIZE FILE: a little-endian number of the kernel's header.
number()
{
    od -An -tu"$2" -j "$1" -N "$2" "$3" | tr -d ' '
}

# unpack_kernel BZIMAGE: the ELF inside; a guest without a processor's help
# would take seconds to do that.  Offsets: Documentation/x86/boot.rst.
unpack_kernel()
{
    start=$((($(number 497 1 "$1") + 1) * 512 + $(number 584 4 "$1")))
    size=$(number 588 4 "$1")
    tail -c +$((start + 1)) "$1" | head -c $((size - 4)) >"$work/payload"
    # The stream has no end mark: lz4 complains, when all is written.
    lz4 -dcq "$work/payload" >"$out/vmlinux" 2>"$work/log" || :
    [ "$(head -c 4 "$out/vmlinux" | tail -c 3)" = ELF ] \
        || missing "$1 is not compressed with lz4"
    strip --strip-debug "$out/vmlinux"
}

module_file()
{
    find "$work/package/lib/modules" -name "$1.ko"
}

# add_module NAME: with what it needs first.
add_module()
{
    ! grep -qx "$1.ko" "$root/modules/order" || return 0
    [ -n "$(module_file "$1")" ] || missing "the kernel has no module $1"
    for other in $(tr '\0' '\n' <"$(module_file "$1")" \
        | sed -n 's/^depends=//p' | tr ',' ' '); do
        add_module "$other"
    done
    strip --strip-debug -o "$root/modules/$1.ko" "$(module_file "$1")"
    echo "$1.ko" >>"$root/modules/order"
}

# shellcheck disable=SC2086
${CC:-cc} -std=gnu11 -O2 -static -D_GNU_SOURCE -o "$out/guest-tool" \
    "$here/guest-tool.c"
package=$(kernel_package) \
    || missing "the kernel cannot be downloaded: $(cat "$work/log" 2>/dev/null)"
dpkg-deb -x "$package" "$work/package"
unpack_kernel "$work"/package/boot/vmlinuz-*
root=$work/root
mkdir -p "$root"/bin "$root"/dev "$root"/proc "$root"/sys "$root"/tmp \
    "$root"/modules
: >"$root/modules/order"
for module in virtio_mmio virtio_pci virtio_net virtio_console \
    vmw_vsock_virtio_transport; do
    add_module $module
done
cp "$busybox" "$out/guest-tool" "$root/bin/"
ln -s busybox "$root/bin/sh"
cp "$here/guest-init" "$root/init"
chmod 755 "$root/init"
(cd "$root" && find . | busybox cpio -o -H newc 2>/dev/null) \
    >"$work/initramfs"
mv "$work/initramfs" "$out/initramfs"
