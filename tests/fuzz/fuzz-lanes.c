/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The memory that a hostile process shares with a worker: whatever is in it,
 * at whatever moment, every packet that was given comes out once, in order and
 * inside its buffer, with nothing changed that the class may not change, and
 * all of them are in the pool again at the end.
 *
 * The input: a byte of who the stage is; then rounds, each of which gives
 * packets, writes what follows over what the process can write, and takes what
 * comes out.  A round:
 *
 *     n       uint8_t   packets that are given first
 *     what    uint8_t   bits of enum fuzz_round
 *     done    int16_t   what it says to have finished, from what it has
 *     size    uint16_t  bytes of an image, which follows
 *
 * The image is written over and over, from the verdict of the oldest packet
 * on, over verdicts, over changes, and over the first bytes of buffers.
 */

#include <config.h>

#include <linux/futex.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "packet/cycles.h"
#include "packet/grace.h"
#include "packet/pool.h"
#include "stage/chain/chain.h"
#include "stage/lane/lanes.h"
#include "stage/lane/share.h"

#define PACKETS 512u
#define ROUNDS 12u
#define LOOK_US 40000u          /* between two looks of the worker, then */
#define QUEUE 1024u             /* more than there can be */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The stage, in the first byte. */
enum { COPIES = 1, CAPTURE = 2, FORWARD = 4, EGRESS_TRAIT = 8, OPEN = 16,
       HOLD = 32 };

enum fuzz_round {
    ROUND_EGRESS = 1,           /* the packets are on egress */
    ROUND_LARGE = 2,            /* and some of many buffers */
    ROUND_SUPER = 4,            /* and super frames */
    ROUND_FEIGNS = 8,           /* it feigns its end */
    ROUND_STATE = 16,           /* the image goes over its state as well */
    ROUND_DIES = 32,            /* it has ended */
    ROUND_LATER = 64,           /* much later */
    ROUND_WILD = 128            /* 'done' is from 0, not from what it has */
};

/* A kind of stage, made once. */
struct stage {
    struct lanes *lanes;
    struct share *shares[2];    /* of the active process, and the standby */
    struct chain *chain;
    struct stage_counters *counters;
};

/* What stays from input to input. */
static struct bed {
    struct pool *pool;
    struct pool_cache *cache;
    struct stage stages[64];
} bed;

/* Packets in the lane, in order, as they were. */
static struct {
    struct xvs_packet *packet;
    struct xvs_packet before;
} queue[QUEUE];
static uint32_t head, tail;

static void
hook(void *self, struct xvs_burst *burst)
{
    (void) self;
    (void) burst;
}

static void
on_fault(void *arg, struct share *share)
{
    (void) arg;
    (void) share;
}

/* (Optimisers put all calls of abort() together.) */
#define must(good) \
    do { \
        if (!(good)) { \
            fprintf(stderr, "line %d: %s\n", __LINE__, #good); \
            abort(); \
        } \
    } while (0)

/* ---- The stage ------------------------------------------------------------ */

static void
prepare(struct stage *stage, uint8_t who)
{
    static const struct xvs_guid id = { .a = 1 };
    const struct lanes_config config = {
        .pool = bed.pool, .n_workers = 1,
        .extension_class = who & CAPTURE ? XVS_CLASS_CAPTURE
            : who & FORWARD ? XVS_CLASS_FORWARD : XVS_CLASS_FILTER,
        .traits = who & EGRESS_TRAIT ? XVS_TRAIT_EGRESS : 0,
        .on_failure = who & OPEN ? XVS_FAIL_OPEN
            : who & HOLD ? XVS_FAIL_HOLD : XVS_FAIL_CLOSED,
        .copies = who & COPIES, .budget_us = LANES_BUDGET_US,
        .on_fault = on_fault };

    stage->lanes = lanes_create(&config);
    stage->counters = calloc(16, sizeof *stage->counters);
    stage->chain = chain_create(1);
    must(stage->counters != NULL);
    for (int i = 0; i < 2; i++) {
        stage->shares[i] = share_create(config.copies ? NULL : bed.pool, 1,
                                        true, NULL);
        must(stage->shares[i] != NULL);
    }
    stage->chain->has_lanes = true;
    stage->chain->has_copies = config.copies;
    stage->chain->entries[0] = (struct chain_entry) {
        .id = &id, .ingress = hook, .egress = hook,
        .extension_class = config.extension_class, .traits = config.traits,
        .counters = stage->counters, .lanes = stage->lanes };
}

static struct stage *
stage_for(uint8_t who)
{
    struct stage *stage = &bed.stages[who % 64];

    if (!bed.pool) {
        bed.pool = pool_create(PACKETS, NULL);
        must(bed.pool != NULL);
        bed.cache = pool_cache_create(bed.pool);
    }
    if (!stage->lanes) {
        prepare(stage, who);
    }
    for (int i = 0; i < 2; i++) {
        struct share *share = stage->shares[i];

        share->fault = SHARE_FINE;
        share->dead = share->end = 0;
        memset(share->state, 0, sizeof *share->state);
        share->told[0].done = share->given[0].tail;
    }
    lanes_use(stage->lanes, stage->shares[0], stage->shares[1]);
    lanes_expect(stage->lanes, who & 1);
    return stage;
}

/* ---- Packets -------------------------------------------------------------- */

static struct chain_run
run_of(bool egress)
{
    return (struct chain_run) {
        .pool = bed.pool, .cache = bed.cache,
        .direction = egress ? CHAIN_EGRESS : CHAIN_INGRESS };
}

static void
make_one(struct xvs_packet *packet, uint32_t i, uint8_t what)
{
    uint32_t size = what & ROUND_LARGE && i % 5 == 0 ? 9000 : 60 + i * 20;

    must(pool_extend(bed.cache, packet, size) || size > 2000);
    if (!packet->length) {
        must(pool_extend(bed.cache, packet, 60));
    }
    packet->in_port = 3;
    packet->out_port = what & ROUND_EGRESS ? 4 : XVS_PORT_NONE;
    if (what & ROUND_SUPER && i % 3 == 0) {
        packet->gso_type = XVS_GSO_TCP4;
        packet->gso_size = 1000;
        packet->offload = XVS_OFFLOAD_CHECKSUM;
        packet->csum_start = 34;
        packet->csum_offset = 6;
    }
}

/* Gives as many as there is room for. */
static void
give(struct stage *stage, uint32_t n, uint8_t what)
{
    struct xvs_packet *packets[XVS_BURST];
    struct chain_run run = run_of(what & ROUND_EGRESS);

    n = n > XVS_BURST ? XVS_BURST : n;
    n = pool_get(bed.cache, packets, n);
    for (uint32_t i = 0; i < n; i++) {
        make_one(packets[i], i, what);
        queue[(tail + i) % QUEUE].packet = packets[i];
        queue[(tail + i) % QUEUE].before = *packets[i];
    }
    must(chain_run(stage->chain, &run, packets, n) == 0);
    /* (What has no room is dropped, from the first such one on or later.) */
    for (uint32_t i = 0, kept = tail; i < n; i++) {
        struct xvs_packet *one = queue[(tail + i) % QUEUE].packet;

        if (one->verdict == CHAIN_PARKED) {
            queue[kept++ % QUEUE] = queue[(tail + i) % QUEUE];
        } else {
            pool_put(bed.cache, &one, 1);
        }
        if (i + 1 == n) {
            must(kept - tail == run.parked);
            tail = kept;
            break;
        }
    }
}

static uint32_t
bytes_in(const struct xvs_packet *packet)
{
    uint32_t all = 0;

    for (; packet; packet = packet->next) {
        all += packet->length;
    }
    return all;
}

/* It passed the stage: is it what a stage of that kind may make of it? */
static void
check_passed(const struct stage *stage, const struct xvs_packet *packet,
             const struct xvs_packet *before, bool egress)
{
    uint32_t class = stage->chain->entries[0].extension_class;
    bool may = class != XVS_CLASS_CAPTURE
        && (!egress || stage->chain->entries[0].traits & XVS_TRAIT_EGRESS);

    must(packet->verdict == XVS_PASS);
    must(pool_holds(bed.pool, packet));
    must(packet->total == bytes_in(packet));
    must(packet->next == before->next && packet->in_port == before->in_port);
    must(packet->gso_type == before->gso_type
         || packet->gso_type == XVS_GSO_NONE);
    must(packet->gso_type == XVS_GSO_NONE || packet->gso_size);
    must(may || (packet->data == before->data
                 && packet->length == before->length
                 && packet->offload == before->offload
                 && packet->gso_size == before->gso_size));
    must(packet->out_port == before->out_port
         || (class == XVS_CLASS_FORWARD && !egress));
}

static uint32_t
take(struct stage *stage, uint64_t now)
{
    struct lane *lane = lanes_of(stage->lanes, 0);
    struct xvs_packet *left[XVS_BURST];
    struct lane_packet out[XVS_BURST];
    uint32_t direction = 0, n_left, n = lane_take(lane, now, &direction, out);
    struct chain_run run = run_of(direction == SHARE_EGRESS);

    for (uint32_t i = 0; i < n; i++) {
        must(out[i].packet == queue[(head + i) % QUEUE].packet);
    }
    n_left = n ? chain_resume(stage->chain, &run, 0, out, left, n) : 0;
    for (uint32_t i = 0, at = 0; i < n; i++) {
        if (at < n_left && left[at] == out[i].packet) {
            check_passed(stage, left[at++],
                         &queue[(head + i) % QUEUE].before,
                         direction == SHARE_EGRESS);
        } else {
            must(out[i].packet->verdict != XVS_PASS);
        }
    }
    for (uint32_t i = 0; i < n; i++) {
        pool_put(bed.cache, &out[i].packet, 1);
    }
    head += n;
    return n;
}

/* ---- The process ---------------------------------------------------------- */

/* Writes 'n' bytes, the image over and over. */
static void
smear(void *to, size_t n, const uint8_t *image, size_t size)
{
    for (size_t i = 0; size && i < n; i++) {
        ((uint8_t *) to)[i] = image[i % size];
    }
}

static void
write_told(struct share *share, const uint8_t *image, size_t size,
           uint8_t what)
{
    struct share_told *told = &share->told[0];
    uint32_t first = told->done % SHARE_LANE;
    uint32_t n = SHARE_LANE - first < 256 ? SHARE_LANE - first : 256;

    smear(&told->verdicts[first], n * sizeof told->verdicts[0], image, size);
    smear(&told->changes[first], n * sizeof told->changes[0], image, size);
    for (uint32_t i = 0; i < 8 && i < share->size.n_packets; i++) {
        smear(share->buffers + (size_t) i * POOL_STRIDE, 200, image, size);
    }
    if (what & ROUND_STATE) {
        smear(share->state, sizeof *share->state, image, size);
    }
    if (what & ROUND_FEIGNS) {
        share->state->alive |= FUTEX_OWNER_DIED;
    }
}

static void
say_done(struct share *share, int16_t done, uint8_t what)
{
    uint32_t from = what & ROUND_WILD ? 0 : share->told[0].done;

    share->told[0].done = from + (uint32_t) (int32_t) done;
}

/* One round; how many bytes of the input it took. */
static size_t
play(struct stage *stage, const uint8_t *data, size_t size)
{
    struct share *share = stage->shares[0];
    uint64_t now = clock_cycles();
    uint16_t image;
    int16_t done;
    uint8_t what = data[1];

    memcpy(&done, data + 2, sizeof done);
    memcpy(&image, data + 4, sizeof image);
    image = image < size - 6 ? image : (uint16_t) (size - 6);
    give(stage, data[0], what);
    /* It may be the other one's turn. */
    if (!share_is_fine(share) || share_has_ended(share)) {
        share = stage->shares[1];
    }
    write_told(share, data + 6, image, what);
    say_done(share, done, what);
    if (what & ROUND_DIES) {
        share->end = data[0] % 3;
        share->dead = 1;
    }
    for (int i = 0; i < (what & ROUND_LATER ? 500 : 8); i++) {
        take(stage, now);
        now += what & ROUND_LATER ? LOOK_US * cycles_per_us() : 0;
    }
    return 6u + image;
}

/* Both are dead, and so nothing can be left. */
static void
finish(struct stage *stage)
{
    uint64_t now = clock_cycles();
    struct lanes_poison *one;

    lanes_use(stage->lanes, NULL, NULL);
    stage->shares[0]->dead = stage->shares[1]->dead = 1;
    for (uint32_t i = 0; head != tail; i++) {
        must(i < 10000);
        take(stage, now);
        now += LOOK_US * cycles_per_us();
    }
    must(lane_waiting(lanes_of(stage->lanes, 0)) == 0);
    must(lane_room(lanes_of(stage->lanes, 0)) == SHARE_LANE);
    must(pool_used(bed.pool) == 0);
    must(!lanes_have(stage->lanes, stage->shares[0])
         && !lanes_have(stage->lanes, stage->shares[1]));
    one = lanes_take_poison(stage->lanes);
    while (one) {
        struct lanes_poison *next = one->next;

        free(one);
        one = next;
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct stage *stage;
    size_t at = 1;

    if (size < 1) {
        return 0;
    }
    stage = stage_for(data[0]);
    for (uint32_t i = 0; i < ROUNDS && size - at >= 6; i++) {
        at += play(stage, data + at, size - at);
    }
    finish(stage);
    return 0;
}
