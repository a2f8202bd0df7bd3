/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SWITCH_POLICY_METER_H
#define XVS_SWITCH_POLICY_METER_H

/*
 * A token bucket that all workers share without a lock.
 *
 * Its whole state is one word, the moment at which it will be full again:
 *
 *     now          full          now + depth
 *      |-- missing --|             |
 *      |<---------- depth -------->|      empty when full >= now + depth
 *
 * Taking moves that moment into the future; time passing refills it.  A packet
 * passes when the bucket is not empty and may leave it in debt, so that a
 * super frame larger than the bucket passes too, and the long-term rate is
 * kept all the same.
 *
 * Workers decide about a burst by themselves and take its sum with one atomic
 * addition: two of them can overdraw the bucket by a burst each, which
 * becomes debt.  Time is counted in 1/64 ns.
 */

#include <stdbool.h>
#include <stdint.h>

struct meter {
    uint64_t rate;              /* units a second; 0: no limit */
    uint64_t each;              /* time of a unit, in 1/2^14 ns */
    uint64_t depth;             /* in 1/64 ns */
    uint64_t full;              /* in 1/64 ns; atomic */
};

/* A worker's look at a meter, for one burst. */
struct meter_look {
    struct meter *meter;
    uint64_t now;               /* in 1/64 ns */
    uint64_t full;              /* as this worker sees it */
    uint64_t taken;             /* in 1/64 ns */
};

/* 'rate' units a second, 'burst' units at once; full. */
void meter_set(struct meter *meter, uint64_t rate, uint64_t burst,
               uint64_t now_ns);
/* Goes on where 'old' was, if it is the same limit. */
void meter_keep(struct meter *meter, const struct meter *old);

void meter_look(struct meter_look *look, struct meter *meter,
                uint64_t now_ns);
/* The worker is done: what it took is gone. */
void meter_commit(const struct meter_look *look);

/* At most 2^18 units at once. */
static inline uint64_t
meter_cost(const struct meter *meter, uint64_t units)
{
    return units * meter->each >> 8;
}

/* Whether it is not empty. */
static inline bool
meter_has(const struct meter_look *look)
{
    return look->full - look->now < look->meter->depth;
}

/* The moment from which on it is not empty, when it is; ns. */
static inline uint64_t
meter_ready(const struct meter_look *look)
{
    return ((look->full - look->meter->depth) >> 6) + 1;
}

/* Units that are in it. */
static inline uint64_t
meter_level(const struct meter_look *look)
{
    uint64_t missing = look->full - look->now;

    return missing >= look->meter->depth || !look->meter->each ? 0
        : ((look->meter->depth - missing) << 8) / look->meter->each;
}

/* Takes them, whether they are there or not; the debt is limited. */
void meter_charge(struct meter_look *look, uint64_t units);

/* Takes them unless it is empty. */
static inline bool
meter_take(struct meter_look *look, uint64_t units)
{
    if (!meter_has(look)) {
        return false;
    }
    meter_charge(look, units);
    return true;
}

#endif
