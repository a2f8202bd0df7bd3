/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SWITCH_FORWARD_FLIGHT_H
#define XVS_SWITCH_FORWARD_FLIGHT_H

/*
 * Packets of a switch that a worker has parked in stages of other processes.
 *
 *     forward_burst --park--> lanes of the chain --flights_land--> forward
 *
 * A packet passes one chain from end to end: while a worker has packets in
 * flight, new ones take the same chain, even when another has been published
 * since.  The worker then receives no more from the switch's ports until the
 * last one has landed, and goes on with the new chain: so packets never
 * overtake each other, and each meets every stage once.
 *
 * Packets in flight fit into a lane, all of them: a switch whose stages are
 * slow is not asked for more.
 */

#include <stdbool.h>
#include <stdint.h>

struct chain;
struct forward;
struct path;

/* Of one worker and one switch. */
struct flight {
    const struct chain *chain;  /* that they are in; NULL: none is; atomic */
    uint32_t n;                 /* packets */
    uint32_t drain;             /* 1: the main thread, or the worker itself,
                                 * waits for n == 0; the worker clears it
                                 * then; atomic */
    const struct path *path;    /* the switch's */
    struct flight *next;        /* of the worker, with packets */
} __attribute__((aligned(64)));

/* WORKERS_MAX of them, for path.flights. */
struct flight *flights_create(const struct path *path);

/* The chain that packets take which come now. */
const struct chain *flight_chain(const struct path *path, uint32_t worker);
/* How many packets the worker may receive for this switch: XVS_BURST unless
 * room in lanes is short. */
uint32_t flight_room(const struct path *path, uint32_t worker);
/* Worker: 'n' more packets are in lanes of forward->chain. */
void flight_add(struct forward *forward, uint32_t n);
/* Worker: takes up what is finished; returns how many packets. */
uint32_t flights_land(struct forward *forward, uint64_t now, uint64_t now_ns);
/* Worker: it is about to sleep and wants to hear of what is finished by its
 * bell; or it is awake again. */
void flights_wait(struct forward *forward, bool waits);

/* Main thread: whether packets are in this chain. */
bool flights_use(const struct path *path, const struct chain *chain);
/* The same of one worker, and any chain. */
bool flight_is_under_way(const struct path *path, uint32_t worker);
/* Main thread: asks the worker to land all; and whether it has done so.  The
 * worker may ask itself. */
void flight_drain(const struct path *path, uint32_t worker);
bool flight_is_drained(const struct path *path, uint32_t worker);

#endif
