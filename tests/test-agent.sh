#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# What the agent of guests makes of its options, and of a bad start: it says
# what is wrong and where; it gives up its rights.
. "${top_srcdir:-..}/tests/functions.sh"
agent=$top_builddir/xvs-agent
if sanitized || [ ! -x "$agent" ]; then
    agent=$top_builddir/tests/xvs-agent
fi
chmod 755 "$dir"

# bad TEXT OPTION...: refused so.
bad()
{
    text=$1
    shift
    expect_fail 1 "xvs-agent: $text" "$agent" "$@"
}

expect "usage: xvs-agent" "$agent" --help
expect "xvs-agent 0." "$agent" --version
bad "there is no way to the host: give --serial, --unix or --vsock" --allow 22
bad "there is nothing to do: give --allow or --offer" --unix "$dir/s"
bad "there is no option 'alow'" --alow 22
bad "'22' is no option" 22
bad "--allow needs a value" --allow
bad "--allow 0: is no port" --allow 0
bad "--allow 65536: is no port" --allow=65536
bad "--allow 22: is given twice" --allow 22,22
bad "--allow x: is no port (1 to 65535), no unix:PATH, and none of echo," \
    --allow 22=x
bad "--allow echo: is no port" --allow echo
bad "--offer echo: is no port (1 to 65535) and no unix:PATH" --offer echo=22
bad "--allow : is no port" --allow 22,
bad "--allow : is empty or too long" --allow "22=unix:"
bad "--offer 8080: has no =PORT" --offer 8080
bad "--offer-user nosuchuser: is no user" --offer-user nosuchuser
bad "--vsock 0: is no port" --vsock 0
bad "--max-streams 0: is not 1 to 65536" --max-streams 0
bad "cannot open $dir/none: No such file" --serial "$dir/none" --allow 22
bad "cannot listen at $dir/no/s: No such file" --unix "$dir/no/s" --allow 22
bad "cannot read $dir/none" --config "$dir/none"
printf '# way\nunix %s/s\n\n  allow 22 # ssh\nalow 5\n' "$dir" >"$dir/conf"
bad "$dir/conf:5: there is no option 'alow'" --config "$dir/conf"
printf 'allow 22\nconfig %s/conf\n' "$dir" >"$dir/conf"
bad "$dir/conf:2: there is no option 'config'" --config "$dir/conf"
if [ "$run_user" != "$(id -un)" ]; then
    bad "there is no user nosuchuser (--user)" --unix "$dir/s" --allow 22 \
        --user nosuchuser
fi

# From a file, at a socket; rights are given up; a socket that a killed one
# left is none in the way, one that lives is.
printf 'unix = %s/s\nallow 22\nuser %s\n' "$dir" "$run_user" >"$dir/conf"
"$agent" --config "$dir/conf" 2>"$dir/agent.log" &
pid=$!
cleanup_fn "kill $pid"
wait_for 20 unix_listens "$dir/s" || fail "the agent does not listen"
is_user()
{
    [ "$(stat -c %U "/proc/$pid")" = "$run_user" ] \
        && grep -q '^NoNewPrivs:.1' "/proc/$pid/status"
}
wait_for 20 is_user || fail "it runs as $(stat -c %U "/proc/$pid")"
bad "cannot listen at $dir/s: Address " --config "$dir/conf"
kill -KILL "$pid"
wait "$pid" 2>/dev/null || :
"$agent" --config "$dir/conf" 2>"$dir/agent.log" &
pid=$!
cleanup_fn "kill $pid"
wait_for 20 is_user || fail "it does not start again: $(cat "$dir/agent.log")"

# What talks to it is no host.
requires socat
head -c 9000000 /dev/zero | tr '\0' x \
    | socat -u - "UNIX-CONNECT:$dir/s" 2>/dev/null || :
wait_for 20 grep -q "a link ends: no greeting comes" "$dir/agent.log" \
    || fail "garbage: $(cat "$dir/agent.log")"
kill -0 "$pid" || fail "garbage ended it"
