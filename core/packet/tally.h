/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_PACKET_TALLY_H
#define XVS_PACKET_TALLY_H

/*
 * Counters of the packet path.  Every worker has a slot of its own in each
 * set of counters, so that counting is a plain addition; readers, on any
 * thread, add the slots up.
 */

#include <stddef.h>
#include <stdint.h>

#define WORKERS_MAX 16u         /* packet workers of a process, at most */

/* One writer; 'n' is mostly 0 in rare events' counters. */
static inline void
tally_add(uint64_t *counter, uint64_t n)
{
    if (n) {
        __atomic_store_n(counter,
                         __atomic_load_n(counter, __ATOMIC_RELAXED) + n,
                         __ATOMIC_RELAXED);
    }
}

static inline uint64_t
tally_read(const uint64_t *counter)
{
    return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

/* The sum over the slots, 'stride' bytes apart, of the counter that is at
 * 'first' in slot 0. */
static inline uint64_t
tally_sum(const uint64_t *first, size_t stride)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < WORKERS_MAX; i++) {
        sum += tally_read(first);
        first = (const uint64_t *) (const void *)
            ((const char *) first + stride);
    }
    return sum;
}

#endif
