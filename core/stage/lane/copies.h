/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_LANE_COPIES_H
#define XVS_STAGE_LANE_COPIES_H

/*
 * Copies of packets, for a process that is not to touch xvs-switch's own.
 *
 * The memory that such a process shares has SHARE_LANE buffers for each
 * worker.  Packets come back in the order in which they went, so that these
 * are a ring, and positions count up for ever:
 *
 *     | free | copy of the oldest packet |  ...  | of the last one | free |
 *             first                                                 next
 *
 * A frame of several buffers takes as many, of the same lengths and with the
 * bytes at the same places, so that a hook sees what it would see without
 * copies.  What it wrote comes back when the packet does, and only then: until
 * then xvs-switch's own is as it was, however the process ends.
 */

#include <stdint.h>
#include <xvs/packet.h>

struct pool;
struct share;

#define COPIES_PARTS 34u        /* buffers of the largest frame */

/* Buffers that a frame lies in. */
static inline uint32_t
copies_needed(const struct xvs_packet *packet)
{
    uint32_t n = 1;

    while ((packet = packet->next)) {
        n++;
    }
    return n;
}

/* Copies the packet, which is of the pool, into the worker's buffers from
 * 'position' on; returns the number that the process knows the copy by. */
uint32_t copies_make(struct share *share, uint32_t worker, uint32_t position,
                     const struct pool *pool,
                     const struct xvs_packet *packet);
/*
 * The frame is that of the copy then.  Its first buffer has 'length' bytes, at
 * 'place' in the buffer, as the process says; what is outside of the buffer is
 * not copied.  Nothing is read twice, and the packet's metadata stay.
 */
void copies_take(const struct share *share, uint32_t worker,
                 uint32_t position, const struct pool *pool,
                 const struct xvs_packet *packet, uint32_t place,
                 uint32_t length);

#endif
