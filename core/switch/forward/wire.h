/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SWITCH_FORWARD_WIRE_H
#define XVS_SWITCH_FORWARD_WIRE_H

/*
 * Frames as a wire has them, for stages that can do nothing with a super frame
 * or an open checksum (XVS_TRAIT_WIRE).  What a port that meets such a stage
 * gives is finished before its first stage; so all stages see what leaves.
 */

#include <stdbool.h>
#include <stdint.h>

struct chain;
struct forward;
struct vport;
struct xvs_packet;

#define WIRE_PARTS 48u          /* of a usual super frame, at most */

/* Whether these packets of the port are to be finished before the chain. */
bool wire_is_wanted(const struct chain *chain, struct vport *in,
                    struct xvs_packet *const *packets, uint32_t n);
/* Finishes them, and calls forward_frames() with what there is then. */
void wire_burst(struct forward *forward, struct vport *in,
                struct xvs_packet **packets, uint32_t n);

#endif
