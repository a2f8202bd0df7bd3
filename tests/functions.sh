# SPDX-License-Identifier: BSD-3-Clause
# What feature tests share.  Source it first:
#     . "${top_srcdir:-..}/tests/functions.sh"
# A test runs the programs of the build tree in a folder of its own ($dir) and
# leaves nothing behind: whatever was started or made is registered with
# cleanup_fn and undone at exit, in reverse order.

set -eu
top_srcdir=${top_srcdir:-$(cd "$(dirname "$0")/.." && pwd)}
top_builddir=${top_builddir:-$top_srcdir/build}
PATH=$top_builddir:$PATH
data=${XVS_TEST_DATA:-$top_srcdir/../shared/data}
plugins=$top_builddir/plugins
dir=$(mktemp -d "${TMPDIR:-/tmp}/xvs-test.XXXXXX")
# Names of interfaces and namespaces of this run start with it (short).
tag=x$$
# This port and the nine behind it are this run's, where it shares loopback with
# others.
first_port=$((20000 + $$ % 1200 * 10))
# What a sanitizer finds fails the test at its end.  With one, xvsctl takes seven
# times as long to start, and twice that to look for leaks.  Leaks are looked
# for in daemons, and in xvsctl by tests that use much of it; the others use an
# xvsctl without sanitizer where there is one (XVS_COMMANDS, a folder).
case ${0##*/} in
test-xvsctl-* | test-settings.sh | test-schema.sh | test-config.sh \
    | test-capture.sh | test-trace.sh | test-quarantine.sh) leaks=1 ;;
*)
    leaks=0
    PATH=${XVS_COMMANDS:+$XVS_COMMANDS:}$PATH
    ;;
esac
export ASAN_OPTIONS="log_path=$dir/sanitizer:handle_abort=0:detect_leaks=$leaks"
export UBSAN_OPTIONS="print_stacktrace=1:halt_on_error=1:log_path=$dir/sanitizer"
export TSAN_OPTIONS="log_path=$dir/sanitizer:atexit_sleep_ms=0"
unset XVS_SOCKET 2>/dev/null || :

# skip REASON: the test cannot run here.
skip()
{
    echo "SKIP: $*"
    exit 77
}

# fail WHAT: the promise does not hold.
fail()
{
    echo "FAIL: $*" >&2
    for log in "$dir"/*.log; do
        [ ! -s "$log" ] || { echo "--- $log" >&2; tail -n 30 "$log" >&2; }
    done
    exit 1
}

# requires PROGRAM...: skips when one is not installed.
requires()
{
    for program; do
        command -v "$program" >/dev/null || skip "$program is not installed"
    done
}

# requires_data PATH: skips when that test data of others is not there.
requires_data()
{
    [ -e "$data/$1" ] || skip "test data $1 is not there (XVS_TEST_DATA)"
}

cleanups=
# cleanup_fn COMMAND: run at exit, last registered first.
cleanup_fn()
{
    cleanups="$1
$cleanups"
}

run_cleanups()
{
    status=$?
    trap - EXIT INT TERM
    set +e
    while IFS= read -r command; do
        [ -z "$command" ] || eval "$command" >/dev/null 2>&1
    done <<EOF
$cleanups
EOF
    for report in "$dir"/sanitizer.*; do
        [ -s "$report" ] || continue
        echo "FAIL: a sanitizer found something:" >&2
        head -n 60 "$report" >&2
        status=1
    done
    # Those of processes of stages, which can open no file, are in the log of
    # xvs-switch.
    if [ -e "$dir/switch.log" ] && grep -A 60 -E \
        '(ERROR|WARNING): [A-Z][a-z]*Sani|Sanitizer: CHECK|runtime error:' \
        "$dir/switch.log" >&2; then
        echo "FAIL: a sanitizer found something in a stage" >&2
        status=1
    fi
    rm -rf "$dir"
    exit $status
}
trap run_cleanups EXIT
trap 'exit 1' INT TERM

# wait_for SECONDS COMMAND...: until the command succeeds.
wait_for()
{
    tries=$(($1 * 20))
    shift
    until "$@" >/dev/null 2>&1; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || return 1
        sleep 0.05
    done
}

# unix_listens PATH: somebody listens there, in this network namespace; that the
# socket is there says only that somebody will.
unix_listens()
{
    grep -q " 00010000 000[15] .* $1\$" /proc/net/unix
}

# The programs drop to this user when we are root of the whole machine; "root"
# of a user namespace has nothing to give up, and no other user to become.
run_user=$(id -un)
if [ "$(id -u)" = 0 ] \
    && [ "$(awk '{ print $3 }' /proc/self/uid_map)" = 4294967295 ]; then
    run_user=nobody
fi

plugin_dirs()
{
    for folder in "$plugins"/* "$top_builddir"/tests/plugins \
        "$dir/plugins"; do
        [ ! -d "$folder" ] || printf -- '--plugin-dir %s ' "$folder"
    done
}

# start_switch: xvs-switch on $dir/control, pid in $switch_pid.
start_switch()
{
    # shellcheck disable=SC2046
    ASAN_OPTIONS="$ASAN_OPTIONS:detect_leaks=1" \
        xvs-switch --control "$dir/control" $(plugin_dirs) \
        --stage-program "$top_builddir/xvs-stage" --user "$run_user" "$@" >>"$dir/switch.log" 2>&1 &
    switch_pid=$!
    cleanup_fn "kill $switch_pid; wait $switch_pid"
    wait_for 10 unix_listens "$dir/control" || fail "xvs-switch does not start"
}

# start_xvsd: xvsd on $dir/xvsd.sock, state in $dir/state, pid in $xvsd_pid.
# Extensions of tests run inline, unless $vendor_partition is another.
start_xvsd()
{
    rm -f "$dir/xvsd.ready"
    # shellcheck disable=SC2046
    ASAN_OPTIONS="$ASAN_OPTIONS:detect_leaks=1" \
        xvsd --socket "$dir/xvsd.sock" --control "$dir/control" \
        --state-dir "$dir/state" --no-spawn-switch --user "$run_user" \
        --vendor-partition "${vendor_partition:-inline}" "$@" \
        >>"$dir/xvsd.log" 2>&1 &
    xvsd_pid=$!
    cleanup_fn "kill $xvsd_pid; wait $xvsd_pid"
    XVS_SOCKET=$dir/xvsd.sock
    export XVS_SOCKET
    wait_for 10 xvsctl switch list || fail "xvsd does not answer"
}

# start_host: both daemons; $switch_options go to xvs-switch.
start_host()
{
    chmod 755 "$dir"
    mkdir -p "$dir/state" "$dir/plugins"
    [ "$(id -u)" != 0 ] || chown "$run_user" "$dir" "$dir/state"
    # shellcheck disable=SC2086
    start_switch ${switch_options-}
    start_xvsd "$@"
    wait_for 10 switch_is_there || fail "xvsd does not find xvs-switch"
}

switch_is_there()
{
    [ "$(xvsctl wql 'SELECT SwitchState FROM XVS_Host' \
        --value SwitchState)" = running ]
}

# sanitized: the programs were built with a sanitizer.
sanitized()
{
    grep -q "enable-sanitizer=" "$top_builddir/config.log" 2>/dev/null
}

# stop PID: ends it in an orderly way and waits.
stop()
{
    kill "$1"
    wait "$1" || return $?
}

# expect_fail STATUS TEXT COMMAND...: fails so, and says TEXT.
expect_fail()
{
    want=$1
    text=$2
    shift 2
    got=0
    "$@" >"$dir/out.new" 2>&1 || got=$?
    mv "$dir/out.new" "$dir/out"
    [ "$got" = "$want" ] || fail "$*: exit $got, not $want: $(cat "$dir/out")"
    grep -qF -- "$text" "$dir/out" \
        || fail "$*: does not say '$text': $(cat "$dir/out")"
}

# without LIBRARY COMMAND...: as where the library (its file) is not there.
without()
{
    mkdir -p "$dir/without"
    : >"$dir/without/$1"
    shift
    LD_LIBRARY_PATH=$dir/without "$@"
}

# expect TEXT COMMAND...: succeeds and says TEXT.
expect()
{
    text=$1
    shift
    "$@" >"$dir/out.new" 2>&1 || fail "$*: exit $?: $(cat "$dir/out.new")"
    mv "$dir/out.new" "$dir/out"
    grep -qF -- "$text" "$dir/out" \
        || fail "$*: does not say '$text': $(cat "$dir/out")"
}

# in_namespaces: goes on in a network namespace of its own, with a user namespace
# unless we are root, so that interfaces can be made and vanish with the test, and
# no other test has its ports of loopback or sends what it hears.  Namespaces that
# it names vanish with it as well: one that was killed leaves none for a later one
# whose process number, and so its tag, is the same.
in_namespaces()
{
    if [ "${XVS_TEST_NAMESPACE:-}" != $$ ]; then
        own=-nm
        if [ "$(id -u)" != 0 ]; then
            own=-Urnm
            unshare $own true 2>/dev/null || skip "no user namespaces here"
        fi
        rm -rf "$dir"
        trap - EXIT
        XVS_TEST_NAMESPACE=$$ exec unshare $own "${BASH:-sh}" "$0" "$@"
    fi
    requires ip
    ip link set lo up
    if [ ! -w /run ]; then
        mount -t tmpfs tmpfs /run
    else
        mkdir -p /run/netns
        mount -t tmpfs tmpfs /run/netns
    fi
}

# guest NAME ADDRESS: a namespace that stands for a guest; with a veth pair
# whose host end is $tag-NAME for a port of driver packet, or (tap) the
# namespace alone, to which guest_tap moves an interface.
guest()
{
    ip netns add "$tag-$1"
    cleanup_fn "ip netns del $tag-$1"
    ip -n "$tag-$1" link set lo up
}

# guest_veth NAME ADDRESS: the packet driver's way in: device $tag.NAME.
guest_veth()
{
    guest "$1"
    ip link add "$tag.$1" type veth peer name eth0 netns "$tag-$1"
    cleanup_fn "ip link del $tag.$1"
    ip link set "$tag.$1" up
    ip -n "$tag-$1" addr add "$2" dev eth0 nodad
    ip -n "$tag-$1" link set eth0 up
}

# guest_quiet NAME ADDRESS: one whose own system sends no frame.
guest_quiet()
{
    guest_veth "$1" "$2"
    ip netns exec "$tag-$1" sh -c \
        'echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6'
    ip -n "$tag-$1" link set eth0 arp off
}

# guest_ping FROM ADDRESS [COUNT]
guest_ping()
{
    ip netns exec "$tag-$1" ping -n -q -c "${3:-2}" -i 0.1 -W 1 "$2"
}

# sealed FILE: what is behind the first line of a state file, with that line.
sealed()
{
    "$top_builddir/tests/switch-seal" <"$1"
}
