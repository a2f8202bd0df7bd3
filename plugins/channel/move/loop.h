/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CHANNEL_LOOP_H
#define CHANNEL_LOOP_H

/*
 * What happens when: descriptors that are watched, and points in time.  All of
 * it is the extension's control thread's; nothing in the extension waits.
 *
 * The loop has an epoll of its own, whose descriptor the host watches; so one
 * call of ready() takes many events.  Who is called may remove anything,
 * itself included: what was removed is not called any more, even when the
 * kernel had told of it already.
 */

#include <stdbool.h>
#include <stdint.h>

struct loop;

/* A descriptor that is watched.  The owner's memory; zero: not watched. */
struct watch {
    int fd;
    uint32_t events;            /* EPOLLIN, ...; edge-triggered if it says */
    void (*ready)(struct watch *watch, uint32_t events);
    struct loop *loop;          /* the loop's own, as the next ones */
    uint32_t slot, asked;       /* 0: not in its epoll; for which events */
    uint32_t posted;            /* events to be told of soon; 0: none */
    struct watch *next, *prev;  /* of those that are posted */
};

/* A point in time.  The owner's memory; zero: not set. */
struct alarm {
    void (*due)(struct alarm *alarm);
    uint64_t at;                /* ns, monotonic */
    uint32_t place;             /* the loop's own: in its heap, from 1 */
};

/* NULL: no memory, no descriptors. */
struct loop *loop_create(void);
void loop_destroy(struct loop *loop);
/* For the host to watch: readable when loop_run() has something to do. */
int loop_descriptor(const struct loop *loop);
/* Calls all that is ready and due, a bounded number of them. */
void loop_run(struct loop *loop);
/* ns, monotonic; within loop_run() as of its last look at the clock. */
uint64_t loop_now(const struct loop *loop);

/* Watches 'watch->fd' for 'events', or from now on for others; 0: keeps its
 * place, hears of nothing but the end.  False: no memory. */
bool loop_watch(struct loop *loop, struct watch *watch, uint32_t events);
/* Before its fd is closed. */
void loop_unwatch(struct watch *watch);
/* The same, for who closes the fd at once and has no copy of it: the kernel
 * forgets it then. */
void loop_drop(struct watch *watch);
/* Sets it, or sets it anew.  False: no memory. */
bool loop_alarm(struct loop *loop, struct alarm *alarm, uint64_t at);
void loop_cancel(struct loop *loop, struct alarm *alarm);
/* Calls 'watch->ready' with 'events' soon, not from within this call; the
 * watch need not be watched.  loop_unwatch() takes it back. */
void loop_post(struct loop *loop, struct watch *watch, uint32_t events);

#endif
