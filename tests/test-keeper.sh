#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# xvsd alone starts xvs-switch and starts it again; both outlive it; wrong
# options and files are refused with their place.
. "${top_srcdir:-..}/tests/functions.sh"
requires jq pgrep
chmod 755 "$dir"
mkdir -p "$dir/state"
[ "$(id -u)" != 0 ] || chown "$run_user" "$dir" "$dir/state"

printf '# a comment\ntime-out = 5;\n' >"$dir/xvsd.conf"
expect_fail 2 "xvsd.conf:2: there is no option 'time-out'" \
    xvsd --config "$dir/xvsd.conf"
expect "did you mean 'timeout'" cat "$dir/out"
printf 'timeout = "5";\n' >"$dir/xvsd.conf"
expect_fail 2 "xvsd.conf:1: timeout: a number is expected" \
    xvsd --config "$dir/xvsd.conf"
expect_fail 2 "see xvsd --help" xvsd --timeout soon
expect_fail 1 "no user 'nobody-of-this-name'" \
    xvsd --user nobody-of-this-name --state-dir "$dir/state"

# What cannot begin leaves nobody behind.
echo >"$dir/file"
expect_fail 1 "the state in $dir/file cannot be used" \
    xvsd --socket "$dir/xvsd.sock" --control "$dir/control" \
    --state-dir "$dir/file" --user "$run_user"
nobody_is_left()
{
    ! pgrep -f "xvsd --socket $dir/xvsd.sock" && [ ! -e "$dir/control" ]
}
wait_for 10 nobody_is_left || fail "somebody is left: $(pgrep -af "$dir")"

cat >"$dir/xvsd.conf" <<EOF
state-dir = "$dir/state";
socket = "$dir/xvsd.sock";
control = "$dir/control";
spawn-switch = true;
user = "$run_user";
EOF
launch()
{
    xvsd --config "$dir/xvsd.conf" 2>>"$dir/xvsd.log" &
    xvsd_pid=$!
    cleanup_fn "kill $xvsd_pid; wait $xvsd_pid"
}
XVS_SOCKET=$dir/xvsd.sock
export XVS_SOCKET
launch
wait_for 10 switch_is_there || fail "no xvs-switch"
switch_of()
{
    pgrep -f "xvs-switch --control $dir/control"
}
first=$(switch_of)
keeper=$(ps -o ppid= -p "$first" | tr -d ' ')
cleanup_fn "kill $keeper; while kill -0 $keeper; do sleep 0.1; done"
xvsctl switch add lan

kill -9 "$first"
wait_for 10 sh -c "! kill -0 $first"
wait_for 10 switch_is_there || fail "xvs-switch does not come back"
second=$(switch_of)
[ "$second" != "$first" ] || fail "it is the same process"

kill -9 "$xvsd_pid"
wait "$xvsd_pid" || :
kill -0 "$second" || fail "xvs-switch ended with xvsd"
launch
wait_for 10 switch_is_there || fail "not adopted"
[ "$(switch_of)" = "$second" ] || fail "another xvs-switch was started"
expect running xvsctl switch list
stop "$xvsd_pid" || fail "no orderly end"
kill "$keeper"
wait_for 10 sh -c "! kill -0 $second" || fail "xvs-switch outlives its keeper"
