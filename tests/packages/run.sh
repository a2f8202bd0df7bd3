#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# The packages, as an admin of a clean Debian meets them: installed, used as the
# tutorial says, upgraded while packets flow, removed and purged, with nothing
# left.  "make -C tests packages"; takes minutes, and needs root, debootstrap and a
# mirror of Debian.
. "${top_srcdir:-..}/tests/functions.sh"
. "$top_srcdir/tests/stream.sh"
requires debootstrap dpkg-deb unshare nsenter pivot_root ip
[ "$(id -u)" = 0 ] || skip "root is needed"
. "$top_srcdir/tests/packages/root.sh"

# ---- In the machine's own namespaces: what needs the network ---------------

if [ "${1-}" != inside ]; then
    packages_build
    packages_root systemd-standalone-sysusers,socat
    status=0
    XVS_ROOT=$dir/root unshare -mpnf --kill-child --propagation private \
        "$0" inside || status=$?
    exit $status
fi

# ---- Inside: processes, interfaces and mounts of our own --------------------

root=$XVS_ROOT
mount -t proc proc /proc
mount -t tmpfs tmpfs /run
ip link set lo up
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mkdir -p "$root/run/systemd/system" "$root/run/lock"
cp "$top_srcdir/tests/packages/systemctl" "$root/usr/local/bin/systemctl"

# Not chroot: who is in one may make no user namespace, which sandboxes need.
unshare -m --propagation private sh -c 'cd "$1" && pivot_root . mnt \
    && exec sh -c "umount -l /mnt && : >/run/rooted && exec sleep infinity"' \
    root "$root" &
holder=$!
cleanup_fn "kill $holder"
wait_for 10 test -e "$root/run/rooted" || fail "no root of its own"
rm "$root/run/rooted"

inside()
{
    nsenter -t "$holder" -m -- /usr/bin/env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin \
        HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"
}

# What there is on disk, but what packages are about: dpkg's own, caches, logs.
files()
{
    (cd "$root" && find . -xdev \( -path ./var/lib/dpkg -o -path ./var/cache \
        -o -path ./var/log -o -path ./debs -o -path ./tmp \
        -o -path ./var/lib/systemd/deb-systemd-helper-enabled \) -prune \
        -o -print | grep -v -x './etc/\(passwd\|group\|shadow\|gshadow\)-' \
        | sort)
    (cd "$root" && find run -mindepth 1 | grep -v '^run/\(units\|systemd\|lock\|netns\)' \
        | sort)
}

# people: users and groups.
people()
{
    cut -d: -f1 "$root/etc/passwd" "$root/etc/group" | sort
}

# renew: packages of a later version, with other programs in them.
renew()
{
    version=$(dpkg-deb -f "$root"/debs/xvs_*.deb Version)
    mkdir "$root/debs/next"
    for deb in "$root"/debs/*.deb; do
        dpkg-deb -R "$deb" "$dir/deb"
        sed -i "s/$version/$version+next/" "$dir/deb/DEBIAN/control"
        for program in "$dir"/deb/usr/sbin/* "$dir"/deb/usr/bin/* \
            "$dir"/deb/usr/libexec/xvs/*; do
            [ ! -f "$program" ] || echo next >>"$program"
        done
        dpkg-deb -b "$dir/deb" "$root/debs/next" >/dev/null
        rm -rf "$dir/deb"
    done
}

is_running()
{
    inside systemctl is-active "$1"
}

pid_of()
{
    cat "$root/run/units/$1.service.pid"
}

status_says()
{
    inside xvsctl status | grep -q "$1"
}

files >"$dir/files.before"
people >"$dir/people.before"

say "install"
inside dpkg -i -R /debs >"$dir/install.log" 2>&1 || fail "dpkg -i"
for unit in xvs-switch xvsd; do
    wait_for 10 is_running $unit || fail "$unit does not run"
done
wait_for 10 status_says 'All is well' || fail "$(inside xvsctl status)"
[ "$(ps -o user= -p "$(pid_of xvsd)")" = "$(ps -o user= -p "$(pid_of xvs-switch)")" ] \
    || fail "the daemons have two users"
grep -q '^CapEff:.*[1-9a-f]' "/proc/$(pid_of xvsd)/status" \
    && fail "xvsd has capabilities"
inside sh -c 'man -w xvsd 2>/dev/null || test -e /usr/share/man/man8/xvsd.8.gz' \
    || fail "no manual"

say "the tutorial"
cp "$top_srcdir/tests/tutorial.sh" "$root/tmp"
inside sh -euc 'dir=$(mktemp -d); mkdir $dir/work; . /tmp/tutorial.sh
    fail() { echo "FAIL: $*" >&2; exit 1; }
    zcat -f /usr/share/doc/xvs/tutorial.md* >$dir/tutorial.md
    cd $dir/work
    tutorial_run $dir/tutorial.md
    rm -r $dir' || fail "the tutorial"
for port in red blue; do
    inside xvsctl port remove lan $port
done
inside xvsctl switch remove lan
inside sh -c 'ip netns del red; ip netns del blue
    rm -f /tmp/tutorial.sh /usr/lib/*/xvs/sizer.so /usr/share/xvs/mof/sizer.mof'

say "xvs-agent and xvs-connect"
. "$top_srcdir/tests/packages/channel.sh"
channel_prepare
inside sh -c 'umask 0; exec setsid xvs-agent' >"$dir/agent.log" 2>&1 &
cleanup_fn "kill $!"
agent=$!
inside setsid socat UNIX-LISTEN:/run/echo.sock,fork,mode=666 EXEC:cat &
echo=$!
channel_try
kill $agent $echo
inside xvsctl vm forget guest
inside xvsctl ext disable channel host
inside rm -f /root/token /run/xvs-agent.sock /run/echo.sock

say "a switch with a filter, and a stream of frames"
guest_veth a 192.0.2.1/24
guest_veth b 192.0.2.2/24
inside xvsctl switch add lan
for guest in a b; do
    inside xvsctl port add lan $guest --driver packet --device "$tag.$guest"
done
inside xvsctl schema add /usr/share/xvs/mof/xvs_acl.mof
inside xvsctl ext install acl.so
inside xvsctl ext enable acl lan --partition process
inside xvsctl feature add XVS_AclPortRule lan/a Direction=in Action=deny \
    Protocol=icmp
wait_for 10 status_says 'ports 2 (2 up), stages 1' || fail "$(inside xvsctl status)"

renew
say "upgrade while it flows"
switch_pid=$(pid_of xvs-switch)
xvsd_pid=$(pid_of xvsd)
stream_begin
inside dpkg -i -R /debs/next >"$dir/upgrade.log" 2>&1 || fail "the upgrade"
[ "$(pid_of xvs-switch)" = "$switch_pid" ] || fail "xvs-switch was restarted"
[ "$(pid_of xvsd)" != "$xvsd_pid" ] || fail "xvsd was not restarted"
wait_for 10 inside xvsctl switch list || fail "xvsd does not answer"
inside xvsctl ext upgrade acl acl.so
sleep 3                         # until it has a standby again
kill -9 "$(inside xvsctl stage show acl lan --value ProcessId)"
inside xvsctl feature add XVS_AclPortRule lan/b Direction=in Action=deny \
    Protocol=icmp
inside xvsctl feature get XVS_AclPortRule lan/a --names | grep -q . \
    || fail "a setting is lost"
stream_end
say "upgraded xvs, its extension, and killed that: $(tail -n 1 "$dir/follow")"

say "restart of xvs-switch when it suits"
stream_begin
inside systemctl restart xvs-switch
wait_for 20 status_says 'ports 2 (2 up), stages 1' || fail "$(inside xvsctl status)"
kill "$streamer"
wait "$streamer" || :
sent=$(sed -n 's/^sent //p' "$dir/stream")
sleep 0.5
kill "$follower"
wait "$follower" || :
say "of $sent frames at 1,000 a second: $(tail -n 1 "$dir/follow")"
[ "$(sed -n 's/^received \([0-9]*\).*/\1/p' "$dir/follow" | tail -n 1)" \
    -gt 0 ] || fail "no frame passes afterwards"

say "remove and purge"
inside dpkg -r xvs-connect xvs-agent xvs-sdk xvs-plugins xvs \
    >"$dir/remove.log" 2>&1 || fail "dpkg -r"
for name in xvs-switch xvsd xvs-stage; do
    ! pgrep -x $name >/dev/null || fail "processes stay: $(ps ax)"
done
[ -d "$root/var/lib/xvs" ] || fail "the state goes before it is purged"
inside dpkg -P xvs-connect xvs-agent xvs-sdk xvs-plugins xvs \
    >"$dir/purge.log" 2>&1 || fail "dpkg -P"
files | diff "$dir/files.before" - >"$dir/out" || fail "on disk: $(cat "$dir/out")"
people | diff "$dir/people.before" - >"$dir/out" || fail "users: $(cat "$dir/out")"
say "nothing is left"
