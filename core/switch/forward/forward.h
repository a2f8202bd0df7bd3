/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SWITCH_FORWARD_FORWARD_H
#define XVS_SWITCH_FORWARD_FORWARD_H

/*
 * What happens to one burst from one port: parse, ingress chain, learn,
 * choose the way out, egress chain and transmit, port by port.
 */

#include <stdint.h>
#include <xvs/packet.h>

struct path;
struct pool;
struct vport;

/* A worker's room to work in. */
struct forward {
    struct pool *pool;
    struct xvs_packet *live[XVS_BURST];     /* packets not dropped yet */
    struct vport *to[XVS_BURST];            /* their way out */
    struct xvs_packet *out[XVS_BURST];      /* for the port in hand */
};

/* Between grace_online() and grace_quiet().  The packets stay the caller's. */
void forward_burst(struct forward *forward, const struct path *path,
                   struct vport *in, struct xvs_packet *const *packets,
                   uint32_t n, uint64_t now_ns);

#endif
