/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SWITCH_FORWARD_WORKERS_H
#define XVS_SWITCH_FORWARD_WORKERS_H

/*
 * All packet workers of the process, and which of them serves which receive
 * queue: a new one goes to the worker with the least to do, and once in a
 * while a queue moves from the busiest worker to the idlest.  A queue that
 * moves is served by nobody until its old worker has let go of it; its
 * packets wait and stay in order.
 */

#include <stdbool.h>
#include <stdint.h>

#include "packet/tally.h"
#include "switch/forward/worker.h"

struct workers;

struct workers_config {
    uint32_t n;                 /* workers, 1 to WORKERS_MAX */
    uint32_t n_packets;         /* in the pool */
    uint32_t n_cpus;            /* 0: not pinned */
    int cpus[WORKERS_MAX];      /* worker i runs on cpus[i % n_cpus] */
};

struct workers *workers_start(const struct workers_config *config,
                              struct loop *loop, worker_news on_news,
                              void *arg, struct error *error);
/* Stops and joins; all ports must have been removed.  False, and nothing is
 * freed, when a packet hook does not return in time. */
bool workers_stop(struct workers *workers, uint32_t timeout_ms);

/* Milliseconds that the slowest has been at work on one round. */
uint64_t workers_busy_ms(const struct workers *workers);

/* Main thread.  A port's queues are served until it is removed; it may be
 * freed after the grace period that follows. */
bool workers_add(struct workers *workers, struct vport *port,
                 struct port *driver, struct error *error);
void workers_remove(struct workers *workers, struct port *driver);
/* The queue's descriptor is another one now. */
void workers_watch(struct workers *workers, struct port_queue *queue);
/* Evens out the load of the time since the last call. */
void workers_balance(struct workers *workers);

/* Bits of the workers that serve the port's queues. */
uint32_t workers_of(const struct workers *workers, const struct port *driver);
/* How many queues have moved from one worker to another so far. */
uint64_t workers_moves(const struct workers *workers);
uint32_t workers_count(const struct workers *workers);
/* Any thread; 'arg' is the workers: see partition_place. */
bool workers_watch_bell(void *arg, uint32_t worker, int bell);
struct pool *workers_pool(const struct workers *workers);

#endif
