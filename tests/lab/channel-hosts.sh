# SPDX-License-Identifier: BSD-3-Clause
# Hosts of the management channel: network namespaces with daemons of their own
# and a bridge between them.  Source it after functions.sh.

ip netns add "$tag-c"
cleanup_fn "ip netns del $tag-c"
ip -n "$tag-c" link set lo up
ip -n "$tag-c" link add br0 type bridge
ip -n "$tag-c" addr add 192.0.2.254/24 dev br0
ip -n "$tag-c" link set br0 up
# client COMMAND...: in the namespace of clients.
client()
{
    ip netns exec "$tag-c" "$@"
}

# at HOST COMMAND...: in its namespace, with its daemons.
at()
{
    host=$1
    shift
    XVS_SOCKET=$dir/$host/xvsd.sock ip netns exec "$tag-$host" "$@"
}

# spawn_at HOST COMMAND...: the same in the background; $! is the command.
spawn_at()
{
    host=$1
    shift
    (export XVS_SOCKET="$dir/$host/xvsd.sock"
     exec ip netns exec "$tag-$host" "$@") &
}

# spawn_client COMMAND...
spawn_client()
{
    (exec ip netns exec "$tag-c" "$@") &
}

# host_network HOST NUMBER: its namespace, address 192.0.2.NUMBER.
host_network()
{
    ip netns add "$tag-$1"
    cleanup_fn "ip netns del $tag-$1"
    ip -n "$tag-$1" link set lo up
    ip -n "$tag-c" link add "$1" type veth peer name eth0 netns "$tag-$1"
    ip -n "$tag-c" link set "$1" master br0 up
    ip -n "$tag-$1" addr add "192.0.2.$2/24" dev eth0
    ip -n "$tag-$1" link set eth0 up
}

# The daemons; pids in files, since they come and go.
host_switch()
{
    rm -f "$dir/$1/control"
    # shellcheck disable=SC2046
    spawn_at "$1" xvs-switch --control "$dir/$1/control" $(plugin_dirs) \
        --stage-program "$top_builddir/xvs-stage" --user "$run_user" \
        >>"$dir/$1.switch.log" 2>&1
    echo $! >"$dir/$1/switch.pid"
    wait_for 30 test -S "$dir/$1/control" || fail "$1: no xvs-switch"
}

host_xvsd()
{
    # shellcheck disable=SC2046
    spawn_at "$1" xvsd --socket "$dir/$1/xvsd.sock" --control "$dir/$1/control" \
        --state-dir "$dir/$1/state" --no-spawn-switch --user "$run_user" \
        --host-name "$1" $(plugin_dirs) >>"$dir/$1.xvsd.log" 2>&1
    echo $! >"$dir/$1/xvsd.pid"
    wait_for 30 at "$1" xvsctl switch list || fail "$1: no xvsd"
}

# end HOST switch|xvsd [SIGNAL]
end()
{
    kill "-${3:-TERM}" "$(cat "$dir/$1/$2.pid")" 2>/dev/null || return 0
    wait_for 20 eval "! kill -0 $(cat "$dir/$1/$2.pid")" || :
}

# host_begin HOST NUMBER: a host with the extension, which nobody reaches yet.
# An emulated guest may take its time to answer.
host_begin()
{
    chmod 755 "$dir"
    mkdir -p "$dir/$1/state" "$dir/plugins"
    [ "$(id -u)" != 0 ] || chown "$run_user" "$dir/$1" "$dir/$1/state"
    host_network "$1" "$2"
    cleanup_fn "end $1 switch; end $1 xvsd"
    host_switch "$1"
    host_xvsd "$1"
    {
        at "$1" xvsctl schema add "$top_srcdir/mof/xvs_channel.mof"
        at "$1" xvsctl ext install channel.so
        at "$1" xvsctl ext enable channel host --partition process
        at "$1" xvsctl feature add XVS_Channel host "Host=$1" DialTimeout=20
    } >>"$dir/$1.set-up"
}

# host HOST NUMBER: one that lets everybody reach its VMs at port 3128.
host()
{
    host_begin "$1" "$2"
    {
        at "$1" xvsctl feature add XVS_ChannelListener host \
            "Listen=192.0.2.$2:3128"
        at "$1" xvsctl feature add XVS_ChannelRule host Client=anonymous \
            'Vm=*'
    } >>"$dir/$1.set-up"
}

# stage_pid HOST: of the process of the extension.
stage_pid()
{
    pgrep -P "$(cat "$dir/$1/switch.pid")" xvs-stage | head -n 1
}

# monitor VM COMMAND [ARGUMENTS]: of QEMU; prints its answer.
monitor()
{
    printf '{"execute":"qmp_capabilities"}\n{"execute":"%s"%s}\n' "$2" \
        "${3:+,\"arguments\":$3}" \
        | timeout 10 socat -t 2 - "UNIX-CONNECT:$dir/$1.qmp" | tail -n +3
}
