#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# The first switch: two namespaces joined by an xvs switch, the acl extension
# installed and enabled; a ping passes, a deny rule stops it, the counter of
# blocked packets rises, the rule goes and the ping passes again.
#
#     samples/first-switch.sh [BUILD-FOLDER]
#
# Works as root, and without root in a user namespace of its own.  Leaves
# nothing behind.  Exits non-zero when any step did not hold.
set -eu

build=$(cd "${1:-build}" && pwd)
source=$(cd "$(dirname "$0")/.." && pwd)

if [ "$(id -u)" != 0 ]; then
    exec unshare --user --map-root-user --net --mount sh "$0" "$build"
fi
[ -w /run ] || mount -t tmpfs tmpfs /run

PATH=$build:$PATH
work=$(mktemp -d "${TMPDIR:-/tmp}/xvs-first.XXXXXX")
one=xvs$$a two=xvs$$b
user=root
# Root of the whole machine gives up its rights; "root" of a user namespace
# has none to give up and often no other user to become.
if [ "$(awk '{ print $3 }' /proc/self/uid_map)" = 4294967295 ]; then
    user=nobody
fi
XVS_SOCKET=$work/xvsd.sock
export XVS_SOCKET
switch_pid='' xvsd_pid=''

cleanup()
{
    status=$?
    trap - EXIT INT TERM
    for pid in $xvsd_pid $switch_pid; do
        kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
    done
    for name in $one $two; do
        ip link del "$name" 2>/dev/null
        ip netns del "$name" 2>/dev/null
    done
    if [ $status != 0 ]; then
        echo "first-switch: a step did not hold; the daemons said:" >&2
        tail -n 20 "$work"/*.log >&2
    fi
    rm -rf "$work"
    exit $status
}
trap cleanup EXIT
trap 'exit 1' INT TERM

step()
{
    printf '\n# %s\n' "$*"
}

# Shows a command as the user would type it, and runs it.
show()
{
    printf '$ %s\n' "$*"
    "$@"
}

wait_for()
{
    tries=200
    until "$@" >/dev/null 2>&1; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || { echo "first-switch: timed out: $*" >&2; exit 1; }
        sleep 0.05
    done
}

guest()
{
    ip netns add "$1"
    ip link add "$1" type veth peer name eth0 netns "$1"
    ip link set "$1" up
    ip -n "$1" addr add "$2" dev eth0
    ip -n "$1" link set eth0 up
    ip -n "$1" link set lo up
}

# True once xvsd has found xvs-switch.
switch_runs()
{
    xvsctl wql 'SELECT SwitchState FROM XVS_Host' | grep -q running
}

ping_two()
{
    ip netns exec "$one" ping -n -c 3 -i 0.2 -W 1 192.0.2.2
}

blocked()
{
    xvsctl query XVS_AclPortStatus lan/a -p BlockedPackets --json \
        | grep -o '"BlockedPackets": *[0-9]*' | grep -o '[0-9]*$'
}

step "two guests: namespaces $one and $two"
guest "$one" 192.0.2.1/24
guest "$two" 192.0.2.2/24

step "the daemons (xvsd without privileges, xvs-switch with those for ports)"
chmod 755 "$work"
mkdir "$work/state" "$work/plugins"
cp "$build/plugins/acl/acl.so" "$work/plugins/"
[ "$user" = root ] || chown "$user" "$work" "$work/state"
xvs-switch --control "$work/control" --plugin-dir "$work/plugins" \
    --user "$user" 2>"$work/switch.log" &
switch_pid=$!
xvsd --socket "$XVS_SOCKET" --control "$work/control" \
    --state-dir "$work/state" --plugin-dir "$work/plugins" \
    --no-spawn-switch --user "$user" 2>"$work/xvsd.log" &
xvsd_pid=$!
wait_for switch_runs

step "the vendor's schema and plugin"
show xvsctl schema add "$source/mof/xvs_acl.mof"
show xvsctl ext install acl.so

step "a switch with a port for each guest, and the extension on it"
show xvsctl switch add lan
show xvsctl port add lan a --driver packet --device "$one"
show xvsctl port add lan b --driver packet --device "$two"
show xvsctl ext enable acl lan
show xvsctl port list

step "the guests reach each other"
show ping_two

step "deny ping from a"
rule=$(xvsctl feature add XVS_AclPortRule lan/a Direction=in Action=deny \
    Protocol=icmp --names)
show xvsctl feature get XVS_AclPortRule
before=$(blocked)
if show ping_two; then
    echo "first-switch: the ping passed in spite of the rule" >&2
    exit 1
fi
show xvsctl query XVS_AclPortStatus lan/a
after=$(blocked)
if [ "$after" -le "$before" ]; then
    echo "first-switch: blocked packets: $before, then $after" >&2
    exit 1
fi

step "remove the rule: $before blocked before, $after now"
show xvsctl feature remove "$rule"
show ping_two

cat <<EOF

It works.  What to try next:
  man ./core/main/xvsctl.1            the command
  sh samples/first-switch.sh build    this again
  samples/01-null                     the smallest extension
  samples/02-counter                  settings, a status class and a method
EOF
