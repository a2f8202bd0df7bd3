#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# Adds to the lab's guest (guest.sh) what the management channel is shown with:
# xvs-agent, a web server's pages, SSH, the service of tests/bench/channel, and
# xvsd with its libraries.
#
#     tests/lab/channel-guest.sh FOLDER BUILD
#
# Leaves channel.cpio in FOLDER, which the kernel takes behind the initramfs,
# and what a client needs: www/data, ssh-key, cert.pem.  Exits with 77 and a
# reason when something is missing.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
[ $# = 2 ] || { sed -n '4,12s/^# \{0,1\}//p' "$0" >&2; exit 2; }
mkdir -p "$1"
out=$(cd "$1" && pwd)
build=$(cd "$2" && pwd)

missing()
{
    echo "no guest for the channel: $*"
    exit 77
}

for program in dropbear dropbearkey ssh-keygen openssl busybox; do
    PATH=$PATH:/usr/sbin command -v $program >/dev/null \
        || missing "$program is not installed"
done
sh "$here/guest.sh" "$out"
[ ! -s "$out/channel.cpio" ] || [ -n "$(find "$build/xvs-agent" \
    "$build/xvsd" "$here"/channel-* "$here"/../bench/channel \
    -newer "$out/channel.cpio")" ] || exit 0
root=$out/channel
rm -rf "$root"
mkdir -p "$root"/bin "$root"/channel "$root"/etc "$root"/lib64 \
    "$root"/root/.ssh "$root"/www

# add PROGRAM: with its libraries, where they are here.
add()
{
    strip -o "$root/bin/${1##*/}" "$1" 2>/dev/null \
        || cp "$1" "$root/bin/"
    for library in $(ldd "$1" 2>/dev/null \
        | sed -n 's/^.*[[:space:]]\(\/[^ ]*\) (0x.*$/\1/p'); do
        mkdir -p "$root${library%/*}"
        [ -e "$root$library" ] || cp -L "$library" "$root$library"
    done
}

add "$build/xvs-agent"
add "$build/xvsd"
add "$(PATH=$PATH:/usr/sbin command -v dropbear)"
# shellcheck disable=SC2086
${CC:-cc} -std=gnu11 -O2 -static -D_GNU_SOURCE -o "$out/load" \
    "$here"/../bench/channel/load*.c
add "$out/load"
cp "$here/channel-start" "$root/channel/start"
echo "--allow=22,80,5989,7000,7001=unix:/run/load" \
    "--allow=7=echo,9=discard,19=chargen --offer=8000=443" \
    >"$root/channel/agent-options"

# Users, keys, certificates.
printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/:\n' \
    >"$root/etc/passwd"
printf 'root:x:0:\nnogroup:x:65534:\n' >"$root/etc/group"
dropbearkey -t ed25519 -f "$root/channel/host-key" >"$out/host-key.text" 2>&1
rm -f "$out/ssh-key" "$out/ssh-key.pub"
ssh-keygen -q -t ed25519 -N '' -f "$out/ssh-key"
cp "$out/ssh-key.pub" "$root/root/.ssh/authorized_keys"
chmod 700 "$root/root" "$root/root/.ssh"
echo "ann:admin:$(openssl passwd -6 -salt xvs secret)" \
    >"$root/channel/passwords"
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=vm1 \
    -addext 'subjectAltName=DNS:vm1,DNS:vm1.vm.internal,IP:127.0.0.1' \
    -keyout "$root/channel/key.pem" -out "$root/channel/cert.pem" \
    2>"$out/openssl.log" || missing "openssl: $(cat "$out/openssl.log")"
cp "$root/channel/cert.pem" "$out/cert.pem"

# Pages.
echo "a page of a VM without network" >"$root/www/index.html"
head -c 2000000 /dev/urandom >"$root/www/data"
mkdir -p "$out/www"
cp "$root/www/data" "$out/www/data"

(cd "$root" && find . | busybox cpio -o -H newc -R 0:0 2>/dev/null) \
    >"$out/channel.new"
rm -rf "$root"
mv "$out/channel.new" "$out/channel.cpio"
