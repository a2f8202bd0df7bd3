/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A process ends, hangs or lies.
 *
 * Whoever ended by itself can touch nothing any more.  One that hangs or lies
 * is told to the main thread, which kills it; until it is dead its packets
 * are left alone.
 */

#include <config.h>

#include "stage/process/lanes-inside.h"

#include <time.h>

#include "packet/cycles.h"

#define SUSPECTS 64u            /* packets in a call of a hook, at most */
#define LOOK_US 1000u           /* between two looks at the process's clock */
#define WALL_FACTOR 20u         /* budgets that may pass on the wall clock */

void
lane_condemn(struct lane *lane, enum share_fault fault)
{
    if (share_condemn(lane->share, fault)) {
        lane->lanes->config.on_fault(lane->lanes->config.arg, lane->share);
    }
}

/* Whether the process died over a packet of ours, as far as it could tell. */
static bool
was_ours(const struct lane *lane)
{
    uint32_t inside = __atomic_load_n(&lane->share->state->inside,
                                      __ATOMIC_RELAXED);

    return inside == lane->worker + 1 && lane->given != lane->head;
}

void
lane_take_back(struct lane *lane)
{
    if (was_ours(lane)) {
        lane->poison = lane->alone;
        lane->deaths++;
    }
    if (lane->deaths == 2 && !lane->alone) {
        lane->alone = true;
        lane->alone_until = lane->head + SUSPECTS;
    }
    lane_undo(lane);
    tally_add(&lane->tally.replayed, lane->given - lane->head);
    lane->given = lane->head;
    lane->since = clock_cycles();
    (void) xvs_publish(lane->share, NULL);
}

/* Nanoseconds of processor time that the process has had. */
static uint64_t
processor_time(const struct share *share)
{
    struct timespec spent = { 0, 0 };
    clockid_t clock;
    pid_t pid = __atomic_load_n(&share->pid, __ATOMIC_RELAXED);

    if (pid <= 0 || clock_getcpuclockid(pid, &clock) != 0
        || clock_gettime(clock, &spent) != 0) {
        return 0;
    }
    return (uint64_t) spent.tv_sec * 1000000000u + (uint64_t) spent.tv_nsec;
}

/* A process that makes no progress hangs when it had the time for it, or when
 * so much time has passed that it does not matter why. */
bool
lane_hangs(struct lane *lane, uint64_t now)
{
    uint64_t us = cycles_per_us(), budget = lane->lanes->config.budget_us;
    uint64_t idle = now > lane->since ? (now - lane->since) / us : 0;
    uint64_t spent;

    if (idle < budget / 2 || (now - lane->looked) / us < LOOK_US) {
        return false;
    }
    lane->looked = now;
    spent = processor_time(lane->share);
    if (!lane->spent_ns) {
        lane->spent_ns = spent + 1;
    }
    return idle > budget * WALL_FACTOR
        || spent + 1 - lane->spent_ns > budget * 1000 / 2;
}
