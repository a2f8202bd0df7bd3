/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Packets that no process has: a successor may come, another stage may have
 * them, on_failure holds, or the first of them is what ends processes.
 */

#include <config.h>

#include "stage/lane/lanes-inside.h"

#include "packet/cycles.h"

#define HOLD_US 10000000u       /* that packets are held for a successor */
#define CLOSED_US 1000000u      /* the same of one that is being made: then */
#define OPEN_US 100000u         /* packets are dropped, or pass without it */

/* Packets that leave without a process having finished them. */
static uint32_t
leave(struct lane *lane, uint32_t n, uint8_t verdict, uint32_t *direction,
      struct lane_packet out[XVS_BURST])
{
    uint32_t taken = 0;

    *direction = lane->directions[lane->head % SHARE_LANE];
    n = smaller(smaller(n, XVS_BURST), lane->tail - lane->head);
    while (taken < n
           && lane->directions[lane->head % SHARE_LANE] == *direction) {
        lane_undo(lane);
        out[taken].packet = lane_pop(lane);
        out[taken++].verdict = (struct share_verdict) { verdict, 0, 0, 0 };
        lane->given = lane->head;
    }
    return taken;
}

static uint32_t
policy_of(const struct lane *lane)
{
    return lane->on_failure ? lane->on_failure
        : lane->lanes->config.on_failure;
}

/* Whether the lane has had no process for so many microseconds. */
static bool
has_waited(const struct lane *lane, uint64_t now, uint64_t patience)
{
    return patience == 0
        || (now >= lane->since
            && (now - lane->since) / cycles_per_us() >= patience);
}

/* Microseconds that packets wait for a successor. */
static uint64_t
patience_of(const struct lane *lane)
{
    if (policy_of(lane) == XVS_FAIL_HOLD) {
        return HOLD_US;
    }
    if (!__atomic_load_n(&lane->lanes->expects, __ATOMIC_RELAXED)) {
        return 0;
    }
    return policy_of(lane) == XVS_FAIL_OPEN ? OPEN_US : CLOSED_US;
}

/* There is no process: on_failure. */
static uint32_t
fail(struct lane *lane, uint64_t now, uint32_t *direction,
     struct lane_packet out[XVS_BURST])
{
    uint32_t policy = policy_of(lane);
    uint32_t n;

    if (!has_waited(lane, now, patience_of(lane))) {
        return 0;
    }
    n = leave(lane, XVS_BURST,
              policy == XVS_FAIL_OPEN ? XVS_PASS : XVS_DROP, direction, out);
    if (policy != XVS_FAIL_OPEN) {
        tally_add(&lane->tally.lost, n);
    }
    return n;
}

uint32_t
lane_forsaken(struct lane *lane, uint64_t now, uint32_t *direction,
              struct lane_packet out[XVS_BURST])
{
    if (lane->doubted && !lane_judge(lane, now)) {
        return 0;
    }
    if (lane->poison) {
        lane->poison = false;
        lane->outside = 0;
        lane_restore(lane);
        lane_keep_poison(lane);
        return leave(lane, 1, XVS_DROP, direction, out);
    }
    lane_find(lane);
    if (lane->share) {
        lane_submit(lane);
        return 0;
    }
    return fail(lane, now, direction, out);
}

void
lane_fail_as(struct lane *lane, uint32_t on_failure)
{
    lane->on_failure = on_failure;
}

/* ---- Somebody else may have them ------------------------------------------ */

bool
lane_is_stranded(struct lane *lane, uint64_t now)
{
    bool expects;

    lane_look(lane, now);
    if (lane->share || lane->poison || lane->doubted
        || lane->head == lane->tail) {
        return false;
    }
    lane_find(lane);
    if (lane->share) {
        lane_submit(lane);
        return false;
    }
    expects = __atomic_load_n(&lane->lanes->expects, __ATOMIC_RELAXED);
    return has_waited(lane, now, expects ? OPEN_US : 0);
}

/* How many of the lane's packets, at most a burst, have room in the other. */
static uint32_t
fitting(const struct lane *lane, const struct lane *to)
{
    uint32_t n = 0, room = to ? lane_room(to) : 0;

    while (n < XVS_BURST && lane->head + n != lane->tail) {
        uint32_t needed = to
            ? lane_needs(to, lane->packets[(lane->head + n) % SHARE_LANE]) : 0;

        if (needed > room) {
            break;
        }
        room -= needed;
        n++;
    }
    return n;
}

uint32_t
lane_leave(struct lane *lane, const struct lane *to, uint32_t *direction,
           struct lane_packet out[XVS_BURST])
{
    uint32_t n = fitting(lane, to);

    /* Whoever gets them now is not suspected of what they did here. */
    lane->deaths = lane->outside = lane->unclaimed = lane->ends = 0;
    lane->alone = lane->distrusts = false;
    return n ? leave(lane, n, XVS_PASS, direction, out) : 0;
}
