/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Packets that pass a stage in another process on their way through a switch:
 * each leaves once, in order, and every buffer comes back.
 */

#include <config.h>

#include "switch/forward/flight.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/memory.h"
#include "packet/cycles.h"
#include "packet/grace.h"
#include "packet/pool.h"
#include "stage-process.h"
#include "stage/chain/chain.h"
#include "stage/lane/lanes.h"
#include "switch/forward/entry.h"
#include "switch/forward/forward.h"
#include "switch/vswitch.h"
#include "unit.h"

#define N_PORTS 3
#define BURST 64u
#define NUMBER 16               /* where a frame has its number */
#define SEEN 20                 /* hooks that saw it, by bits */
#define LIMIT 100000

static struct vswitch *vswitch;
static struct vport *ports[N_PORTS];
static struct port drivers[N_PORTS];
static uint32_t n_sent[N_PORTS];
static uint32_t sent[N_PORTS][LIMIT];
static uint8_t seen[N_PORTS][LIMIT];
static struct forward forward;
static struct pool *pool;
static struct lanes *lanes;
static struct share *active, *standby;
static struct stage_counters *counters;
static const struct xvs_guid ids[] = { { .a = 1 }, { .a = 2 },
                                       { .a = 3 }, { .a = 4 } };
static uint32_t number;
static uint32_t frame_size;     /* of frames that are sent */
static bool copies;             /* the process works on copies */
static int bell;

/* ---- Ports ---------------------------------------------------------------- */

static void
transmit(struct port *port, uint32_t worker, struct xvs_packet *const *burst,
         uint32_t n, struct port_tally *tally)
{
    size_t which = (size_t) (port - drivers);

    (void) worker;
    for (uint32_t i = 0; i < n; i++) {
        memcpy(&sent[which][n_sent[which]], burst[i]->data + NUMBER, 4);
        seen[which][n_sent[which]++] = burst[i]->data[SEEN];
    }
    tally->packets += n;
}

static const struct port_ops ops = { .name = "memory", .transmit = transmit };

/* ---- Stages --------------------------------------------------------------- */

/* Here: before and behind the process. */
static void
local(void *self, struct xvs_burst *burst)
{
    for (uint32_t i = 0; i < burst->n; i++) {
        burst->packets[i]->data[SEEN] |= *(const uint8_t *) self;
    }
}

static void
remote_ingress(void *self, struct xvs_burst *burst)
{
    (void) self;
    for (uint32_t i = 0; i < burst->n; i++) {
        uint32_t which;

        memcpy(&which, burst->packets[i]->data + NUMBER, sizeof which);
        burst->packets[i]->data[SEEN] |= 2;
        if (which % 10 == 9) {
            xvs_drop(burst->packets[i], 1);
        }
    }
}

static void
remote_egress(void *self, struct xvs_burst *burst)
{
    (void) self;
    for (uint32_t i = 0; i < burst->n; i++) {
        burst->packets[i]->data[SEEN] |= 8;
    }
}

static const struct xvs_extension extension = {
    XVS_EXTENSION_HEAD, .ingress = remote_ingress, .egress = remote_egress };

static void
on_fault(void *arg, struct share *share)
{
    (void) arg;
    (void) share;
}

static struct chain *
make_chain(bool with_process)
{
    static uint8_t bits[] = { 1, 0, 4 };
    struct chain *chain = chain_create(with_process ? 3 : 1);

    for (uint32_t i = 0; i < chain->n; i++) {
        chain->entries[i] = (struct chain_entry) {
            .id = &ids[i], .self = &bits[i], .ingress = local,
            .extension_class = XVS_CLASS_FILTER,
            .counters = counters + (size_t) i * WORKERS_MAX };
    }
    if (with_process) {
        chain->has_lanes = true;
        chain->has_copies = copies;
        chain->entries[1].egress = local;
        chain->entries[1].lanes = lanes;
    }
    return chain;
}

/* ---- The switch ----------------------------------------------------------- */

static struct share *
make_process(void)
{
    struct share *share = share_create(copies ? NULL : pool, 1, true, NULL);

    CU_ASSERT_PTR_NOT_NULL_FATAL(share);
    stage_process_start(share, &extension, &bell);
    return share;
}

static void
setup(void)
{
    struct lanes_config config = { .n_workers = 1,
                                   .extension_class = XVS_CLASS_FILTER,
                                   .on_failure = XVS_FAIL_CLOSED,
                                   .traits = XVS_TRAIT_EGRESS,
                                   .copies = copies,
                                   .budget_us = LANES_BUDGET_US,
                                   .on_fault = on_fault };

    pool = pool_create(4096, NULL);
    config.pool = pool;
    memset(&forward, 0, sizeof forward);
    forward.pool = pool;
    forward.cache = pool_cache_create(pool);
    bell = eventfd(0, EFD_NONBLOCK);
    lanes = lanes_create(&config);
    active = make_process();
    standby = make_process();
    lanes_use(lanes, active, standby);
    lanes_expect(lanes, true);
    counters = mem_zalloc(sizeof *counters * WORKERS_MAX * 3);
    vswitch = vswitch_create(NULL, 1, "flight");
    for (uint32_t i = 0; i < N_PORTS; i++) {
        drivers[i].ops = &ops;
        drivers[i].can = PORT_CAN_CHAIN;
        n_sent[i] = 0;
        ports[i] = mem_zalloc(sizeof *ports[i]);
        ports[i]->id = i + 1;
        ports[i]->vswitch = vswitch;
        ports[i]->port = &drivers[i];
        ports[i]->next = vswitch->ports;
        vswitch->ports = ports[i];
    }
    vswitch_publish_ports(vswitch);
    vswitch->path.chain = make_chain(true);
    number = 0;
    frame_size = 60;
}

static void
teardown(void)
{
    CU_ASSERT_EQUAL(pool_used(pool), 0);
    CU_ASSERT_PTR_NULL(forward.flying);
    stage_process_end(active);
    stage_process_end(standby);
    vswitch_retire(vswitch);
    grace_drain();
    for (uint32_t i = 0; i < N_PORTS; i++) {
        free(ports[i]);
    }
    lanes_destroy(lanes);
    free(counters);
    pool_cache_destroy(forward.cache);
    pool_destroy(pool);
    close(bell);
}

/* Frames from the first port to the second, or to nobody. */
static void
send(uint32_t n, bool unknown)
{
    static const uint8_t known[] = { 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1 };
    struct xvs_packet *packets[BURST];

    CU_ASSERT_EQUAL_FATAL(pool_get(forward.cache, packets, n), n);
    for (uint32_t i = 0; i < n; i++) {
        memset(packets[i]->data, 0, 60);
        memcpy(packets[i]->data, known, sizeof known);
        packets[i]->data[5] = unknown ? 99 : 2;
        packets[i]->data[12] = 0x88;
        packets[i]->data[13] = 0xb5;
        memcpy(packets[i]->data + NUMBER, &number, sizeof number);
        packets[i]->length = packets[i]->total = 60;
        CU_ASSERT_FATAL(pool_extend(forward.cache, packets[i], frame_size));
        number++;
    }
    forward_burst(&forward, &vswitch->path, ports[0], packets, n, 1);
    grace_quiet();
}

/* So many to the second port, as fast as they may be. */
static void
send_many(uint32_t n)
{
    while (n) {
        uint32_t room = flight_room(&vswitch->path, 0);

        room = room < BURST ? room : BURST;
        room = room < n ? room : n;
        if (room) {
            send(room, false);
        }
        n -= room;
        flights_land(&forward, clock_cycles(), 1);
    }
}

/* The second port says who it is. */
static void
teach(void)
{
    struct xvs_packet *packet;
    static const uint8_t back[] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2,
                                    0x88, 0xb5 };

    CU_ASSERT_EQUAL_FATAL(pool_get(forward.cache, &packet, 1), 1);
    memset(packet->data, 0, 60);
    memcpy(packet->data, back, sizeof back);
    packet->length = packet->total = 60;
    forward_burst(&forward, &vswitch->path, ports[1], &packet, 1, 1);
}

/* Until nothing is in flight, or ten seconds. */
static void
land(void)
{
    uint64_t start = clock_cycles(), now = start;

    while (forward.flying && now - start < 10000000 * cycles_per_us()) {
        now = clock_cycles();
        flights_land(&forward, now, 1);
        grace_quiet();
    }
}

/* The second port has 'n' frames, none but every tenth lacking. */
static void
check_order(uint32_t n, uint8_t hooks)
{
    uint32_t expected = 0;

    CU_ASSERT_EQUAL(n_sent[1], n - n / 10);
    for (uint32_t i = 0; i < n_sent[1]; i++) {
        CU_ASSERT_EQUAL(sent[1][i], expected);
        CU_ASSERT_EQUAL(seen[1][i], hooks);
        expected += expected % 10 == 8 ? 2 : 1;
    }
}

static void
test_order(void)
{
    teach();
    land();
    n_sent[0] = n_sent[2] = 0;
    send_many(500 * BURST);
    land();
    check_order(500 * BURST, 15);
    CU_ASSERT_EQUAL(n_sent[0] + n_sent[2], 0);
    CU_ASSERT_EQUAL(counters[WORKERS_MAX].drops, 500 * BURST / 10);
    CU_ASSERT_EQUAL(ports[0]->counters[0].filtered, 500 * BURST / 10);
}

/* A frame for all is parked once for each port. */
static void
test_flood(void)
{
    send(8, true);
    land();
    CU_ASSERT_EQUAL(n_sent[0], 0);
    for (int port = 1; port < N_PORTS; port++) {
        CU_ASSERT_EQUAL(n_sent[port], 8);
        for (uint32_t i = 0; i < n_sent[port]; i++) {
            CU_ASSERT_EQUAL(sent[port][i], i);
            CU_ASSERT_EQUAL(seen[port][i], 15);
        }
    }
}

/* Packets of the old chain leave before those of the new one come. */
static void
test_change(void)
{
    struct chain *old = vswitch->path.chain, *fresh = make_chain(false);

    teach();
    land();
    send(BURST, false);
    CU_ASSERT(flights_use(&vswitch->path, old));
    (void) xvs_publish(vswitch->path.chain, fresh);
    CU_ASSERT(!flight_room(&vswitch->path, 0));
    CU_ASSERT_PTR_EQUAL(flight_chain(&vswitch->path, 0), old);
    land();
    CU_ASSERT(flight_room(&vswitch->path, 0));
    CU_ASSERT(!flights_use(&vswitch->path, old));
    check_order(BURST, 15);
    send(1, false);
    CU_ASSERT_EQUAL(sent[1][n_sent[1] - 1], BURST);
    CU_ASSERT_EQUAL(seen[1][n_sent[1] - 1], 1);
    free(old);
}

/* ---- Ports that enter the chain at a stage -------------------------------- */

static void
enter(struct vport *port, struct port_entry *entry)
{
    port->entry = entry;
    port->special = VPORT_ENTRY;
}

/* From the process on, and out of it, but not what is in front of it. */
static void
test_entry(void)
{
    struct port_entry at_process = { .id = ids[1] }, behind = { .id = ids[2] };

    vswitch->path.chain->entries[0].egress = local;
    enter(ports[0], &at_process);
    enter(ports[1], &at_process);
    send(8, true);
    land();
    CU_ASSERT_EQUAL(n_sent[1], 8);
    CU_ASSERT_EQUAL(n_sent[2], 8);
    for (uint32_t i = 0; i < 8; i++) {
        CU_ASSERT_EQUAL(seen[1][i], 2 + 4 + 8);
        CU_ASSERT_EQUAL(seen[2][i], 1 + 2 + 4 + 8);
    }
    enter(ports[0], &behind);
    enter(ports[1], &behind);
    send(1, true);
    CU_ASSERT_EQUAL(n_sent[1], 9);
    CU_ASSERT_EQUAL(seen[1][8], 4);
    land();
    CU_ASSERT_EQUAL(seen[2][8], 1 + 4 + 8);
}

/* Nobody passes a stage that is not there. */
static void
test_no_entry(void)
{
    struct port_entry lost = { .id = ids[3] };

    enter(ports[1], &lost);
    send(8, true);
    land();
    CU_ASSERT_EQUAL(n_sent[1], 0);
    CU_ASSERT_EQUAL(n_sent[2], 8);
    CU_ASSERT_EQUAL(ports[1]->drops[0].reasons[DROP_ENTRY], 8);
    enter(ports[0], &lost);
    send(3, true);
    land();
    CU_ASSERT_EQUAL(n_sent[2], 8);
    CU_ASSERT_EQUAL(ports[0]->drops[0].reasons[DROP_ENTRY], 3);
}

/* A changed entry counts from its chain on, not for packets in flight. */
static void
test_entry_changed(void)
{
    struct port_entry late = { .id = ids[3], .since = 1 };
    struct port_entry back = { .before = ids[1], .since = 1 };

    vswitch->path.chain->entries[0].egress = local;
    send(1, true);
    enter(ports[1], &late);
    enter(ports[2], &back);
    land();
    CU_ASSERT_EQUAL(n_sent[1], 1);
    CU_ASSERT_EQUAL(seen[1][0], 1 + 2 + 4 + 8);
    vswitch->path.chain->entries[0].ingress = NULL;
    send(1, true);
    land();
    CU_ASSERT_EQUAL(n_sent[1], 2);
    CU_ASSERT_EQUAL(seen[1][1], 1 + 2 + 4 + 8);
    CU_ASSERT_EQUAL(seen[2][1], 2 + 4 + 8);
    vswitch->path.chain->serial = 1;
    send(1, true);
    land();
    CU_ASSERT_EQUAL(n_sent[1], 2);
    CU_ASSERT_EQUAL(seen[2][2], 1 + 2 + 4 + 8);
}

static void
test_drain(void)
{
    send(1, true);
    flight_drain(&vswitch->path, 0);
    CU_ASSERT(!flight_is_drained(&vswitch->path, 0));
    CU_ASSERT(!flight_room(&vswitch->path, 0));
    land();
    CU_ASSERT(flight_is_drained(&vswitch->path, 0));
    CU_ASSERT(flight_room(&vswitch->path, 0));
    flight_drain(&vswitch->path, 0);
    CU_ASSERT(flight_is_drained(&vswitch->path, 0));
}

/* The process is killed under load, and the standby takes over. */
static void
test_killed(void)
{
    struct lanes_tally tally;

    teach();
    land();
    send_many(250 * BURST);
    send(1, false);
    kill(active->pid, SIGKILL);
    send_many(250 * BURST - 1);
    land();
    check_order(500 * BURST, 15);
    lanes_count(lanes, &tally);
    CU_ASSERT_EQUAL(tally.lost, 0);
}

/* Of frames that take many places no more come than there are. */
static void
test_large(void)
{
    struct lanes_tally tally;

    teach();
    land();
    n_sent[0] = n_sent[2] = 0;
    frame_size = copies ? 64000 : 9000;
    send_many(500);
    frame_size = 60;
    send_many(500);
    land();
    check_order(1000, 15);
    lanes_count(lanes, &tally);
    CU_ASSERT_EQUAL(tally.lost, 0);
}

/* A port that goes takes its packets with it, and nothing else. */
static void
test_port_gone(void)
{
    teach();
    land();
    send(BURST, false);
    vswitch->ports = ports[1];      /* without the third ... */
    ports[1]->next = NULL;          /* ... and the first */
    vswitch_publish_ports(vswitch);
    land();
    CU_ASSERT_EQUAL(n_sent[1], 0);
}

static void
run_all(void)
{
    static void (*const tests[])(void) = { test_order, test_flood,
                                           test_change, test_drain,
                                           test_killed, test_port_gone,
                                           test_large,
                                           test_entry, test_no_entry,
                                           test_entry_changed };

    size_t n = sizeof tests / sizeof tests[0];

    for (size_t i = 0; i < 2 * n; i++) {
        copies = i >= n;
        setup();
        grace_thread_begin();
        grace_online();
        tests[i % n]();
        grace_thread_end();
        teardown();
    }
}

static const struct unit_test tests[] = { { "flight", run_all } };

UNIT_MAIN("flight", tests)
