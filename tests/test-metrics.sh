#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# /metrics has the counters that schemas declare, of the core and of every
# extension, in both text forms; an extension that hangs or lies costs its own
# only; a real Prometheus gets them; what conf/ has for it names only what
# there is.
. "${top_srcdir:-..}/tests/functions.sh"
requires curl jq openssl

# bytes HEX: as they are.
bytes()
{
    for pair in $(echo "$1" | sed 's/../& /g'); do
        printf "\\$(printf %o "0x$pair")"
    done
}

# scrape FILE [CURL-OPTION...]
scrape()
{
    file=$1
    shift
    curl -s -S -f -m 60 --unix-socket "$XVS_SOCKET" "$@" -o "$file" \
        http://xvs/metrics || fail "scrape: curl $?"
}

# value SERIES: of the last scrape.
value()
{
    awk -v series="$1" 'index($0, series " ") == 1 { print $NF }' "$dir/text"
}

# is SERIES VALUE
is()
{
    got=$(value "$1")
    [ "$got" = "$2" ] || fail "$1 is '$got', not $2: $(cat "$dir/text")"
}

all="acl compress encrypt ethernet guard qos snoop"
password=$(od -An -N 12 -tx1 /dev/urandom | tr -d ' ')
echo "prometheus:reader:$(openssl passwd -1 "$password")" >"$dir/users"
chmod 644 "$dir/users"
port=$first_port
start_host --timeout 30000 --listen "127.0.0.1:$port" \
    --password-file "$dir/users"
for name in $all; do
    xvsctl schema add "$top_srcdir/mof/xvs_$name.mof"
    xvsctl ext install "$name.so"
done
xvsctl switch add lan
{
    bytes d4c3b2a1020004000000000000000000ffff000001000000
    for i in 1 2 3; do
        bytes "00000000000000003c0000003c000000"
        bytes "ffffffffffff02000000000b88b50$i"
        head -c 45 /dev/zero
    done
} >"$dir/three.pcap"
chmod 644 "$dir/three.pcap"
for name in $all; do
    # One has a process.
    xvsctl ext enable "$name" lan --partition "$([ "$name" = guard ] \
        && echo process || echo inline)"
done
xvsctl port add lan out --driver pcap --mode record --device "$dir/out.pcapng"
xvsctl port add lan in --driver pcap --device "$dir/three.pcap"
xvsctl feature add XVS_AclSwitchRule lan Action=allow EtherType=34997
taken()
{
    [ "$(xvsctl port show lan in --json | jq .RxPackets)" = 3 ]
}
wait_for 20 taken || fail "the replay: $(xvsctl port show lan in)"

scrape "$dir/text"
is 'xvs_port_rx_packets_total{switch="lan",port="in"}' 3
is 'xvs_port_rx_bytes_total{switch="lan",port="in"}' 180
is 'xvs_stage_packets_total{switch="lan",extension="acl"}' 3
is 'xvs_port_state{switch="lan",port="out",state="up"}' 1
is 'xvs_port_state{switch="lan",port="out",state="gone"}' 0
is 'xvs_stage_state{switch="lan",extension="qos",state="running"}' 1
is 'xvs_switch_ports{switch="lan"}' 2
is 'xvs_guard_port_dhcp_server_packets_total{switch="lan",port="in"}' 0
is 'xvs_scrape_errors{class="XVS_AclPortStatus"}' 0
[ "$(grep -c '^xvs_acl_switch_rule_packets_total{switch="lan",object="' \
    "$dir/text")" = 1 ] || fail "one rule: $(grep acl_switch "$dir/text")"
grep -q '^# TYPE xvs_stage_hook_time_seconds_total counter$' "$dir/text" \
    || fail "nanoseconds are not seconds"
! grep '^xvs_scrape_errors.* 1$' "$dir/text" || fail "errors"
! grep -v '^# [HT]' "$dir/text" | sed 's/ [^ ]*$//' | sort | uniq -d \
    | grep . || fail "a series is there twice"

# Drops by reason: one series for each.
rule=$(xvsctl feature get XVS_AclSwitchRule lan --names)
xvsctl feature set "$rule" Action=deny
cp -p "$dir/three.pcap" "$dir/again.pcap"
xvsctl port add lan again --driver pcap --device "$dir/again.pcap"
dropped()
{
    scrape "$dir/text"
    [ "$(value 'xvs_stage_drop_counts_packets_total{switch="lan",extension="acl",drop_reason="denied by a rule"}')" = 3 ]
}
wait_for 20 dropped || fail "$(grep drop_counts "$dir/text")"

# The other form: names without _total in the heads, units, an end.
scrape "$dir/open" -D "$dir/head" -H \
    'Accept: application/openmetrics-text;version=1.0.0,text/plain;q=0.5'
grep -qi '^content-type: application/openmetrics-text; version=1.0.0' \
    "$dir/head" || fail "$(cat "$dir/head")"
[ "$(tail -n 1 "$dir/open")" = "# EOF" ] || fail "no end"
grep -q '^# UNIT xvs_port_rx_bytes bytes$' "$dir/open" || fail "UNIT"
grep -q '^# TYPE xvs_port_rx_bytes counter$' "$dir/open" || fail "TYPE"

# Dashboard and rules name only metrics that there are.
for file in dashboard.json alerts.yml; do
    grep -oE '\<xvs_[a-z0-9_]+' "$top_srcdir/conf/prometheus/$file" | sort -u
done >"$dir/names"
[ "$(wc -l <"$dir/names")" -gt 15 ] || fail "no names in conf/prometheus"
while read -r name; do
    grep -q "^# TYPE $name " "$dir/text" || fail "conf/ has $name: no metric"
done <"$dir/names"
jq -e '.panels | length > 5' "$top_srcdir/conf/prometheus/dashboard.json" \
    >/dev/null || fail "dashboard.json"

# A real Prometheus, on loopback: "prometheus NUMBER" starts one that listens
# at that port, with a configuration of its own.
prometheus_at()
{
    prometheus --config.file "$dir/prometheus.yml" \
        --storage.tsdb.path "$dir/tsdb" --log.level error \
        --web.listen-address "127.0.0.1:$1" >"$dir/prometheus.log" 2>&1 &
    prometheus_pid=$!
    cleanup_fn "kill $prometheus_pid; wait $prometheus_pid"
    wait_for 30 curl -s -f -o "$dir/out" "http://127.0.0.1:$1/-/ready" \
        && kill -0 "$prometheus_pid"
}

# asked PORT QUERY VALUE: what it says is that.
asked()
{
    curl -s -f -o "$dir/out" --data-urlencode "query=$2" \
        "http://127.0.0.1:$1/api/v1/query" \
        && [ "$(jq -r '.data.result[0].value[1]' "$dir/out")" = "$3" ]
}

try_prometheus()
{
    promtool check metrics <"$dir/text" >"$dir/out" 2>&1 \
        || fail "promtool: $(cat "$dir/out")"
    [ ! -s "$dir/out" ] || fail "promtool: $(cat "$dir/out")"
    promtool check rules "$top_srcdir/conf/prometheus/alerts.yml" \
        >"$dir/out" || fail "alerts.yml: $(cat "$dir/out")"
    cp "$top_srcdir/conf/prometheus"/*.yml "$dir/"
    printf x >"$dir/password" && printf x >"$dir/ca.pem"
    promtool check config --syntax-only "$dir/prometheus.yml" >"$dir/out" \
        || fail "prometheus.yml: $(cat "$dir/out")"
    # The example, with our addresses instead of those in it.
    printf %s "$password" >"$dir/password"
    sed -e 's/interval: .*/interval: 3s/; s/scheme: .*/scheme: http/' \
        -e '/tls_config/,/ca_file/d' \
        -e "s/targets: .*/targets: [\"127.0.0.1:$port\"]/" -i \
        "$dir/prometheus.yml"
    prometheus_at $((port + 20000)) || prometheus_at $((port + 20011)) \
        || fail "prometheus does not start"
    at=$(sed 's/.*://' /proc/$prometheus_pid/cmdline | tr -dc 0-9)
    wait_for 20 asked "$at" 'xvs_port_rx_packets_total{port="in"}' 3 \
        || fail "prometheus has not got it: $(curl -s \
            "http://127.0.0.1:$at/api/v1/targets")"
    asked "$at" 'sum(xvs_scrape_errors)' 0 || fail "$(cat "$dir/out")"
    asked "$at" 'count(ALERTS{alertstate="firing"}) or vector(0)' 0 \
        || fail "alarm: $(cat "$dir/out")"
    stop "$prometheus_pid" || :
}
if command -v prometheus >/dev/null && command -v promtool >/dev/null; then
    try_prometheus
fi

# Extensions that lie, and that hang: told, and the rest is there in time.
for name in bad-status hang-setting; do
    xvsctl schema add "$top_srcdir/tests/plugins/$name.mof"
    xvsctl ext install "$name.so"
    xvsctl ext enable "$name" lan --partition inline
done
scrape "$dir/text"
is 'xvs_scrape_errors{class="Test_BadStatus"}' 1
is 'xvs_scrape_errors{class="Test_HangStatus"}' 0
xvsctl feature add Test_Hang lan Seconds=15 >/dev/null 2>&1 &
cleanup_fn "kill $!"
hangs()
{
    scrape "$dir/text" -H 'X-Prometheus-Scrape-Timeout-Seconds: 1'
    # (Others answer in a second, unless the machine is busy.)
    [ "$(value 'xvs_scrape_errors{class="Test_HangStatus"}')" = 1 ] \
        && [ "$(value 'xvs_scrape_errors{class="XVS_AclPortStatus"}')" = 0 ]
}
wait_for 10 hangs || fail "one extension hangs: $(grep errors "$dir/text")"
is 'xvs_port_rx_packets_total{switch="lan",port="in"}' 3
stop "$xvsd_pid"
command -v prometheus >/dev/null \
    || skip "prometheus is not installed; everything else was tried"
