/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_PORT_VHOST_RING_INFLIGHT_H
#define XVS_PORT_VHOST_RING_INFLIGHT_H

/*
 * Memory that the front end keeps for us, so that a switch that was killed
 * and is back finds where it was.
 *
 * We give buffers back in order and hold none between two bursts, and
 * so the tables of descriptors in it stay empty: what counts is the position.
 * Of a split ring the guest's memory tells it; of a packed one it does not,
 * and a burst can be given back but not noted, or noted but not given back:
 *
 *     note new position -> give the burst back -> old position = new one
 *
 * After a restart with old != new the first descriptor of the burst decides,
 * because it is written last.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;

/* The head of one queue's part; version 0: was never used. */
struct inflight_queue {
    uint64_t features;          /* 0 */
    uint16_t version;
    uint16_t n_desc;
    uint16_t free;              /* of the table of descriptors */
    uint16_t split_used;        /* split: index of the used ring */
    uint64_t position;          /* packed: see below */
};

/* A packed ring's position, written as one word: used and old used (16 bits
 * each), wrap counter and old wrap counter (8 bits each). */
static inline uint64_t
inflight_position(uint16_t used, bool wrap, uint16_t old_used, bool old_wrap)
{
    return used | (uint64_t) old_used << 16 | (uint64_t) wrap << 32
        | (uint64_t) old_wrap << 40;
}

struct inflight {
    uint8_t *at;                /* NULL: there is none */
    size_t size;
    uint32_t n_queues;
    uint32_t stride;            /* bytes of each queue's part */
};

/* New memory for so many queues; returns its descriptor, which is the
 * caller's, or -1. */
int inflight_create(uint32_t n_queues, uint32_t queue_size, uint64_t *size);
bool inflight_open(struct inflight *inflight, int fd, uint64_t offset,
                   uint64_t size, uint32_t n_queues, uint32_t queue_size,
                   int notify, struct error *error);
void inflight_close(struct inflight *inflight);
/* A queue's part, or NULL. */
struct inflight_queue *inflight_queue(const struct inflight *inflight,
                                      uint32_t queue);

#endif
