/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Lanes, with real processes at their other end: packets come back once and
 * in order, whatever happens to the process that had them, and whether it had
 * them or copies of them.
 */

#include <config.h>

#include "stage/lane/lanes.h"

#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "packet/cycles.h"
#include "packet/pool.h"
#include "stage-process.h"
#include "unit.h"

#define N 256u

/* What a packet wants of the hook, and where it says so. */
enum { PLAIN, DROP, MOVE, CRASH, HANG, SLEEP, DENY, LATE };
#define WHAT 20
#define NUMBER 16
#define COUNT 24                /* how often a hook has seen it */
#define BEHIND 1300             /* the same, of a long one */

static struct pool *pool;
static struct pool_cache *cache;
static struct xvs_packet *packets[N];
static struct lanes *lanes;
static struct lane *lane;
static bool copies;             /* processes work on copies */
static struct share *faulty;    /* last one that a worker had enough of */
static struct share *ours;      /* of a process, which inherits it */
static int bell;
static uint32_t *n_sleepers;    /* shared: processes that are to sleep */

/* ---- The process ---------------------------------------------------------- */

static void
hook(void *self, struct xvs_burst *burst)
{
    bool late = false;

    (void) self;
    for (uint32_t i = 0; i < burst->n; i++) {
        struct xvs_packet *packet = burst->packets[i];
        uint8_t what = packet->data[WHAT];

        packet->data[COUNT]++;
        if (packet->length > BEHIND) {
            packet->data[BEHIND]++;
        }
        if (packet->next) {
            packet->next->data[COUNT]++;
        }
        late = late || what == LATE;
        if (what == DROP) {
            xvs_drop(packet, 7);
        } else if (what == MOVE) {
            packet->data += 4;
            packet->length -= 4;
        } else if (what == CRASH) {
            raise(SIGKILL);
        } else if (what == DENY) {
            ours->state->inside = 0;
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
    if (late) {
        raise(SIGKILL);
    }
}

static const struct xvs_extension extension = {
    XVS_EXTENSION_HEAD, .ingress = hook, .egress = hook };

static struct share *
make(void)
{
    struct share *share = share_create(copies ? NULL : pool, 1, true, NULL);

    CU_ASSERT_PTR_NOT_NULL_FATAL(share);
    ours = share;
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

/* The same with long packets, one of which has another buffer: all of it is as
 * if only the standby had seen it. */
static void
test_killed_long(void)
{
    struct share *active = make(), *standby = make();
    struct xvs_packet *more;

    CU_ASSERT_EQUAL_FATAL(pool_get(cache, &more, 1), 1);
    memset(more->data, 0, 1000);
    more->length = 1000;
    for (uint32_t i = 0; i < 128; i++) {
        memset(packets[i]->data + 60, 0, 1400 - 60);
        packets[i]->length = packets[i]->total = 1400;
    }
    packets[10]->next = more;
    packets[10]->total += more->length;
    lanes_use(lanes, active, standby);
    packets[40]->data[WHAT] = SLEEP;
    *n_sleepers = 1;
    lane_give(lane, 0, packets, 128);
    while (__atomic_load_n(n_sleepers, __ATOMIC_ACQUIRE)) {
    }
    kill(active->pid, SIGKILL);
    CU_ASSERT_EQUAL(take(0, 128, 1), 0);
    for (uint32_t i = 0; i < 128; i++) {
        CU_ASSERT_EQUAL(packets[i]->data[BEHIND], 1);
    }
    CU_ASSERT_EQUAL(more->data[COUNT], 1);
    packets[10]->next = NULL;
    pool_put(cache, &more, 1);
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

/* Nobody hangs because the machine stood still; and then somebody does. */
static void
test_standstill(void)
{
    const uint64_t ms = 1000 * cycles_per_us();
    struct share *active = make();
    struct lane_packet out[XVS_BURST];
    uint32_t direction, looks = 0;
    uint64_t now;

    lanes_use(lanes, active, NULL);
    packets[3]->data[WHAT] = SLEEP;
    *n_sleepers = 1;
    lane_give(lane, 0, packets, 8);
    while (__atomic_load_n(n_sleepers, __ATOMIC_ACQUIRE)) {
    }
    for (now = clock_cycles() + 5000 * ms; !faulty && looks < 5000; looks++) {
        CU_ASSERT_EQUAL(lane_take(lane, now, &direction, out), 0);
        now += ms;
    }
    CU_ASSERT_PTR_EQUAL(faulty, active);
    CU_ASSERT(looks > 900 && looks < 1100);
    stage_process_end(active);
}

/* A process that computes on the processor of the test's, and leaves others
 * nothing but crumbs. */
static pid_t
start_hog(int processor)
{
    pid_t pid = child_fork();
    cpu_set_t one;

    if (pid == 0) {
        CPU_ZERO(&one);
        CPU_SET((unsigned int) processor, &one);
        sched_setaffinity(0, sizeof one, &one);
        for (;;) {
            __asm__ volatile("");
        }
    }
    return pid;
}

/* Looks at the lane once in a millisecond of a clock of our own, for so many of
 * them, or until the process has been found to hang; how many. */
static uint32_t
look_for(uint64_t *now, uint32_t most)
{
    struct lane_packet out[XVS_BURST];
    uint32_t direction, looks = 0;

    for (; !faulty && looks < most; looks++) {
        CU_ASSERT_EQUAL(lane_take(lane, *now, &direction, out), 0);
        *now += 1000 * cycles_per_us();
    }
    return looks;
}

/* Who has no processor does not hang, for ten seconds. */
static void
test_starved(void)
{
    const struct sched_param none = { 0 };
    struct share *active = make();
    int processor = sched_getcpu();
    pid_t hog = start_hog(processor);
    cpu_set_t one;
    uint64_t now;

    CPU_ZERO(&one);
    CPU_SET((unsigned int) processor, &one);
    share_find_thread(active);
    sched_setaffinity(active->thread, sizeof one, &one);
    sched_setscheduler(active->thread, SCHED_IDLE, &none);
    lanes_use(lanes, active, NULL);
    packets[3]->data[WHAT] = HANG;
    lane_give(lane, 0, packets, 8);
    now = clock_cycles();
    look_for(&now, 100);
    for (int i = 0; i < 1000 && share_waited_ns(active) < 800000000u; i++) {
        usleep(20000);
    }
    CU_ASSERT_EQUAL(look_for(&now, 1200), 1200);
    CU_ASSERT_PTR_NULL(faulty);
    look_for(&now, 12000);
    CU_ASSERT_PTR_EQUAL(faulty, active);
    kill(hog, SIGKILL);
    waitpid(hog, NULL, 0);
    stage_process_end(active);
}

/* The packet to blame, as it was. */
static void
check_kept(uint32_t n_ends, uint8_t what)
{
    struct lanes_poison *kept = lanes_take_poison(lanes);

    CU_ASSERT_PTR_NOT_NULL_FATAL(kept);
    CU_ASSERT_PTR_NULL(kept->next);
    CU_ASSERT_EQUAL(kept->ends, n_ends);
    CU_ASSERT_EQUAL(kept->size, packets[40]->total);
    CU_ASSERT_EQUAL(kept->frame[WHAT], what);
    CU_ASSERT(memcmp(kept->frame, packets[40]->data, kept->size) == 0);
    free(kept);
    CU_ASSERT_PTR_NULL(lanes_take_poison(lanes));
}

/* One that ends every process is found, and is all that is lost, after so many
 * ends, of which the parent says that; the first 'n_denied' of them the process
 * says to be none of the packet. */
static void
find_poison(uint32_t n_ends, uint32_t n_denied, enum share_end end)
{
    const uint8_t what = n_denied ? DENY : CRASH;
    struct share *shares[20];
    struct lanes_tally tally;
    struct lane_packet out[XVS_BURST];
    uint32_t direction, at = 1, n = 0, dropped = 0;
    uint64_t start = clock_cycles();

    for (uint32_t i = 0; i <= n_ends; i++) {
        shares[i] = make();
    }
    lanes_expect(lanes, true);
    lanes_use(lanes, shares[0], NULL);
    packets[40]->data[WHAT] = what;
    lane_give(lane, 0, packets, N - n_ends);
    while (n < N && clock_cycles() - start < patience()) {
        uint32_t got = lane_take(lane, clock_cycles(), &direction, out);

        for (uint32_t i = 0; i < got; i++) {
            CU_ASSERT_PTR_EQUAL(out[i].packet, packets[n + i]);
            CU_ASSERT_EQUAL(out[i].verdict.verdict, n + i == 40 ? XVS_DROP
                                                                : XVS_PASS);
            dropped += out[i].verdict.verdict == XVS_DROP;
        }
        n += got;
        if (faulty && at <= n_ends) {
            CU_ASSERT(at < n_denied + 3 || lanes_have(lanes, faulty));
            __atomic_store_n(&faulty->end, end, __ATOMIC_RELEASE);
            faulty = NULL;
            lanes_use(lanes, shares[at], NULL);
            /* More come before anybody has looked. */
            lane_give(lane, 0, packets + N - n_ends - 1 + at++, 1);
        }
    }
    CU_ASSERT_EQUAL(n, N);
    CU_ASSERT_EQUAL(dropped, 1);
    lanes_count(lanes, &tally);
    CU_ASSERT_EQUAL(tally.poison, 1);
    CU_ASSERT_EQUAL(tally.unkept, 0);
    CU_ASSERT_EQUAL(at, n_ends + 1);
    check_kept(n_ends - n_denied, what);
    for (uint32_t i = 0; i <= n_ends; i++) {
        CU_ASSERT_FALSE(i < n_ends && lanes_have(lanes, shares[i]));
        stage_process_end(shares[i]);
    }
}

static void
test_poison(void)
{
    find_poison(3, 0, SHARE_END_OWN);
}

/* All that was changed with the packet to blame is undone, to the last one. */
static void
test_poison_late(void)
{
    struct share *shares[4];
    struct lane_packet out[XVS_BURST];
    uint32_t direction, n = 0, at = 1;
    uint64_t start = clock_cycles();

    for (uint32_t i = 0; i < 4; i++) {
        shares[i] = make();
    }
    lanes_expect(lanes, true);
    lanes_use(lanes, shares[0], NULL);
    packets[4]->data[WHAT] = LATE;
    lane_give(lane, 0, packets, 10);
    while (n < 10 && clock_cycles() - start < patience()) {
        uint32_t got = lane_take(lane, clock_cycles(), &direction, out);

        for (uint32_t i = 0; i < got; i++, n++) {
            CU_ASSERT_PTR_EQUAL(out[i].packet, packets[n]);
            CU_ASSERT(n == 4 ? out[i].verdict.verdict == XVS_DROP
                             : packets[n]->data[COUNT] == 1);
        }
        if (faulty && at < 4) {
            __atomic_store_n(&faulty->end, SHARE_END_OWN, __ATOMIC_RELEASE);
            faulty = NULL;
            lanes_use(lanes, shares[at++], NULL);
        }
    }
    CU_ASSERT_EQUAL(n, 10);
    for (uint32_t i = 0; i < 4; i++) {
        stage_process_end(shares[i]);
    }
}

/* A process that says that it was not in its hook is not believed for ever. */
static void
test_denied(void)
{
    find_poison(14, 11, SHARE_END_OWN);
}

/* Whoever is killed again and again is the kernel's victim, or somebody's. */
static void
test_outside(void)
{
    find_poison(2 + LANES_KILLS, 0, SHARE_END_OUTSIDE);
}

/* Nobody says what a process died of. */
static void
test_unheard(void)
{
    find_poison(2 + LANES_KILLS, 0, SHARE_END_UNKNOWN);
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
        share->pid = child_fork();
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

/* One that is to be killed already, for another reason, is believed no more. */
static void
test_late_liar(void)
{
    static const enum share_fault faults[] = { SHARE_HANGS, SHARE_ENDED };
    struct share *share = share_create(copies ? NULL : pool, 1, true, NULL);
    struct lane_packet out[XVS_BURST];
    uint32_t direction;

    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        lanes_use(lanes, share, NULL);
        lane_give(lane, 0, packets, 4);
        share->fault = faults[i];
        share->told[0].done = share->given[0].tail + 60;
        CU_ASSERT_EQUAL(lane_take(lane, clock_cycles(), &direction, out), 0);
        CU_ASSERT_EQUAL(lane_waiting(lane), 4);
        lanes_use(lanes, NULL, NULL);
        share->dead = 1;
        CU_ASSERT_EQUAL(take(0, 4, 0), 4);
        share->dead = 0;
        share->fault = SHARE_FINE;
    }
    share_destroy(share);
}

/* A lane without packets has no process, whoever has ended. */
static void
test_finished(void)
{
    struct share *first = share_create(copies ? NULL : pool, 1, true, NULL);
    struct share *second = share_create(copies ? NULL : pool, 1, true, NULL);

    lanes_use(lanes, first, second);
    lane_give(lane, 0, packets, 4);
    first->told[0].done = first->given[0].tail;
    first->dead = 1;
    CU_ASSERT_EQUAL(take(0, 4, 0), 0);
    CU_ASSERT(!lanes_have(lanes, first) && !lanes_have(lanes, second));
    lanes_use(lanes, NULL, NULL);
    share_destroy(first);
    share_destroy(second);
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
EACH(killed_long)
EACH(hang)
EACH(standstill)
EACH(starved)
EACH(poison)
EACH(poison_late)
EACH(denied)
EACH(outside)
EACH(unheard)
EACH(nobody)
EACH(liar)
EACH(late_liar)
EACH(finished)

static const struct unit_test tests[] = {
    { "verdicts", run_verdicts },
    { "killed", run_killed },
    { "killed, long packets", run_killed_long },
    { "hang", run_hang },
    { "standstill", run_standstill },
    { "starved", run_starved },
    { "poison", run_poison },
    { "poison, late", run_poison_late },
    { "denied", run_denied },
    { "outside", run_outside },
    { "unheard", run_unheard },
    { "nobody", run_nobody },
    { "liar", run_liar },
    { "late liar", run_late_liar },
    { "finished", run_finished },
};

UNIT_MAIN("lanes", tests)
