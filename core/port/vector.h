/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_PORT_VECTOR_H
#define XVS_PORT_VECTOR_H

/*
 * Packets as the kernel's vectors: a virtio header, then the frame in as many
 * buffers as it needs.  Receiving offers the kernel the longest chain and
 * keeps the buffers that it did not use for the next frame.
 */

#include <linux/virtio_net.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

#include "packet/pool.h"

/* Buffers of the longest frame. */
#define VECTOR_BUFFERS (POOL_FRAME_MAX / POOL_FRAME + 1)

struct vector {
    struct virtio_net_hdr head;
    struct xvs_packet *buffers[VECTOR_BUFFERS];
    uint32_t n;                         /* buffers that are there */
    struct iovec parts[VECTOR_BUFFERS + 1];     /* the head's first */
};

/* ---- Receiving ----------------------------------------------------------- */

/* Starts with no buffers. */
void vector_init(struct vector *vector);
/* Gets the buffers that are missing; false when there are too few for a frame
 * of 'size' bytes. */
bool vector_fill(struct vector *vector, struct pool_cache *cache,
                 uint32_t size);
/* A frame of 'size' bytes came: its packet, which the caller owns, with
 * the sender's requests; NULL when it is too short or contradicts itself. */
struct xvs_packet *vector_take(struct vector *vector, uint32_t size);
/* Gives back what is left. */
void vector_end(struct vector *vector, struct pool_cache *cache);

/* ---- Sending ------------------------------------------------------------- */

/* Head and frame; returns how many parts, 0 when the frame has too many. */
int vector_of(struct vector *vector, const struct xvs_packet *packet);

#endif
