/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The chain: order and its reverse, and what each class of extension may not
 * do to a packet.
 */

#include <config.h>

#include "stage/chain/chain.h"

#include <stdlib.h>
#include <string.h>

#include "control/names.h"
#include "packet/cycles.h"
#include "packet/grace.h"
#include "packet/pool.h"
#include "stage/chain/slice.h"
#include "unit.h"

#define N 4

static struct pool *pool;
static struct pool_cache *cache;
static struct xvs_packet *packets[N];
static char trace[32];
static const struct xvs_guid ids[3] = { { .a = 1 }, { .a = 2 },
                                        { .a = 3 } };
static uint32_t entry;          /* of the port */
static uint32_t traits;         /* of the middle stage */
static bool shared;
static uint32_t n_short;
static struct xvs_packet *twins[N];
static uint32_t n_twins;
static void (*act)(struct xvs_packet *packet);

static void
hook(void *self, struct xvs_burst *burst)
{
    strncat(trace, self, 1);
    if (act && *(const char *) self == 'b') {
        act(burst->packets[1]);
    }
    /* The list is a copy: nobody loses or doubles packets this way. */
    memset(burst->packets, 0, sizeof burst->packets);
    burst->n = 0;
}

static void
setup(void)
{
    pool = pool_create(8, NULL);
    cache = pool_cache_create(pool);
    CU_ASSERT_EQUAL_FATAL(pool_get(cache, packets, N), N);
    for (uint32_t i = 0; i < N; i++) {
        memset(packets[i]->data, 0, 60);
        packets[i]->length = packets[i]->total = 60;
        packets[i]->in_port = 1;
        packets[i]->out_port = XVS_PORT_NONE;
    }
    trace[0] = 0;
}

static void
teardown(void)
{
    pool_put(cache, packets, N);
    pool_cache_destroy(cache);
    pool_destroy(pool);
}

/* Runs three stages, the middle one of 'class'; returns what is left. */
static uint32_t
run_three(uint32_t class, enum chain_direction direction,
    struct stage_counters *counters)
{
    static char names[3][2] = { "a", "b", "c" };
    struct chain *chain = chain_create(3);
    struct chain_run run = { .pool = pool, .direction = direction,
                             .entry = entry, .cache = cache,
                             .shared = shared, .twins = twins };
    struct xvs_packet *live[N];
    uint32_t left;

    memset(counters, 0, sizeof *counters);
    memcpy(live, packets, sizeof live);
    for (int i = 0; i < 3; i++) {
        chain->entries[i] = (struct chain_entry) {
            .id = &ids[i], .self = names[i], .ingress = hook, .egress = hook,
            .extension_class = i == 1 ? class : XVS_CLASS_CAPTURE,
            .traits = i == 1 ? traits : 0, .counters = counters + i };
    }
    for (uint32_t i = 0; i < 3; i++) {
        CU_ASSERT_EQUAL(chain_find(chain, &ids[i]), i);
    }
    CU_ASSERT_EQUAL(chain_find(chain, &(struct xvs_guid) { 0 }),
                    CHAIN_NOWHERE);
    CU_ASSERT_EQUAL(chain_find(chain, &control_entry_network), 3);
    chain->entries[2].extension_class = XVS_CLASS_FORWARD;
    CU_ASSERT_EQUAL(chain_find(chain, &control_entry_network),
                    class == XVS_CLASS_FORWARD ? 1 : 2);
    chain->entries[2].extension_class = XVS_CLASS_CAPTURE;
    left = chain_run(chain, &run, live, N);
    for (uint32_t i = 0; i < left; i++) {
        CU_ASSERT_PTR_NOT_NULL(live[i]);
        CU_ASSERT(run.n_twins == 0 || live[i] == twins[i]);
    }
    n_twins = run.n_twins;
    n_short = run.n_short;
    free(chain);
    return left;
}

static void
test_order(void)
{
    struct stage_counters counters[3] = { { 0 } };

    act = NULL;
    setup();
    CU_ASSERT_EQUAL(run_three(XVS_CLASS_FILTER, CHAIN_INGRESS, counters), N);
    CU_ASSERT_STRING_EQUAL(trace, "abc");
    CU_ASSERT_EQUAL(run_three(XVS_CLASS_FILTER, CHAIN_EGRESS, counters), N);
    CU_ASSERT_STRING_EQUAL(trace, "abccba");
    CU_ASSERT_EQUAL(counters[0].packets, N);
    CU_ASSERT_EQUAL(counters[0].bytes, N * 60);
    CU_ASSERT_EQUAL(chain_run(NULL, &(struct chain_run) { 0 }, packets, N), N);
    teardown();
}

/* A port that enters at a stage meets it and what is behind it, both ways. */
static void
test_entry(void)
{
    static const char *const in[] = { "abc", "bc", "c" };
    static const char *const out[] = { "cba", "cb", "c" };
    struct stage_counters counters[3] = { { 0 } };

    act = NULL;
    setup();
    for (entry = 0; entry < 3; entry++) {
        trace[0] = 0;
        CU_ASSERT_EQUAL(run_three(XVS_CLASS_FILTER, CHAIN_INGRESS, counters),
                        N);
        CU_ASSERT_STRING_EQUAL(trace, in[entry]);
        trace[0] = 0;
        CU_ASSERT_EQUAL(run_three(XVS_CLASS_FILTER, CHAIN_EGRESS, counters),
                        N);
        CU_ASSERT_STRING_EQUAL(trace, out[entry]);
        CU_ASSERT_EQUAL(counters[0].packets, entry == 0 ? N : 0);
    }
    entry = 0;
    CU_ASSERT_EQUAL(chain_find(NULL, &ids[0]), CHAIN_NOWHERE);
    CU_ASSERT_EQUAL(chain_find(NULL, &control_entry_network), 0);
    teardown();
}

static void
drop(struct xvs_packet *packet)
{
    xvs_drop(packet, 1);
}

static void
redirect(struct xvs_packet *packet)
{
    packet->out_port = 7;
    packet->in_port = 8;
}

static void
push(struct xvs_packet *packet)
{
    packet->data -= 4;
    packet->length += 4;
    memset(packet->data, 0, 12);
    memcpy(packet->data + 12, "\x81\x00\x00\x05", 4);
}

static void
escape(struct xvs_packet *packet)
{
    packet->data -= POOL_HEADROOM + 1;
}

static void
swell(struct xvs_packet *packet)
{
    packet->length = POOL_FRAME + 1;
}

static void
test_rights(void)
{
    static const struct {
        void (*act)(struct xvs_packet *packet);
        uint32_t class;
        enum chain_direction direction;
        uint32_t left;
        uint64_t drops, broken;
        uint32_t length, out_port;
    } cases[] = {
        { drop, XVS_CLASS_CAPTURE, CHAIN_INGRESS, N, 0, 0, 60, -1u },
        { drop, XVS_CLASS_FILTER, CHAIN_INGRESS, N - 1, 1, 0, 60, -1u },
        { drop, XVS_CLASS_FILTER, CHAIN_EGRESS, N - 1, 1, 0, 60, -1u },
        { drop, XVS_CLASS_FORWARD, CHAIN_INGRESS, N - 1, 1, 0, 60, -1u },
        { redirect, XVS_CLASS_CAPTURE, CHAIN_INGRESS, N, 0, 0, 60, -1u },
        { redirect, XVS_CLASS_FILTER, CHAIN_INGRESS, N, 0, 0, 60, -1u },
        { redirect, XVS_CLASS_FORWARD, CHAIN_INGRESS, N, 0, 0, 60, 7 },
        { redirect, XVS_CLASS_FORWARD, CHAIN_EGRESS, N, 0, 0, 60, -1u },
        { push, XVS_CLASS_CAPTURE, CHAIN_INGRESS, N, 0, 0, 60, -1u },
        { push, XVS_CLASS_FILTER, CHAIN_INGRESS, N, 0, 0, 64, -1u },
        { push, XVS_CLASS_FILTER, CHAIN_EGRESS, N, 0, 0, 60, -1u },
        { escape, XVS_CLASS_FILTER, CHAIN_INGRESS, N - 1, 0, 1, 60, -1u },
        { swell, XVS_CLASS_FILTER, CHAIN_INGRESS, N - 1, 0, 1, 60, -1u },
        { swell, XVS_CLASS_CAPTURE, CHAIN_INGRESS, N, 0, 0, 60, -1u },
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct stage_counters counters[3] = { { 0 } };

        setup();
        act = cases[i].act;
        CU_ASSERT_EQUAL(run_three(cases[i].class, cases[i].direction, counters),
                        cases[i].left);
        CU_ASSERT_EQUAL(counters[1].drops, cases[i].drops);
        CU_ASSERT_EQUAL(counters[1].broken, cases[i].broken);
        CU_ASSERT_EQUAL(packets[1]->length, cases[i].length);
        CU_ASSERT_EQUAL(packets[1]->total, cases[i].length);
        CU_ASSERT_EQUAL(counters[1].reasons[1], cases[i].drops);
        CU_ASSERT_EQUAL(packets[1]->out_port, cases[i].out_port);
        CU_ASSERT_EQUAL(packets[1]->in_port, 1);
        teardown();
    }
}

/* A frame that moved is parsed again for the stages behind. */
static void
test_reparse(void)
{
    struct stage_counters counters[3] = { { 0 } };

    setup();
    act = push;
    run_three(XVS_CLASS_FILTER, CHAIN_INGRESS, counters);
    CU_ASSERT(packets[1]->flags & XVS_PACKET_VLAN);
    CU_ASSERT_EQUAL(packets[1]->vlan, 5);
    teardown();
}

/* A stage that changes frames on their way out gets copies of those that
 * others need, too. */
static void
test_egress(void)
{
    struct stage_counters counters[3] = { { 0 } };

    act = push;
    traits = XVS_TRAIT_EGRESS;
    setup();
    CU_ASSERT_EQUAL(run_three(XVS_CLASS_FILTER, CHAIN_EGRESS, counters), N);
    CU_ASSERT_EQUAL(n_twins, 0);
    CU_ASSERT_EQUAL(packets[1]->total, 64);
    teardown();
    setup();
    shared = true;
    CU_ASSERT_EQUAL(run_three(XVS_CLASS_FILTER, CHAIN_EGRESS, counters), N);
    CU_ASSERT_EQUAL(counters[1].bytes, 2 * N * 60);     /* both runs */
    CU_ASSERT_EQUAL_FATAL(n_twins, N);
    CU_ASSERT_EQUAL(packets[1]->total, 60);
    CU_ASSERT_EQUAL(twins[1]->total, 64);
    CU_ASSERT_EQUAL(twins[1]->vlan, 5);
    CU_ASSERT_EQUAL(twins[2]->total, 60);
    pool_put(cache, twins, N);
    shared = false;
    traits = 0;
    teardown();
}

/* Without buffers for the copies, packets are lost, and only they. */
static void
test_egress_starved(void)
{
    struct stage_counters counters[3] = { { 0 } };
    struct xvs_packet *taken[2];

    act = NULL;
    traits = XVS_TRAIT_EGRESS;
    setup();
    CU_ASSERT_EQUAL_FATAL(pool_get(cache, taken, 2), 2);
    shared = true;
    CU_ASSERT_EQUAL(run_three(XVS_CLASS_FILTER, CHAIN_EGRESS, counters),
                    N - 2);
    CU_ASSERT_EQUAL(counters[1].packets, N - 2);
    CU_ASSERT_EQUAL(n_short, 2);
    pool_put(cache, twins, n_twins);
    pool_put(cache, taken, 2);
    shared = false;
    traits = 0;
    teardown();
}

/* Takes longer than 1 % of a window. */
static void
slow(void *self, struct xvs_burst *burst)
{
    uint64_t end = clock_cycles() + cycles_per_us() * 1000;

    (void) self;
    (void) burst;
    while (clock_cycles() < end) {
    }
}

/* Runs a slow stage until it has no time left; how many came through then. */
static uint32_t
exhaust(uint32_t share, bool opens, struct stage_counters *counters)
{
    struct slice slices[WORKERS_MAX] = { { 0 } };
    struct chain *chain = chain_create(1);
    uint32_t left = 0;

    chain->entries[0] = (struct chain_entry) {
        .id = &ids[0], .ingress = slow, .extension_class = XVS_CLASS_FILTER,
        .counters = counters, .slices = slices, .time_share = share,
        .opens = opens };
    memset(counters, 0, sizeof *counters);
    for (int i = 0; i < 1000 && !counters->over_time; i++) {
        struct chain_run run = { .pool = pool };
        struct xvs_packet *live[N];

        memcpy(live, packets, sizeof live);
        left = chain_run(chain, &run, live, N);
    }
    free(chain);
    return left;
}

static void
test_time(void)
{
    struct stage_counters counters;

    setup();
    CU_ASSERT_EQUAL(exhaust(1, true, &counters), N);
    CU_ASSERT_EQUAL(counters.over_time, N);
    CU_ASSERT(counters.packets >= N);
    CU_ASSERT_EQUAL(exhaust(1, false, &counters), 0);
    CU_ASSERT_EQUAL(counters.over_time, N);
    CU_ASSERT_EQUAL(counters.drops, 0);
    teardown();
}

/* Accounts, with a clock of the test's own. */
static void
test_slice(void)
{
    const uint64_t window = SLICE_WINDOW_US * cycles_per_us();
    const uint64_t budget = window / 100 * 10;
    struct slice slice = { 0 };
    uint64_t now = 1000 * window, used = 12345;

    CU_ASSERT(slice_has(&slice, 10, used, now));
    used += budget - 1;
    CU_ASSERT(slice_has(&slice, 10, used, now + 1));
    used += 1;
    CU_ASSERT(!slice_has(&slice, 10, used, now + 2));
    CU_ASSERT(slice_has(&slice, 50, used, now + 2));
    /* Another window; but five of them for a call that took as many. */
    now += window;
    CU_ASSERT(slice_has(&slice, 10, used, now));
    used += 5 * budget;
    for (int i = 0; i < 5; i++) {
        CU_ASSERT(!slice_has(&slice, 10, used, now + 1));
        now += window;
    }
    CU_ASSERT(slice_has(&slice, 10, used, now));
    /* No debt is longer than a second, and none is older than one. */
    used += 100000 * budget;
    now += window;
    CU_ASSERT(!slice_has(&slice, 10, used, now));
    CU_ASSERT(!slice_has(&slice, 10, used, now + 99 * window));
    CU_ASSERT(slice_has(&slice, 10, used, now + 101 * window));
    CU_ASSERT(slice_has(&slice, 10, used, now + 100000 * window));
}

static const struct unit_test tests[] = {
    { "order", test_order },
    { "entry", test_entry },
    { "rights", test_rights },
    { "reparse", test_reparse },
    { "egress", test_egress },
    { "egress without buffers", test_egress_starved },
    { "time", test_time },
    { "slice", test_slice },
};

UNIT_MAIN("chain", tests)
