/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SWITCH_POLICY_MIRROR_H
#define XVS_SWITCH_POLICY_MIRROR_H

/*
 * Mirroring: what a port gets and gives is sent to another port of the switch
 * as well, without a copy: the same buffers, before (in) or behind (out)
 * everything else that is done to them.  The target's own policies and the
 * chain do not see it.
 */

#include <stdint.h>

struct forward;
struct policy;
struct xvs_packet;

/* The first 'n' packets of forward.live, as they came. */
void mirror_in(struct forward *forward, const struct policy *policy,
               uint32_t n);
/* Packets that left a port with this policy, in these VLANs. */
void mirror_out(struct forward *forward, const struct policy *policy,
                struct xvs_packet *const *packets, const uint16_t *vlans,
                uint32_t n);

#endif
