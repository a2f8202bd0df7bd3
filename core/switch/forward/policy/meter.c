/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Token buckets as one atomic word; see meter.h.
 */

#include <config.h>

#include "switch/forward/policy/meter.h"

#define SECOND (UINT64_C(1000000000) << 6)  /* in 1/64 ns */
#define DEBT_MAX SECOND   /* behind an empty bucket */

void
meter_set(struct meter *meter, uint64_t rate, uint64_t burst, uint64_t now_ns)
{
    meter->rate = rate;
    /* Up to 2^17 units cost less than 2^64 at any rate. */
    meter->each = rate ? (SECOND << 8) / rate : 0;
    meter->each = rate && !meter->each ? 1 : meter->each;
    meter->depth = burst > UINT64_MAX / 2 / (meter->each + 1)
        ? DEBT_MAX : burst * meter->each >> 8;
    meter->depth = meter->depth ? meter->depth : 1;
    meter->full = now_ns << 6;
}

void
meter_keep(struct meter *meter, const struct meter *old)
{
    if (meter->rate == old->rate && meter->depth == old->depth) {
        meter->full = __atomic_load_n(&old->full, __ATOMIC_RELAXED);
    }
}

/* Whether 'full' lies in the past; the clock may wrap. */
static bool
is_past(uint64_t full, uint64_t now)
{
    return (int64_t) (full - now) < 0;
}

void
meter_look(struct meter_look *look, struct meter *meter, uint64_t now_ns)
{
    uint64_t full = __atomic_load_n(&meter->full, __ATOMIC_RELAXED);

    look->meter = meter;
    look->now = now_ns << 6;
    look->taken = 0;
    /* A full bucket does not become fuller. */
    if (is_past(full, look->now)
        && __atomic_compare_exchange_n(&meter->full, &full, look->now, false,
                                       __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
        full = look->now;
    }
    look->full = is_past(full, look->now) ? look->now : full;
}

void
meter_charge(struct meter_look *look, uint64_t units)
{
    uint64_t cost = meter_cost(look->meter, units);

    if (look->full - look->now >= look->meter->depth + DEBT_MAX) {
        return;
    }
    look->full += cost;
    look->taken += cost;
}

void
meter_commit(const struct meter_look *look)
{
    if (look->taken) {
        __atomic_fetch_add(&look->meter->full, look->taken, __ATOMIC_RELAXED);
    }
}
