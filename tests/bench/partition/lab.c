/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See lab.h.
 */

#include <config.h>

#include "bench/partition/lab.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "bench/partition/domain.h"
#include "bench/partition/fail.h"
#include "bench/partition/touch.h"
#include "packet/cycles.h"
#include "packet/grace.h"
#include "packet/pool.h"
#include "stage/chain/chain.h"
#include "stage/lane/lanes.h"
#include "stage/stage.h"
#include "stage/thread.h"
#include "switch/forward/flight.h"
#include "switch/forward/forward.h"
#include "switch/vswitch.h"

#define NUMBER 42               /* where a frame has its number */

struct pool *lab_pool;
struct lanes *lab_lanes[LAB_PLACES][LAB_STAGES];
struct share *lab_shares[LAB_PLACES][LAB_STAGES];
uint32_t lab_size = 64;
uint64_t lab_number, lab_taken, lab_wrong;

static struct stage *domains[LAB_STAGES];
static struct forward forward;
static struct vswitch *vswitch;
static struct vport *ports[2];
static uint64_t last;           /* cycles: when a packet went out ... */
static uint64_t gap;            /* ... and the longest time without */

/* ---- Ports and stages ----------------------------------------------------- */

static void
take(struct port *port, uint32_t worker, struct xvs_packet *const *burst,
     uint32_t n, struct port_tally *tally)
{
    uint64_t now = clock_cycles();

    (void) port;
    (void) worker;
    for (uint32_t i = 0; i < n; i++) {
        uint64_t which;

        memcpy(&which, burst[i]->data + NUMBER, sizeof which);
        lab_wrong += which != lab_taken++;
    }
    tally->packets += n;
    gap = now - last > gap ? now - last : gap;
    last = now;
}

static const struct port_ops ops = { .name = "memory", .transmit = take };
static struct port drivers[2] = { { .ops = &ops }, { .ops = &ops } };

const struct xvs_extension lab_extension = {
    XVS_EXTENSION_HEAD, .ingress = touch };

/* An entry of that place. */
static struct chain_entry
entry_of(enum lab_place place, uint32_t i)
{
    return (struct chain_entry) {
        .ingress = touch, .extension_class = XVS_CLASS_FILTER,
        .counters = mem_zalloc(sizeof(struct stage_counters) * WORKERS_MAX),
        .lanes = lab_lanes[place][i],
        .domain = place == LAB_DOMAIN ? domains[i]->domain : NULL };
}

void
lab_chain(uint32_t first, uint32_t n, enum lab_place place)
{
    struct chain *chain = n ? chain_create(n) : NULL;

    for (uint32_t i = 0; i < n; i++) {
        chain->entries[i] = entry_of(place, first + i);
    }
    if (chain) {
        chain->has_lanes = place == LAB_PROCESS || place == LAB_COPY;
    }
    chain_retire(xvs_publish(vswitch->path.chain, chain));
}

void
lab_chain_domain(struct stage *stage)
{
    struct chain *chain = chain_create(1);

    chain->entries[0] = entry_of(LAB_HERE, 0);
    chain->entries[0].domain = stage->domain;
    chain_retire(xvs_publish(vswitch->path.chain, chain));
}

/* ---- Its parts ------------------------------------------------------------ */

static void
on_fault(void *arg, struct share *share)
{
    (void) arg;
    (void) share;
}

static void
make_stages(enum lab_place place)
{
    const struct lanes_config config = {
        .n_workers = 1, .extension_class = XVS_CLASS_FILTER,
        .on_failure = XVS_FAIL_CLOSED, .budget_us = LANES_BUDGET_US,
        .on_fault = on_fault, .pool = lab_pool,
        .copies = place == LAB_COPY };

    for (uint32_t i = 0; i < LAB_STAGES; i++) {
        lab_lanes[place][i] = lanes_create(&config);
        lab_shares[place][i] = process_make(place);
        lanes_use(lab_lanes[place][i], lab_shares[place][i], NULL);
    }
}

void
lab_prepare_domains(int processor)
{
    for (uint32_t i = 0; i < LAB_STAGES; i++) {
        domains[i] = domain_make("touch.so", lab_pool, processor);
    }
}

static void
make_switch(void)
{
    vswitch = vswitch_create(NULL, 1, "bench");
    for (uint32_t i = 0; i < 2; i++) {
        ports[i] = mem_zalloc(sizeof *ports[i]);
        ports[i]->id = i + 1;
        ports[i]->vswitch = vswitch;
        ports[i]->port = &drivers[i];
        ports[i]->next = vswitch->ports;
        vswitch->ports = ports[i];
    }
    vswitch_publish_ports(vswitch);
}

/* ---- Packets -------------------------------------------------------------- */

/* From 'which' port (0 or 1) to the other. */
static void
fill(struct xvs_packet *packet, uint32_t which)
{
    const uint32_t ip = lab_size - 14, udp = lab_size - 34;
    const uint8_t head[] = {
        2, 0, 0, 0, 0, !which, 2, 0, 0, 0, 0, (uint8_t) which, 8, 0, 0x45, 0,
        (uint8_t) (ip >> 8), (uint8_t) ip, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0,
        1, 10, 0, 0, 2, 0, 0, 0, 9, (uint8_t) (udp >> 8), (uint8_t) udp, 0,
        0 };

    memcpy(packet->data, head, sizeof head);
    memcpy(packet->data + NUMBER, &lab_number, sizeof lab_number);
    lab_number++;
    packet->length = packet->total = lab_size;
}

static void
make_failing(struct xvs_packet *packet, const struct lab_failing *failing)
{
    packet->data[12] = FAIL_TYPE >> 8;
    packet->data[13] = FAIL_TYPE & 0xff;
    packet->data[FAIL_WHAT] = failing->what;
    memcpy(packet->data + FAIL_WHOM, &failing->whom, sizeof failing->whom);
    lab_number -= !failing->whom;
}

static void
send_from(uint32_t which, uint32_t n, const struct lab_failing *failing)
{
    struct xvs_packet *packets[XVS_BURST];

    if (pool_get(forward.cache, packets, n) != n) {
        exit(2);
    }
    for (uint32_t i = 0; i < n; i++) {
        fill(packets[i], which);
        if (failing && failing->at == i) {
            make_failing(packets[i], failing);
        }
    }
    forward_burst(&forward, &vswitch->path, ports[which], packets, n, 1);
    thread_make_calls();
    grace_quiet();
}

void
lab_prepare(void)
{
    lab_pool = pool_create(8192, NULL);
    if (!lab_pool) {
        exit(2);
    }
    forward.pool = lab_pool;
    forward.cache = pool_cache_create(lab_pool);
    make_stages(LAB_PROCESS);
    make_stages(LAB_COPY);
    make_switch();
    grace_thread_begin();
    grace_online();
    thread_hold_calls();
    send_from(1, 1, NULL);
    lab_taken = lab_number = lab_wrong = 0;
}

void
lab_send(uint32_t n)
{
    send_from(0, n, NULL);
}

void
lab_send_failing(uint32_t n, const struct lab_failing *failing)
{
    send_from(0, n, failing);
}

void
lab_land(void)
{
    if (forward.flying) {
        flights_land(&forward, clock_cycles(), 1);
    }
}

void
lab_land_all(void)
{
    while (forward.flying) {
        lab_land();
        sched_yield();
        grace_quiet();
    }
}

bool
lab_has_room(void)
{
    return flight_room(&vswitch->path, 0) != 0;
}

void
lab_load(uint64_t microseconds)
{
    uint64_t begin = clock_cycles();

    while (clock_cycles() - begin < microseconds * cycles_per_us()) {
        if (lab_has_room()) {
            lab_send(32);
        }
        lab_land();
    }
}

void
lab_watch(void)
{
    gap = 0;
    last = clock_cycles();
}

double
lab_gap(void)
{
    return (double) gap / (double) cycles_per_us();
}

uint64_t
lab_out(void)
{
    return last;
}
