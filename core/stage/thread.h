/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_THREAD_H
#define XVS_STAGE_THREAD_H

/*
 * The control thread of one stage: runs one piece of work at a time, a timer,
 * and whatever was left for "between" (memory to release).  It never touches
 * the main thread's data; the main thread never waits for it.
 */

#include <stdbool.h>
#include <stdint.h>

struct error;
struct loop;
struct thread;

typedef void (*thread_call)(void *arg);

struct thread_calls {
    thread_call done;           /* on the loop, when the work has ended */
    thread_call timer;          /* on the thread */
    thread_call between;        /* on the thread, after thread_poke() */
    void *arg;                  /* for the three */
};

struct thread *thread_create(struct loop *loop, const char *name,
                             const struct thread_calls *calls,
                             struct error *error);
/* Joins; the thread must have no work.  Accepts NULL. */
void thread_destroy(struct thread *thread);

/* Loop thread; the last work must have been done. */
void thread_give(struct thread *thread, thread_call work, void *arg);
/* Any thread. */
void thread_poke(struct thread *thread);
/* Any thread: calls 'timer' every 'milliseconds'; 0 ends it. */
void thread_timer(struct thread *thread, uint32_t milliseconds);

#endif
