#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# What an extension in a process of its own cannot do.
. "${top_srcdir:-..}/tests/functions.sh"
requires ip unshare
in_namespaces "$@"
unshare -U true 2>/dev/null || skip "no user namespaces here"

mof=$top_srcdir/tests/plugins

say()
{
    "$top_builddir/tests/switch-client" "$dir/control" \
        schema "$mof/captive.mof" : "$@"
}

chmod 755 "$dir"
start_switch
expect ok say switch 1 lan : load captive.so : layout Test_Captive \
    : layout Test_CaptiveStatus : partition 2 : enable Test_Captive 1
stage=$(pgrep -P "$switch_pid" -x xvs-stage | head -n 1)
! grep "confines processes" "$dir/switch.log" >"$dir/out" \
    || skip "$(cat "$dir/out")"

# Seen from outside: nothing left, and nobody's company.
for line in "CapInh 0" "CapPrm 0" "CapEff 0" "CapBnd 0" "CapAmb 0" \
    "NoNewPrivs 1" "Seccomp 2"; do
    value=$(awk -v name="${line% *}:" '$1 == name { print $2 + 0 }' \
        "/proc/$stage/status")
    [ "$value" = "${line#* }" ] || fail "${line% *} is $value"
done
for space in user mnt pid net ipc uts cgroup; do
    [ "$(readlink "/proc/$stage/ns/$space")" \
        != "$(readlink "/proc/$switch_pid/ns/$space")" ] \
        || fail "it is in the $space namespace of xvs-switch"
done
[ "$(cat "/proc/$stage/oom_score_adj")" -ge 500 ] \
    || fail "memory that runs out may end xvs-switch first"
[ "$(awk '/^NSpid/ { print $NF }' "/proc/$stage/status")" = 1 ] \
    || fail "it is not the first of its processes"
grep -vE '^[^ ]* [^ ]* [^ ]* ro,nosuid,nodev' "/proc/$stage/mounts" \
    >"$dir/out" && fail "it can write to $(cat "$dir/out")"
grep -qE '^[^ ]* /(proc|dev|sys|tmp|home|root|run|var)[ ]' \
    "/proc/$stage/mounts" && fail "it sees $(cat "/proc/$stage/mounts")"
for file in "/proc/$stage/fd"/*; do
    case $(readlink "$file") in
    /dev/null | socket:* | anon_inode:*event*) ;;
    */switch.log) sanitized || fail "it has the log of xvs-switch" ;;
    *) fail "it has $(readlink "$file")" ;;
    esac
done

# Tried from inside: EPERM, all of it.
expect '"OpenFile":1,"OpenSelf":1,"Socket":1,"KillParent":1,"Thread":1,"Fork":1,"Executable":1,' \
    say status 1 - Test_CaptiveStatus

# What no honest extension does is its end.
answers()
{
    say status 1 - Test_CaptiveStatus | grep -q '"Timers":'
}
for attempt in execve ptrace mount x32; do
    expect_fail 1 "captive crashed in ADD (SIGSYS: a system call that it may" \
        say set add 1 - Test_Captive 1 "Attempt=$attempt"
    wait_for 10 answers || fail "it does not answer after $attempt"
done

# Code of a plugin that runs before the last step cannot keep it from coming.
expect_fail 1 "escape kept its sandbox open and was ended" \
    say load escape.so : partition 2 \
    : enable 7E570009-0000-4000-8000-000000000000 1
