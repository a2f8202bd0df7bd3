/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SWITCH_POLICY_VLAN_H
#define XVS_SWITCH_POLICY_VLAN_H

/*
 * VLAN tags of ports.  Inside the switch a frame of a VLAN has its tag; an
 * access port, or a trunk for its native VLAN, gets and gives it without.
 * The tag is put into the headroom and taken out by moving the addresses,
 * and what the metadata knows moves along.
 */

#include <stdbool.h>
#include <stdint.h>
#include <xvs/packet.h>
#include <xvs/switch.h>

struct pool;

/* 0: no tag, or a priority tag. */
static inline uint16_t
vlan_of(const struct xvs_packet *packet)
{
    return packet->flags & XVS_PACKET_VLAN ? packet->vlan & 0xfff : 0;
}

/* The VLAN in which a frame from such a port is. */
uint16_t vlan_inside(const struct xvs_port_policy *policy,
                     const struct xvs_packet *packet);
/* Takes a frame in from such a port; false: it is not in its VLANs. */
bool vlan_admit(const struct xvs_port_policy *policy, const struct pool *pool,
                struct xvs_packet *packet);

/* Changes the priority in the tag of a frame that has one. */
void vlan_set_priority(struct xvs_packet *packet, uint8_t priority);

/* Whether such a port gets frames of the VLAN. */
bool vlan_passes(const struct xvs_port_policy *policy, uint16_t vlan);
/* Whether it gets them without their tag. */
static inline bool
vlan_is_untagged(const struct xvs_port_policy *policy, uint16_t vlan)
{
    return policy->vlan_mode != XVS_VLAN_HYBRID && vlan != 0
        && vlan == policy->vlan;
}

/* What vlan_strip() took. */
struct vlan_tag {
    uint8_t bytes[4];
    uint16_t vlan;              /* of the metadata */
};

/* Takes the outer tag out of a frame that has one. */
void vlan_strip(struct xvs_packet *packet, struct vlan_tag *tag);
/* Puts it back: the frame is as it was. */
void vlan_restore(struct xvs_packet *packet, const struct vlan_tag *tag);

#endif
