/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_BASE_LOOP_H
#define XVS_BASE_LOOP_H

/*
 * The event loop of a daemon's management thread: epoll, timers, signals,
 * deferred calls, and a door for other threads (loop_post).  All callbacks
 * run on the thread in loop_run(); only loop_post() and loop_stop() may be
 * called from elsewhere (loop_stop() also from a signal callback).
 * A watch or timer may be removed in any callback, its own included.
 */

#include <stdbool.h>
#include <stdint.h>

struct error;
struct loop;
struct loop_watch;
struct loop_timer;

/* Bits of 'events': what is waited for and what has happened. */
#define LOOP_READ 1u
#define LOOP_WRITE 2u
#define LOOP_CLOSED 4u      /* hang-up or error; always reported */

typedef void (*loop_fd_call)(void *arg, int fd, unsigned int events);
typedef void (*loop_call)(void *arg);

struct loop *loop_create(struct error *error);
/* Accepts NULL.  What was deferred or posted is not called any more. */
void loop_destroy(struct loop *loop);
/* Runs until loop_stop(). */
void loop_run(struct loop *loop);
void loop_stop(struct loop *loop);
/* Waits at most 'timeout_ms' (-1: for ever) and handles what is there. */
void loop_once(struct loop *loop, int timeout_ms);

/*
 * The descriptor stays the caller's: remove the watch, then close.  NULL with
 * errno when it cannot be waited for (a regular file).
 */
struct loop_watch *loop_watch_add(struct loop *loop, int fd,
                                  unsigned int events,
                                  loop_fd_call call, void *arg);
void loop_watch_set(struct loop_watch *watch, unsigned int events);
void loop_watch_remove(struct loop_watch *watch);       /* accepts NULL */

/*
 * Calls once after 'delay_ms', or every 'delay_ms' when 'repeat'.  A timer
 * without 'repeat' is gone when its call has returned: forget it there.
 */
struct loop_timer *loop_timer_add(struct loop *loop, uint64_t delay_ms,
                                  bool repeat, loop_call call, void *arg);
void loop_timer_remove(struct loop_timer *timer);       /* accepts NULL */

/* Calls after the current round of events; same thread only. */
void loop_defer(struct loop *loop, loop_call call, void *arg);
/* As loop_defer(), from any thread. */
void loop_post(struct loop *loop, loop_call call, void *arg);

/* Blocks the signal and calls on its arrival (signalfd). */
bool loop_signal(struct loop *loop, int number, loop_call call, void *arg,
                 struct error *error);

/* Monotonic time. */
uint64_t loop_now_ms(void);
uint64_t loop_now_ns(void);

#endif
