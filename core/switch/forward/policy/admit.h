/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SWITCH_POLICY_ADMIT_H
#define XVS_SWITCH_POLICY_ADMIT_H

/*
 * What happens to packets that came in at a port with a policy, or at one
 * that is blocked, in this order:
 *
 *     mirror -> VLAN -> storm limits -> rate limit
 *
 * Behind it comes the ingress chain.  The storm limit of unknown unicast is
 * kept in decide.c, where that is known.
 */

#include <stdint.h>

struct forward;

/* Keeps those of the first 'n' packets of forward.live that may come in, and
 * returns how many. */
uint32_t admit_burst(struct forward *forward, uint32_t n);

#endif
