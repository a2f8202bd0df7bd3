/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See vlan.h.
 */

#include <config.h>

#include "switch/forward/policy/vlan.h"

#include <string.h>

#include "packet/parse.h"
#include "packet/pool.h"
#include "switch/forward/policy/policy.h"

#define TAG 4u                  /* bytes */
#define ADDRESSES 12u           /* bytes before a tag */
#define PRIORITY 0xf000u        /* of a tag control word, and what may be
                                 * dropped first */
#define PRIORITY_BITS 0xe000u   /* the priority alone */

uint16_t
vlan_inside(const struct xvs_port_policy *policy,
            const struct xvs_packet *packet)
{
    uint16_t vlan = vlan_of(packet);

    return vlan == 0 && policy->vlan_mode != XVS_VLAN_HYBRID
        ? policy->vlan : vlan;
}

bool
vlan_passes(const struct xvs_port_policy *policy, uint16_t vlan)
{
    switch (policy->vlan_mode) {
    case XVS_VLAN_ACCESS:
        return vlan == policy->vlan;
    case XVS_VLAN_TRUNK:
        return (vlan && vlan == policy->vlan)
            || policy_has_vlan(policy->trunk, vlan);
    default:
        return true;
    }
}

/* Where the metadata says things are, 'by' bytes further on. */
static void
shift(struct xvs_packet *packet, int by)
{
    packet->length = (uint32_t) ((int) packet->length + by);
    packet->total = (uint32_t) ((int) packet->total + by);
    packet->l3 = (uint16_t) (packet->l3 + by);
    packet->l4 = (uint16_t) (packet->flags & XVS_PACKET_L4
                             ? packet->l4 + by : packet->l4);
    if (packet->offload & XVS_OFFLOAD_CHECKSUM) {
        packet->csum_start = (uint16_t) (packet->csum_start + by);
    }
}

/* Puts a tag in front of all others; false: there is no room for it. */
static bool
push(const struct pool *pool, struct xvs_packet *packet, uint16_t control)
{
    packet->data -= TAG;
    shift(packet, TAG);
    if (!pool_holds(pool, packet)) {
        packet->data += TAG;
        shift(packet, -(int) TAG);
        return false;
    }
    memmove(packet->data, packet->data + TAG, ADDRESSES);
    packet->data[12] = 0x81;
    packet->data[13] = 0x00;
    packet->data[14] = (uint8_t) (control >> 8);
    packet->data[15] = (uint8_t) control;
    packet->vlan = control;
    packet->flags |= XVS_PACKET_VLAN;
    return true;
}

bool
vlan_admit(const struct xvs_port_policy *policy, const struct pool *pool,
           struct xvs_packet *packet)
{
    uint16_t vlan = vlan_of(packet);
    uint16_t inside = vlan_inside(policy, packet);

    if (policy->vlan_mode == XVS_VLAN_HYBRID) {
        return true;
    }
    /* An access port's own VLAN has no tag there. */
    if ((vlan && policy->vlan_mode == XVS_VLAN_ACCESS)
        || !vlan_passes(policy, inside)) {
        return false;
    }
    if (vlan == inside) {
        return true;
    }
    if (packet->flags & XVS_PACKET_VLAN) {
        packet->vlan = (uint16_t) ((packet->vlan & PRIORITY) | inside);
        packet->data[14] = (uint8_t) (packet->vlan >> 8);
        packet->data[15] = (uint8_t) packet->vlan;
        return true;
    }
    return push(pool, packet, inside);
}

void
vlan_set_priority(struct xvs_packet *packet, uint8_t priority)
{
    packet->vlan = (uint16_t) ((packet->vlan & ~PRIORITY_BITS)
                               | (uint32_t) priority << 13);
    packet->data[14] = (uint8_t) (packet->vlan >> 8);
}

void
vlan_strip(struct xvs_packet *packet, struct vlan_tag *tag)
{
    memcpy(tag->bytes, packet->data + ADDRESSES, TAG);
    tag->vlan = packet->vlan;
    memmove(packet->data + TAG, packet->data, ADDRESSES);
    packet->data += TAG;
    shift(packet, -(int) TAG);
    packet->flags &= (uint16_t) ~XVS_PACKET_VLAN;
}

void
vlan_restore(struct xvs_packet *packet, const struct vlan_tag *tag)
{
    packet->data -= TAG;
    shift(packet, TAG);
    memmove(packet->data, packet->data + TAG, ADDRESSES);
    memcpy(packet->data + ADDRESSES, tag->bytes, TAG);
    packet->vlan = tag->vlan;
    packet->flags |= XVS_PACKET_VLAN;
}
