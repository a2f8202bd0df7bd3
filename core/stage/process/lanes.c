/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Lanes; see lanes.h.
 *
 * Positions of the lane and of the process's memory differ, because a process
 * that takes another's place begins with what that one left:
 *
 *     position in the share = position here + offset
 *
 * A process that ended by itself can touch nothing any more.  One that hangs
 * or lies is told to the main thread, which kills it; until it is dead its
 * packets are left alone.
 */

#include <config.h>

#include "stage/process/lanes.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "packet/cycles.h"
#include "packet/pool.h"
#include "packet/tally.h"

#define SUSPECTS 64u            /* packets in a call of a hook, at most */
#define LOOK_US 1000u           /* between two looks at the process's clock */
#define WALL_FACTOR 20u         /* budgets that may pass on the wall clock */
#define HOLD_US 10000000u       /* that packets are held for a successor */
#define CLOSED_US 1000000u      /* the same of one that is being made: then */
#define OPEN_US 100000u         /* packets are dropped, or pass without it */

struct lane {
    struct lanes *lanes;
    uint32_t worker;
    uint32_t head, tail;        /* oldest that waits; next to be given */
    uint32_t given;             /* next to be told to the process */
    struct share *share;        /* who has them; NULL: nobody */
    uint32_t offset;            /* see above */
    uint32_t deaths;            /* of processes at this head */
    bool alone;                 /* after a second: a packet at a time ... */
    uint32_t alone_until;       /* ... up to here */
    bool poison;                /* the first packet was alone at a death */
    uint64_t since;             /* cycles: last progress, or last look */
    uint64_t looked;            /* cycles: at the process's clock */
    uint64_t spent_ns;          /* what that said first; 0: not asked */
    struct lanes_tally tally;
    struct lanes_poison last;   /* written before it is counted */
    struct xvs_packet *packets[SHARE_LANE];
    uint32_t directions[SHARE_LANE];
    uint8_t undo[SHARE_LANE][LANES_UNDO];
} __attribute__((aligned(64)));

struct lanes {
    struct lanes_config config;
    bool may_change;            /* packets are remembered */
    uint32_t expects;           /* a successor is being made; atomic */
    struct share *active, *standby;     /* published */
    struct lane lanes[];
};

struct lanes *
lanes_create(const struct lanes_config *config)
{
    size_t size = sizeof(struct lanes)
        + config->n_workers * sizeof(struct lane);
    void *memory = NULL;
    struct lanes *lanes;

    if (posix_memalign(&memory, 64, size)) {
        abort();
    }
    lanes = memset(memory, 0, size);
    lanes->config = *config;
    lanes->may_change = config->extension_class != XVS_CLASS_CAPTURE;
    for (uint32_t i = 0; i < config->n_workers; i++) {
        lanes->lanes[i].lanes = lanes;
        lanes->lanes[i].worker = i;
    }
    return lanes;
}

void
lanes_destroy(struct lanes *lanes)
{
    free(lanes);
}

void
lanes_use(struct lanes *lanes, struct share *active, struct share *standby)
{
    /* Who sees only the first of the two sees a process twice, or none. */
    (void) xvs_publish(lanes->standby, standby);
    (void) xvs_publish(lanes->active, active);
}

void
lanes_expect(struct lanes *lanes, bool successor)
{
    __atomic_store_n(&lanes->expects, successor, __ATOMIC_RELAXED);
}

bool
lanes_have(const struct lanes *lanes, const struct share *share)
{
    for (uint32_t i = 0; i < lanes->config.n_workers; i++) {
        if (xvs_read(lanes->lanes[i].share) == share) {
            return true;
        }
    }
    return false;
}

void
lanes_count(const struct lanes *lanes, struct lanes_tally *tally)
{
    memset(tally, 0, sizeof *tally);
    for (uint32_t i = 0; i < lanes->config.n_workers; i++) {
        const struct lanes_tally *one = &lanes->lanes[i].tally;

        tally->replayed += tally_read(&one->replayed);
        tally->lost += tally_read(&one->lost);
        tally->poison += tally_read(&one->poison);
    }
}

bool
lanes_last_poison(const struct lanes *lanes, uint32_t worker,
                  struct lanes_poison *out)
{
    const struct lane *lane = &lanes->lanes[worker];

    if (!__atomic_load_n(&lane->tally.poison, __ATOMIC_ACQUIRE)) {
        return false;
    }
    *out = lane->last;
    return true;
}

struct lane *
lanes_of(struct lanes *lanes, uint32_t worker)
{
    return &lanes->lanes[worker];
}

uint32_t
lane_room(const struct lane *lane)
{
    return SHARE_LANE - (lane->tail - lane->head);
}

uint32_t
lane_waiting(const struct lane *lane)
{
    return lane->tail - lane->head;
}

/* ---- Giving --------------------------------------------------------------- */

static uint32_t
smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static void
remember(struct lane *lane, uint32_t at, const struct xvs_packet *packet)
{
    if (lane->lanes->may_change) {
        memcpy(lane->undo[at], packet->data,
               smaller(packet->length, LANES_UNDO));
    }
}

/* Tells the process of packets that it does not know of yet. */
static void
submit(struct lane *lane)
{
    struct share *share = lane->share;
    struct share_given *given = &share->given[lane->worker];
    uint32_t end = lane->alone ? smaller(lane->tail - lane->head, 1)
        + lane->head : lane->tail;

    if (lane->given == end || !share_is_fine(share)) {
        return;
    }
    if (lane->given == lane->head) {
        lane->since = clock_cycles();
        lane->spent_ns = 0;
    }
    for (; lane->given != end; lane->given++) {
        uint32_t at = lane->given % SHARE_LANE;

        given->entries[(lane->given + lane->offset) % SHARE_LANE] =
            pool_number(lane->lanes->config.pool, lane->packets[at])
            | lane->directions[at];
    }
    /* In one order with what share_ring() reads. */
    __atomic_store_n(&given->tail, end + lane->offset, __ATOMIC_SEQ_CST);
    share_ring(share);
}

static bool
is_usable(const struct share *share)
{
    return share && share_is_fine(share) && !share_has_ended(share);
}

/* Finds somebody for the packets; all of them are given anew. */
static void
find_process(struct lane *lane)
{
    struct share *share = xvs_read(lane->lanes->active);

    if (!is_usable(share)) {
        share = xvs_read(lane->lanes->standby);
    }
    if (!is_usable(share)) {
        return;
    }
    lane->offset = share->given[lane->worker].tail - lane->head;
    lane->given = lane->head;
    (void) xvs_publish(lane->share, share);
}

void
lane_give(struct lane *lane, uint32_t direction,
          struct xvs_packet *const *packets, uint32_t n)
{
    if (lane->tail == lane->head) {
        lane->since = clock_cycles();
    }
    for (uint32_t i = 0; i < n; i++) {
        uint32_t at = lane->tail++ % SHARE_LANE;

        lane->packets[at] = packets[i];
        lane->directions[at] = direction;
        remember(lane, at, packets[i]);
    }
    /* The first one may not be given to anybody any more. */
    if (!lane->share && !lane->poison) {
        find_process(lane);
    }
    if (lane->share) {
        submit(lane);
    }
}

void
lane_lose(struct lane *lane, uint32_t n)
{
    tally_add(&lane->tally.lost, n);
}

/* ---- Faults --------------------------------------------------------------- */

static void
condemn(struct lane *lane, enum share_fault fault)
{
    if (share_condemn(lane->share, fault)) {
        lane->lanes->config.on_fault(lane->lanes->config.arg, lane->share);
    }
}

static void
undo(struct lane *lane)
{
    for (uint32_t i = lane->head; i != lane->given; i++) {
        uint32_t at = i % SHARE_LANE;
        struct xvs_packet *packet = lane->packets[at];

        if (lane->lanes->may_change) {
            memcpy(packet->data, lane->undo[at],
                   smaller(packet->length, LANES_UNDO));
        }
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

/* The process can do nothing any more: its packets are nobody's. */
static void
take_back(struct lane *lane)
{
    if (was_ours(lane)) {
        lane->poison = lane->alone;
        lane->deaths++;
    }
    if (lane->deaths == 2 && !lane->alone) {
        lane->alone = true;
        lane->alone_until = lane->head + SUSPECTS;
    }
    undo(lane);
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
static bool
hangs(struct lane *lane, uint64_t now)
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

/* ---- Taking --------------------------------------------------------------- */

/* How many of the packets that the process has it says it has finished. */
static uint32_t
finished(struct lane *lane, bool *ended)
{
    struct share *share = lane->share;
    uint32_t done, n;

    /* What it told before its end is seen after it. */
    *ended = share_has_ended(share);
    done = __atomic_load_n(&share->told[lane->worker].done,
                           __ATOMIC_SEQ_CST);
    n = done - lane->offset - lane->head;
    if (n > lane->given - lane->head) {
        condemn(lane, SHARE_LIES);
    }
    return share_fault(share) == SHARE_LIES ? 0 : n;
}

static void
take_one(struct lane *lane, struct lane_packet *out)
{
    const struct share_told *told = &lane->share->told[lane->worker];
    uint32_t at = lane->head % SHARE_LANE;
    uint32_t there = (lane->head + lane->offset) % SHARE_LANE;

    out->packet = lane->packets[at];
    __builtin_prefetch(out->packet, 1);
    memcpy(&out->verdict, &told->verdicts[there], sizeof out->verdict);
    /* Not once more than this: the process may change it any time. */
    __asm__ volatile("" : "+m"(out->verdict));
    if (out->verdict.changed) {
        memcpy(&out->change, &told->changes[there], sizeof out->change);
        __asm__ volatile("" : "+m"(out->change));
    }
    lane->head++;
}

/* Up to 'n' of one direction. */
static uint32_t
take(struct lane *lane, uint32_t n, uint32_t *direction,
     struct lane_packet out[XVS_BURST])
{
    uint32_t taken = 0;

    *direction = lane->directions[lane->head % SHARE_LANE];
    n = smaller(n, XVS_BURST);
    while (taken < n
           && lane->directions[lane->head % SHARE_LANE] == *direction) {
        take_one(lane, &out[taken++]);
    }
    return taken;
}

static void
note_progress(struct lane *lane, uint64_t now)
{
    lane->since = now;
    lane->spent_ns = 0;
    lane->deaths = 0;
    if (lane->alone && (int32_t) (lane->head - lane->alone_until) >= 0) {
        lane->alone = false;
    }
    /* Whoever is alone is followed by the next. */
    submit(lane);
}

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
        out[taken].packet = lane->packets[lane->head++ % SHARE_LANE];
        out[taken++].verdict = (struct share_verdict) { verdict, 0, 0, 0 };
    }
    lane->given = lane->head;
    return taken;
}

/* Microseconds that packets wait for a successor. */
static uint64_t
patience_of(const struct lanes *lanes)
{
    if (lanes->config.on_failure == XVS_FAIL_HOLD) {
        return HOLD_US;
    }
    if (!__atomic_load_n(&lanes->expects, __ATOMIC_RELAXED)) {
        return 0;
    }
    return lanes->config.on_failure == XVS_FAIL_OPEN ? OPEN_US : CLOSED_US;
}

/* There is no process: on_failure. */
static uint32_t
fail(struct lane *lane, uint64_t now, uint32_t *direction,
     struct lane_packet out[XVS_BURST])
{
    uint16_t policy = lane->lanes->config.on_failure;
    uint64_t patience = patience_of(lane->lanes);
    uint32_t n;

    if (patience && (now < lane->since
                     || (now - lane->since) / cycles_per_us() < patience)) {
        return 0;
    }
    n = leave(lane, XVS_BURST,
              policy == XVS_FAIL_OPEN ? XVS_PASS : XVS_DROP, direction, out);
    if (policy != XVS_FAIL_OPEN) {
        tally_add(&lane->tally.lost, n);
    }
    return n;
}

static void
note_poison(struct lane *lane)
{
    const struct xvs_packet *packet =
        lane->packets[lane->head % SHARE_LANE];
    struct lanes_poison *last = &lane->last;

    last->in_port = packet->in_port;
    last->total = packet->total;
    last->size = smaller(packet->length, sizeof last->head);
    memcpy(last->head, packet->data, last->size);
    __atomic_store_n(&lane->tally.poison, lane->tally.poison + 1,
                     __ATOMIC_RELEASE);
}

static uint32_t
without_process(struct lane *lane, uint64_t now, uint32_t *direction,
                struct lane_packet out[XVS_BURST])
{
    if (lane->poison) {
        lane->poison = false;
        note_poison(lane);
        return leave(lane, 1, XVS_DROP, direction, out);
    }
    find_process(lane);
    if (lane->share) {
        submit(lane);
        return 0;
    }
    return fail(lane, now, direction, out);
}

uint32_t
lane_take(struct lane *lane, uint64_t now, uint32_t *direction,
          struct lane_packet out[XVS_BURST])
{
    uint32_t n, taken;
    bool ended;

    if (lane->head == lane->tail) {
        return 0;
    }
    if (!lane->share) {
        return without_process(lane, now, direction, out);
    }
    n = finished(lane, &ended);
    taken = n ? take(lane, n, direction, out) : 0;
    if (taken == n && ended) {
        lane->deaths = taken ? 0 : lane->deaths;
        condemn(lane, SHARE_ENDED);
        take_back(lane);
    } else if (lane->head == lane->tail) {
        /* Who has no packets of ours may go without being noticed. */
        note_progress(lane, now);
        lane_wait(lane, false);
        (void) xvs_publish(lane->share, NULL);
    } else if (taken) {
        note_progress(lane, now);
    } else if (share_is_fine(lane->share) && hangs(lane, now)) {
        condemn(lane, SHARE_HANGS);
    }
    return taken;
}

void
lane_wait(struct lane *lane, bool waits)
{
    if (lane->share) {
        __atomic_store_n(&lane->share->given[lane->worker].waits, waits,
                         __ATOMIC_SEQ_CST);
    }
}
