/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * See queue.h.
 */
#include "queue.h"

#include <stdatomic.h>
#include <stdlib.h>

struct place {
    _Atomic uint32_t number;    /* see queue.h */
    struct snoop_event event;
};

struct snoop_queue {
    _Alignas(64) _Atomic uint32_t tail; /* the next writer's turn */
    _Alignas(64) uint32_t head;         /* the reader's turn; its own */
    struct place places[SNOOP_QUEUE];
};

struct snoop_queue *
snoop_queue_create(void)
{
    struct snoop_queue *queue = aligned_alloc(64, sizeof(*queue));

    if (!queue) {
        return NULL;
    }
    atomic_init(&queue->tail, 0);
    queue->head = 0;
    for (uint32_t i = 0; i < SNOOP_QUEUE; i++) {
        atomic_init(&queue->places[i].number, i);
    }
    return queue;
}

void
snoop_queue_destroy(struct snoop_queue *queue)
{
    free(queue);
}

bool
snoop_queue_put(struct snoop_queue *queue, const struct snoop_event *event)
{
    uint32_t turn = atomic_load_explicit(&queue->tail, memory_order_relaxed);
    struct place *place;

    for (;;) {
        int32_t ahead;

        place = &queue->places[turn % SNOOP_QUEUE];
        ahead = (int32_t) (atomic_load_explicit(&place->number,
                                                memory_order_acquire) - turn);
        if (ahead < 0) {
            return false;
        }
        if (ahead > 0) {
            turn = atomic_load_explicit(&queue->tail, memory_order_relaxed);
        } else if (atomic_compare_exchange_weak_explicit(
                       &queue->tail, &turn, turn + 1, memory_order_relaxed,
                       memory_order_relaxed)) {
            break;
        }
    }
    place->event = *event;
    atomic_store_explicit(&place->number, turn + 1, memory_order_release);
    return true;
}

bool
snoop_queue_take(struct snoop_queue *queue, struct snoop_event *event)
{
    struct place *place = &queue->places[queue->head % SNOOP_QUEUE];

    if (atomic_load_explicit(&place->number, memory_order_acquire)
        != queue->head + 1) {
        return false;
    }
    *event = place->event;
    atomic_store_explicit(&place->number, queue->head + SNOOP_QUEUE,
                          memory_order_release);
    queue->head++;
    return true;
}
