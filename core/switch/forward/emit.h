/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SWITCH_FORWARD_EMIT_H
#define XVS_SWITCH_FORWARD_EMIT_H

/*
 * What happens to packets on their way out of a port, with what its policy
 * says:
 *
 *     which ones at all -> egress chain -> rate limit -> queues (egress.h)
 *           -> VLAN tag -> fit -> transmit -> mirror
 *
 * A frame may go to other ports behind this one, so a tag that was taken out
 * for this port is put back.
 */

#include <stdint.h>

struct forward;
struct vport;
struct xvs_packet;

/* Before the chain: moves those that the port gets to the front, and returns
 * how many. */
uint32_t emit_select(const struct forward *forward, struct vport *port,
                     struct xvs_packet **packets, uint32_t n);
/* Behind the chain: sends them, as the port's policy says. */
void emit_burst(struct forward *forward, struct vport *port,
                struct xvs_packet **packets, uint32_t n);
/* The same behind the queues. */
void emit_now(struct forward *forward, struct vport *port,
              struct xvs_packet **packets, uint32_t n);
/* Sends them as they are. */
void emit_plain(struct forward *forward, struct vport *port,
                struct xvs_packet **packets, uint32_t n);
/* Sends a packet of the switch's own, past the chain. */
void emit_one(struct forward *forward, struct vport *port,
              struct xvs_packet *packet);

#endif
