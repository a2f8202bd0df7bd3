#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# status says whether all is well, and what is not; doctor looks at the host,
# with or without a daemon; a support bundle has everything but secrets.
. "${top_srcdir:-..}/tests/functions.sh"
requires jq tar gzip

# Without a daemon: doctor works, status cannot.
export XVS_SOCKET="$dir/none.sock"
xvsctl doctor --json --state-dir "$dir" >"$dir/doctor" || :
jq -e 'map(select(.what == "kernel" or .what == "seccomp"
    or .what == "xvsd")) | length == 3' "$dir/doctor" >/dev/null \
    || fail "doctor: $(cat "$dir/doctor")"
jq -e 'all(.[]; .level == "good" or .hint != null)' "$dir/doctor" \
    >/dev/null || fail "something is missing without a word about it"
expect "errors" xvsctl doctor --state-dir "$dir/nowhere"
grep -q "^note *state in .*/nowhere" "$dir/out" || fail "$(cat "$dir/out")"
expect_fail 7 "xvsd" xvsctl status
unset XVS_SOCKET

start_host
xvsctl schema add "$top_srcdir/mof/xvs_encrypt.mof"
xvsctl ext install encrypt.so
xvsctl switch add lan
xvsctl ext enable encrypt lan --partition inline
xvsctl port add lan in --driver pipe --device "$dir/in.sock"
expect "All is well." xvsctl status
grep -q "switches 1, ports 1 (. up), stages 1" "$dir/out" \
    || fail "$(cat "$dir/out")"
expect "encrypt" xvsctl status --all
xvsctl status --json | jq -e '.well and .switches[0].Name == "lan"
    and .stages[0].ExtensionName == "encrypt"' >/dev/null || fail "JSON"
printf 'status\nswitch list\n' | xvsctl shell >"$dir/out" || fail "in a shell"

# A secret is in no part of a bundle; everything else that is listed is.
secret=00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff
xvsctl feature add XVS_EncryptionKey lan KeyId=1 Key=$secret
expect "config.txt" xvsctl support-bundle -o "$dir/b.tar.gz"
tar -xzf "$dir/b.tar.gz" -C "$dir"
! grep -ril "$secret" "$dir/xvs-support" || fail "the secret is in it"
expect_fail 2 "needs -o" xvsctl support-bundle
expect_fail 1 "tar failed" xvsctl support-bundle -o "$dir/none/b.tar.gz"
for part in version.txt status.json doctor.json events.json ports.json \
    stages.json answers.json schemas.json config.txt metrics.txt CONTENTS; do
    [ -s "$dir/xvs-support/$part" ] || fail "the bundle has no $part"
    case $part in
    *.json) jq -e . "$dir/xvs-support/$part" >/dev/null || fail "$part" ;;
    esac
done
grep -q '^xvs_stage_packets_total{' "$dir/xvs-support/metrics.txt" \
    || fail "metrics: $(head "$dir/xvs-support/metrics.txt")"
grep -q XVS_EncryptionKey "$dir/xvs-support/config.txt" || fail "config"
[ "$(stat -c %a "$dir/b.tar.gz")" = 600 ] || fail "others can read it"
ls -d "${TMPDIR:-/tmp}"/xvs.?????? 2>/dev/null | grep . \
    && fail "it left something behind"

# top: one list, as text and JSON; several; wrong options.
expect "lan/in" xvsctl top --once --interval 0.2
grep -q '^Port  *State  *rx p/s' "$dir/out" || fail "top: $(cat "$dir/out")"
grep -q '^lan encrypt  *running' "$dir/out" || fail "top: $(cat "$dir/out")"
xvsctl top lan -1 --json -i 0.2 | jq -e '(.[0] | .name == "lan/in"
    and .rx_packets.per_second == 0) and .[1].kind == "stage"' >/dev/null \
    || fail "top as JSON"
xvsctl top wan --once --json -i 0.2 | jq -e '. == []' >/dev/null \
    || fail "top of no switch"
[ "$(xvsctl top --batch --count 3 -i 0.1 | grep -c '^Port')" = 3 ] \
    || fail "top --count"
expect_fail 2 "expected seconds" xvsctl top --interval no
expect_fail 2 "in, out, drops or name" xvsctl top --sort size

# ... and on a terminal: it draws, takes keys, and leaves all as it was.
if command -v script >/dev/null; then
    drawn()
    {
        grep -q "$1" "$dir/screen"
    }
    mkfifo "$dir/keys"
    TERM=vt100 script -qefc "stty rows 12 cols 60; xvsctl top -i 0.2; \
        echo \"ended \$?, \$(stty -a | tr ';' '\n' | grep -o '[-]*icanon')\"" \
        /dev/null <"$dir/keys" >"$dir/screen" 2>&1 &
    pid=$!
    exec 9>"$dir/keys"
    wait_for 20 drawn "by in" || fail "top draws nothing: $(cat "$dir/screen")"
    printf n >&9
    wait_for 20 drawn "by name" || fail "the key n does nothing"
    printf q >&9
    wait_for 20 drawn "ended 0, icanon" || fail "q: $(cat "$dir/screen")"
    exec 9>&-
    wait "$pid" || :
    drawn "lan/in" && drawn "lan encrypt" || fail "$(cat "$dir/screen")"
    # Nothing is wider than the terminal.
    tr '\r' '\n' <"$dir/screen" | sed 's/\x1b\[[0-9;?]*[a-zA-Z]//g' \
        | awk 'length > 60 { bad = 1; print } END { exit bad }' \
        || fail "a line is too wide"
fi

# Without xvs-switch nothing is well, and status says so.
stop "$switch_pid" || :
not_well()
{
    ! xvsctl status >"$dir/out" && grep -q "^error *xvs-switch" "$dir/out"
}
wait_for 20 not_well || fail "status: $(cat "$dir/out")"
grep -q "Not all is well" "$dir/out" || fail "$(cat "$dir/out")"
grep -q "^error *port lan/in: is absent" "$dir/out" || fail "the port"
grep -q "^error *stage encrypt of switch lan" "$dir/out" || fail "the stage"
grep -q "errors within the last hour; the last one: switch-lost" \
    "$dir/out" || fail "the event"
xvsctl status --json >"$dir/status" && fail "exit 0"
jq -e '.well == false and (.findings | length >= 4)' "$dir/status" \
    >/dev/null || fail "$(cat "$dir/status")"
stop "$xvsd_pid"
