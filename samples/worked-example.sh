#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# Compression, then encryption, then the network: two hosts joined by a wire,
# each with a switch of its own and the chain compress, encrypt.  On each host
# three guests, which enter the chain at one of the three:
#
#     guest c ----> compress     guest e        guest n
#                      |            |              |
#                      +-------> encrypt           |
#                                   |              |
#                                   +---------> network ===== the other host
#
#     samples/worked-example.sh [BUILD-FOLDER [PARTITION]]
#
# Each guest sends the same text to its like on the other host; what is on the
# wire is looked at.  PARTITION is where the two extensions run: inline (the
# default), process, copy.  Works as root, and without root in a user namespace
# of its own.  Leaves nothing behind.  Exits non-zero when any step did not hold.
set -eu

build=$(cd "${1:-build}" && pwd)
partition=${2:-inline}
source=$(cd "$(dirname "$0")/.." && pwd)

if [ "$(id -u)" != 0 ]; then
    exec unshare --user --map-root-user --net --mount sh "$0" "$build" \
        "$partition"
fi
[ -w /run ] || mount -t tmpfs tmpfs /run

PATH=$build:$PATH
work=$(mktemp -d "${TMPDIR:-/tmp}/xvs-example.XXXXXX")
tag=x$$
user=root
# Root of the whole machine gives up its rights; "root" of a user namespace
# has none to give up and often no other user to become.
if [ "$(awk '{ print $3 }' /proc/self/uid_map)" = 4294967295 ]; then
    user=nobody
fi
pids=''

cleanup()
{
    status=$?
    trap - EXIT INT TERM
    for pid in $pids; do
        kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
    done
    for name in 1 2 1c 1e 1n 2c 2e 2n; do
        ip netns del "$tag-$name" 2>/dev/null
    done
    if [ $status != 0 ]; then
        echo "worked-example: a step did not hold; the daemons said:" >&2
        tail -n 20 "$work"/*/*.log >&2
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

wait_for()
{
    tries=200
    until "$@" >/dev/null 2>&1; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || { echo "worked-example: timed out: $*" >&2; exit 1; }
        sleep 0.05
    done
}

fail()
{
    echo "worked-example: $*" >&2
    exit 1
}

# on HOST COMMAND...: as the user of that host would type it.
on()
{
    host=$1
    shift
    XVS_SOCKET=$work/$host/xvsd.sock "$@"
}

# show HOST COMMAND...
show()
{
    printf 'host %s $' "$1"
    for word in "$@"; do
        case $word in
        1 | 2) ;;
        *) printf ' %s' "$word" ;;
        esac
    done
    printf '\n'
    on "$@"
}

switch_runs()
{
    on "$1" xvsctl wql 'SELECT SwitchState FROM XVS_Host' | grep -q running
}

# guest HOST NAME ADDRESS
guest()
{
    ip netns add "$tag-$1$2"
    ip -n "$tag-$1" link add "to-$2" type veth peer name eth0 netns "$tag-$1$2"
    ip -n "$tag-$1" link set "to-$2" addrgenmode none up
    ip -n "$tag-$1$2" addr add "$3/24" dev eth0
    # 34 bytes are for the seal.
    ip -n "$tag-$1$2" link set eth0 mtu 1466 addrgenmode none up
}

daemons()
{
    mkdir "$work/$1" "$work/$1/state" "$work/$1/plugins"
    cp "$build/plugins/compress/compress.so" \
        "$build/plugins/encrypt/encrypt.so" "$work/$1/plugins"
    [ "$user" = root ] || chown "$user" "$work/$1" "$work/$1/state"
    ip netns exec "$tag-$1" xvs-switch --control "$work/$1/control" \
        --plugin-dir "$work/$1/plugins" --user "$user" \
        --stage-program "$build/xvs-stage" 2>"$work/$1/switch.log" &
    pids="$! $pids"
    xvsd --socket "$work/$1/xvsd.sock" --control "$work/$1/control" \
        --state-dir "$work/$1/state" --plugin-dir "$work/$1/plugins" \
        --no-spawn-switch --user "$user" 2>"$work/$1/xvsd.log" &
    pids="$! $pids"
    wait_for switch_runs "$1"
}

# configure HOST KEY
configure()
{
    for name in compress encrypt; do
        show "$1" xvsctl schema add "$source/mof/xvs_$name.mof"
        show "$1" xvsctl ext install $name.so
    done
    show "$1" xvsctl switch add lan
    show "$1" xvsctl port add lan wire --driver packet --device wire \
        --enter network
    for name in compress encrypt; do
        show "$1" xvsctl ext enable $name lan --partition "$partition"
    done
    show "$1" xvsctl port add lan c --driver packet --device to-c
    show "$1" xvsctl port add lan e --driver packet --device to-e \
        --enter encrypt
    show "$1" xvsctl port add lan n --driver packet --device to-n \
        --enter network
    # Arguments can be seen by others; a file, or standard input, cannot.
    (umask 077 \
        && printf '{"class": "XVS_EncryptionKey", "KeyId": 1, "Key": "%s"}' \
            "$2" >"$work/$1/key.json")
    show "$1" xvsctl feature add XVS_EncryptionKey lan -f "$work/$1/key.json"
    show "$1" xvsctl feature add XVS_EncryptionSettings lan SendKey=1
}

# send GUEST ADDRESS: a text of 1,000 bytes, ten times, and back.
send()
{
    ip netns exec "$tag-1$1" ping -n -c 10 -i 0.05 -W 2 -s 1000 \
        -p 536563726574 "$2" >"$work/ping.$1" || fail "no answer from $2"
}

# Bytes and readable texts that the wire carried meanwhile.
look()
{
    XVS_SOCKET=$work/1/xvsd.sock xvsctl capture lan --port wire \
        --at rx,tx -o "$work/$1.pcap" 2>"$work/capture.$1" &
    looker=$!
    pids="$pids $looker"
    wait_for test -s "$work/$1.pcap"
    send "$1" "$2"
    kill "$looker"
    wait "$looker" || :
    texts=$(grep -c SecretSecret "$work/$1.pcap" || :)
    bytes=$(wc -c <"$work/$1.pcap")
}

step "two hosts and their guests, in namespaces $tag-..."
for host in 1 2; do
    ip netns add "$tag-$host"
    ip -n "$tag-$host" link set lo up
done
ip -n "$tag-1" link add wire type veth peer name wire netns "$tag-2"
for host in 1 2; do
    # (What the kernel itself says there would be counted.)
    ip -n "$tag-$host" link set wire addrgenmode none up
    guest $host c 192.0.2.$host
    guest $host e 198.51.100.$host
    guest $host n 203.0.113.$host
done
chmod 755 "$work"
daemons 1
daemons 2

step "the chain on both hosts, $partition; they share a key"
key=$(od -An -v -tx1 -N32 /dev/urandom | tr -d ' \n')
configure 1 "$key"
configure 2 "$key"
show 1 xvsctl stage list
show 1 xvsctl port list

step "each guest sends 10 times the same 1,000 bytes to its like"
for name in c e n; do
    case $name in
    c) look c 192.0.2.2 ;;
    e) look e 198.51.100.2 ;;
    n) look n 203.0.113.2 ;;
    esac
    printf 'guest %s: %6d bytes on the wire, the text is %s\n' $name \
        "$bytes" "$([ "$texts" = 0 ] && echo hidden || echo readable)"
    eval "bytes_$name=$bytes texts_$name=$texts"
done
# shellcheck disable=SC2154
[ "$texts_c" = 0 ] && [ "$texts_e" = 0 ] && [ "$texts_n" -gt 0 ] \
    || fail "what should be readable is not, or the other way round"
# shellcheck disable=SC2154
[ "$bytes_c" -lt $((bytes_e / 2)) ] && [ "$bytes_n" -lt "$bytes_e" ] \
    || fail "the sizes are not as they should be"

step "what the extensions counted"
show 1 xvsctl query XVS_CompressionStatus lan
show 2 xvsctl query XVS_EncryptionStatus lan
