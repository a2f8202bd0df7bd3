/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_BASE_TIMERS_H
#define XVS_BASE_TIMERS_H

/*
 * The timers of one event loop: a binary heap ordered by time, ties by age.
 * Only loop.c uses it; everybody else sees loop_timer_add().
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/loop.h"

struct timers {
    struct loop_timer **heap;   /* the next one to expire first */
    size_t n;                   /* entries of the heap */
    size_t capacity;            /* of the heap, in entries */
    uint64_t sequence;          /* given to the next timer inserted */
};

/* Frees all timers, without calling them. */
void timers_free(struct timers *timers);
struct loop_timer *timers_add(struct timers *timers, uint64_t delay_ms,
                              bool repeat, loop_call call, void *arg);
/* Milliseconds until the first one is due, -1: there is none. */
int timers_wait(const struct timers *timers);
/* Calls those that are due now; what they add waits for the next time. */
void timers_run(struct timers *timers);

#endif
