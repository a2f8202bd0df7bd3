# SPDX-License-Identifier: BSD-3-Clause
# What soak.sh changes in each round, $n, beside what stays: the ports a, b
# and f, and those that churn_setup adds.

# must COMMAND...: succeeds.
must()
{
    "$@" >"$dir/must" 2>&1 \
        || fail "round $n: $*: exit $?: $(cat "$dir/must")"
}

# refused STATUS TEXT COMMAND...: fails so, and says TEXT.
refused()
{
    expect_fail "$@"
    n_refused=$((n_refused + 1))
}

# add NAME DRIVER OPTION...: a port that goes with the round.
add()
{
    name=$1
    driver=$2
    shift 2
    must xvsctl port add lan "$name" --driver "$driver" "$@"
    n_ports=$((n_ports + 1))
}

gone()
{
    must xvsctl port remove lan "$1"
}

# helper LOG COMMAND...: in the background, until it says ready; in $pid.
helper()
{
    log=$1
    shift
    rm -f "$dir/$log"
    "$@" >"$dir/$log" 2>&1 &
    pid=$!
    wait_for 30 grep -q ready "$dir/$log" \
        || fail "round $n: $*: $(cat "$dir/$log")"
}

# answers ADDRESS: a guest does, sooner or later: it may be ready before the
# switch has all of its rings.
answers()
{
    wait_for 30 guest_ping b "$1" 1 \
        || fail "round $n: $1 does not answer: $(xvsctl port list lan)"
}

# finish SIGNAL: ends the helper, unless the switch has parted with it.
finish()
{
    kill "-$1" "$pid" 2>/dev/null || :
    wait "$pid" 2>/dev/null || :
}

# A capture of two broadcasts, the second one 200 ms behind the first.
make_capture()
{
    {
        printf '\324\303\262\241\2\0\4\0\0\0\0\0\0\0\0\0\377\377\0\0\1\0\0\0'
        for at in '\0\0\0\0' '\100\15\3\0'; do
            printf "\\0\\0\\0\\0$at\\74\\0\\0\\0\\74\\0\\0\\0"
            printf '\377\377\377\377\377\377\2\0\0\0\0\7\210\265'
            head -c 46 /dev/zero
        done
    } >"$dir/two.pcap"
}

# Ports that stay, with guests that stay, beside a, b and f.
churn_setup()
{
    make_capture
    cp "$dir/two.pcap" "$dir/twice.pcap"
    xvsctl port add lan c --driver pcap --mode loop --device "$dir/two.pcap"
    xvsctl port add lan v --driver vhost-user --device "$dir/v.sock"
    xvsctl port add lan p --driver pipe --device "$dir/p.sock"
    helper v.log "$guest" -e echo "$dir/v.sock" 02:00:00:00:aa:01 192.0.2.9
    v_pid=$pid
    helper p.log "$peer" "$dir/p.sock" hold
    p_pid=$pid
    cleanup_fn 'kill $v_pid $p_pid $streamer $follower $pid'
    xdp=yes
    xvsctl port add lan x --driver xdp --mode generic --device "$tag.x" \
        2>/dev/null && xvsctl port remove lan x || xdp=
}

# ---- Ports -------------------------------------------------------------------

kernel_ports()
{
    add t tap --device "$tag.t"
    must ip link set "$tag.t" up
    must xvsctl port set lan t --mtu $((1500 + n % 100))
    add x packet --device "$tag.x"
    gone t
    gone x
    [ -z "$xdp" ] || { add x xdp --mode generic --device "$tag.x"; gone x; }
    refused 3 "there is no interface" xvsctl port add lan none --driver packet \
        --device "$tag.none"
}

# A guest that does well, is killed, breaks its ring or loses its memory;
# it goes before its port or after it.
vhost_ports()
{
    add g vhost-user --device "$dir/g.sock" --queues $((n % 2 + 1))
    case $((n % 5)) in
    0) helper g.log "$guest" hostile "$dir/g.sock" ;;
    1) helper g.log "$guest" cut "$dir/g.sock" ;;
    2) helper g.log "$guest" -p echo "$dir/g.sock" 02:00:00:00:aa:02 \
        192.0.2.10 ;;
    *) helper g.log "$guest" -e echo "$dir/g.sock" 02:00:00:00:aa:02 \
        192.0.2.10 ;;
    esac
    if [ $((n % 5)) -ge 2 ]; then
        answers 192.0.2.10
        must xvsctl port set lan g --enabled false
        must xvsctl port set lan g --enabled true
        answers 192.0.2.10
    fi
    case $((n % 3)) in
    0) finish KILL; gone g ;;
    1) finish TERM; gone g ;;
    *) gone g; finish KILL ;;
    esac
    add h vhost-user --mode client --device "$dir/h.sock"
    helper h.log "$guest" -l echo "$dir/h.sock" 02:00:00:00:aa:03 192.0.2.11
    answers 192.0.2.11
    finish KILL
    gone h
}

pipe_ports()
{
    add q pipe --device "$dir/q.sock"
    if [ $((n % 3)) = 0 ]; then
        must "$liar" "$dir/q.sock" size
    else
        helper q.log "$peer" "$dir/q.sock" hold
        must xvsctl port set lan q --enabled false
        must xvsctl port set lan q --enabled true
        finish KILL
    fi
    gone q
}

pcap_ports()
{
    add l pcap --mode loop --device "$dir/twice.pcap"
    add r pcap --mode record --device "$dir/r.pcapng"
    sleep 0.3
    gone l
    gone r
    rm -f "$dir/r.pcapng"
    echo nonsense >"$dir/nonsense"
    refused 1 "no capture that can be read" xvsctl port add lan none \
        --driver pcap --device "$dir/nonsense"
}

# ---- Extensions and settings -------------------------------------------------

extensions()
{
    must xvsctl ext enable order-a lan
    must xvsctl ext upgrade acl acl-$((n % 2 + 1)).so
    must xvsctl ext upgrade mark mark-2.so
    must xvsctl ext move mark lan $((n % 3))
    must xvsctl ext disable order-a lan
    must xvsctl ext upgrade mark mark.so
    refused 4 "mark" xvsctl ext upgrade mark mark-bad.so
    refused 1 "" xvsctl ext install crash-init.so
    if [ $((n % 3)) = 0 ]; then
        must xvsctl ext remove order-a
        must xvsctl ext install order-a.so
        must xvsctl ext disable ethernet lan
        must xvsctl ext enable ethernet lan
    fi
}

# feature CLASS PLACE PROPERTY=VALUE...: adds to $settings.
feature()
{
    must xvsctl feature add "$@" --names
    settings="$settings $(cat "$dir/must")"
}

settings()
{
    settings=
    for port in $((n % 1000)) 8080 443; do
        feature XVS_AclPortRule lan/a Direction=out Action=deny Protocol=6 \
            "DestinationPortLow=$port"
    done
    feature XVS_AclSwitchRule lan Action=allow Protocol=17 Stateful=true
    feature XVS_PortVlan lan/v Vlan=0 Mode=0
    feature XVS_PortStorm lan/f Broadcast=10000
    feature XVS_PortRate lan/a InRate=1000000000 OutRate=1000000000
    feature XVS_Mirror lan/f TargetPort=p Exclusive=false
    feature XVS_StaticAddress lan/v "MacAddress=02:00:00:00:bb:$(printf %02x \
        $((n % 256)))"
    must xvsctl feature set "${settings##* }" Vlan=7
    refused 4 "Action: not given" xvsctl feature add XVS_AclPortRule lan/a \
        Protocol=6
    must xvsctl query XVS_PortEthernetStatus lan/v
    must xvsctl query XVS_AclSwitchRuleStatus lan
    # shellcheck disable=SC2086
    must xvsctl feature remove $settings
}

# ---- Those who look on -------------------------------------------------------

# A subscription, a capture and a trace; every other time they vanish without
# a word.
watchers()
{
    xvsctl event follow --json >"$dir/events" 2>&1 &
    events=$!
    xvsctl capture lan -o "$dir/c.pcapng" --at all >"$dir/capture" 2>&1 &
    capture=$!
    must xvsctl trace lan --port a --count 2
    must xvsctl switch list
    must xvsctl port list lan
    must xvsctl event list
    how=TERM
    [ $((n % 4)) != 0 ] || how=KILL
    kill -$how $events $capture
    wait $events 2>/dev/null || :
    wait $capture 2>/dev/null || :
    rm -f "$dir/c.pcapng"
}

# More addresses than there is room for, all from one port.
flood()
{
    must ip netns exec "$tag-f" "$frame" repeat eth0 \
        02000000000102f00000000088b5 60 "$addresses" vary
}

churn()
{
    kernel_ports
    vhost_ports
    pipe_ports
    pcap_ports
    extensions
    settings
    [ $((n % 2)) != 0 ] || watchers
    [ $((n % 6)) != 1 ] || flood
    answers 192.0.2.9
    kill -0 "$p_pid" || fail "round $n: the peer of p has gone"
}
