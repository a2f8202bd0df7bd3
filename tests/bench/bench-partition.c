/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What a stage costs in a process of its own, and what its death costs.
 *
 *     bench-partition [-t MILLISECONDS] [-k KILLS] [-s STAGES] [-b BYTES]
 *                     [-c] [-1]
 *
 * The worker is on processor 0, the processes on processor 1.  First, for
 * frames of 64 and 1500 bytes, bursts of 32 and 256 and chains of 0, 1, 2 and
 * 4 stages that touch each header: nanoseconds per packet, when the stages run
 * in this process, when each has one of its own, and when that works on
 * copies; what a stage adds there, and how much more that is with copies.  A
 * loop writes headers, sends frames and takes up what comes back, so that the
 * numbers of no stage are what the loop costs.  Each is the least of RUNS.  -s
 * measures only that many stages in processes, with bursts of 32; -b says how
 * long frames are, -c that processes have copies.  -1 puts the processes on
 * processor 0 as well.
 *
 * Then one stage with a standby under the same load: its process is killed
 * KILLS times, and a new standby is made each time.  How long no packet came
 * out, and what became of the packets, each of which has a number.
 */

#include <config.h>

#include "switch/forward/flight.h"

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"
#include "packet/cycles.h"
#include "packet/grace.h"
#include "packet/pool.h"
#include "stage/chain.h"
#include "stage/process/lanes.h"
#include "switch/forward/forward.h"
#include "switch/vswitch.h"
#include "unit/stage-process.h"

#define RUNS 7
#define NUMBER 42               /* where a frame has its number */
#define STAGES 4u

/* Where stages run. */
enum place { HERE, PROCESS, COPY, PLACES };

static struct forward forward;
static struct pool *pool;
static struct vswitch *vswitch;
static struct vport *ports[2];
static struct lanes *lanes[PLACES][STAGES];
static struct share *shares[PLACES][STAGES];
static uint32_t size = 64;      /* of frames */
static int bell;
static int processor = 1;       /* of the processes */
static uint64_t number;         /* of the next frame */
static uint64_t taken, wrong;   /* frames that went out; not the next one */
static uint64_t last;           /* cycles: when one went out ... */
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
        wrong += which != taken++;
    }
    tally->packets += n;
    gap = now - last > gap ? now - last : gap;
    last = now;
}

static const struct port_ops ops = { .name = "memory", .transmit = take };
static struct port drivers[2] = { { .ops = &ops }, { .ops = &ops } };

/* What data/touch.c does. */
static void
touch(void *self, struct xvs_burst *burst)
{
    (void) self;
    for (uint32_t i = 0; i < burst->n; i++) {
        uint8_t *header = xvs_packet_at(burst->packets[i], 0, 34);
        uint64_t one, two;

        if (!header) {
            continue;
        }
        memcpy(&one, header, sizeof one);
        memcpy(&two, header + 6, sizeof two);
        header[22] = (uint8_t) (header[22] + (one == two));
    }
}

static const struct xvs_extension extension = {
    XVS_EXTENSION_HEAD, .ingress = touch };

static void
pin(int cpu)
{
    cpu_set_t cpus;

    CPU_ZERO(&cpus);
    CPU_SET((unsigned int) cpu, &cpus);
    sched_setaffinity(0, sizeof cpus, &cpus);
}

static struct share *
make_process(enum place place)
{
    struct share *share =
        share_create(place == COPY ? NULL : pool, 1, true, NULL);

    if (!share) {
        exit(2);
    }
    pin(processor);
    stage_process_start(share, &extension, &bell);
    pin(0);
    return share;
}

static void
on_fault(void *arg, struct share *share)
{
    (void) arg;
    (void) share;
}

static void
set_chain(uint32_t n, enum place place)
{
    struct chain *chain = n ? chain_create(n) : NULL;

    for (uint32_t i = 0; i < n; i++) {
        chain->entries[i] = (struct chain_entry) {
            .ingress = touch, .extension_class = XVS_CLASS_FILTER,
            .counters =
                mem_zalloc(sizeof(struct stage_counters) * WORKERS_MAX),
            .lanes = lanes[place][i] };
    }
    if (chain) {
        chain->has_lanes = place != HERE;
    }
    chain_retire(xvs_publish(vswitch->path.chain, chain));
}

static void
prepare(void)
{
    struct lanes_config config = { .n_workers = 1,
                                   .extension_class = XVS_CLASS_FILTER,
                                   .on_failure = XVS_FAIL_CLOSED,
                                   .budget_us = LANES_BUDGET_US,
                                   .on_fault = on_fault };

    pool = pool_create(8192, NULL);
    if (!pool) {
        exit(2);
    }
    config.pool = pool;
    forward.pool = pool;
    forward.cache = pool_cache_create(pool);
    bell = eventfd(0, EFD_NONBLOCK);
    for (enum place place = PROCESS; place < PLACES; place++) {
        config.copies = place == COPY;
        for (uint32_t i = 0; i < STAGES; i++) {
            lanes[place][i] = lanes_create(&config);
            shares[place][i] = make_process(place);
            lanes_use(lanes[place][i], shares[place][i], NULL);
        }
    }
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

/* Between 'which' (0 or 1) and the other port. */
static void
send(uint32_t which, uint32_t n)
{
    const uint32_t ip = size - 14, udp = size - 34;
    const uint8_t head[] = {
        2, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 8, 0, 0x45, 0, (uint8_t) (ip >> 8),
        (uint8_t) ip, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 0, 0,
        0, 9, (uint8_t) (udp >> 8), (uint8_t) udp, 0, 0 };
    struct xvs_packet *packets[XVS_BURST];

    if (pool_get(forward.cache, packets, n) != n) {
        exit(2);
    }
    for (uint32_t i = 0; i < n; i++) {
        memcpy(packets[i]->data, head, sizeof head);
        packets[i]->data[5] = !which;
        packets[i]->data[11] = (uint8_t) which;
        memcpy(packets[i]->data + NUMBER, &number, sizeof number);
        number++;
        packets[i]->length = packets[i]->total = size;
    }
    forward_burst(&forward, &vswitch->path, ports[which], packets, n, 1);
    grace_quiet();
}

static void
land(void)
{
    if (forward.flying) {
        flights_land(&forward, clock_cycles(), 1);
    }
}

static void
land_all(void)
{
    while (forward.flying) {
        land();
        sched_yield();
        grace_quiet();
    }
}

/* ---- The cost ------------------------------------------------------------- */

static double
measure(uint32_t burst, uint64_t milliseconds)
{
    uint64_t start = clock_cycles(), sent = 0;
    uint64_t limit = milliseconds * 1000 * cycles_per_us();

    while (clock_cycles() - start < limit) {
        while (!flight_room(&vswitch->path, 0)) {
            land();
            sched_yield();      /* as a worker does */
        }
        send(0, burst);
        land();
        sent += burst;
    }
    land_all();
    return (double) (clock_cycles() - start) * 1000
        / (double) cycles_per_us() / (double) sent;
}

static double
least(uint32_t n, enum place place, uint32_t burst, uint64_t milliseconds)
{
    double best = 1e9;

    set_chain(n, place);
    for (int i = 0; i < RUNS; i++) {
        double one = measure(burst, milliseconds);

        best = one < best ? one : best;
    }
    return best;
}

/* A row: chains of so many stages, in all places. */
static void
show_stages(uint32_t n, uint32_t burst, uint64_t milliseconds)
{
    double here = least(n, HERE, burst, milliseconds);
    double process = least(n, PROCESS, burst, milliseconds);
    double copy = least(n, COPY, burst, milliseconds);

    printf("%5u %5u %6u %8.1f %8.1f %8.1f %10.1f %10.1f %6.2f\n", size, burst,
           n, here, process, copy, (process - here) / n, (copy - here) / n,
           (copy - here) / (process - here));
}

static void
show_cost(uint64_t milliseconds)
{
    static const uint32_t sizes[] = { 64, 1500 }, bursts[] = { 32, 256 },
        stages[] = { 1, 2, 4 };

    printf("%43s more per stage:\n%5s %5s %6s %8s %8s %8s %10s %10s %6s\n",
           "", "bytes", "burst", "stages", "here", "process", "copy",
           "process", "copy", "ratio");
    for (size_t b = 0; b < 4; b++) {
        size = sizes[b / 2];
        printf("%5u %5u %6u %8.1f\n", size, bursts[b % 2], 0,
               least(0, HERE, bursts[b % 2], milliseconds));
        for (size_t s = 0; s < sizeof stages / sizeof stages[0]; s++) {
            show_stages(stages[s], bursts[b % 2], milliseconds);
        }
    }
}

/* ---- Death ---------------------------------------------------------------- */

static int
compare(const void *a, const void *b)
{
    double x = *(const double *) a, y = *(const double *) b;

    return (x > y) - (x < y);
}

/* Sends for so long. */
static void
load(uint64_t microseconds)
{
    uint64_t start = clock_cycles();

    while (clock_cycles() - start < microseconds * cycles_per_us()) {
        if (flight_room(&vswitch->path, 0)) {
            send(0, 32);
        }
        land();
    }
}

static void
show_deaths(enum place place, uint32_t kills)
{
    double *gaps = mem_array(kills, sizeof *gaps);
    struct share *active = shares[place][0], *standby = make_process(place);
    struct lanes *mine = lanes[place][0];
    struct lanes_tally tally;

    set_chain(1, place);
    lanes_use(mine, active, standby);
    lanes_expect(mine, true);
    for (uint32_t i = 0; i < kills; i++) {
        load(300);
        gap = 0;
        last = clock_cycles();
        kill(active->pid, SIGKILL);
        load(2000);
        land_all();
        gaps[i] = (double) gap / (double) cycles_per_us();
        lanes_use(mine, standby, NULL);
        stage_process_end(active);
        active = standby;
        standby = make_process(place);
        lanes_use(mine, active, standby);
    }
    land_all();
    lanes_count(mine, &tally);
    qsort(gaps, kills, sizeof *gaps, compare);
    printf("%u kills: no packet for %.0f us (median), %.0f us (p99), %.0f us"
           " (most)\n%lu packets: %lu given twice, %lu lost, %lu not in"
           " order\n", kills, gaps[kills / 2], gaps[kills * 99 / 100],
           gaps[kills - 1], (unsigned long) taken,
           (unsigned long) tally.replayed, (unsigned long) tally.lost,
           (unsigned long) wrong);
    free(gaps);
}

int
main(int argc, char **argv)
{
    uint64_t milliseconds = 20;
    uint32_t kills = 200, only = 0;
    enum place place = PROCESS;
    int option;

    while ((option = getopt(argc, argv, "t:k:s:b:c1")) != -1) {
        if (option == 't') {
            milliseconds = strtoul(optarg, NULL, 10);
        } else if (option == 'k') {
            kills = (uint32_t) strtoul(optarg, NULL, 10);
        } else if (option == '1') {
            processor = 0;
        } else if (option == 'c') {
            place = COPY;
        } else if (option == 'b') {
            size = (uint32_t) strtoul(optarg, NULL, 10);
            size = size < 64 ? 64 : size > 2000 ? 2000 : size;
        } else if (option == 's') {
            only = (uint32_t) strtoul(optarg, NULL, 10) % (STAGES + 1);
        } else {
            return 2;
        }
    }
    pin(0);
    prepare();
    grace_thread_begin();
    grace_online();
    send(1, 1);
    taken = number = wrong = 0;
    if (only) {
        printf("%.1f\n", least(only, place, 32, milliseconds));
        kills = 0;
    } else {
        show_cost(milliseconds);
    }
    if (kills) {
        show_deaths(place, kills);
    }
    if (taken != number || wrong) {
        fprintf(stderr, "%lu of %lu packets came out\n",
                (unsigned long) taken, (unsigned long) number);
        return 1;
    }
    return 0;
}
