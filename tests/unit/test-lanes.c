/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Lanes, with real processes at their other end: packets come back once and
 * in order, whatever happens to the process that had them, and whether it had
 * them or copies of them.
 */

#include <config.h>

#include "stage/process/lanes.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "packet/cycles.h"
#include "packet/pool.h"
#include "stage-process.h"
#include "unit.h"

#define N 256u

/* What a packet wants of the hook, and where it says so. */
enum { PLAIN, DROP, MOVE, CRASH, HANG, SLEEP };
#define WHAT 20
#define NUMBER 16
#define COUNT 24                /* how often a hook has seen it */

static struct pool *pool;
static struct pool_cache *cache;
static struct xvs_packet *packets[N];
static struct lanes *lanes;
static struct lane *lane;
static bool copies;             /* processes work on copies */
static struct share *faulty;    /* last one that a worker had enough of */
static int bell;
static uint32_t *n_sleepers;    /* shared: processes that are to sleep */

/* ---- The process ---------------------------------------------------------- */

static void
hook(void *self, struct xvs_burst *burst)
{
    (void) self;
    for (uint32_t i = 0; i < burst->n; i++) {
        struct xvs_packet *packet = burst->packets[i];
        uint8_t what = packet->data[WHAT];

        packet->data[COUNT]++;
        if (what == DROP) {
            xvs_drop(packet, 7);
        } else if (what == MOVE) {
            packet->data += 4;
            packet->length -= 4;
        } else if (what == CRASH) {
            raise(SIGKILL);
        } else if (what == HANG) {
            for (;;) {
                __asm__ volatile("");
            }
        } else if (what == SLEEP && *n_sleepers) {
            --*n_sleepers;
            pause();
        }
    }
}

static const struct xvs_extension extension = {
    XVS_EXTENSION_HEAD, .ingress = hook, .egress = hook };

static struct share *
make(void)
{
    struct share *share = share_create(copies ? NULL : pool, 1, true, NULL);

    CU_ASSERT_PTR_NOT_NULL_FATAL(share);
    stage_process_start(share, &extension, &bell);
    return share;
}

/* ---- The worker ----------------------------------------------------------- */

static void
on_fault(void *arg, struct share *share)
{
    (void) arg;
    faulty = share;
    if (share_fault(share) != SHARE_ENDED) {
        kill(share->pid, SIGKILL);
    }
}

static void
setup_for(uint16_t on_failure)
{
    struct lanes_config config = {
        .n_workers = 1, .extension_class = XVS_CLASS_FILTER,
        .on_failure = on_failure, .copies = copies,
        .budget_us = LANES_BUDGET_US, .on_fault = on_fault };

    faulty = NULL;
    pool = pool_create(2 * N, NULL);
    cache = pool_cache_create(pool);
    bell = eventfd(0, EFD_NONBLOCK);
    n_sleepers = mmap(NULL, sizeof *n_sleepers, PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CU_ASSERT_EQUAL_FATAL(pool_get(cache, packets, N), N);
    for (uint32_t i = 0; i < N; i++) {
        memset(packets[i]->data, 0, 60);
        memcpy(packets[i]->data + NUMBER, &i, sizeof i);
        packets[i]->length = packets[i]->total = 60;
        packets[i]->out_port = XVS_PORT_NONE;
    }
    config.pool = pool;
    lanes = lanes_create(&config);
    lane = lanes_of(lanes, 0);
}

static void
teardown(void)
{
    lanes_destroy(lanes);
    pool_put(cache, packets, N);
    pool_cache_destroy(cache);
    pool_destroy(pool);
    munmap(n_sleepers, sizeof *n_sleepers);
    close(bell);
}

/* How long packets may take; shorter in mutants.sh. */
static uint64_t
patience(void)
{
    const char *seconds = getenv("XVS_TEST_PATIENCE");

    return (seconds ? (uint64_t) atol(seconds) : 10) * 1000000
        * cycles_per_us();
}

/* Takes 'n' packets, with patience; checks their order and that each was seen
 * 'count' times; returns how many were dropped. */
static uint32_t
take(uint32_t first, uint32_t n, uint8_t count)
{
    struct lane_packet out[XVS_BURST];
    uint32_t taken = 0, dropped = 0, direction;
    uint64_t start = clock_cycles();

    while (taken < n && clock_cycles() - start < patience()) {
        uint32_t got = lane_take(lane, clock_cycles(), &direction, out);

        for (uint32_t i = 0; i < got; i++) {
            uint32_t number;

            memcpy(&number, out[i].packet->data + NUMBER, sizeof number);
            CU_ASSERT_EQUAL(number, first + taken + i);
            if (out[i].verdict.verdict == XVS_DROP) {
                dropped++;
            } else {
                CU_ASSERT_EQUAL(out[i].packet->data[COUNT], count);
            }
        }
        taken += got;
    }
    CU_ASSERT_EQUAL_FATAL(taken, n);
    return dropped;
}

static void
test_verdicts(void)
{
    struct share *share = make();
    struct lane_packet out[XVS_BURST];
    uint32_t n = 0, direction;

    lanes_use(lanes, share, NULL);
    packets[1]->data[WHAT] = DROP;
    packets[2]->data[WHAT] = MOVE;
    lane_give(lane, 0, packets, 4);
    lane_give(lane, SHARE_EGRESS, packets + 4, 1);
    CU_ASSERT_EQUAL(lane_waiting(lane), 5);
    while (n < 4) {
        direction = 0;
        n += lane_take(lane, clock_cycles(), &direction, out + n);
        CU_ASSERT_EQUAL(direction, 0);
    }
    CU_ASSERT_EQUAL(n, 4);
    CU_ASSERT_EQUAL(out[1].verdict.verdict, XVS_DROP);
    CU_ASSERT_EQUAL(out[1].verdict.reason, 7);
    CU_ASSERT(!out[0].verdict.changed && out[2].verdict.changed);
    CU_ASSERT_EQUAL(out[2].change.data, POOL_HEADROOM + 4);
    CU_ASSERT_EQUAL(out[2].change.length, 56);
    while (lane_take(lane, clock_cycles(), &direction, out) == 0) {
    }
    CU_ASSERT_EQUAL(direction, SHARE_EGRESS);
    CU_ASSERT_EQUAL(lane_waiting(lane), 0);
    stage_process_end(share);
}

/* The process dies in the midst of a burst; the standby goes on. */
static void
test_killed(void)
{
    struct share *active = make(), *standby = make();
    struct lanes_tally tally;

    lanes_use(lanes, active, standby);
    packets[100]->data[WHAT] = SLEEP;
    *n_sleepers = 1;
    lane_give(lane, 0, packets, N);
    take(0, 64, 1);
    while (__atomic_load_n(n_sleepers, __ATOMIC_ACQUIRE)) {
    }
    kill(active->pid, SIGKILL);
    CU_ASSERT_EQUAL(take(64, N - 64, 1), 0);
    CU_ASSERT_PTR_EQUAL(faulty, active);
    lanes_count(lanes, &tally);
    CU_ASSERT_EQUAL(tally.replayed, N - 64);
    CU_ASSERT_EQUAL(tally.lost, 0);
    CU_ASSERT(!lanes_have(lanes, active) && !lanes_have(lanes, standby));
    stage_process_end(active);
    stage_process_end(standby);
}

static void
test_hang(void)
{
    struct share *active = make();

    lanes_use(lanes, active, NULL);
    packets[3]->data[WHAT] = HANG;
    lane_give(lane, 0, packets, 8);
    CU_ASSERT_EQUAL(take(0, 8, 1), 8);
    CU_ASSERT_PTR_EQUAL(faulty, active);
    CU_ASSERT_EQUAL(share_fault(active), SHARE_HANGS);
    stage_process_end(active);
}

/* One that ends every process is found, and is all that is lost. */
static void
test_poison(void)
{
    struct share *shares[4];
    struct lanes_tally tally;
    struct lane_packet out[XVS_BURST];
    uint32_t direction, at = 1, n = 0, dropped = 0;
    uint64_t start = clock_cycles();

    for (int i = 0; i < 4; i++) {
        shares[i] = make();
    }
    lanes_expect(lanes, true);
    lanes_use(lanes, shares[0], NULL);
    packets[40]->data[WHAT] = CRASH;
    lane_give(lane, 0, packets, N - 3);
    while (n < N && clock_cycles() - start < patience()) {
        uint32_t got = lane_take(lane, clock_cycles(), &direction, out);

        for (uint32_t i = 0; i < got; i++) {
            CU_ASSERT_PTR_EQUAL(out[i].packet, packets[n + i]);
            CU_ASSERT_EQUAL(out[i].verdict.verdict, n + i == 40 ? XVS_DROP
                                                                : XVS_PASS);
            dropped += out[i].verdict.verdict == XVS_DROP;
        }
        n += got;
        if (faulty && at < 4) {
            faulty = NULL;
            lanes_use(lanes, shares[at], NULL);
            /* More come before anybody has looked. */
            lane_give(lane, 0, packets + N - 4 + at++, 1);
        }
    }
    CU_ASSERT_EQUAL(n, N);
    CU_ASSERT_EQUAL(dropped, 1);
    lanes_count(lanes, &tally);
    CU_ASSERT_EQUAL(tally.poison, 1);
    CU_ASSERT_EQUAL(at, 4);
    for (int i = 0; i < 4; i++) {
        stage_process_end(shares[i]);
    }
}

static void
test_nobody(void)
{
    struct lanes_tally tally;

    lane_give(lane, 0, packets, 16);
    CU_ASSERT_EQUAL(take(0, 16, 0), 16);
    lanes_count(lanes, &tally);
    CU_ASSERT_EQUAL(tally.lost, 16);
    teardown();
    setup_for(XVS_FAIL_OPEN);
    lane_give(lane, 0, packets, 16);
    CU_ASSERT_EQUAL(take(0, 16, 0), 0);
    teardown();
    setup_for(XVS_FAIL_HOLD);
    lane_give(lane, 0, packets, 16);
    for (int i = 0; i < 100; i++) {
        struct lane_packet out[XVS_BURST];
        uint32_t direction;

        CU_ASSERT_EQUAL(lane_take(lane, clock_cycles(), &direction, out), 0);
    }
}

/* Whatever a process writes, it is killed for it and nothing is believed. */
static void
test_liar(void)
{
    struct share *share = share_create(copies ? NULL : pool, 1, true, NULL);
    struct lane_packet out[XVS_BURST];
    uint32_t direction;
    static const uint32_t lies[] = { 5, UINT32_MAX, 1u << 31, 1024 };

    for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
        share->fault = SHARE_FINE;
        lanes_use(lanes, share, NULL);
        lane_give(lane, 0, packets, 4);
        share->told[0].done = share->given[0].tail - 4 + lies[i];
        faulty = NULL;
        share->pid = fork();
        if (share->pid == 0) {
            pause();
            _exit(1);
        }
        CU_ASSERT_EQUAL(lane_take(lane, clock_cycles(), &direction, out), 0);
        CU_ASSERT_PTR_EQUAL(faulty, share);
        CU_ASSERT_EQUAL(share_fault(share), SHARE_LIES);
        lanes_use(lanes, NULL, NULL);
        /* Not while it could still touch them. */
        CU_ASSERT_EQUAL(lane_take(lane, clock_cycles(), &direction, out), 0);
        waitpid(share->pid, NULL, 0);
        share->dead = 1;
        CU_ASSERT_EQUAL(take(0, 4, 0), 4);
        share->dead = 0;
    }
    share_destroy(share);
}

static void
in_setup(void (*test)(void), bool with_copies)
{
    copies = with_copies;
    setup_for(XVS_FAIL_CLOSED);
    test();
    teardown();
}

#define EACH(name) \
    static void \
    run_##name(void) \
    { \
        in_setup(test_##name, false); \
        in_setup(test_##name, true); \
    }

EACH(verdicts)
EACH(killed)
EACH(hang)
EACH(poison)
EACH(nobody)
EACH(liar)

static const struct unit_test tests[] = {
    { "verdicts", run_verdicts },
    { "killed", run_killed },
    { "hang", run_hang },
    { "poison", run_poison },
    { "nobody", run_nobody },
    { "liar", run_liar },
};

UNIT_MAIN("lanes", tests)
