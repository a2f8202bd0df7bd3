/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_PACKET_POOL_H
#define XVS_PACKET_POOL_H

/*
 * Where packets live: one mapping of fixed buffers and, apart from them, one
 * cache line of metadata each (struct xvs_packet).
 *
 *     buffer i:  | headroom 128 | frame, at most POOL_FRAME        |
 *                <------------------ POOL_STRIDE ----------------->
 *
 * A pool belongs to one worker and is not locked.  The mapping is a sealed
 * memfd, so that another process can be given it later.  Frames over
 * POOL_FRAME bytes are not carried: drivers drop and count them.
 */

#include <stdbool.h>
#include <stdint.h>
#include <xvs/packet.h>

struct error;
struct pool;

#define POOL_STRIDE 2176u
#define POOL_HEADROOM 128u
#define POOL_FRAME (POOL_STRIDE - POOL_HEADROOM)

/* 'n' packets; NULL with an error when memory is lacking. */
struct pool *pool_create(uint32_t n, struct error *error);
void pool_destroy(struct pool *pool);       /* accepts NULL */

/* Up to 'n' packets with 'data' behind the headroom and length 0. */
uint32_t pool_get(struct pool *pool, struct xvs_packet **packets, uint32_t n);
void pool_put(struct pool *pool, struct xvs_packet *const *packets,
              uint32_t n);

/* True when data and length are a frame inside of the packet's buffer. */
bool pool_holds(const struct pool *pool, const struct xvs_packet *packet);

#endif
