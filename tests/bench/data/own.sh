# SPDX-License-Identifier: BSD-3-Clause
# Cases that no other switch takes part in, with vhost-user ports whose guests
# are not there.
#
#     idle           percent of a core that 100 ports take
#     port-memory    KiB that a port takes, of 1,000
#     port-add       milliseconds to add one, of 1,000

# add_ports FIRST LAST
add_ports()
{
    for number in $(seq "$1" "$2"); do
        echo "port add lan p$number --driver vhost-user" \
            "--device $dir/p$number.sock"
    done | xvsctl shell >/dev/null
}

resident()
{
    awk '$1 == "VmRSS:" { print $2 }' "/proc/$switch_pid/status"
}

# ticks: of CPU that the switch has used, 10 ms each.
ticks()
{
    awk '{ print $14 + $15 }' "/proc/$switch_pid/stat"
}

own_start()
{
    switch_options="--cpus $peer_cpu"
    start_host
    xvsctl switch add lan >/dev/null
    started=own
}

own_case()
{
    [ -n "$started" ] || own_start
    case $1 in
    idle)
        add_ports 1 100
        sleep 1
        before=$(ticks)
        sleep 5
        put idle "$(echo "$before $(ticks)" | awk '{ print ($2 - $1) / 5 }')"
        ;;
    port-memory | port-add)
        # Other numbers than those of idle; both come from one run.
        [ ! -s "$dir/ports" ] || return 0
        before=$(resident)
        start=$(date +%s%N)
        add_ports 1001 2000
        end=$(date +%s%N)
        echo "$before $(resident)" \
            | awk '{ print ($2 - $1) / 1000 }' >"$dir/ports"
        put port-memory "$(cat "$dir/ports")"
        put port-add "$(awk "BEGIN { print ($end - $start) / 1e9 }")"
        ;;
    esac
}
