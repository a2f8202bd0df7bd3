/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_PORT_PACKET_RING_H
#define XVS_PORT_PACKET_RING_H

/*
 * Receiving by a ring of blocks that the kernel fills (TPACKET_V3).
 *
 *     | block: head, frame, frame, ... | block | ...    RING_BLOCKS of them
 *       ^ the kernel's until it is full or RING_HOLD_MS old, then ours
 *
 * Many frames cost one look at a block's head and no system call.  The price
 * is that a lone frame waits until its block is handed over.
 */

#include <stdbool.h>
#include <stdint.h>

struct error;
struct packet_ring;
struct pool_cache;
struct port_tally;
struct xvs_packet;

/* A block holds the largest super frame.  At rates that do not fill blocks in
 * time there is one for each millisecond, so that their number is how long a
 * worker may be kept from its work without loss. */
#define RING_BLOCK (128u << 10)
#define RING_BLOCKS 32u
#define RING_HOLD_MS 1u

/* Makes the ring of a packet socket that is not bound yet; the socket stays
 * the caller's.  NULL with an error. */
struct packet_ring *packet_ring_open(int fd, const char *name,
                                     struct error *error);
void packet_ring_close(struct packet_ring *ring);   /* accepts NULL */
/* As port_ops.receive. */
uint32_t packet_ring_receive(struct packet_ring *ring,
                             struct pool_cache *cache,
                             struct xvs_packet **packets, uint32_t max,
                             struct port_tally *tally);

#endif
