/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_PORT_XDP_RING_H
#define XVS_PORT_XDP_RING_H

/*
 * One of the four rings that an AF_XDP socket shares with the kernel.  One
 * side produces, the other consumes; both positions run freely and wrap, and
 * an entry's place is its position & mask.
 *
 *              their position --------> seen       (read when it runs out)
 *     ours:    fill, transmit: mine = producer     room    = size - (mine - seen)
 *              receive, completion: mine = consumer  waiting = seen - mine
 *
 * What the kernel writes is bounded: no more than the ring's size is ever
 * taken for there.
 */

#include <stdint.h>

struct ring {
    uint32_t *ours;             /* our position, shared */
    const uint32_t *theirs;     /* the kernel's */
    const uint32_t *flags;      /* XDP_RING_NEED_WAKEUP */
    void *entries;              /* struct xdp_desc or uint64_t */
    uint32_t size;              /* a power of two */
    uint32_t mine;              /* our position, not told yet */
    uint32_t seen;              /* theirs, when we last looked */
};

/* Entries of the kernel that wait for us; looks again if less than 'wanted'
 * are known of. */
static inline uint32_t
ring_waiting(struct ring *ring, uint32_t wanted)
{
    uint32_t n = ring->seen - ring->mine;

    if (n < wanted) {
        ring->seen = __atomic_load_n(ring->theirs, __ATOMIC_ACQUIRE);
        n = ring->seen - ring->mine;
        if (n > ring->size) {
            ring->seen = ring->mine;
            n = 0;
        }
    }
    return n < wanted ? n : wanted;
}

/* Entries that we may fill, looked at likewise. */
static inline uint32_t
ring_room(struct ring *ring, uint32_t wanted)
{
    uint32_t used = ring->mine - ring->seen;

    if (used > ring->size || ring->size - used < wanted) {
        ring->seen = __atomic_load_n(ring->theirs, __ATOMIC_ACQUIRE);
        used = ring->mine - ring->seen;
        if (used > ring->size) {
            used = ring->size;
        }
    }
    return ring->size - used < wanted ? ring->size - used : wanted;
}

/* The place of the entry 'i' after our position. */
static inline uint32_t
ring_place(const struct ring *ring, uint32_t i)
{
    return (ring->mine + i) & (ring->size - 1);
}

/* 'n' entries are filled, or read. */
static inline void
ring_pass(struct ring *ring, uint32_t n)
{
    ring->mine += n;
    __atomic_store_n(ring->ours, ring->mine, __ATOMIC_RELEASE);
}

/* Entries of ours that the kernel has not taken yet. */
static inline uint32_t
ring_untaken(const struct ring *ring)
{
    return ring->mine - __atomic_load_n(ring->theirs, __ATOMIC_ACQUIRE);
}

static inline uint32_t
ring_flags(const struct ring *ring)
{
    return __atomic_load_n(ring->flags, __ATOMIC_RELAXED);
}

#endif
