/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Lanes of a process that works on copies.  The test is the process: it finds
 * its packets as one would, writes where one could, and says what it likes.
 */

#include <config.h>

#include "stage/lane/copies.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "packet/cycles.h"
#include "packet/pool.h"
#include "stage/lane/lanes.h"
#include "stage/lane/share.h"
#include "unit.h"

#define BUFFERS 4096u           /* of the pool */
#define KEY 0x5a                /* what the hook does: to each byte */
#define SMALL 60u
#define LARGE 65000u            /* of 32 buffers */

static struct pool *pool;
static struct pool_cache *cache;
static struct lanes *lanes;
static struct lane *lane;
static struct share *share;
static uint32_t n_faults;
static uint32_t dice = 1;

static uint32_t
roll(uint32_t below)
{
    dice = dice * 1664525u + 1013904223u;
    return (dice >> 8) % below;
}

/* ---- The process ---------------------------------------------------------- */

/* The copy at a position of the lane in 'share'. */
static struct xvs_packet *
copy_at(uint32_t position)
{
    uint32_t entry = share->given[0].entries[position % SHARE_LANE];

    CU_ASSERT_FATAL((entry & ~SHARE_EGRESS) < share->size.n_packets);
    return &share->packets[entry & ~SHARE_EGRESS];
}

static void
work_on(struct xvs_packet *packet)
{
    for (; packet; packet = packet->next) {
        for (uint32_t i = 0; i < packet->length; i++) {
            packet->data[i] ^= KEY;
        }
    }
}

/* Says something of the next packet, whose copy is as it is. */
static void
say(struct share_verdict verdict, struct share_change change)
{
    uint32_t at = share->told[0].done % SHARE_LANE;

    share->told[0].verdicts[at] = verdict;
    share->told[0].changes[at] = change;
    share->told[0].done++;
}

/* Does what a decent process does with the next packets. */
static void
work(uint32_t n)
{
    while (n--) {
        work_on(copy_at(share->told[0].done));
        say((struct share_verdict) { XVS_PASS, 0, 0, 0 },
            (struct share_change) { 0 });
    }
}

/* ---- The worker ----------------------------------------------------------- */

static void
on_fault(void *arg, struct share *which)
{
    (void) arg;
    (void) which;
    n_faults++;
}

static void
setup(uint16_t extension_class, uint32_t traits)
{
    struct lanes_config config = {
        .n_workers = 1, .extension_class = extension_class,
        .traits = traits, .on_failure = XVS_FAIL_HOLD, .copies = true,
        .budget_us = LANES_BUDGET_US, .on_fault = on_fault };

    n_faults = 0;
    pool = pool_create(BUFFERS, NULL);
    config.pool = pool;
    cache = pool_cache_create(pool);
    lanes = lanes_create(&config);
    lane = lanes_of(lanes, 0);
    share = share_create(NULL, 1, true, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(share);
    lanes_use(lanes, share, NULL);
}

static void
teardown(void)
{
    CU_ASSERT_EQUAL(lane_room(lane), SHARE_LANE);
    CU_ASSERT_EQUAL(pool_used(pool), 0);
    lanes_destroy(lanes);
    share_destroy(share);
    pool_cache_destroy(cache);
    pool_destroy(pool);
}

/* A byte of frame number 'number'. */
static uint8_t
byte_of(uint32_t number, uint32_t at)
{
    return (uint8_t) (number * 31 + at * 7 + (at >> 8));
}

static struct xvs_packet *
make(uint32_t number, uint32_t size)
{
    static uint8_t bytes[LARGE];
    struct xvs_packet *packet;

    for (uint32_t i = 0; i < size; i++) {
        bytes[i] = byte_of(number, i);
    }
    CU_ASSERT_EQUAL_FATAL(pool_get(cache, &packet, 1), 1);
    CU_ASSERT_FATAL(pool_write(cache, packet, bytes, size));
    return packet;
}

/* The frame is number 'number', each of its bytes changed with 'key'. */
static void
check(const struct xvs_packet *packet, uint32_t number, uint8_t key)
{
    uint32_t at = 0, wrong = 0;

    for (const struct xvs_packet *part = packet; part; part = part->next) {
        for (uint32_t i = 0; i < part->length; i++, at++) {
            wrong += part->data[i] != (byte_of(number, at) ^ key);
        }
    }
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT_EQUAL(at, packet->total);
}

static struct xvs_packet *
give(uint32_t direction, uint32_t number, uint32_t size)
{
    struct xvs_packet *packet = make(number, size);

    CU_ASSERT_FATAL(lane_needs(lane, packet) <= lane_room(lane));
    lane_give(lane, direction, &packet, 1);
    return packet;
}

static struct lane_packet
take(void)
{
    struct lane_packet out[XVS_BURST];
    uint32_t direction;

    CU_ASSERT_EQUAL_FATAL(lane_take(lane, clock_cycles(), &direction, out),
                          1);
    return out[0];
}

/* Takes what is finished, from number 'first' on; returns how many. */
static uint32_t
take_all(uint32_t first)
{
    struct lane_packet out[XVS_BURST];
    uint32_t direction, n, all = 0;

    while ((n = lane_take(lane, clock_cycles(), &direction, out)) > 0) {
        for (uint32_t i = 0; i < n; i++) {
            check(out[i].packet, first + all + i, KEY);
            pool_put(cache, &out[i].packet, 1);
        }
        all += n;
    }
    return all;
}

/* ---- Tests ---------------------------------------------------------------- */

/* Frames of all sizes, many times round the ring, with few and with many in
 * it. */
static void
test_ring(void)
{
    uint32_t given = 0, taken = 0;

    setup(XVS_CLASS_FILTER, 0);
    while (taken < 3000) {
        for (uint32_t n = roll(40); n; n--) {
            uint32_t size = roll(3) ? SMALL + roll(1500)
                : SMALL + roll(LARGE - SMALL);
            struct xvs_packet *packet = make(given, size);

            if (lane_needs(lane, packet) > lane_room(lane)) {
                pool_put(cache, &packet, 1);
                break;
            }
            lane_give(lane, 0, &packet, 1);
            given++;
        }
        if (given != taken) {
            work(roll(given - taken) + 1);
        }
        taken += take_all(taken);
    }
    work(given - taken);
    CU_ASSERT_EQUAL(taken + take_all(taken), given);
    teardown();
}

/* A full lane takes no more, and no two copies share a buffer. */
static void
test_full(void)
{
    uint8_t seen[SHARE_LANE] = { 0 };
    uint32_t n = 0, parts = 0;

    setup(XVS_CLASS_FILTER, 0);
    while (lane_room(lane) >= 32) {
        parts += lane_needs(lane, give(0, n++, LARGE));
    }
    while (lane_room(lane)) {
        parts += lane_needs(lane, give(0, n++, SMALL));
    }
    CU_ASSERT_EQUAL(parts, SHARE_LANE);
    for (uint32_t i = 0; i < n; i++) {
        for (struct xvs_packet *one = copy_at(i); one; one = one->next) {
            CU_ASSERT_EQUAL(seen[one - share->packets]++, 0);
        }
    }
    work(n);
    CU_ASSERT_EQUAL(take_all(0), n);
    teardown();
}

/* Whatever a process did until its end, the next one gets what the first
 * got, in the same order. */
static void
test_undo(void)
{
    struct share *first;
    uint32_t n = 8;

    setup(XVS_CLASS_FILTER, 0);
    for (uint32_t i = 0; i < n; i++) {
        give(0, i, i % 2 ? LARGE : SMALL);
    }
    work(2);
    for (uint32_t i = 2; i < n; i++) {
        work_on(copy_at(i));
    }
    first = share;
    share = share_create(NULL, 1, true, NULL);
    lanes_use(lanes, share, NULL);
    first->dead = 1;
    CU_ASSERT_EQUAL(take_all(0), 2);
    CU_ASSERT_EQUAL(n_faults, 1);
    CU_ASSERT_EQUAL(share->given[0].tail, n - 2);
    work(n - 2);
    CU_ASSERT_EQUAL(take_all(2), n - 2);
    share_destroy(first);
    teardown();
}

/* Nothing is written before the verdict is there, after it was taken, or when
 * there is no need. */
static void
test_late(void)
{
    struct xvs_packet *packet;
    struct lane_packet out[XVS_BURST];
    uint32_t direction;

    setup(XVS_CLASS_FILTER, 0);
    packet = give(0, 1, LARGE);
    work_on(copy_at(0));
    CU_ASSERT_EQUAL(lane_take(lane, clock_cycles(), &direction, out), 0);
    check(packet, 1, 0);
    say((struct share_verdict) { XVS_DROP, 3, 0, 0 },
        (struct share_change) { 0 });
    out[0] = take();
    CU_ASSERT_PTR_EQUAL(out[0].packet, packet);
    CU_ASSERT_EQUAL(out[0].verdict.reason, 3);
    check(packet, 1, 0);
    pool_put(cache, &packet, 1);

    packet = give(0, 2, LARGE);
    work(1);
    take();
    memset(share->buffers, 0xee, share->size.buffers_size);
    memset(share->told, 0xee, sizeof *share->told);
    check(packet, 2, KEY);
    pool_put(cache, &packet, 1);
    teardown();
}

/* A frame that was moved comes back from where it is; one that is nowhere
 * does not. */
static void
test_moved(void)
{
    static const uint16_t places[][2] = {
        { POOL_STRIDE, 60 }, { POOL_STRIDE + 1, 0 }, { UINT16_MAX, 1 },
        { 0, POOL_STRIDE + 1 }, { 1, UINT16_MAX }, { POOL_HEADROOM, 2049 } };
    struct share_verdict verdict = { XVS_PASS, 0, 1, 0 };
    struct share_change change = { .data = POOL_HEADROOM - 4, .length = 64 };
    struct xvs_packet *packet;
    uint8_t *copy;

    setup(XVS_CLASS_FILTER, 0);
    packet = give(0, 1, SMALL);
    copy = copy_at(0)->data;
    memmove(copy - 4, copy, 12);
    memcpy(copy + 8, "tags", 4);
    say(verdict, change);
    CU_ASSERT_EQUAL(take().change.data, change.data);
    CU_ASSERT_EQUAL(memcmp(packet->data + 8, "tags", 4), 0);
    CU_ASSERT_EQUAL(packet->data[-4], byte_of(1, 0));
    CU_ASSERT_EQUAL(packet->data[12], byte_of(1, 12));
    pool_put(cache, &packet, 1);
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        packet = give(0, 2, SMALL);
        work_on(copy_at(share->told[0].done));
        change.data = places[i][0];
        change.length = places[i][1];
        say(verdict, change);
        CU_ASSERT_EQUAL(take().change.length, change.length);
        check(packet, 2, 0);
        pool_put(cache, &packet, 1);
    }
    teardown();
}

/* Only who may change frames does. */
static void
test_rights(void)
{
    static const struct {
        uint16_t extension_class;
        uint32_t traits, direction;
        uint8_t key;
    } cases[] = {
        { XVS_CLASS_CAPTURE, XVS_TRAIT_EGRESS, 0, 0 },
        { XVS_CLASS_FILTER, 0, SHARE_EGRESS, 0 },
        { XVS_CLASS_FILTER, XVS_TRAIT_EGRESS, SHARE_EGRESS, KEY },
        { XVS_CLASS_FORWARD, 0, 0, KEY } };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct xvs_packet *packet;

        setup(cases[i].extension_class, cases[i].traits);
        packet = give(cases[i].direction, 1, LARGE);
        work(1);
        take();
        check(packet, 1, cases[i].key);
        pool_put(cache, &packet, 1);
        teardown();
    }
}

/* Another process that changes its mind about a packet all the time. */
static pid_t
start_waverer(void)
{
    pid_t pid = child_fork();

    if (pid == 0) {
        volatile struct share_told *told = share->told;

        for (uint32_t i = 0;; i++) {
            uint32_t at = (told->done - i % 64) % SHARE_LANE;

            told->verdicts[at].verdict = i / 64 % 2 ? XVS_DROP : XVS_PASS;
        }
    }
    return pid;
}

/* Whatever is said is taken once: a packet that is dropped was not touched,
 * and one that passes was. */
static void
test_waverer(void)
{
    const char *wanted = getenv("XVS_TEST_PACKETS");
    uint32_t n = wanted ? (uint32_t) atol(wanted) : 100000, wrong = 0;
    struct xvs_packet *packets[64];
    struct lane_packet out[XVS_BURST];
    uint32_t direction;
    pid_t pid;

    if (CU_get_number_of_failures()) {
        return;                 /* that is enough for mutants.sh */
    }
    setup(XVS_CLASS_FILTER, 0);
    pid = start_waverer();
    for (uint32_t i = 0; i < 64; i++) {
        packets[i] = make(1, SMALL);
    }
    for (uint32_t i = 0; i < n / 64 && !wrong; i++) {
        for (uint32_t j = 0; j < 64; j++) {
            packets[j]->data[0] = 0;
        }
        lane_give(lane, 0, packets, 64);
        for (uint32_t j = 0; j < 64; j++) {
            copy_at(share->told[0].done + j)->data[0] = 1;
        }
        share->told[0].done += 64;
        CU_ASSERT_EQUAL_FATAL(
            lane_take(lane, clock_cycles(), &direction, out), 64);
        for (uint32_t j = 0; j < 64; j++) {
            wrong += packets[j]->data[0]
                != (out[j].verdict.verdict == XVS_PASS);
        }
    }
    CU_ASSERT_EQUAL(wrong, 0);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    pool_put(cache, packets, 64);
    teardown();
}

static const struct unit_test tests[] = {
    { "ring", test_ring },
    { "full", test_full },
    { "undo", test_undo },
    { "late", test_late },
    { "moved", test_moved },
    { "rights", test_rights },
    { "waverer", test_waverer },
};

UNIT_MAIN("copies", tests)
