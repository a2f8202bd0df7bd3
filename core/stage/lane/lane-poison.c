/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A packet that ends processes is kept: the worker copies it when it drops it,
 * because nobody else may touch its buffers, and the main thread fetches the
 * copies.  There are few of them, and none when memory is short; whoever is
 * not kept is counted.
 *
 *     workers: push --> | newest ... oldest | --> main thread takes all
 */

#include <config.h>

#include "stage/lane/lanes-inside.h"

#include <stdlib.h>
#include <time.h>

#include "packet/pool.h"

/* A place for a copy: false when there are enough of them. */
static bool
reserve(struct lanes *lanes)
{
    uint32_t before = __atomic_fetch_add(&lanes->n_poison, 1,
                                         __ATOMIC_RELAXED);

    if (before >= LANES_POISON) {
        __atomic_fetch_sub(&lanes->n_poison, 1, __ATOMIC_RELAXED);
        return false;
    }
    return true;
}

struct lanes_poison *
lanes_poison_copy(const struct xvs_packet *packet, bool egress)
{
    struct lanes_poison *copy = malloc(sizeof *copy + packet->total);
    struct timespec now;

    if (!copy) {
        return NULL;
    }
    clock_gettime(CLOCK_REALTIME, &now);
    *copy = (struct lanes_poison) {
        .time = (uint64_t) now.tv_sec * 1000000000u + (uint64_t) now.tv_nsec,
        .in_port = packet->in_port, .gso_size = packet->gso_size,
        .offload = packet->offload, .gso_type = packet->gso_type,
        .egress = egress };
    copy->size = pool_copy(packet, 0, copy->frame, packet->total);
    return copy;
}

static void
push(struct lanes *lanes, struct lanes_poison *copy)
{
    copy->next = __atomic_load_n(&lanes->poison, __ATOMIC_RELAXED);
    while (!__atomic_compare_exchange_n(&lanes->poison, &copy->next, copy,
                                        true, __ATOMIC_RELEASE,
                                        __ATOMIC_RELAXED)) {
    }
}

void
lane_keep_poison(struct lane *lane)
{
    struct lanes *lanes = lane->lanes;
    const struct xvs_packet *packet = lane->packets[lane->head % SHARE_LANE];
    struct lanes_poison *copy = NULL;
    uint32_t ends = lane->ends;

    if (reserve(lanes)) {
        copy = lanes_poison_copy(packet, lane->directions[lane->head
                                             % SHARE_LANE] == SHARE_EGRESS);
        if (!copy) {
            __atomic_fetch_sub(&lanes->n_poison, 1, __ATOMIC_RELAXED);
        }
    }
    tally_add(&lane->tally.unkept, copy == NULL);
    tally_add(&lane->tally.poison, 1);
    lane->ends = 0;
    if (copy) {
        copy->pid = lane->ended;
        copy->ends = ends;
        push(lanes, copy);
    }
}

struct lanes_poison *
lanes_poison_turn(struct lanes_poison *newest)
{
    struct lanes_poison *oldest = NULL;

    while (newest) {
        struct lanes_poison *next = newest->next;

        newest->next = oldest;
        oldest = newest;
        newest = next;
    }
    return oldest;
}

struct lanes_poison *
lanes_take_poison(struct lanes *lanes)
{
    struct lanes_poison *oldest = lanes_poison_turn(
        __atomic_exchange_n(&lanes->poison, NULL, __ATOMIC_ACQUIRE));

    for (struct lanes_poison *one = oldest; one; one = one->next) {
        __atomic_fetch_sub(&lanes->n_poison, 1, __ATOMIC_RELAXED);
    }
    return oldest;
}
