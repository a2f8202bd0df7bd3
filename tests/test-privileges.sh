#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# A12: xvsd runs without any capability, xvs-switch with those for ports only.
. "${top_srcdir:-..}/tests/functions.sh"
[ "$(id -u)" = 0 ] || skip "needs root, to have something to drop"
[ "$(awk '{ print $3 }' /proc/self/uid_map)" = 4294967295 ] \
    || skip "in a user namespace there is no other user to become"
start_host

# field PID NAME: a line of /proc/PID/status.
field()
{
    awk -v name="$2:" '$1 == name { print $2 }' "/proc/$1/status"
}

for kind in CapEff CapPrm CapInh CapAmb; do
    [ "$(field "$xvsd_pid" $kind)" = 0000000000000000 ] \
        || fail "xvsd has $kind $(field "$xvsd_pid" $kind)"
done
# CAP_NET_ADMIN is bit 12, CAP_NET_RAW bit 13; CAP_BPF, bit 39, if it is to be
# had; CAP_IPC_LOCK, bit 14, where the limit of locked memory stays.
case $(field "$switch_pid" CapEff) in
0000000000003000 | 0000008000003000) ;;
0000000000007000 | 0000008000007000)
    ! grep -q "^Max locked memory *unlimited" "/proc/$switch_pid/limits" \
        || fail "CAP_IPC_LOCK without need"
    ;;
*)
    fail "xvs-switch has CapEff $(field "$switch_pid" CapEff)"
    ;;
esac
for pid in $xvsd_pid $switch_pid; do
    [ "$(field "$pid" Uid)" = "$(id -u "$run_user")" ] || fail "uid of $pid"
    [ "$(field "$pid" NoNewPrivs)" = 1 ] || fail "NoNewPrivs of $pid"
done
! ls -l "/proc/$switch_pid/maps" >/dev/null 2>&1 \
    || ! grep -q libexpat "/proc/$switch_pid/maps" \
    || fail "xvs-switch has an XML parser loaded"

# As its unit starts it: another user already, with capabilities as ambient ones.
# It keeps those for ports, and what it starts has none.
stop "$xvsd_pid" || :
stop "$switch_pid" || :
command -v setpriv >/dev/null || skip "setpriv is not installed"
mkdir "$dir/bin"
cat >"$dir/bin/xvs-switch" <<EOF
#!/bin/sh
exec setpriv --reuid $run_user --clear-groups \
    --bounding-set -all,+net_admin,+net_raw,+kill \
    --inh-caps +net_admin,+net_raw,+kill \
    --ambient-caps +net_admin,+net_raw,+kill "$top_builddir/xvs-switch" "\$@"
EOF
chmod -R 755 "$dir/bin"
PATH=$dir/bin:$PATH
start_switch
start_xvsd
xvsctl switch add lan
xvsctl ext install mark.so
xvsctl ext enable mark lan --partition process
stage_pid=$(xvsctl stage show mark lan --value ProcessId)
for kind in CapPrm CapEff; do
    [ "$(field "$switch_pid" $kind)" = 0000000000003000 ] \
        || fail "with ambient capabilities it has $kind" \
        "$(field "$switch_pid" $kind)"
done
for pid in $switch_pid $stage_pid; do
    for kind in CapInh CapAmb; do
        [ "$(field "$pid" $kind)" = 0000000000000000 ] \
            || fail "$pid has $kind $(field "$pid" $kind)"
    done
done
[ "$(field "$stage_pid" CapEff)" = 0000000000000000 ] || fail "CapEff of a stage"
