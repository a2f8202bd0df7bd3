/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Two stages at one place: which of them gets a packet, and that each flow
 * passes once and in order when one of them loses its process and has one
 * again.
 */

#include <config.h>

#include "stage/chain/partners.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"
#include "control/message.h"
#include "packet/cycles.h"
#include "packet/grace.h"
#include "packet/parse.h"
#include "packet/pool.h"
#include "stage-process.h"
#include "unit.h"

#define FLOWS 8u
#define BURST 64u
#define FLOW 33                 /* last byte of the receiver's address */
#define NUMBER 42               /* within the flow */
#define SEEN 50                 /* bits of who saw it */
#define COUNT 51                /* hooks that did */

/* ---- Which of the two ----------------------------------------------------- */

/* A frame from its bytes; it is on the caller's stack. */
static uint32_t
choose(const char *bytes, uint32_t size)
{
    static uint8_t data[256];
    struct xvs_packet packet = { .data = data, .length = size,
                                 .total = size };

    memcpy(data, bytes, size);
    parse_packet(&packet);
    return partners_choose(&packet);
}

#define MACS "\2\0\0\0\0\2\2\0\0\0\0\1"

/* An IPv4 packet between two hosts and two ports. */
struct sample {
    uint8_t from, to, protocol;
    uint16_t from_port, to_port;
    uint16_t fragment;          /* flags and offset */
    bool tagged;
};

static uint32_t
choose_ipv4(const struct sample *sample)
{
    char bytes[80] = MACS;
    uint8_t *at = (uint8_t *) bytes + 12;

    if (sample->tagged) {
        memcpy(at, "\x81\0\0\7", 4);
        at += 4;
    }
    memcpy(at, "\x08\0\x45\0\0\x28", 6);
    at[8] = (uint8_t) (sample->fragment >> 8);
    at[9] = (uint8_t) sample->fragment;
    at[11] = sample->protocol;
    memcpy(at + 14, (uint8_t[]) { 10, 0, 0, sample->from }, 4);
    memcpy(at + 18, (uint8_t[]) { 10, 0, 0, sample->to }, 4);
    memcpy(at + 22, (uint8_t[]) { (uint8_t) (sample->from_port >> 8),
                                  (uint8_t) sample->from_port,
                                  (uint8_t) (sample->to_port >> 8),
                                  (uint8_t) sample->to_port }, 4);
    at[34] = 0x50;
    return choose(bytes, (uint32_t) (at - (uint8_t *) bytes) + 42);
}

static struct sample
reverse(struct sample one)
{
    return (struct sample) { one.to, one.from, one.protocol, one.to_port,
                             one.from_port, one.fragment, one.tagged };
}

/* Both directions, with a tag and without, go to the same. */
static void
test_both_ways(void)
{
    static const uint8_t protocols[] = { 1, 6, 17, 132 };
    uint32_t second = 0;

    for (uint32_t i = 0; i < 1000; i++) {
        struct sample one = { .from = (uint8_t) (i % 7),
                              .to = (uint8_t) (9 + i % 11),
                              .protocol = protocols[i % 4],
                              .from_port = (uint16_t) (1000 + i),
                              .to_port = 80 };
        struct sample back = reverse(one);
        uint32_t which = choose_ipv4(&one);

        second += which;
        CU_ASSERT_EQUAL(choose_ipv4(&back), which);
        one.tagged = true;
        CU_ASSERT_EQUAL(choose_ipv4(&one), which);
    }
    CU_ASSERT(second > 350 && second < 650);
}

/* How many of 200 ports go to the second. */
static uint32_t
count_ports(uint8_t protocol, uint16_t fragment)
{
    uint32_t second = 0;

    for (uint16_t i = 0; i < 200; i++) {
        const struct sample one = { 1, 2, protocol, (uint16_t) (5000 + i), 80,
                                    fragment, false };

        second += choose_ipv4(&one);
    }
    return second;
}

/* Ports count where no part of the flow can come without them. */
static void
test_ports(void)
{
    uint32_t pair = count_ports(17, 0);
    uint32_t tcp = count_ports(6, 0), sctp = count_ports(132, 0);

    CU_ASSERT(pair == 0 || pair == 200);
    CU_ASSERT_EQUAL(count_ports(17, 0x2000), pair);
    CU_ASSERT_EQUAL(count_ports(17, 0x00b9), pair);
    CU_ASSERT_EQUAL(count_ports(6, 0x2000), pair);
    CU_ASSERT_EQUAL(count_ports(1, 0), pair);
    CU_ASSERT(tcp > 60 && tcp < 140);
    CU_ASSERT(sctp > 60 && sctp < 140);
}

static void
test_others(void)
{
    char six[94] = MACS "\x86\xdd\x60", back[sizeof six];
    char plain[60] = MACS "\x88\xb5", plain_back[60];
    uint32_t second = 0;

    six[19] = 40;
    six[20] = 59;
    memcpy(plain_back, plain, sizeof plain);
    for (char i = 0; i < 100; i++) {
        six[37] = i;
        six[53] = 7;
        memcpy(back, six, sizeof six);
        memcpy(back + 22, six + 38, 16);
        memcpy(back + 38, six + 22, 16);
        CU_ASSERT_EQUAL(choose(six, sizeof six), choose(back, sizeof back));
        second += choose(six, sizeof six);
        plain[5] = i;
        memcpy(plain_back, plain + 6, 6);
        memcpy(plain_back + 6, plain, 6);
        CU_ASSERT_EQUAL(choose(plain, 60), choose(plain_back, 60));
        second += choose(plain, 60);
        plain[20] = i;
        CU_ASSERT_EQUAL(choose(plain, 60), choose(plain_back, 60));
    }
    CU_ASSERT(second > 60 && second < 140);
    CU_ASSERT_EQUAL(choose(MACS, 12), choose(MACS "\x88\xb5", 14));
    CU_ASSERT_EQUAL(choose(MACS, 3), 0);
}

/* ---- Two stages ----------------------------------------------------------- */

static struct pool *pool;
static struct pool_cache *cache;
static struct chain *chain;
static struct lanes *lanes[2];
static struct share *process[2];
static struct stage_counters *counters;
static uint32_t direction;      /* enum chain_direction */
static uint64_t sent[FLOWS], come[FLOWS];
static uint64_t by[FLOWS][2];   /* who has seen how many */
static uint32_t in_flight;
static uint32_t limit;          /* of packets in flight */
static bool drain;
static int bell;

static void
see(struct xvs_burst *burst, uint8_t bit)
{
    for (uint32_t i = 0; i < burst->n; i++) {
        burst->packets[i]->data[SEEN] |= bit;
        burst->packets[i]->data[COUNT]++;
    }
}

static void
see_first(void *self, struct xvs_burst *burst)
{
    (void) self;
    see(burst, 1);
}

static void
see_second(void *self, struct xvs_burst *burst)
{
    (void) self;
    see(burst, 2);
}

static const struct xvs_extension extensions[] = {
    { XVS_EXTENSION_HEAD, .traits = XVS_TRAIT_EGRESS, .ingress = see_first,
      .egress = see_first },
    { XVS_EXTENSION_HEAD, .traits = XVS_TRAIT_EGRESS, .ingress = see_second,
      .egress = see_second },
};

static void
on_fault(void *arg, struct share *share)
{
    (void) arg;
    (void) share;
}

static void
begin_process(uint32_t which)
{
    process[which] = share_create(pool, 1, true, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(process[which]);
    stage_process_start(process[which], &extensions[which], &bell);
}

/* Its only one, and nobody makes another. */
static void
end_process(uint32_t which)
{
    kill(process[which]->pid, SIGKILL);
}

/* It keeps what it has been given. */
static void
stop_process(uint32_t which)
{
    kill(process[which]->pid, SIGSTOP);
    waitpid(process[which]->pid, NULL, WUNTRACED);
}

static void
make_entry(uint32_t which, bool has_process)
{
    struct lanes_config config = { .pool = pool, .n_workers = 1,
                                   .extension_class = XVS_CLASS_FILTER,
                                   .on_failure = XVS_FAIL_OPEN,
                                   .budget_us = LANES_BUDGET_US,
                                   .on_fault = on_fault };
    struct chain_entry *entry = &chain->entries[which];

    *entry = (struct chain_entry) {
        .id = &extensions[which].id, .ingress = extensions[which].ingress,
        .egress = extensions[which].egress,
        .extension_class = XVS_CLASS_FILTER, .traits = XVS_TRAIT_EGRESS,
        .counters = &counters[which * WORKERS_MAX],
        .partner = which ? -1 : 1, .on_failure = XVS_FAIL_CLOSED };
    if (has_process) {
        lanes[which] = lanes_create(&config);
        begin_process(which);
        lanes_use(lanes[which], process[which], NULL);
        entry->lanes = lanes[which];
    }
}

static void
setup(enum sharing sharing, bool first, bool second)
{
    pool = pool_create(8192, NULL);
    cache = pool_cache_create(pool);
    bell = eventfd(0, EFD_NONBLOCK);
    counters = mem_zalloc(2 * WORKERS_MAX * sizeof *counters);
    chain = chain_create(2);
    make_entry(0, first);
    make_entry(1, second);
    chain->entries[0].sharing = chain->entries[1].sharing = (uint8_t) sharing;
    memset(sent, 0, sizeof sent);
    memset(come, 0, sizeof come);
    memset(by, 0, sizeof by);
    in_flight = 0;
    limit = SHARE_LANE;
    drain = false;
    grace_thread_begin();
    grace_online();
}

static void
teardown(void)
{
    grace_thread_end();
    CU_ASSERT_EQUAL(in_flight, 0);
    CU_ASSERT_EQUAL(pool_used(pool), 0);
    for (uint32_t i = 0; i < 2; i++) {
        if (lanes[i]) {
            stage_process_end(process[i]);
            lanes_destroy(lanes[i]);
            lanes[i] = NULL;
        }
    }
    free(chain);
    free(counters);
    pool_cache_destroy(cache);
    pool_destroy(pool);
    close(bell);
}

/* Packets behind the place: each was seen once, and is the next of its flow. */
static void
take(struct xvs_packet **packets, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        const uint8_t *data = packets[i]->data;
        uint32_t flow = data[FLOW];
        uint64_t number;

        memcpy(&number, data + NUMBER, sizeof number);
        CU_ASSERT_EQUAL(number, come[flow]);
        CU_ASSERT_EQUAL(data[COUNT], 1);
        come[flow] = number + 1;
        by[flow][data[SEEN] - 1]++;
    }
    pool_put(cache, packets, n);
}

static struct chain_run
run_for(void)
{
    return (struct chain_run) { .pool = pool, .cache = cache,
                                .direction = direction };
}

/* What flights_land() does, for this chain alone. */
static void
land_entry(const struct chain_entry *entry, uint32_t at)
{
    struct lane *lane = lanes_of(entry->lanes, 0);
    struct lane_packet out[XVS_BURST];
    struct xvs_packet *packets[XVS_BURST];
    uint32_t from, n, left;

    lane_fail_as(lane, entry->on_failure);
    while (lane_waiting(lane)) {
        struct chain_run run = run_for();

        run.again = partners_must_rescue(entry, 0, clock_cycles());
        n = run.again ? partners_rescue(entry, 0, &from, out)
            : lane_take(lane, clock_cycles(), &from, out);
        if (n == 0) {
            return;
        }
        CU_ASSERT_EQUAL(from != 0, direction == CHAIN_EGRESS);
        left = chain_resume(chain, &run, at, out, packets, n);
        in_flight -= n;
        in_flight += run.parked;
        for (uint32_t i = 0; i < n && !run.again; i++) {
            if (out[i].packet->verdict == XVS_DROP) {
                pool_put(cache, &out[i].packet, 1);
            }
        }
        take(packets, left);
    }
}

static void
land(void)
{
    for (uint32_t i = 0; i < 2; i++) {
        if (chain->entries[i].lanes) {
            land_entry(&chain->entries[i], i);
        }
    }
    drain = drain && in_flight;
    grace_quiet();
}

/* A burst of all flows, when there is room for it. */
static void
give(void)
{
    struct chain_run run = run_for();
    struct xvs_packet *packets[BURST];
    uint32_t left;

    while (in_flight + BURST > limit || drain) {
        land();
    }
    CU_ASSERT_EQUAL_FATAL(pool_get(cache, packets, BURST), BURST);
    for (uint32_t i = 0; i < BURST; i++) {
        static const char head[] = MACS "\x08\0\x45\0\0\x28\0\0\0\0\x40\x11"
                                   "\0\0\x0a\0\0\1\x0a\0\0";
        uint8_t *data = packets[i]->data;
        uint32_t flow = i % FLOWS;

        memset(data, 0, 60);
        memcpy(data, head, sizeof head - 1);
        data[FLOW] = (uint8_t) flow;
        memcpy(data + NUMBER, &sent[flow], sizeof sent[flow]);
        sent[flow]++;
        packets[i]->length = packets[i]->total = 60;
        packets[i]->in_port = packets[i]->out_port = 1;
    }
    parse_burst(packets, BURST);
    left = chain_run(chain, &run, packets, BURST);
    in_flight += run.parked;
    drain = drain || (run.drain && in_flight);
    take(packets, left);
}

/* Gives and lands for a while, until the condition if there is one. */
static void
go_on(bool (*until)(void))
{
    uint64_t end = clock_cycles() + 20000000 * cycles_per_us();

    for (uint32_t i = 0; until ? !until() && clock_cycles() < end : i < 60;
         i++) {
        give();
        land();
    }
    CU_ASSERT(!until || until());
}

static void
land_all(void)
{
    uint64_t end = clock_cycles() + 20000000 * cycles_per_us();

    while (in_flight && clock_cycles() < end) {
        land();
    }
}

static bool
is_away(uint32_t which)
{
    return counters[which * WORKERS_MAX].away != 0;
}

static bool
first_is_away(void)
{
    return is_away(0);
}

static bool
second_is_away(void)
{
    return is_away(1);
}

static bool
nobody_is_away(void)
{
    return !is_away(0) && !is_away(1);
}

/* All that was sent has come. */
static void
check_whole(void)
{
    land_all();
    for (uint32_t i = 0; i < FLOWS; i++) {
        CU_ASSERT_EQUAL(come[i], sent[i]);
    }
}

/* Who gets packets from now on: bits, for all flows together. */
static uint32_t
who(void)
{
    uint32_t bits = 0;

    land_all();
    memset(by, 0, sizeof by);
    go_on(NULL);
    land_all();
    for (uint32_t i = 0; i < FLOWS; i++) {
        bits |= (by[i][0] ? 1u : 0) | (by[i][1] ? 2u : 0);
        CU_ASSERT(!by[i][0] || !by[i][1]);
    }
    return bits;
}

/* The stage loses its process under load, and has another one after a time. */
static void
fail_and_return(uint32_t which, bool (*gone)(void), uint32_t others)
{
    struct share *old = process[which];

    go_on(NULL);
    end_process(which);
    go_on(gone);
    CU_ASSERT_EQUAL(who(), others);
    CU_ASSERT(counters[which * WORKERS_MAX].diverted > 0);
    CU_ASSERT_EQUAL(counters[which * WORKERS_MAX].turns, 1);
    lanes_use(lanes[which], NULL, NULL);
    stage_process_end(old);
    begin_process(which);
    go_on(NULL);
    lanes_use(lanes[which], process[which], NULL);
    go_on(nobody_is_away);
}

static void
test_failover(void)
{
    for (direction = CHAIN_INGRESS; direction <= CHAIN_EGRESS; direction++) {
        for (uint32_t is_inline = 0; is_inline < 2; is_inline++) {
            setup(SHARING_FAILOVER, true, !is_inline);
            CU_ASSERT_EQUAL(who(), 1);
            fail_and_return(0, first_is_away, 2);
            CU_ASSERT_EQUAL(who(), 1);
            check_whole();
            teardown();
        }
    }
}

static void
test_aggregate(void)
{
    for (direction = CHAIN_INGRESS; direction <= CHAIN_EGRESS; direction++) {
        setup(SHARING_AGGREGATE, true, true);
        CU_ASSERT_EQUAL(who(), 3);
        fail_and_return(0, first_is_away, 2);
        CU_ASSERT_EQUAL(who(), 3);
        fail_and_return(1, second_is_away, 1);
        CU_ASSERT_EQUAL(who(), 3);
        check_whole();
        teardown();
        setup(SHARING_AGGREGATE, false, true);
        CU_ASSERT_EQUAL(who(), 3);
        fail_and_return(1, second_is_away, 1);
        check_whole();
        teardown();
        setup(SHARING_AGGREGATE, false, false);
        CU_ASSERT_EQUAL(who(), 3);
        check_whole();
        teardown();
    }
}

/* A standby is another matter: the partner is not needed. */
static void
test_standby(void)
{
    struct share *standby;

    direction = CHAIN_INGRESS;
    setup(SHARING_FAILOVER, true, true);
    standby = process[0];
    begin_process(0);
    lanes_use(lanes[0], standby, process[0]);
    go_on(NULL);
    kill(standby->pid, SIGKILL);
    CU_ASSERT_EQUAL(who(), 1);
    CU_ASSERT(!is_away(0));
    check_whole();
    stage_process_end(standby);
    teardown();
}

/* What the second has goes before what comes back to the first. */
static void
test_drain(void)
{
    struct share *old;

    direction = CHAIN_INGRESS;
    setup(SHARING_FAILOVER, true, true);
    old = process[0];
    end_process(0);
    go_on(first_is_away);
    begin_process(0);
    land_all();
    stop_process(1);
    give();
    lanes_use(lanes[0], process[0], NULL);
    stage_process_end(old);
    give();
    CU_ASSERT(drain);
    CU_ASSERT(is_away(0));
    for (uint32_t i = 0; i < 100; i++) {
        land();
        usleep(100);
    }
    CU_ASSERT_EQUAL(in_flight, 2 * BURST);
    kill(process[1]->pid, SIGCONT);
    go_on(nobody_is_away);
    check_whole();
    teardown();
}

/* The second gets as much as it has room for; what the first still has goes
 * before what comes now. */
static void
test_room(void)
{
    direction = CHAIN_INGRESS;
    setup(SHARING_AGGREGATE, true, true);
    go_on(NULL);
    land_all();
    stop_process(0);
    stop_process(1);
    limit = SHARE_LANE * 3 / 2;
    while (in_flight + BURST <= limit) {
        give();
    }
    end_process(0);
    for (uint32_t i = 0; i < 10000 && !counters[0].rescued; i++) {
        land();
        usleep(100);
    }
    CU_ASSERT(counters[0].rescued > 0);
    CU_ASSERT(!is_away(0));
    kill(process[1]->pid, SIGCONT);
    while (lane_waiting(lanes_of(lanes[1], 0))) {
        land_entry(&chain->entries[1], 1);
    }
    CU_ASSERT(!is_away(0));
    CU_ASSERT(in_flight > 0);
    limit = SHARE_LANE;
    give();
    go_on(first_is_away);
    check_whole();
    teardown();
}

/* When neither can, the stricter on_failure holds. */
static void
test_neither(void)
{
    struct lanes_tally tally;

    direction = CHAIN_INGRESS;
    setup(SHARING_FAILOVER, true, true);
    go_on(NULL);
    end_process(0);
    go_on(first_is_away);
    check_whole();
    end_process(1);
    give();
    land_all();
    CU_ASSERT_EQUAL(in_flight, 0);
    lanes_count(lanes[1], &tally);
    CU_ASSERT_EQUAL(tally.lost, BURST);
    CU_ASSERT_EQUAL(come[0], sent[0] - BURST / FLOWS);
    teardown();
}

static const struct unit_test tests[] = {
    { "both directions", test_both_ways },
    { "ports", test_ports },
    { "other frames", test_others },
    { "failover", test_failover },
    { "aggregate", test_aggregate },
    { "standby", test_standby },
    { "drain", test_drain },
    { "room", test_room },
    { "neither", test_neither },
};

UNIT_MAIN("partners", tests)
