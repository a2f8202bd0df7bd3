/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SWITCH_POLICY_POLICY_H
#define XVS_SWITCH_POLICY_POLICY_H

/*
 * Policies of ports and of the switch as workers see them: all parts that
 * extensions set (xvs/switch.h), in one struct that is published and never
 * changed but for the fill of its meters.  A port without one has NULL, which
 * costs the packet path one branch.
 *
 *     extension's thread                worker
 *     services.c, with the lock:
 *       copy, change, publish  ------>  vport->policy, path->policy
 *       old one after a grace period
 */

#include <stdbool.h>
#include <stdint.h>
#include <xvs/switch.h>

#include "packet/grace.h"
#include "switch/forward/policy/meter.h"

#define POLICY_PORT_PARTS 11u   /* XVS_POLICY_... */
#define POLICY_SWITCH_PARTS 3u  /* XVS_SWITCH_... */

#define POLICY_AGEING 300u      /* seconds, unless set */
#define POLICY_LOOP_MOVES 32u
#define POLICY_LOOP_SECONDS 30u

struct vport;

struct policy {
    struct grace_call grace;    /* for freeing it */
    struct xvs_port_policy set; /* parts that nobody set are 0 */
    uint32_t parts;             /* that somebody set */
    struct meter storm[XVS_STORM_KINDS];    /* in packets */
    struct meter storm_bits[XVS_STORM_KINDS];   /* in bytes */
    struct meter in, out, guarantee;        /* in bytes */
};

struct switch_policy {
    struct grace_call grace;    /* for freeing it */
    struct xvs_switch_policy set;
    uint32_t n_routers;
    uint32_t routers[];         /* ports with XVS_PORT_ALL_MULTICAST */
};

/* Whose the parts are; a zero GUID: nobody's.  Under the policy lock. */
struct policy_owners {
    struct xvs_guid of[POLICY_PORT_PARTS];
};

/* True when 'who' may set all of 'parts'. */
bool policy_may(const struct policy_owners *owners, uint32_t parts,
                const struct xvs_guid *who);
/* Notes that the parts are of 'who'; NULL: of nobody. */
void policy_own(struct policy_owners *owners, uint32_t parts,
                const struct xvs_guid *who);
/* The parts that 'who' has. */
uint32_t policy_parts_of(const struct policy_owners *owners,
                         const struct xvs_guid *who);

/* A policy's values are in range. */
bool policy_check(const struct xvs_port_policy *set, uint32_t parts);
bool policy_check_switch(const struct xvs_switch_policy *set,
                         uint32_t parts);

/* A copy of 'old' (or NULL) with these parts of 'set' (NULL: without them);
 * NULL when nothing is left. */
struct policy *policy_change(struct policy *old, uint32_t parts,
                             const struct xvs_port_policy *set,
                             uint64_t now_ns);
void policy_retire(struct policy *policy);      /* accepts NULL */

/* Changes members of 'set' to those of 'from' (NULL: to their defaults). */
void policy_change_switch(struct xvs_switch_policy *set, uint32_t parts,
                          const struct xvs_switch_policy *from);

static inline bool
policy_has_vlan(const uint8_t *vlans, uint16_t vlan)
{
    return vlans[vlan >> 3] >> (vlan & 7) & 1;
}

#endif
