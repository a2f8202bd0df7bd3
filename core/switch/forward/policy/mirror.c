/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See mirror.h.
 */

#include <config.h>

#include "switch/forward/policy/mirror.h"

#include <stdbool.h>
#include <xvs/packet.h>

#include "switch/forward/emit.h"
#include "switch/forward/forward.h"
#include "switch/forward/policy/vlan.h"
#include "switch/forward/table.h"

static bool
is_wanted(const struct policy *policy, uint16_t vlan)
{
    return !policy->set.mirror_vlan || policy->set.mirror_vlan == vlan;
}

static void
send(struct forward *forward, const struct policy *policy,
     struct xvs_packet **packets, uint32_t n)
{
    struct vport *target = table_find(forward->table,
                                      policy->set.mirror_port);

    if (target && n) {
        emit_plain(forward, target, packets, n);
    }
}

void
mirror_in(struct forward *forward, const struct policy *policy, uint32_t n)
{
    struct xvs_packet *wanted[XVS_BURST];
    uint32_t m = 0;

    for (uint32_t i = 0; i < n; i++) {
        if (is_wanted(policy, vlan_inside(&policy->set, forward->live[i]))) {
            wanted[m++] = forward->live[i];
        }
    }
    send(forward, policy, wanted, m);
}

void
mirror_out(struct forward *forward, const struct policy *policy,
           struct xvs_packet *const *packets, const uint16_t *vlans,
           uint32_t n)
{
    struct xvs_packet *wanted[XVS_BURST];
    uint32_t m = 0;

    for (uint32_t i = 0; i < n; i++) {
        if (is_wanted(policy, vlans[i])) {
            wanted[m++] = packets[i];
        }
    }
    send(forward, policy, wanted, m);
}
