/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_THREAD_H
#define XVS_STAGE_THREAD_H

/*
 * The control thread of one stage: runs pieces of work one at a time in the
 * order in which they were given, a timer, and whatever was left for
 * "between" (memory to release).  It never touches the main thread's data;
 * the main thread never waits for it.
 *
 *       thread_give()          thread             thread_collect()
 *     ----------------> inbox --------> finished ------------------>
 *        <------------    |
 *      thread_take_back() + not begun yet
 *
 * Waking another thread costs more than most pieces of work.  So the main
 * thread gives all that it has before it calls thread_wake(), and the thread
 * tells of what is finished when its inbox is empty, or when somebody could
 * have waited for long.  A piece that hangs would hide those before it: who
 * has given work looks after it (thread_look()) within a millisecond.
 */

#include <stdbool.h>
#include <stdint.h>

struct error;
struct loop;
struct thread;

typedef void (*thread_call)(void *arg);

/* A member of the caller's own struct; the thread's while it is given. */
struct thread_work {
    struct thread_work *next;   /* in a list */
    void (*run)(struct thread_work *work);      /* on the thread */
};

struct thread_calls {
    thread_call done;           /* on the loop: thread_collect() now */
    thread_call timer;          /* on the thread */
    thread_call between;        /* on the thread, after thread_poke() */
    void *arg;                  /* for the three */
};

struct thread *thread_create(struct loop *loop, const char *name,
                             const struct thread_calls *calls,
                             struct error *error);
/* Joins; all work must have been collected.  Accepts NULL. */
void thread_destroy(struct thread *thread);

/* The next five: loop thread.  Appends to the inbox. */
void thread_give(struct thread *thread, struct thread_work *work);
/* After thread_give(): makes sure that the thread looks at its inbox. */
void thread_wake(struct thread *thread);
/* Everything that was not begun yet, in order. */
struct thread_work *thread_take_back(struct thread *thread);
/* Everything that is finished, in order.  In and only in 'done': 'called'. */
struct thread_work *thread_collect(struct thread *thread, bool called);
/*
 * The work that has been running since '*since_ms' (loop_now_ms()), when all
 * before it was collected; the thread will tell when it ends.  NULL: look
 * again soon.
 */
struct thread_work *thread_look(struct thread *thread, uint64_t *since_ms);

/* Any thread. */
void thread_poke(struct thread *thread);
/* Any thread: calls 'timer' every 'milliseconds'; 0 ends it. */
void thread_timer(struct thread *thread, uint32_t milliseconds);
/* Any thread, also a packet worker, which waits for nobody in it: calls
 * 'timer' once, soon.  Until that call begins, more of these do nothing;
 * what was written before one of them is seen in it. */
void thread_call_timer(struct thread *thread);
/* Packet worker: its own calls of that wait from now on, and those that wait are
 * made.  To wake another thread takes longer than a burst, which is not to wait
 * for it; a thread that packets can reach lives until its workers are quiet, and
 * they make their calls before that. */
void thread_hold_calls(void);
void thread_make_calls(void);

#endif
