#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The soak: both daemons under steady traffic for an hour (SOAK_SECONDS) while
# everything about them changes: ports of all drivers come and go, guests are
# killed and break the rules, extensions are enabled, upgraded and installed
# anew, settings, captures and subscriptions come and go, more addresses are
# seen than the table has room for, and xvsd is killed with -9.
#
#     make -C build/tests soak SOAK_SECONDS=3600
#
# One line a minute says how it is going.  In the end, and in a quiet moment
# of each minute, there must be as many descriptors, threads and packet
# buffers in use as in the first one; what the daemons' memory grew by over
# the second half, by a straight line through the samples of every 10 seconds,
# must be below SOAK_GROWTH kB an hour (soak.awk), and of the numbered frames
# of the stream no more than one in SOAK_LOSS may be missing.  Runs shorter
# than ten minutes judge all but the growth.
. "${top_srcdir:-..}/tests/functions.sh"
requires ip ping jq awk
in_namespaces "$@"

seconds=${SOAK_SECONDS:-3600}
growth=${SOAK_GROWTH:-1024}
loss=${SOAK_LOSS:-10000}
rate=${SOAK_RATE:-200}          # frames of the stream in a second
pace=${SOAK_PACE:-6}            # seconds from round to round
period=60                       # seconds between quiet moments
[ "$seconds" -ge 120 ] || period=$((seconds / 2))
samples=${SOAK_SAMPLES:-$dir/samples}  # are kept when they are elsewhere
addresses=140000                # more than a switch remembers
frame=$top_builddir/tests/switch-frame
guest=$top_builddir/tests/vhost-guest
peer=$top_builddir/tests/pipe-peer
liar=$top_builddir/tests/pipe-liar
n=0 n_ports=0 n_refused=0 n_xvsd=0 n_sent=0 n_lost=0 n_late=0 life=0
# What is ended at exit.
switch_pid='' xvsd_pid='' v_pid='' p_pid='' streamer='' follower='' pid=''
began=$(date +%s)
. "$top_srcdir/tests/lab/soak-churn.sh"

# ---- What is measured --------------------------------------------------------

now()
{
    echo $(($(date +%s) - began))
}

# memory PID: RSS, PSS and heap in kB.
memory()
{
    awk '/^Rss:/ { rss = $2 } /^Pss:/ { pss = $2 } /^Anonymous:/ { own = $2 }
        END { print rss, pss, own }' "/proc/$1/smaps_rollup"
}

# open_things PID: descriptors and threads.
open_things()
{
    find "/proc/$1/fd" -mindepth 1 | wc -l
    find "/proc/$1/task" -mindepth 1 -maxdepth 1 | wc -l
}

buffers()
{
    xvsctl wql 'SELECT PacketBuffersUsed FROM XVS_Host' --json \
        | jq '.[0].PacketBuffersUsed'
}

# Descriptors and threads of xvs-switch, those of xvsd, buffers in use.
things()
{
    echo $(open_things "$switch_pid") $(open_things "$xvsd_pid") $(buffers)
}

is_quiet()
{
    [ "$(things)" = "$base" ]
}

# A moment without requests and changes: all is as it was at first.
quiet()
{
    end=$(($(date +%s) + 20))
    while [ "$(date +%s)" -lt "$end" ]; do
        sleep 0.5
        ! is_quiet || return 0
    done
    for pid in $switch_pid $xvsd_pid; do
        ls -l "/proc/$pid/fd" >&2
    done
    fail "leaked after round $n: descriptors and threads of xvs-switch, of" \
        "xvsd, buffers in use are: $(things); they were: $base"
}

# sample: a line for soak.awk.
sample()
{
    echo "$(now) $life $(memory "$switch_pid") $(memory "$xvsd_pid")" \
        "$(du -sk "$dir/state" | cut -f 1)" >>"$samples"
}

# ticks PID: of processor time.
ticks()
{
    sed 's/.*) //' "/proc/$1/stat" | awk '{ print $12 + $13 }'
}

# ---- Traffic -----------------------------------------------------------------

stream_begin()
{
    ip netns exec "$tag-b" "$frame" follow eth0 >"$dir/follow" &
    follower=$!
    wait_for 10 grep -q listening "$dir/follow" || fail "the follower"
    ip netns exec "$tag-a" "$frame" stream eth0 "$mac_b" "$rate" \
        >"$dir/stream" &
    streamer=$!
}

# Adds up what was sent and what has not come.
stream_end()
{
    kill "$streamer"
    wait "$streamer" || fail "the stream: $(cat "$dir/stream")"
    sleep 0.5
    kill "$follower"
    wait "$follower" || fail "the follower: $(cat "$dir/follow")"
    sent=$(sed -n 's/^sent //p' "$dir/stream")
    set -- $(sed -n 's/^received \(.*\) missing .* late \([0-9]*\) .*/\1 \2/p' \
        "$dir/follow")
    n_sent=$((n_sent + sent))
    n_lost=$((n_lost + sent - $1))
    n_late=$((n_late + $2))
}

# ---- The host ----------------------------------------------------------------

setup()
{
    switch_options="--packets 4096"
    start_host
    # Process numbers come around within the hour, so what ends at exit is
    # what these variables say then.
    cleanups=
    cleanup_fn 'kill $switch_pid $xvsd_pid; wait $switch_pid $xvsd_pid'
    for name in a b f x; do
        guest_veth $name 192.0.2.$(printf %d "'$name")/24
    done
    mac_b=$(ip netns exec "$tag-b" cat /sys/class/net/eth0/address | tr -d :)
    xvsctl schema add "$top_srcdir/mof/xvs_acl.mof"
    xvsctl schema add "$top_srcdir/mof/xvs_ethernet.mof"
    for copy in acl-1 acl-2; do
        cp "$plugins/acl/acl.so" "$dir/plugins/$copy.so"
    done
    for file in acl ethernet mark order-a; do
        xvsctl ext install $file.so
    done
    xvsctl switch add lan
    for name in a b f; do
        xvsctl port add lan $name --driver packet --device "$tag.$name"
    done
    for file in acl ethernet mark; do
        xvsctl ext enable $file lan
    done
    churn_setup
}

# xvsd is killed, and finds the running switch again.
kill_xvsd()
{
    kill -9 "$xvsd_pid"
    wait "$xvsd_pid" 2>/dev/null || :
    keep=$cleanups
    start_xvsd
    cleanups=$keep
    wait_for 10 switch_is_there || fail "xvsd does not adopt the switch"
    n_xvsd=$((n_xvsd + 1))
    life=$((life + 1))
}

# rounds UNTIL: one each $pace seconds, and a sample every 10.
rounds()
{
    while [ "$(now)" -lt "$1" ]; do
        next=$(($(now) + pace))
        n=$((n + 1))
        churn
        if [ "$(now)" -ge "$sample_at" ]; then
            sample
            sample_at=$(($(now) + 10))
        fi
        while [ "$(now)" -lt "$next" ] && [ "$(now)" -lt "$1" ]; do
            sleep 0.5
        done
    done
}

progress()
{
    set -- $(tail -n 1 "$samples") $(things)
    printf '%4d s: xvs-switch %d kB (PSS %d), %d fds, %d threads;' \
        "$1" "$3" "$4" "${10}" "${11}"
    printf ' xvsd %d kB (PSS %d), %d fds, %d threads; %d buffers;' \
        "$6" "$7" "${12}" "${13}" "${14}"
    printf ' state %d kB; %d ports came and went; sent %d, lost %d\n' \
        "$9" "$n_ports" "$n_sent" "$n_lost"
}

setup >"$dir/setup"
n=1
churn                           # once, so that all was used
base=$(things)
sleep 1
base=$(things)
began=$(date +%s)
sample_at=0
minute=0
switch_ticks=$(ticks "$switch_pid")
echo "soak: $seconds s, round every $pace s; at first descriptors and" \
    "threads of xvs-switch, of xvsd, buffers in use: $base"
while [ "$(now)" -lt "$seconds" ]; do
    minute=$((minute + 1))
    stream_begin
    if [ $((minute % 2)) = 0 ] && [ "$(now)" -lt $((seconds * 2 / 5)) ]; then
        kill_xvsd
    fi
    rounds $((minute * period < seconds ? minute * period : seconds))
    stream_end
    quiet
    sample
    progress
done
cpu=$(($(ticks "$switch_pid") - switch_ticks))
for pid in $switch_pid $xvsd_pid; do
    kill -0 "$pid" || fail "a daemon has ended"
done

# ---- The verdict -------------------------------------------------------------

echo "soak: $n rounds, $n_ports ports came and went, $n_refused requests" \
    "refused as they must be, xvsd killed $n_xvsd times," \
    "$((cpu * 100 / $(getconf CLK_TCK) / $(now))) % of a processor for" \
    "xvs-switch"
echo "soak: $n_sent frames sent, $n_lost lost, $n_late out of order"
status=0
[ $((n_lost * loss)) -le "$n_sent" ] && [ "$n_late" = 0 ] \
    || { echo "LOST: more than one frame in $loss, or the order" >&2; status=1; }
awk -v limit="$growth" -v seconds="$seconds" \
    -f "$top_srcdir/tests/lab/soak.awk" "$samples" || status=1
[ "$status" = 0 ] || exit 1
stop "$xvsd_pid" || fail "xvsd ended with $?"
stop "$switch_pid" || fail "xvs-switch ended with $?"
xvsd_pid='' switch_pid=''
echo "soak: all well"
