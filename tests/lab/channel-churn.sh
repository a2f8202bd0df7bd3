#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# The management channel while clients, VMs and settings come and go:
#
#     make -C tests channel-churn [CHURN_SECONDS=3600]
#
# Real daemons, the extension in a process of its own, VMs behind addresses,
# behind hybrid vsock and with agents.  Clients talk, hang up, reset, are
# refused in each way there is, are slow, and mean no good (churn-clients.py);
# settings are added and removed and agents killed meanwhile.  At the end of
# each CHURN_PERIOD (60) seconds all is quiet and is measured: descriptors, RSS
# and what of it is the process's own (anonymous), in kB.  There must be as many
# descriptors as before the first one, and from the end of CHURN_WARM (3)
# periods on RSS may have grown by CHURN_GROWTH (1024) kB; with CHURN_GROWTH=none
# it is not judged, for runs that are too short for that.  On a machine that is
# too busy the extension's process may be ended because it answers too late: the
# one that takes over has to become warm again.
. "${top_srcdir:-..}/tests/functions.sh"
in_namespaces "$@"
requires ip jq python3 openssl
seconds=${CHURN_SECONDS:-3600}
period=${CHURN_PERIOD:-60}
warm=${CHURN_WARM:-3}
growth=${CHURN_GROWTH:-1024}
clients=${CHURN_CLIENTS:-48}
lab=$top_srcdir/tests/lab
load=$top_builddir/tests/bench/channel/load
agent=$top_builddir/xvs-agent
if sanitized || [ ! -x "$agent" ]; then
    agent=$top_builddir/tests/xvs-agent
fi
token=0123456789abcdef
p=$first_port
n=0 n_late=0
# What is ended at exit.
changing=''

# ---- VMs ---------------------------------------------------------------------

# background COMMAND...: pid in $pid.
background()
{
    "$@" >>"$dir/background.log" 2>&1 &
    pid=$!
    cleanup_fn "kill $pid; wait $pid"
}

# start_agent NAME [OPTION...]: pid in $pid.
start_agent()
{
    name=$1
    shift
    (umask 0 && exec "$agent" --unix "$dir/vm/$name" --user "$run_user" \
        --allow "22=$((p + 6)),23=1,25=$((p + 7))" "$@") \
        >>"$dir/background.log" 2>&1 &
    pid=$!
}

start_vms()
{
    mkdir -m 777 "$dir/vm"
    background python3 "$lab/churn-guest.py" $((p + 6)) "$dir/vm/v.sock"
    background "$load" server 127.0.0.1:$((p + 7))
    start_agent agent --offer "$((p + 4))=443,$((p + 5))=444"
    agent_pid=$pid
    cleanup_fn "kill $agent_pid"
    start_agent agent2
    echo "$pid" >"$dir/other"
    wait_for 20 unix_listens "$dir/vm/v.sock" || fail "no guest"
    wait_for 20 unix_listens "$dir/vm/agent" || fail "no agent"
    chmod 777 "$dir/vm/v.sock"
}

# ---- The host ----------------------------------------------------------------

# add CLASS PROPERTY...
add()
{
    class=$1
    shift
    xvsctl feature add "XVS_Channel$class" host "$@" --names \
        >"$dir/added" 2>"$dir/error" || fail "$class: $(cat "$dir/error")"
}

certificate()
{
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
        -days 2 -subj "/CN=$1" -addext "subjectAltName=DNS:localhost" \
        -keyout "$dir/$1.key" -out "$dir/$1.pem" 2>/dev/null
}

add_clients()
{
    for who in alice carol idler brief slow few; do
        add Client Name=$who Token=$token$who
    done
    add Client Name=bob Fingerprint="$(openssl x509 -in "$dir/bob.pem" \
        -noout -fingerprint -sha256 | sed 's/.*=//')"
    add Rule Client=alice 'Vm=*'
    add Rule Client=bob 'Vm=*'
    add Rule Client=anonymous Vm=open
    add Rule Client=idler 'Vm=*' IdleTimeout=1
    add Rule Client=brief 'Vm=*' MaxDuration=1
    add Rule Client=slow 'Vm=*' BytesPerSecond=50000
    add Rule Client=few 'Vm=*' MaxConnections=2
}

add_vms()
{
    xvsctl vm register fixed --link fixed
    xvsctl vm register open --link fixed
    xvsctl vm register hybrid --link vsock --path "$dir/vm/v.sock"
    for vm in agent agent2 absent; do
        xvsctl vm register $vm --link agent --path "$dir/vm/$vm"
    done
    add Service Vm=fixed Port=22 Address=127.0.0.1:$((p + 6))
    add Service Vm=fixed Port=23 Address=127.0.0.1:1
    add Service Vm=fixed Port=24 Path="$dir/vm/none"
    add Service Vm=fixed Port=25 Address=127.0.0.1:$((p + 7))
    add Service Vm=open Port=80 Address=127.0.0.1:$((p + 6))
    add Route Vm=agent Port=443 Address=127.0.0.1:$((p + 6))
    xvsctl vm register elsewhere --on h7
    xvsctl vm register moved --on h9
    add Peer Host=h9 Address=127.0.0.1:$p
}

# tls_listener PORT
tls_listener()
{
    add Listener Listen=127.0.0.1:"$1" ClientCa="$(cat "$dir/bob.pem")" \
        Certificate="$(cat "$dir/proxy.pem")" Key="$(cat "$dir/proxy.key")"
}

setup()
{
    ulimit -n "$(ulimit -Hn)"
    start_vms
    switch_options='--log-level error'
    start_host --log-level error
    xvsctl schema add "$top_srcdir/mof/xvs_channel.mof"
    xvsctl ext install channel.so
    xvsctl ext enable channel host --partition process
    certificate proxy
    certificate bob
    xvsctl feature add XVS_Channel host Host=h1 HeadTimeout=3 DialTimeout=3
    add_clients
    add_vms
    add Listener Listen=127.0.0.1:$p
    add Listener Listen=127.0.0.1:$((p + 2)) Port=80
    mkdir -m 777 "$dir/local"
    add Listener Path="$dir/local/proxy.sock"
    tls_listener $((p + 1))
    add Dns Tcp=127.0.0.1:$((p + 3)) Addresses=192.0.2.1
    printf '%s\n' "proxy $p" "tls $((p + 1))" "host $((p + 2))" \
        "dns $((p + 3))" "offer $((p + 4))" "offer-none $((p + 5))" \
        >"$dir/ports"
    ln -s local/proxy.sock "$dir/local.sock"
    stage_pid=$(active_stage)
    cleanup_fn 'kill $changing $(cat "$dir/other")'
}

# active_stage: the pid of the extension's process; another one stands by, and
# has less open.
active_stage()
{
    for one in $(pgrep -P "$switch_pid" xvs-stage); do
        echo "$(find "/proc/$one/fd" -mindepth 1 | wc -l) $one"
    done | sort -n | tail -n 1 | cut -d ' ' -f 2
}

# Whether another one took over; it was ended for its time limit, no crash.
look_for_another()
{
    [ ! -d "/proc/$stage_pid" ] || return 0
    ! grep -v "did not finish .* in time" "$dir/switch.log" \
        || fail "the extension's process has ended"
    sleep 2
    stage_pid=$(active_stage)
    n_late=$((n_late + 1))
    warm=$((periods + 1 + ${CHURN_WARM:-3}))
    before=''
    echo "its process answered too late and was ended, $stage_pid took over"
}

# ---- What changes ------------------------------------------------------------

# gone: what was added last is removed.
gone()
{
    xvsctl feature remove "$(cat "$dir/added")"
}

kill_agent()
{
    kill -"$1" "$(cat "$dir/other")"
    sleep 0.1
    start_agent agent2
    echo "$pid" >"$dir/other"
}

# A VM that is reached in another way each time, and forgotten while clients
# have conversations with it.
come_and_go()
{
    case $((n % 3)) in
    0) xvsctl vm register guest --link fixed
        add Service Vm=guest Port=22 Address=127.0.0.1:$((p + 6)) ;;
    1) xvsctl vm register guest --link vsock --path "$dir/vm/v.sock" ;;
    2) xvsctl vm register guest --link agent --path "$dir/vm/agent2" ;;
    esac
    sleep 0.3
    xvsctl vm forget guest
    [ $((n % 3)) != 0 ] || gone
}

change()
{
    n=$((n + 1))
    come_and_go
    case $((n % 8)) in
    0) kill_agent KILL ;;
    1) kill_agent TERM ;;
    2) add Listener Listen=127.0.0.1:$((p + 8)); gone ;;
    3) tls_listener $((p + 8)); gone ;;
    4) add Client Name=dave Token=${token}dave; gone ;;
    5) add Rule Client=carol Vm=nobody; gone ;;
    6) add Route Vm=agent Port=445 Address=127.0.0.1:$((p + 6)); gone ;;
    7) add Dns Udp=127.0.0.1:$((p + 8)) Addresses=192.0.2.2; gone ;;
    esac
    xvsctl vm list
    xvsctl query XVS_ChannelVmStatus host
} >"$dir/change" 2>&1

# Until $dir/enough is there; how many times is in $dir/changes.
changes()
{
    trap - EXIT
    while [ ! -e "$dir/enough" ]; do
        change || exit 1
        echo $n >"$dir/changes"
    done
}

# volume VM: connections that only open, say a byte and close, with no delay.
volume()
{
    LOAD_TOKEN=${token}alice "$load" rate 127.0.0.1:$p "$1:25" 4 "$2" \
        >"$dir/rate.$1" 2>>"$dir/background.log" || echo opened=0 failed
}

# churn SECONDS: all of it at once.
churn()
{
    rm -f "$dir/enough"
    changes &
    changing=$!
    volume fixed "$1" &
    first=$!
    volume agent "$1" &
    second=$!
    python3 "$lab/churn-clients.py" "$dir" "$1" "$clients" \
        "$top_srcdir/tests/fuzz/corpus" >"$dir/did" 2>"$dir/clients.log" \
        || fail "clients: $(cat "$dir/clients.log")"
    wait $first $second || :
    : >"$dir/enough"
    wait $changing || fail "changes: $(cat "$dir/change" "$dir/error")"
    changing=''
    n=$(cat "$dir/changes")
    for vm in fixed agent; do
        more=$(sed -n 's/.*opened=\([0-9]*\).*/\1/p' "$dir/rate.$vm")
        echo "rate ${more:-0}" >>"$dir/did"
    done
    cat "$dir/did" >>"$dir/all"
}

# ---- What is measured --------------------------------------------------------

descriptors()
{
    for one in $stage_pid $switch_pid $xvsd_pid $agent_pid; do
        find "/proc/$one/fd" -mindepth 1 | wc -l
    done | xargs
}

# memory: RSS and anonymous memory of each, in kB.
memory()
{
    for one in $stage_pid $switch_pid $xvsd_pid $agent_pid; do
        awk '/^Rss:/ { rss = $2 } /^Anonymous:/ { own = $2 }
            END { print rss, own }' "/proc/$one/smaps_rollup"
    done | xargs
}

# "1/2 3/4" of "1 2 3 4".
slashes()
{
    sed 's/\([0-9]*\) \([0-9]*\)/\1\/\2/g'
}

# Nobody is there, agents are, and descriptors are as many as at first.
is_quiet()
{
    xvsctl query XVS_ChannelStatus host --json | jq -e '.[0] | .Clients == 0
        and .Conversations == 0 and .GuestStreams == 0' >/dev/null \
        && agent2_is_up && [ "$(descriptors)" = "${base:-$(descriptors)}" ]
}

agent2_is_up()
{
    [ "$(xvsctl vm show agent2 --json | jq .State)" = 1 ]
}

quiet()
{
    end=$(($(date +%s) + 60))
    while [ "$(date +%s)" -lt "$end" ]; do
        ! is_quiet || return 0
        sleep 0.2
    done
    for one in $stage_pid $switch_pid $xvsd_pid $agent_pid; do
        ls -l "/proc/$one/fd" >&2
    done
    ss -tanpx >&2 || :
    fail "not quiet: descriptors $(descriptors), at first ${base-}:" \
        "$(xvsctl query XVS_ChannelStatus host)"
}

# count: of all that was done.
count()
{
    awk '$1 != "unexpected" { n += $2 } END { print n + 0 }' "$dir/all"
}

setup >"$dir/setup"
quiet
until [ "${base-}" = "$(descriptors)" ]; do
    base=$(descriptors)
    sleep 1
done
began=$(date +%s)
echo "date: $(date -u +%Y-%m-%dT%H:%MZ), $(sed -n 's/^model name[^:]*: //p' \
    /proc/cpuinfo | head -n 1), $(nproc) processors"
echo "descriptors, RSS/own in kB of xvs-stage, xvs-switch, xvsd, xvs-agent:"
echo "0 s: $base; $(memory | slashes)"
periods=0 before=''
while [ $(($(date +%s) - began)) -lt "$seconds" ]; do
    left=$((began + seconds - $(date +%s)))
    churn $((left < period ? left : period))
    look_for_another
    quiet
    after=$(memory)
    periods=$((periods + 1))
    [ $periods != "$warm" ] || before=$after
    echo "$(($(date +%s) - began)) s, $(count) done, $n changes: $base;" \
        "$(echo "$after" | slashes)"
done

# ---- The verdict -------------------------------------------------------------

awk '$1 != "unexpected" { n[$1] += $2 }
    END { for (i in n) print "  " i, n[i] }' "$dir/all" | sort
grep '^unexpected' "$dir/all" | sort | uniq -c | sort -rn | head -n 20 || :
total=$(count)
echo "channel-churn: $total done in $(($(date +%s) - began)) s, as many as in" \
    "$(echo "$total" | awk '{ printf "%.1f", $1 / 86400 }') days at one a" \
    "second; $n changes of settings; $n_late processes that answered too late"
unexpected=$(awk '$1 == "unexpected" { n += $3 } END { print n + 0 }' \
    "$dir/all")
[ $((unexpected * 100)) -le "$total" ] \
    || fail "$unexpected of $total went otherwise"
for one in "$stage_pid" "$switch_pid" "$xvsd_pid" "$agent_pid"; do
    kill -0 "$one" || fail "process $one has ended"
done
[ "$growth" != none ] || exit 0
[ -n "$before" ] || fail "too short: there is nothing to compare with"
echo "$before $after" | awk -v most="$growth" '{
        split("xvs-stage xvs-switch xvsd xvs-agent", name, " ")
        for (i = 1; i <= 4; i++) {
            grown = $(2 * i - 1 + 8) - $(2 * i - 1)
            printf "%s: RSS %d kB, grown by %d kB since it was warm\n",
                name[i], $(2 * i - 1 + 8), grown
            bad += grown > most
        }
        exit bad > 0
    }' || fail "RSS has grown by more than $growth kB"
echo "channel-churn: all well"
