/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_PORT_FRAMES_H
#define XVS_PORT_FRAMES_H

/*
 * Frames between the pool and a ring (ring.h).  Workers call this.
 */

#include <stdbool.h>
#include <stdint.h>

struct pool_cache;
struct port_tally;
struct ring_end;
struct xvs_packet;

/* Takes up to 'max' frames out of the ring and gives their slots back. */
uint32_t frames_receive(struct ring_end *rx, struct pool_cache *cache,
                        struct xvs_packet **packets, uint32_t max,
                        struct port_tally *tally);
/* Adds a frame to the ring, not shown yet, behind 'n' bytes that precede it;
 * false when there is no room. */
bool frames_give(struct ring_end *tx, const struct xvs_packet *packet,
                 const void *before, uint32_t n);

#endif
