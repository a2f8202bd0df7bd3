#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# systemd starts the daemons from their units, learns when they are ready and
# when they end; the completions of the shells are programs of these shells.
. "${top_srcdir:-..}/tests/functions.sh"
requires nc
chmod 755 "$dir"
mkdir -p "$dir/state"
[ "$(id -u)" != 0 ] || chown "$run_user" "$dir" "$dir/state"

# listen NAME: what is sent to the datagram socket NAME goes to NAME.txt.
listen()
{
    nc -l -k -u -U "$dir/$1" >"$dir/$1.txt" 2>/dev/null &
    cleanup_fn "kill $!"
    wait_for 10 test -S "$dir/$1" || fail "nc does not listen"
    chmod 777 "$dir/$1"
}

# tells NAME TEXT
tells()
{
    wait_for 10 grep -q "$2" "$dir/$1.txt" \
        || fail "$1 does not tell $2: $(cat "$dir/$1.txt")"
}

listen switch
NOTIFY_SOCKET=$dir/switch start_switch
tells switch READY=1
listen xvsd
NOTIFY_SOCKET=$dir/xvsd start_xvsd
tells xvsd READY=1
stop "$xvsd_pid" || fail "xvsd ends with $?"
tells xvsd STOPPING=1
stop "$switch_pid" || fail "xvs-switch ends with $?"
tells switch STOPPING=1

# The units, with the programs of the tree in place of those that are not
# installed.
for unit in xvsd xvs-switch; do
    sed "s,^ExecStart=[^ ]*/,ExecStart=$(cd "$top_builddir" && pwd)/,
        s/^User=.*/User=$run_user/; s/^Group=.*//; /^Documentation/d" \
        "$top_builddir/conf/$unit.service" >"$dir/$unit.service"
    for line in LimitCORE=0 CapabilityBoundingSet= ProtectSystem=strict \
        Type=notify SystemCallArchitectures=native SystemCallFilter=; do
        grep -q "^$line" "$dir/$unit.service" || fail "$unit: no $line"
    done
done
if command -v systemd-analyze >/dev/null; then
    systemd-analyze verify "$dir/xvsd.service" "$dir/xvs-switch.service" \
        >"$dir/verify" 2>&1 || fail "$(cat "$dir/verify")"
    ! grep -q "Unknown\|Invalid" "$dir/verify" || fail "$(cat "$dir/verify")"
fi
for program in xvsctl xvs-connect; do
    ! command -v bash >/dev/null || bash -n "$top_srcdir/conf/$program.bash" \
        || fail "the completion of $program for bash"
    ! command -v zsh >/dev/null || zsh -n "$top_srcdir/conf/_$program" \
        || fail "the completion of $program for zsh"
done
