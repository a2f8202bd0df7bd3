/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The steps of admit.h, each over the whole burst.
 */

#include <config.h>

#include "switch/forward/policy/admit.h"

#include <stdbool.h>
#include <string.h>
#include <xvs/packet.h>

#include "switch/forward/forward.h"
#include "switch/forward/policy/loop.h"
#include "switch/forward/policy/mirror.h"
#include "switch/forward/policy/queue.h"
#include "switch/forward/policy/vlan.h"
#include "switch/forward/table.h"

static uint32_t
drop(const struct forward *forward, enum drop_reason reason, uint32_t n,
     uint32_t left)
{
    vport_drop(forward->in, forward->worker, reason, n - left);
    return left;
}

static uint32_t
admit_vlan(struct forward *forward, const struct policy *policy, uint32_t n)
{
    uint32_t left = 0;

    for (uint32_t i = 0; i < n; i++) {
        struct xvs_packet *packet = forward->live[i];

        if (vlan_admit(&policy->set, forward->pool, packet)) {
            forward->live[left++] = packet;
        }
    }
    return drop(forward, DROP_VLAN, n, left);
}

/* Gives frames the priority that the port says, in their tags, or beside them
 * when they have none. */
static void
mark(const struct forward *forward, const struct policy *policy, uint32_t n)
{
    const struct xvs_port_policy *set = &policy->set;

    for (uint32_t i = 0; i < n; i++) {
        struct xvs_packet *packet = forward->live[i];
        int dscp = set->mark_mode == XVS_MARK_DSCP ? queue_dscp(packet) : -1;
        uint8_t priority = dscp < 0 ? set->mark_priority : set->mark_of[dscp];

        if (packet->flags & XVS_PACKET_VLAN) {
            vlan_set_priority(packet, priority);
        } else {
            queue_mark(packet, priority);
        }
    }
}

static bool
is_of_kind(const struct xvs_packet *packet, enum xvs_storm kind)
{
    bool broadcast = memcmp(packet->data, "\xff\xff\xff\xff\xff\xff", 6) == 0;

    return kind == XVS_STORM_BROADCAST ? broadcast
        : (packet->data[0] & 1) && !broadcast;
}

/* Frames on the wire that the packet stands for. */
static uint32_t
frames(const struct xvs_packet *packet)
{
    return packet->gso_type == XVS_GSO_NONE || packet->gso_size == 0
        ? 1 : (packet->total + packet->gso_size - 1) / packet->gso_size;
}

/* Both limits of a kind of storm: frames and bytes. */
struct storm {
    bool has[2];
    struct meter_look look[2];
};

/* A frame that one limit refuses takes nothing of the other. */
static bool
storm_take(struct storm *storm, const struct xvs_packet *packet)
{
    if ((storm->has[0] && !meter_has(&storm->look[0]))
        || (storm->has[1] && !meter_has(&storm->look[1]))) {
        return false;
    }
    if (storm->has[0]) {
        meter_charge(&storm->look[0], frames(packet));
    }
    if (storm->has[1]) {
        meter_charge(&storm->look[1], packet->total);
    }
    return true;
}

static uint32_t
admit_storm(struct forward *forward, struct policy *policy,
            enum xvs_storm kind, uint32_t n)
{
    struct meter *meters[2] = { &policy->storm[kind],
                                &policy->storm_bits[kind] };
    struct storm storm = { { meters[0]->rate != 0, meters[1]->rate != 0 },
                           { { 0 } } };
    uint32_t left = 0;

    if (!storm.has[0] && !storm.has[1]) {
        return n;
    }
    for (int i = 0; i < 2; i++) {
        if (storm.has[i]) {
            meter_look(&storm.look[i], meters[i], forward->now);
        }
    }
    for (uint32_t i = 0; i < n; i++) {
        struct xvs_packet *packet = forward->live[i];

        if (!is_of_kind(packet, kind) || storm_take(&storm, packet)) {
            forward->live[left++] = packet;
        }
    }
    for (int i = 0; i < 2; i++) {
        if (storm.has[i]) {
            meter_commit(&storm.look[i]);
        }
    }
    return drop(forward, kind == XVS_STORM_BROADCAST ? DROP_BROADCAST
                                                     : DROP_MULTICAST,
                n, left);
}

static uint32_t
admit_rate(struct forward *forward, struct policy *policy, uint32_t n)
{
    struct meter_look look;
    uint32_t left = 0;

    if (!policy->in.rate) {
        return n;
    }
    meter_look(&look, &policy->in, forward->now);
    for (uint32_t i = 0; i < n; i++) {
        struct xvs_packet *packet = forward->live[i];

        if (meter_take(&look, packet->total)) {
            forward->live[left++] = packet;
        }
    }
    meter_commit(&look);
    return drop(forward, DROP_RATE_IN, n, left);
}

uint32_t
admit_burst(struct forward *forward, uint32_t n)
{
    struct vport *in = forward->in;
    struct policy *policy = xvs_read(in->policy);

    if (vport_special(in) & VPORT_DISABLED) {
        return 0;
    }
    if (loop_is_blocked(in, forward->now)) {
        return drop(forward, DROP_LOOP, n, 0);
    }
    if (!policy) {
        return n;
    }
    if (policy->set.mirror_directions & XVS_MIRROR_IN) {
        mirror_in(forward, policy, n);
    }
    if (policy->set.flags & XVS_PORT_MIRROR_ONLY) {
        return drop(forward, DROP_ISOLATION, n, 0);
    }
    if (policy->set.vlan_mode != XVS_VLAN_HYBRID) {
        n = admit_vlan(forward, policy, n);
    }
    if (policy->set.mark_mode != XVS_MARK_TRUST) {
        mark(forward, policy, n);
    }
    n = admit_storm(forward, policy, XVS_STORM_BROADCAST, n);
    n = admit_storm(forward, policy, XVS_STORM_MULTICAST, n);
    return admit_rate(forward, policy, n);
}
