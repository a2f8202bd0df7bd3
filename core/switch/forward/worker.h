/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SWITCH_FORWARD_WORKER_H
#define XVS_SWITCH_FORWARD_WORKER_H

/*
 * A thread that carries packets.  It has a list of receive queues; each is
 *
 *     hot    asked for packets in every round, without a system call where
 *            the driver can; until it had none for EAGER_US
 *     cold   its descriptor is in the worker's epoll set and says when
 *            packets come
 *
 * With no hot queue the worker sleeps: an idle switch costs nothing, and a
 * thousand idle ports do not slow a busy one.
 *
 *     main thread                               worker
 *     list of queues --published--> queue_list --> queue --> vport, driver
 *     epoll set: add, remove                    waits, asks, forwards
 *
 * A list never changes; the worker looks for a new one in each round.  Which
 * worker has which queue is decided in workers.c.
 */

#include <stdbool.h>
#include <stdint.h>

#include "packet/grace.h"
#include "port/port.h"

struct error;
struct loop;
struct loop_timer;
struct pool;
struct vport;
struct worker;

/* A receive queue and what its worker knows of it. */
struct worker_queue {
    struct grace_call grace;    /* for moving or freeing it */
    struct worker_queue *next;  /* in workers.c's list; main thread */
    struct workers *workers;    /* whose list; main thread */
    struct vport *port;
    struct port *driver;
    struct port_queue *queue;
    int watched;                /* descriptor in the epoll set, or -1 */
    uint32_t worker;            /* whose it is, or will be; main thread */
    uint32_t from;              /* whose it was, while it moves; main thread */
    bool moving;                /* between two workers; main thread */
    bool removed;               /* to be freed; main thread */
    struct loop_timer *wait;    /* until it may move; main thread; or NULL */
    bool hot;                   /* the worker's */
    bool dead;                  /* the worker's: its interface has gone */
    uint64_t last;              /* the worker's: cycles, last packets */
    uint64_t busy;              /* cycles spent on its packets; atomic */
    uint64_t seen;              /* 'busy' at the last balancing; main thread */
};

/* A worker's queues; published, never changed. */
struct queue_list {
    struct grace_call grace;    /* for freeing it */
    uint32_t n;
    struct worker_queue *queues[];
};

/* On the main thread: what a worker found out about a port's interface. */
typedef void (*worker_news)(void *arg, uint32_t port_id, enum port_news news);

/* 'number' is its slot in counters; 'cpu' pins it, -1 does not. */
struct worker *worker_start(struct loop *loop, struct pool *pool,
                            uint32_t number, int cpu, worker_news on_news,
                            void *arg, struct error *error);
/* Ends the thread; false when a packet hook does not return in time. */
bool worker_stop(struct worker *worker, uint32_t timeout_ms);
/* Frees it and its list, after it was stopped.  Accepts NULL. */
void worker_destroy(struct worker *worker);

/* Any thread: whoever rings the bell (an eventfd) wakes the worker, which does
 * not read it.  Ends when the bell is closed. */
bool worker_watch_bell(struct worker *worker, int bell);
/* How long it has been at work on one round; 0: it is not. */
uint64_t worker_busy_ms(const struct worker *worker);

/* Main thread.  Takes over the list; the old one is freed. */
void worker_publish(struct worker *worker, struct queue_list *list);
/* Watches the queue's descriptor of now in the worker's epoll set, instead of
 * an earlier one, or no longer. */
bool worker_watch(struct worker *worker, struct worker_queue *queue,
                  struct error *error);
void worker_unwatch(struct worker *worker, struct worker_queue *queue);

#endif
