# SPDX-License-Identifier: BSD-3-Clause
# Many VMs with link fixed, each with a service, for "xvsctl feature apply".

# vms FROM TO: their settings.
vms()
{
    jq -n "[range($1; $2) | tostring as \$n | { class: \"XVS_ChannelVm\",
        properties: { SwitchName: \"host\", Name: \"vm\(\$n)\",
            Uuid: \"00000000-0000-4000-8000-\(\$n | \"0\" * (12 - length) + .)\",
            Aliases: [\"alias\(\$n)\", \"web\(\$n).example\"], Link: 4 } },
        { class: \"XVS_ChannelService\", properties: {
            SwitchName: \"host\", Vm: \"vm\(\$n)\", Port: 22,
            Path: \"/run/vm\(\$n)\" } }]"
}
