#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# The packages under systemd itself: a clean Debian is booted in a container
# (systemd-nspawn), and the units are tried as they are: when they are ready, what
# they are confined to, how they end, come back and share a folder, what is in
# the journal, and a boot.  "make -C tests packages-systemd"; needs what "make -C
# tests packages" needs (see run.sh), and systemd-container.
. "${top_srcdir:-..}/tests/functions.sh"
requires debootstrap dpkg-deb systemd-nspawn nsenter ip
[ "$(id -u)" = 0 ] || skip "root is needed"
. "$top_srcdir/tests/packages/root.sh"

packages_build
packages_root systemd-sysv,dbus,socat
root=$dir/root

# ---- A machine --------------------------------------------------------------

inside()
{
    nsenter -t "$init" -m -u -i -n -p -- /usr/bin/env -i HOME=/root \
        PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
        LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"
}

has_booted()
{
    init=$(pgrep -P "$nspawn") || return 1
    case $(inside systemctl is-system-running 2>/dev/null) in
    running | degraded) ;;
    *) return 1 ;;
    esac
}

boot()
{
    say "boot"
    # (It would keep sandboxes from their own, Landlock, and ports from bpf.)
    systemd-nspawn -q -b -D "$dir/root" -M "$tag" --register=no --keep-unit \
        --private-network --bind=/dev/net/tun --console=read-only \
        --capability=CAP_BPF --system-call-filter='landlock_create_ruleset
            landlock_add_rule landlock_restrict_self bpf' </dev/null >"$dir/console.log" 2>&1 &
    nspawn=$!
    wait_for 120 has_booted
}

halt()
{
    kill -TERM "$nspawn"        # a clean end, as of a machine
    wait "$nspawn" || :
}

[ -c /dev/net/tun ] || skip "there is no /dev/net/tun"
boot || {
    tail -n 5 "$dir/console.log"
    kill -KILL "$nspawn"
    skip "systemd-nspawn boots no container here"
}
cleanup_fn "halt"

# property UNIT NAME
property()
{
    inside systemctl show "$1" -p "$2" --value
}

# stage PROPERTY: of acl on lan.
stage()
{
    inside xvsctl stage show acl lan --value "$1"
}

status_says()
{
    inside xvsctl status --all >"$dir/out" 2>&1
    grep -q "$1" "$dir/out"
}

# No error in the last hour is what stays after a fault.
is_well()
{
    inside xvsctl status >"$dir/out" 2>&1
    ! grep "^error" "$dir/out" && ! grep "^warning" "$dir/out" \
        | grep -v "^warning *events" && [ "$(stage StandbyState)" = present ]
}

has_rule()
{
    inside xvsctl feature get XVS_AclSwitchRule lan --names | grep -q .
}

# within MILLISECONDS COMMAND: it takes no longer.
within()
{
    limit=$1
    begin=$(date +%s%3N)
    shift
    "$@" || fail "$*"
    spent=$(($(date +%s%3N) - begin))
    say "$spent ms: $*"
    [ $spent -le "$limit" ] || fail "it took longer than $limit ms"
}

# ---- Installed --------------------------------------------------------------

say "install"
inside dpkg -i -R /debs >"$dir/install.log" 2>&1 || fail "dpkg -i"
for unit in xvs-switch xvsd; do
    [ "$(property $unit ActiveState) $(property $unit NRestarts)" = "active 0" ] \
        || fail "$(inside systemctl status $unit)"
done
inside systemd-analyze verify --man=no xvs-switch.service xvsd.service \
    xvs-agent.service >"$dir/verify" 2>&1 || fail "$(cat "$dir/verify")"
! grep "xvs" "$dir/verify" || fail "the units"
status_says "All is well" || fail "$(cat "$dir/out")"
inside systemd-analyze security --no-pager | grep xvs || :

say "a switch: an extension in a process, ports of four drivers"
inside xvsctl switch add lan
inside xvsctl port add lan t --driver tap --device tap-t
inside xvsctl port add lan p --driver pipe --device /run/xvs/p.sock
inside ip link add veth-a type veth peer name host-a
inside ip link set host-a up
inside ip link set veth-a up
inside xvsctl port add lan a --driver packet --device host-a
inside ip link add veth-x type veth peer name host-x
inside ip link set host-x up
inside ip link set veth-x up
inside xvsctl port add lan x --driver xdp --device host-x
inside xvsctl schema add /usr/share/xvs/mof/xvs_acl.mof
inside xvsctl ext install acl.so
inside xvsctl ext enable acl lan --partition process
inside xvsctl feature add XVS_AclSwitchRule lan Action=2 Protocol=1 Priority=1 \
    >/dev/null
wait_for 20 is_well || fail "$(cat "$dir/out")"
[ -z "$(stage MissingProtections)" ] \
    || fail "the unit takes from the sandbox: $(stage MissingProtections)"
[ "$(inside xvsctl port show lan a --value State)" = up ] || fail "port a"
[ "$(inside xvsctl port show lan x --value State)" = up ] \
    || fail "$(inside xvsctl port show lan x)"

# The smallest extension, as README.md says.
inside sh -euc 'cd /root
    zcat -f /usr/share/doc/xvs/README.md* >README
    sed -n "/^\`\`\`c$/,/^\`\`\`$/{/^\`\`\`/d;p}" README >null.c
    eval "$(sed -n "s/.*\`\(cc -shared [^\`]*\)\`.*/\1/p" README)"
    xvsctl ext install ./null.so
    xvsctl ext enable null lan' || fail "the smallest extension"
inside xvsctl stage show null lan --value State | grep -q running || fail "null"

# The folder and what is in it, and an admin who is not root.
inside useradd -G xvs-admin bob
can_manage()
{
    [ "$(inside stat -c %U:%a /run/xvs)" = "xvs:755" ] \
        && inside setpriv --reuid bob --regid bob --init-groups \
            xvsctl switch list >/dev/null
}
can_manage || fail "$(inside ls -la /run/xvs)"

# ---- Faults -----------------------------------------------------------------

# killed UNIT: by SIGKILL; another process is there, and all is as before.
killed()
{
    say "kill $1"
    before=$(property "$1" MainPID)
    inside kill -9 "$before"
    wait_for 20 another "$1" || fail "$1 does not come back"
    wait_for 30 is_well || fail "$(cat "$dir/out")"
    can_manage || fail "after $1: $(inside ls -la /run/xvs)"
    has_rule || fail "the rule is lost"
    # A new socket in the folder that both units have.
    inside xvsctl port add lan q --driver pipe --device /run/xvs/q.sock \
        || fail "no new port after $1 was killed"
    [ "$(inside xvsctl port show lan q --value State)" != absent ] \
        || fail "$(inside xvsctl port show lan q)"
    inside xvsctl port remove lan q
}
another()
{
    pid=$(property "$1" MainPID)
    [ "$pid" != "$before" ] && [ "$pid" != 0 ] \
        && [ "$(property "$1" ActiveState)" = active ]
}
killed xvs-switch
killed xvsd
inside kill -9 "$(stage ProcessId)"
wait_for 20 is_well || fail "$(cat "$dir/out")"

# A configuration that makes no sense: said where, and not tried for ever.
say "a wrong configuration"
inside cp /etc/xvs/xvsd.conf /root
inside sh -c 'echo "nonsense = 1;" >>/etc/xvs/xvsd.conf'
! inside systemctl restart xvsd 2>/dev/null || fail "it starts"
has_failed()
{
    [ "$(property xvsd ActiveState)" = failed ]
}
wait_for 30 has_failed || fail "xvsd is tried for ever"
inside journalctl -u xvsd -o cat -n 30 >"$dir/out"
grep -q "/etc/xvs/xvsd.conf.*nonsense" "$dir/out" || fail "$(cat "$dir/out")"
inside cp /root/xvsd.conf /etc/xvs
inside systemctl reset-failed xvsd
within 10000 inside systemctl start xvsd
wait_for 30 is_well || fail "$(cat "$dir/out")"

# Lines of the journal have their priority, and no second date.
inside journalctl -u xvsd -u xvs-switch -o cat >"$dir/out"
! grep "^20[0-9][0-9]-" "$dir/out" || fail "a second date in the journal"
inside journalctl -p warning -u xvsd -u xvs-switch -o cat >"$dir/out"
grep -q "switch-lost" "$dir/out" || fail "no warnings in the journal"
! grep "ready; " "$dir/out" || fail "what is no warning is one"

# ---- The agent, and a client ------------------------------------------------

say "xvs-agent and xvs-connect"
. "$top_srcdir/tests/packages/channel.sh"
channel_prepare
inside mkdir /etc/systemd/system/xvs-agent.service.d
printf '[Service]\nUMask=0\n' \
    >"$dir/root/etc/systemd/system/xvs-agent.service.d/unix.conf"
inside systemctl daemon-reload
inside systemctl start xvs-agent
inside systemd-run -q --unit echo socat UNIX-LISTEN:/run/echo.sock,fork,mode=666 \
    EXEC:cat
channel_try
[ "$(inside ps -o user= -p "$(property xvs-agent MainPID)")" = nobody ] \
    || fail "xvs-agent is not nobody"

# ---- The end, and a boot ----------------------------------------------------

say "stop"
within 15000 inside systemctl stop xvsd
within 15000 inside systemctl stop xvs-switch
! inside pgrep 'xvs-s|xvsd' || fail "processes stay"
within 15000 inside systemctl start xvsd
wait_for 30 is_well || fail "$(cat "$dir/out")"
for port in a x; do
    inside xvsctl port remove lan $port
done
within 60000 halt
boot || fail "no second boot: $(tail -n 5 "$dir/console.log")"
wait_for 30 is_well || fail "after a boot: $(cat "$dir/out")"
has_rule || fail "a boot loses the rule"
can_manage || fail "after a boot: $(inside ls -la /run/xvs)"

say "purge"
inside dpkg -P xvs-connect xvs-agent xvs-sdk xvs-plugins xvs \
    >"$dir/purge.log" 2>&1 || fail "dpkg -P"
! inside pgrep 'xvs-s|xvsd' || fail "processes stay"
! inside systemctl list-units --all --no-legend | grep xvs || fail "units stay"
say "all is well"
