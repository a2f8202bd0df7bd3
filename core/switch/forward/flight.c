/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See flight.h.
 */

#include <config.h>

#include "switch/forward/flight.h"

#include <stdlib.h>
#include <string.h>

#include "stage/chain/chain.h"
#include "stage/chain/partners.h"
#include "stage/lane/copies.h"
#include "stage/lane/lanes.h"
#include "switch/forward/forward.h"
#include "switch/forward/table.h"
#include "switch/forward/wire.h"

struct flight *
flights_create(const struct path *path)
{
    size_t size = WORKERS_MAX * sizeof(struct flight);
    struct flight *flights;
    void *memory = NULL;

    if (posix_memalign(&memory, 64, size)) {
        abort();
    }
    flights = memset(memory, 0, size);
    for (uint32_t i = 0; i < WORKERS_MAX; i++) {
        flights[i].path = path;
    }
    return flights;
}

const struct chain *
flight_chain(const struct path *path, uint32_t worker)
{
    const struct flight *flight = &path->flights[worker];

    return flight->n ? flight->chain : xvs_read(path->chain);
}

/* Places that what is in the worker's lanes can come to need in one of them,
 * where packets are copied. */
static uint32_t
places_in(const struct chain *chain, uint32_t worker)
{
    uint32_t places = 0;

    for (uint32_t i = 0; i < chain->n; i++) {
        struct lanes *lanes = chain->entries[i].lanes;

        if (lanes) {
            places += (SHARE_LANE - lane_room(lanes_of(lanes, worker)))
                * (lanes_copy(lanes) ? 1 : COPIES_PARTS);
        }
    }
    return places < SHARE_LANE ? places : SHARE_LANE;
}

/* Of packets that may become many, or need many places, so many that these
 * still fit; 'n' are in flight. */
static uint32_t
room_in(const struct chain *chain, uint32_t worker, uint32_t n)
{
    if (chain && chain->has_copies) {
        n = n ? places_in(chain, worker) : 0;
    }
    if (chain && chain->has_lanes && chain->n_wire) {
        return (SHARE_LANE - n) / WIRE_PARTS;
    }
    if (chain && chain->has_copies) {
        return (SHARE_LANE - n) / COPIES_PARTS;
    }
    return n + XVS_BURST <= SHARE_LANE ? XVS_BURST : 0;
}

uint32_t
flight_room(const struct path *path, uint32_t worker)
{
    struct flight *flight = &path->flights[worker];
    const struct chain *chain = xvs_read(path->chain);

    if (__builtin_expect(flight->n == 0, 1)) {
        if (__atomic_load_n(&flight->drain, __ATOMIC_RELAXED)) {
            __atomic_store_n(&flight->drain, 0, __ATOMIC_RELEASE);
        }
        return room_in(chain, worker, 0);
    }
    if (flight->n >= SHARE_LANE || flight->chain != chain
        || __atomic_load_n(&flight->drain, __ATOMIC_RELAXED)) {
        return 0;
    }
    return room_in(chain, worker, flight->n);
}

void
flight_add(struct forward *forward, uint32_t n)
{
    struct flight *flight = &forward->path->flights[forward->worker];

    if (n && flight->n == 0) {
        __atomic_store_n(&flight->chain, forward->chain, __ATOMIC_RELEASE);
        flight->next = forward->flying;
        forward->flying = flight;
    }
    flight->n += n;
}

/* What has come out of one stage's lane. */
static uint32_t
land_entry(struct forward *forward, struct flight *flight, uint32_t at,
           uint64_t now, uint64_t now_ns)
{
    const struct chain_entry *entry = &flight->chain->entries[at];
    struct lane *lane = lanes_of(entry->lanes, forward->worker);
    struct lane_packet out[XVS_BURST];
    uint32_t direction, n, all = 0;

    lane_fail_as(lane, entry->on_failure);
    while (lane_waiting(lane)) {
        forward->again = entry->partner
            && partners_must_rescue(entry, forward->worker, now);
        n = forward->again
            ? partners_rescue(entry, forward->worker, &direction, out)
            : lane_take(lane, now, &direction, out);
        if (n == 0) {
            break;
        }
        /* They may be parked again, and the flight must not end between. */
        forward_landed(forward, flight, at, direction, out, n, now_ns);
        flight->n -= n;
        all += n;
    }
    return all;
}

static uint32_t
land(struct forward *forward, struct flight *flight, uint64_t now,
     uint64_t now_ns)
{
    uint32_t all = 0;

    for (uint32_t i = 0; i < flight->chain->n; i++) {
        if (flight->chain->entries[i].lanes) {
            all += land_entry(forward, flight, i, now, now_ns);
        }
    }
    return all;
}

uint32_t
flights_land(struct forward *forward, uint64_t now, uint64_t now_ns)
{
    struct flight **at = &forward->flying;
    uint32_t all = 0;

    while (*at) {
        struct flight *flight = *at;

        all += land(forward, flight, now, now_ns);
        if (flight->n) {
            at = &flight->next;
        } else {
            *at = flight->next;
            __atomic_store_n(&flight->chain, NULL, __ATOMIC_RELEASE);
            __atomic_store_n(&flight->drain, 0, __ATOMIC_RELEASE);
        }
    }
    return all;
}

void
flights_wait(struct forward *forward, bool waits)
{
    for (struct flight *one = forward->flying; one; one = one->next) {
        for (uint32_t i = 0; i < one->chain->n; i++) {
            if (one->chain->entries[i].lanes) {
                lane_wait(lanes_of(one->chain->entries[i].lanes,
                                   forward->worker), waits);
            }
        }
    }
}

/* ---- Main thread ---------------------------------------------------------- */

bool
flights_use(const struct path *path, const struct chain *chain)
{
    for (uint32_t i = 0; i < WORKERS_MAX; i++) {
        if (__atomic_load_n(&path->flights[i].chain, __ATOMIC_ACQUIRE)
            == chain) {
            return true;
        }
    }
    return false;
}

bool
flight_is_under_way(const struct path *path, uint32_t worker)
{
    return __atomic_load_n(&path->flights[worker].chain, __ATOMIC_ACQUIRE)
        != NULL;
}

void
flight_drain(const struct path *path, uint32_t worker)
{
    __atomic_store_n(&path->flights[worker].drain, 1, __ATOMIC_RELEASE);
}

bool
flight_is_drained(const struct path *path, uint32_t worker)
{
    const struct flight *flight = &path->flights[worker];

    return !__atomic_load_n(&flight->drain, __ATOMIC_ACQUIRE)
        || !__atomic_load_n(&flight->chain, __ATOMIC_ACQUIRE);
}
