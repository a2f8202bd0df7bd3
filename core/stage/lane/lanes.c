/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Lanes; see lanes.h, and lanes-inside.h for the other files of them.
 *
 * Positions of the lane and of the process's memory differ, because a process
 * that takes another's place begins with what that one left:
 *
 *     position in the share = position here + offset
 */

#include <config.h>

#include "stage/lane/lanes-inside.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "packet/cycles.h"
#include "packet/pool.h"
#include "stage/chain/rights.h"
#include "stage/keep/keep.h"

#define AT_ONCE 32u             /* packets, of those that are to be undone */

struct lanes *
lanes_create(const struct lanes_config *config)
{
    size_t size = sizeof(struct lanes)
        + config->n_workers * sizeof(struct lane);
    struct pool_view view;
    void *memory = NULL;
    struct lanes *lanes;

    if (posix_memalign(&memory, 64, size)) {
        abort();
    }
    lanes = memset(memory, 0, size);
    lanes->config = *config;
    pool_view(config->pool, &view);
    lanes->first = view.packets;
    lanes->undoes = !config->copies
        && config->extension_class != XVS_CLASS_CAPTURE;
    for (uint32_t i = 0; i < config->n_workers; i++) {
        lanes->lanes[i].lanes = lanes;
        lanes->lanes[i].worker = i;
        lane_undo_create(&lanes->lanes[i]);
    }
    return lanes;
}

void
lanes_destroy(struct lanes *lanes)
{
    struct lanes_poison *one = lanes ? lanes_take_poison(lanes) : NULL;

    for (uint32_t i = 0; lanes && i < lanes->config.n_workers; i++) {
        lane_undo_destroy(&lanes->lanes[i]);
    }
    while (one) {
        struct lanes_poison *next = one->next;

        free(one);
        one = next;
    }
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
        /* In this order: one that is doubted is so before it is let go. */
        if (xvs_read(lanes->lanes[i].share) == share
            || xvs_read(lanes->lanes[i].doubted) == share) {
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
        tally->unkept += tally_read(&one->unkept);
    }
}

struct lane *
lanes_of(struct lanes *lanes, uint32_t worker)
{
    return &lanes->lanes[worker];
}

bool
lanes_copy(const struct lanes *lanes)
{
    return lanes->config.copies;
}

uint32_t
lane_room(const struct lane *lane)
{
    return SHARE_LANE - lane->used;
}

uint32_t
lane_needs(const struct lane *lane, const struct xvs_packet *packet)
{
    return lane->lanes->config.copies ? copies_needed(packet) : 1;
}

uint32_t
lane_waiting(const struct lane *lane)
{
    return lane->tail - lane->head;
}

/* ---- Giving --------------------------------------------------------------- */

/* What the process knows the packet by. */
static uint32_t
number_for(struct lane *lane, const struct xvs_packet *packet)
{
    const struct lanes_config *config = &lane->lanes->config;
    uint32_t at = lane->copies;

    if (!config->copies) {
        return (uint32_t) (packet - lane->lanes->first);
    }
    lane->copies += lane_needs(lane, packet);
    return copies_make(lane->share, lane->worker, at, config->pool, packet);
}

void
lane_submit(struct lane *lane)
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

        if (lane->n_dirty && lane->given % AT_ONCE == 0) {
            /* It need not wait until all are undone. */
            __atomic_store_n(&given->tail, lane->given + lane->offset,
                             __ATOMIC_RELEASE);
        }
        if (lane->n_dirty) {
            lane_undo(lane);
        }
        given->entries[(lane->given + lane->offset) % SHARE_LANE] =
            number_for(lane, lane->packets[at]) | lane->directions[at];
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

bool
lane_is_served(const struct lane *lane)
{
    const struct lanes *lanes = lane->lanes;

    return lane->share || is_usable(xvs_read(lanes->active))
        || is_usable(xvs_read(lanes->standby));
}

void
lane_find(struct lane *lane)
{
    struct share *share = xvs_read(lane->lanes->active);

    if (!is_usable(share)) {
        share = xvs_read(lane->lanes->standby);
    }
    if (!is_usable(share)
        || (share->kept && !keep_own_packets(share->kept, share))) {
        return;
    }
    lane->offset = share->given[lane->worker].tail - lane->head;
    lane->given = lane->head;
    lane->copy = lane->copies = 0;
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
        lane->used += lane_needs(lane, packets[i]);
    }
    lane_remember(lane, n);
    /* The first one may not be given to anybody any more. */
    if (!lane->share && !lane->poison && !lane->doubted) {
        lane_find(lane);
    }
    if (lane->share) {
        lane_submit(lane);
    }
}

void
lane_lose(struct lane *lane, uint32_t n)
{
    tally_add(&lane->tally.lost, n);
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
        /* It may be condemned for something else already. */
        lane_condemn(lane, SHARE_LIES);
        return 0;
    }
    return share_fault(share) == SHARE_LIES ? 0 : n;
}

/* What the process did to its copy, if it may, and if it matters. */
static void
take_copy(struct lane *lane, uint32_t direction, const struct lane_packet *out)
{
    const struct lanes_config *config = &lane->lanes->config;
    const struct xvs_packet *packet = out->packet;
    uint32_t at = lane->copy, place, length;

    lane->copy += lane_needs(lane, packet);
    if (out->verdict.verdict != XVS_PASS
        || !rights_may_change(config->extension_class, config->traits,
                              direction == SHARE_EGRESS)) {
        return;
    }
    if (out->verdict.changed) {
        place = out->change.data;
        length = out->change.length;
    } else {
        place = (uint32_t) (packet->data - pool_buffer(config->pool, packet));
        length = packet->length;
    }
    copies_take(lane->share, lane->worker, at, config->pool, packet, place,
                length);
}

static void
take_one(struct lane *lane, struct lane_packet *out)
{
    const struct share_told *told = &lane->share->told[lane->worker];
    uint32_t at = lane->head % SHARE_LANE;
    uint32_t there = (lane->head + lane->offset) % SHARE_LANE, direction;

    __builtin_prefetch(lane->packets[at], 1);
    __builtin_prefetch(lane->packets[at]->data);
    memcpy(&out->verdict, &told->verdicts[there], sizeof out->verdict);
    /* Not once more than this: the process may change it any time. */
    __asm__ volatile("" : "+m"(out->verdict));
    if (out->verdict.changed) {
        memcpy(&out->change, &told->changes[there], sizeof out->change);
        __asm__ volatile("" : "+m"(out->change));
    }
    direction = lane->directions[at];
    out->packet = lane_pop(lane);
    if (lane->lanes->config.copies) {
        take_copy(lane, direction, out);
    }
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

/* The oldest packet is another one than those that were suspected. */
static void
forgive(struct lane *lane)
{
    lane->deaths = lane->outside = lane->unclaimed = 0;
    if (!lane->alone) {
        lane->ends = 0;
        lane->distrusts = false;
    }
}

static void
note_progress(struct lane *lane, uint64_t now)
{
    lane->since = now;
    lane->spent_ns = 0;
    if (lane->alone && (int32_t) (lane->head - lane->alone_until) >= 0) {
        lane->alone = false;
    }
    forgive(lane);
    /* Whoever is alone is followed by the next. */
    lane_submit(lane);
}

/* Its successor wakes up while packets are being undone for it. */
static void
hand_over(struct lane *lane, const struct share *dead)
{
    /* (Who has none of our packets is not ours.) */
    if (lane->head != lane->tail && !lane->poison && !lane->doubted) {
        lane_find(lane);
    }
    if (lane->share) {
        share_ring(lane->share);
        lane_submit(lane);
        share_give_way(dead);
    }
}

uint32_t
lane_take(struct lane *lane, uint64_t now, uint32_t *direction,
          struct lane_packet out[XVS_BURST])
{
    const struct share *share = lane->share;
    uint32_t n, taken;
    bool ended;

    if (lane->head == lane->tail) {
        return 0;
    }
    lane_look(lane, now);
    if (!lane->share) {
        return lane_forsaken(lane, now, direction, out);
    }
    n = finished(lane, &ended);
    taken = n ? take(lane, n, direction, out) : 0;
    if (taken == n && ended) {
        if (taken) {
            forgive(lane);
        }
        lane_condemn(lane, SHARE_ENDED);
        lane_take_back(lane);
        hand_over(lane, share);
    } else if (lane->head == lane->tail) {
        /* Who has no packets of ours may go without being noticed. */
        note_progress(lane, now);
        lane_wait(lane, false);
        (void) xvs_publish(lane->share, NULL);
    } else if (taken) {
        note_progress(lane, now);
    } else if (share_is_fine(lane->share) && lane_hangs(lane, now)) {
        lane_condemn(lane, SHARE_HANGS);
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
