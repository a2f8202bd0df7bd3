/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A timer that is being called is out of the heap and marked, so that its
 * callback may remove it: it is freed when the callback has returned.
 */
#include <config.h>

#include "base/timers.h"

#include <limits.h>
#include <stdlib.h>

#include "base/memory.h"

struct loop_timer {
    struct timers *owner;       /* where it is */
    uint64_t due_ms;            /* loop_now_ms() when it expires */
    uint64_t delay_ms;          /* as asked for */
    uint64_t sequence;          /* age, for ties */
    size_t place;               /* index in the heap */
    loop_call call;             /* what to do */
    void *arg;                  /* for the call */
    bool repeat;                /* again after the call */
    bool is_running;            /* being called now, not in the heap */
    bool is_removed;            /* by its own call */
};

static bool
before(const struct loop_timer *a, const struct loop_timer *b)
{
    return a->due_ms < b->due_ms
           || (a->due_ms == b->due_ms && a->sequence < b->sequence);
}

static void
place(struct timers *timers, size_t at, struct loop_timer *timer)
{
    timers->heap[at] = timer;
    timer->place = at;
}

static void
sift_up(struct timers *timers, size_t at, struct loop_timer *timer)
{
    while (at > 0 && before(timer, timers->heap[(at - 1) / 2])) {
        place(timers, at, timers->heap[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
    place(timers, at, timer);
}

static void
sift_down(struct timers *timers, size_t at, struct loop_timer *timer)
{
    for (;;) {
        size_t child = at * 2 + 1;

        if (child + 1 < timers->n
            && before(timers->heap[child + 1], timers->heap[child])) {
            child++;
        }
        if (child >= timers->n || !before(timers->heap[child], timer)) {
            break;
        }
        place(timers, at, timers->heap[child]);
        at = child;
    }
    place(timers, at, timer);
}

static void
insert(struct timers *timers, struct loop_timer *timer, uint64_t due_ms)
{
    mem_grow(&timers->heap, &timers->capacity, timers->n,
             sizeof(*timers->heap));
    timer->due_ms = due_ms;
    timer->sequence = timers->sequence++;
    sift_up(timers, timers->n++, timer);
}

static void
extract(struct loop_timer *timer)
{
    struct timers *timers = timer->owner;
    struct loop_timer *last = timers->heap[--timers->n];
    size_t at = timer->place;

    if (last == timer) {
        return;
    }
    if (at > 0 && before(last, timers->heap[(at - 1) / 2])) {
        sift_up(timers, at, last);
    } else {
        sift_down(timers, at, last);
    }
}

void
timers_free(struct timers *timers)
{
    for (size_t i = 0; i < timers->n; i++) {
        free(timers->heap[i]);
    }
    free(timers->heap);
    *timers = (struct timers) { 0 };
}

struct loop_timer *
timers_add(struct timers *timers, uint64_t delay_ms, bool repeat,
           loop_call call, void *arg)
{
    struct loop_timer *timer = mem_zalloc(sizeof(*timer));

    timer->owner = timers;
    timer->delay_ms = delay_ms;
    timer->repeat = repeat;
    timer->call = call;
    timer->arg = arg;
    insert(timers, timer, loop_now_ms() + delay_ms);
    return timer;
}

void
loop_timer_remove(struct loop_timer *timer)
{
    if (!timer) {
        return;
    }
    if (timer->is_running) {
        timer->is_removed = true;
        return;
    }
    extract(timer);
    free(timer);
}

int
timers_wait(const struct timers *timers)
{
    if (timers->n == 0) {
        return -1;
    }
    uint64_t now = loop_now_ms();
    uint64_t due = timers->heap[0]->due_ms;

    if (due <= now) {
        return 0;
    }
    return due - now > INT_MAX ? INT_MAX : (int) (due - now);
}

static void
fire(struct timers *timers, struct loop_timer *timer, uint64_t now)
{
    extract(timer);
    timer->is_running = true;
    timer->call(timer->arg);
    timer->is_running = false;
    if (timer->is_removed || !timer->repeat) {
        free(timer);
        return;
    }
    /* Keep the beat, but do not catch up on beats that were missed. */
    uint64_t due = timer->due_ms + timer->delay_ms;

    insert(timers, timer, due > now ? due : now + 1);
}

void
timers_run(struct timers *timers)
{
    uint64_t now = loop_now_ms();
    uint64_t sequence = timers->sequence;

    while (timers->n > 0 && timers->heap[0]->due_ms <= now
           && timers->heap[0]->sequence < sequence) {
        fire(timers, timers->heap[0], now);
    }
}
