#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# A7: xvsd ends as by kill -9 at every step of writing; after the restart the
# settings in force are those that were confirmed, or one more that was on its
# way, and xvs-switch has the same ones.
. "${top_srcdir:-..}/tests/functions.sh"
start_host
xvsctl schema add "$top_srcdir/mof/xvs_acl.mof"
xvsctl ext install acl.so
xvsctl switch add lan
xvsctl ext enable acl lan

# in_force: priorities of the rules, one per line, sorted.
in_force()
{
    xvsctl wql "SELECT Priority FROM XVS_AclSwitchRule
        WHERE SettingState = 'in-force'" --value Priority | sort -n
}

enforced()
{
    xvsctl query XVS_AclSwitchRuleStatus lan --names | wc -l
}

# restart FAULT: xvsd anew, with the fault (or without: ''), not waited for.
restart()
{
    stop "$xvsd_pid" || :
    XVS_FAULT=$1 xvsd --socket "$dir/xvsd.sock" --control "$dir/control" \
        --state-dir "$dir/state" --no-spawn-switch --user "$run_user" \
        2>>"$dir/xvsd.log" &
    xvsd_pid=$!
    cleanup_fn "kill $xvsd_pid; wait $xvsd_pid"
}

there_or_dead()
{
    ! kill -0 "$xvsd_pid" || switch_is_there
}

# With a sanitizer each start takes long: once at each point.
times="1 2"
! sanitized || times=1
priority=0
: >"$dir/confirmed"
killed=0
for point in journal-prepare journal-head journal-append journal-sync \
    journal-synced checkpoint-switch checkpoint-write checkpoint-done \
    durable-create durable-write durable-fsync durable-rename \
    durable-dirsync; do
    for n in $times; do
        restart "$point:$n"
        wait_for 10 there_or_dead || :
        for change in 1 2; do
            priority=$((priority + 1))
            if xvsctl feature add XVS_AclSwitchRule lan Action=allow \
                Priority=$priority >/dev/null 2>&1; then
                echo $priority >>"$dir/confirmed"
            else
                break
            fi
        done
        sleep 0.4
        kill -0 "$xvsd_pid" 2>/dev/null || killed=$((killed + 1))
        restart ''
        wait_for 10 switch_is_there || fail "$point:$n: no restart"
        in_force >"$dir/is"
        if ! cmp -s "$dir/is" "$dir/confirmed"; then
            { cat "$dir/confirmed"; echo $priority; } >"$dir/more"
            diff "$dir/is" "$dir/more" >&2 \
                || fail "$point:$n: not what was confirmed"
            cp "$dir/more" "$dir/confirmed"
        fi
        [ "$(enforced)" = "$(wc -l <"$dir/is")" ] \
            || fail "$point:$n: xvs-switch enforces $(enforced)"
    done
done
[ $killed -ge "$(($(echo "$times" | wc -w) * 7))" ] || fail "only $killed faults were reached"
