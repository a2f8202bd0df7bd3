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
 * The stride is no power of two, because the headers of all packets of a
 * burst would then meet in few sets of the processor's first cache.  A frame
 * of more than POOL_FRAME bytes lies in a chain of buffers (packet.h).
 *
 * All workers share a pool.  Each has a cache of free packets that it alone
 * uses; only refilling or emptying it takes the pool's lock, for half a cache
 * at a time.  The last packet freed is the next one used, so that few buffers
 * are in use, and these in the processor's cache.
 *
 * Buffers and metadata are sealed memory files, the buffers in huge pages when
 * the host has them to spare, so that another process can be given them.  It
 * can at most read the metadata.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <xvs/headers.h>

struct error;
struct pool;
struct pool_cache;

#define POOL_HEADROOM XVS_HEADROOM
#define POOL_FRAME XVS_FRAME
#define POOL_STRIDE (POOL_HEADROOM + POOL_FRAME)
#define POOL_FRAME_MAX 65600u   /* of a chain: 64 KiB and headers */

/* Where it all lies, for those who share it with another process. */
struct pool_view {
    uint32_t n;
    struct xvs_packet *packets; /* n */
    uint8_t *buffers;           /* n * POOL_STRIDE bytes */
    int packets_file, buffers_file;     /* the pool's */
    size_t buffers_size;        /* of the file */
};

/* 'n' packets; NULL with an error when memory is lacking. */
struct pool *pool_create(uint32_t n, struct error *error);
void pool_destroy(struct pool *pool);       /* accepts NULL */
void pool_view(const struct pool *pool, struct pool_view *view);
/* Whether it lies in huge pages. */
bool pool_is_huge(const struct pool *pool);
/* How often a worker got fewer packets than it wanted. */
uint64_t pool_shortages(const struct pool *pool);
/* Packets that nobody has: neither in use nor in a worker's cache. */
uint32_t pool_available(struct pool *pool);
/* Packets in all, and those that are in somebody's hands: neither in the
 * pool nor in a cache.  Any thread; a worker may be a burst ahead of it. */
uint32_t pool_size(const struct pool *pool);
uint32_t pool_used(struct pool *pool);
/* Packets that have ever been in a cache, which have the lowest numbers: those
 * of whose memory somebody has had use.  Any thread. */
uint32_t pool_reached(const struct pool *pool);

/* A worker's share.  Its packets go back when it is destroyed. */
struct pool_cache *pool_cache_create(struct pool *pool);
void pool_cache_destroy(struct pool_cache *cache);      /* accepts NULL */

/* Up to 'n' packets with 'data' behind the headroom, one buffer, length and
 * total 0, no offloads. */
uint32_t pool_get(struct pool_cache *cache, struct xvs_packet **packets,
                  uint32_t n);
/* Takes whole chains. */
void pool_put(struct pool_cache *cache, struct xvs_packet *const *packets,
              uint32_t n);

/* Makes the frame at least 'total' bytes long by adding buffers; false, and
 * the frame as it was, when there are not enough. */
bool pool_extend(struct pool_cache *cache, struct xvs_packet *packet,
                 uint32_t total);
/* Makes 'size' bytes the frame of a packet that is empty; false when there
 * are not enough buffers. */
bool pool_write(struct pool_cache *cache, struct xvs_packet *packet,
                const void *bytes, uint32_t size);
/* A copy of the frame and of what is known of it; NULL when there are not
 * enough buffers. */
struct xvs_packet *pool_twin(struct pool_cache *cache,
                             const struct xvs_packet *packet);
/* Copies up to 'size' bytes of a frame from 'offset'; returns how many. */
uint32_t pool_copy(const struct xvs_packet *packet, uint32_t offset,
                   void *out, uint32_t size);

/* The packet's place in the pool, which it always has. */
uint32_t pool_number(const struct pool *pool,
                     const struct xvs_packet *packet);
/* Its buffer, POOL_STRIDE bytes. */
uint8_t *pool_buffer(const struct pool *pool,
                     const struct xvs_packet *packet);
/* A byte for whoever holds the packet; new packets have an old one. */
uint8_t *pool_mark(const struct pool *pool, const struct xvs_packet *packet);

/* True when data and length are a frame inside of the packet's buffer. */
bool pool_holds(const struct pool *pool, const struct xvs_packet *packet);

#endif
