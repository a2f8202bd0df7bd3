# SPDX-License-Identifier: BSD-3-Clause
# The packages xvs-agent and xvs-connect: a client talks to a service that only an
# agent reaches.  Of the machine whose root is $root, where inside() runs
# commands; sourced by tests of packages.

# What both ends are told.
channel_prepare()
{
    printf '%s\n' 'unix /run/xvs-agent.sock' 'allow 7=unix:/run/echo.sock' \
        >"$root/etc/xvs-agent.conf"
    inside xvsctl schema add /usr/share/xvs/mof/xvs_channel.mof
    inside xvsctl ext install channel.so
    inside xvsctl ext enable channel host
    for setting in "Client Name=alice Token=0123456789abcdef0123" \
        "Rule Client=alice Vm=*" "Listener Listen=127.0.0.1:7070"; do
        # shellcheck disable=SC2086
        inside xvsctl feature add XVS_Channel${setting%% *} host \
            ${setting#* } >/dev/null
    done
    inside xvsctl vm register guest --link agent --path /run/xvs-agent.sock
    echo 0123456789abcdef0123 >"$root/root/token"
    chmod 600 "$root/root/token"
}

channel_echoes()
{
    [ "$(echo "$1" | inside timeout 20 xvs-connect --proxy 127.0.0.1:7070 \
        --token-file /root/token guest 7 2>"$dir/connect.log")" = "$1" ]
}

channel_try()
{
    wait_for 20 channel_echoes hello || fail "xvs-connect: $(inside xvsctl vm list)"
    ! inside timeout 20 xvs-connect --proxy 127.0.0.1:7070 guest 7 \
        </dev/null 2>"$dir/connect.log" || fail "without a token"
}
