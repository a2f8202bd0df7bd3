/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A process ends, hangs or lies.
 *
 * Whoever ended by itself can touch nothing any more.  One that hangs or lies
 * is told to the main thread, which kills it; until it is dead its packets
 * are left alone.
 */

#include <config.h>

#include "stage/lane/lanes-inside.h"

#include <time.h>

#include "packet/cycles.h"

#define DOUBT_US 20000u         /* that one waits to hear what it died of */
#define SUSPECTS 64u            /* packets in a call of a hook, at most */
#define UNCLAIMED 12u           /* ends in a row without progress, after which
                                 * nobody is believed that it was elsewhere */
#define LOOK_US 1000u           /* between two looks at the process's clock */
#define AWAY_US 50000u          /* what counts of a worker's own absence */
#define WALL_FACTOR 20u         /* budgets that may pass on the wall clock */
#define STARVED_FACTOR 200u     /* the same while it has no processor */

void
lane_condemn(struct lane *lane, enum share_fault fault)
{
    if (share_condemn(lane->share, fault)) {
        lane->lanes->config.on_fault(lane->lanes->config.arg, lane->share);
    }
}

/* Whether the process died over a packet of ours.  It says so itself; but if
 * it always dies elsewhere and no packet ever comes back, that is not true. */
static bool
was_ours(struct lane *lane)
{
    uint32_t inside = __atomic_load_n(&lane->share->state->inside,
                                      __ATOMIC_RELAXED);

    if (lane->given == lane->head) {
        return false;
    }
    if (inside != lane->worker + 1 && ++lane->unclaimed >= UNCLAIMED) {
        lane->distrusts = true;
    }
    return inside == lane->worker + 1 || lane->distrusts;
}

/* The process died over a single packet.  Is that to blame? */
static void
suspect(struct lane *lane)
{
    const struct share *share = lane->share;

    if (share_fault(share) != SHARE_ENDED
        || __atomic_load_n(&share->state->crashed, __ATOMIC_ACQUIRE)) {
        lane->poison = true;
    } else {
        (void) xvs_publish(lane->doubted, lane->share);
    }
}

bool
lane_judge(struct lane *lane, uint64_t now)
{
    enum share_end end = (enum share_end)
        __atomic_load_n(&lane->doubted->end, __ATOMIC_ACQUIRE);

    if (end == SHARE_END_UNKNOWN
        && (now < lane->since
            || (now - lane->since) / cycles_per_us() < DOUBT_US)) {
        return false;
    }
    (void) xvs_publish(lane->doubted, NULL);
    lane->poison = end == SHARE_END_OWN || ++lane->outside >= LANES_KILLS;
    return true;
}

void
lane_take_back(struct lane *lane)
{
    if (was_ours(lane)) {
        lane->deaths++;
        lane->ends++;
        lane->ended = __atomic_load_n(&lane->share->pid, __ATOMIC_RELAXED);
        if (lane->alone) {
            suspect(lane);
        }
    }
    if (lane->deaths == 2 && !lane->alone) {
        lane->alone = true;
        lane->alone_until = lane->head + SUSPECTS;
    }
    if (lane->lanes->undoes) {
        lane->n_dirty += lane->given - lane->head;
    }
    tally_add(&lane->tally.replayed, lane->given - lane->head);
    lane->given = lane->head;
    lane->since = clock_cycles();
    (void) xvs_publish(lane->share, NULL);
}

void
lane_look(struct lane *lane, uint64_t now)
{
    uint64_t from = lane->seen > lane->since ? lane->seen : lane->since;
    uint64_t most = AWAY_US * cycles_per_us();

    if (__builtin_expect(now > from && now - from > most, 0)) {
        lane->since += now - from - most;
    }
    lane->seen = now;
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

/* Whether the process was ready for half of that time, and others had the
 * processors. */
static bool
is_starved(const struct lane *lane, uint64_t idle_us)
{
    uint64_t waited = share_waited_ns(lane->share);

    return waited > lane->waited_ns
        && waited - lane->waited_ns > idle_us * 1000 / 2;
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
        lane->waited_ns = share_waited_ns(lane->share);
    }
    return spent + 1 - lane->spent_ns > budget * 1000 / 2
        || (idle > budget * WALL_FACTOR
            && (idle > budget * STARVED_FACTOR || !is_starved(lane, idle)));
}
