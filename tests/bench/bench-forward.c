/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What the switch itself costs: drives forward_burst() with frames in memory
 * and a port that takes them away, and prints nanoseconds per packet.
 *
 *     bench-forward [-t MILLISECONDS] [-p] [-f N] [-a RULES] [-e]
 *
 * For bursts of 32 and 256, and chains of 0, 1 and 4 stages that do nothing:
 * one flow; 20,000 flows between two addresses; frames to 20,000 addresses,
 * and frames from and to 20,000.  -p puts both ports into a VLAN as access
 * ports, which is what a policy costs.  -f compares no stage with
 * the same while flows are counted, of which a worker has room for N (a power
 * of 2); the two take turns.  -a compares no stage with the acl, which has RULES for the switch that no packet matches and one per port that
 * remembers connections, as in data/vhost.sh.  -e compares no stage with eight
 * that touch every header as in data/touch.c, and these with eight calls of the
 * same function that nobody looks after: what no chain can do without.  Headers are written between
 * bursts, outside of what is measured; each number is the least of RUNS.
 */

#include <config.h>

#include "switch/forward/forward.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xvs/packet.h>

#include "base/error.h"
#include "base/memory.h"
#include "bench/partition/touch.h"
#include "packet/cycles.h"
#include "packet/grace.h"
#include "packet/pool.h"
#include "port/port.h"
#include "stage/chain/chain.h"
#include "switch/forward/flows.h"
#include "switch/forward/table.h"
#include "switch/vswitch.h"
#include "unit/acl-host.h"

#define RUNS 20
#define MANY 20000u
#define SIZE 64u

enum kind { ONE_FLOW, MANY_FLOWS, MANY_TO, MANY_PAIRS, KINDS };

static const char *const names[] = { "one flow", "20,000 flows",
                                     "to 20,000 addresses",
                                     "from and to 20,000" };

static struct forward forward;
static struct vswitch *vswitch;
static struct vport *ports[2];
static struct xvs_packet *packets[XVS_BURST];
static uint64_t taken;          /* frames that went out */
static uint32_t number;         /* of the next frame */

/* ---- The world around --------------------------------------------------- */

static void
take(struct port *port, uint32_t worker, struct xvs_packet *const *burst,
     uint32_t n, struct port_tally *tally)
{
    (void) port;
    (void) worker;
    for (uint32_t i = 0; i < n; i++) {
        tally->bytes += burst[i]->total;
    }
    tally->packets += n;
    taken += n;
}

static const struct port_ops ops = { .name = "memory", .transmit = take };
static struct port drivers[2] = { { .ops = &ops }, { .ops = &ops } };

static void
nothing(void *self, struct xvs_burst *burst)
{
    (void) self;
    (void) burst;
}

/* With hooks that may be NULL. */
static void
set_stages(uint32_t n, void (*ingress)(void *, struct xvs_burst *),
           void (*egress)(void *, struct xvs_burst *))
{
    struct chain *chain = n ? chain_create(n) : NULL;

    for (uint32_t i = 0; i < n; i++) {
        chain->entries[i] = (struct chain_entry) {
            .ingress = ingress, .egress = egress,
            .extension_class = XVS_CLASS_FILTER,
            .counters =
                mem_zalloc(sizeof(struct stage_counters) * WORKERS_MAX) };
    }
    chain_retire(xvs_publish(vswitch->path.chain, chain));
}

/* The acl instead, on both ports. */
static void
set_acl(void *acl)
{
    struct chain *chain = chain_create(1);

    chain->entries[0] = (struct chain_entry) {
        .self = acl, .ingress = xvs_extension_v1.ingress,
        .egress = xvs_extension_v1.egress,
        .extension_class = XVS_CLASS_FILTER,
        .counters = mem_zalloc(sizeof(struct stage_counters) * WORKERS_MAX) };
    chain_retire(xvs_publish(vswitch->path.chain, chain));
}

static void
put_rule(void *acl, uint32_t instance, const struct acl_test_rule *rule)
{
    if (acl_put_rule(acl, XVS_ADD, instance, rule) != XVS_SUCCESS) {
        fprintf(stderr, "rule %u: %s\n", instance, acl_refusal);
        exit(2);
    }
    acl_grace();
}

/* An acl for the ports 1 and 2. */
static void *
make_acl(uint32_t n_rules)
{
    void *acl = acl_begin();

    for (uint32_t i = 1; i <= n_rules; i++) {
        char prefix[32];
        struct acl_test_rule rule = { .priority = i, .action = 2,
                                      .protocol = 17, .source = prefix };

        snprintf(prefix, sizeof prefix, "10.%u.%u.0/24",
                 (1 + i / 256) & 255, i % 256);
        put_rule(acl, i, &rule);
    }
    for (uint32_t port = 1; port <= 2; port++) {
        struct acl_test_rule rule = { .port = port, .priority = 20000,
                                      .direction = 1, .action = 1,
                                      .stateful = 1 };

        put_rule(acl, 1, &rule);
        acl_put_policy(acl, port, 1, 65536);
    }
    /* What it has left for quiet times. */
    acl_now += 1000000000;
    xvs_extension_v1.timer(acl);
    acl_grace();
    return acl;
}

static void
set_access(struct vport *port)
{
    const struct xvs_port_policy set = {
        .size = sizeof set, .vlan_mode = XVS_VLAN_ACCESS, .vlan = 10 };

    port->policy = policy_change(NULL, XVS_POLICY_VLAN, &set, 0);
    port->special = VPORT_POLICY;
}

static void
prepare(bool policies)
{
    struct error error;
    struct pool *pool = pool_create(4096, &error);

    vswitch = vswitch_create(NULL, 1, "bench");
    for (uint32_t i = 0; i < 2; i++) {
        ports[i] = mem_zalloc(sizeof *ports[i]);
        ports[i]->id = i + 1;
        ports[i]->vswitch = vswitch;
        ports[i]->port = &drivers[i];
        ports[i]->next = vswitch->ports;
        vswitch->ports = ports[i];
        if (policies) {
            set_access(ports[i]);
        }
    }
    vswitch_publish_ports(vswitch);
    forward.pool = pool;
    forward.cache = pool_cache_create(pool);
}

/* ---- Frames ------------------------------------------------------------- */

/* A UDP datagram; 'from' and 'to' tell addresses apart, 'flow' ports. */
static void
write_frame(struct xvs_packet *packet, uint32_t from, uint32_t to,
            uint32_t flow)
{
    static const uint8_t head[] = {
        2, 0, 0, 0, 0, 0, 2, 1, 0, 0, 0, 0, 8, 0, 0x45, 0, 0, SIZE - 14, 0, 0,
        0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 0, 0, 0, 9, 0,
        SIZE - 34, 0, 0 };

    memcpy(packet->data, head, sizeof head);
    memcpy(packet->data + 2, &to, sizeof to);
    memcpy(packet->data + 8, &from, sizeof from);
    packet->data[34] = (uint8_t) (flow >> 8);
    packet->data[35] = (uint8_t) flow;
    packet->length = packet->total = SIZE;
}

static void
get_packets(uint32_t n)
{
    if (pool_get(forward.cache, packets, n) != n) {
        exit(2);
    }
}

static void
write_burst(enum kind kind, uint32_t n)
{
    get_packets(n);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t which = number++ * 2654435761u % MANY;

        write_frame(packets[i], kind == MANY_PAIRS ? which : 0,
                    kind == MANY_TO || kind == MANY_PAIRS ? which : 0,
                    kind == MANY_FLOWS ? which : 0);
    }
}

/* Teaches the switch all addresses of the far port. */
static void
teach(void)
{
    for (uint32_t i = 0; i < MANY; i++) {
        static const uint8_t back[] = { 2, 1, 0, 0, 0, 0, 2, 0 };

        get_packets(1);
        write_frame(packets[0], 0, 0, 0);
        memcpy(packets[0]->data, back, sizeof back);
        memcpy(packets[0]->data + 8, &i, sizeof i);
        forward_burst(&forward, &vswitch->path, ports[1], packets, 1, 1);
    }
}

/* ---- Measuring ---------------------------------------------------------- */

/* Nanoseconds per packet. */
static double
measure(enum kind kind, uint32_t burst, uint64_t milliseconds)
{
    uint64_t limit = milliseconds * 1000 * cycles_per_us(), spent = 0;
    uint64_t before, sent = 0;

    taken = 0;
    while (spent < limit) {
        write_burst(kind, burst);
        before = clock_cycles();
        forward_burst(&forward, &vswitch->path, ports[0], packets, burst, 1);
        spent += clock_cycles() - before;
        sent += burst;
        grace_quiet();
    }
    if (taken != sent) {
        fprintf(stderr, "%lu of %lu frames went out\n",
                (unsigned long) taken, (unsigned long) sent);
        exit(1);
    }
    return (double) spent * 1000 / (double) cycles_per_us() / (double) sent;
}

/* What disturbs makes it more, nothing makes it less. */
static double
least(enum kind kind, uint32_t burst, uint64_t milliseconds)
{
    double best = measure(kind, burst, milliseconds);

    for (int i = 1; i < RUNS; i++) {
        double one = measure(kind, burst, milliseconds);

        best = one < best ? one : best;
    }
    return best;
}

static void
show(int kind, uint32_t burst, const char *what, uint64_t milliseconds)
{
    printf("burst %3u, %-20s %s: %6.1f ns per packet\n", burst, names[kind],
           what, least((enum kind) kind, burst, milliseconds));
    fflush(stdout);
}

static void
run_stages(int kind, uint32_t burst, uint64_t milliseconds)
{
    static const uint32_t stages[] = { 0, 1, 4 };

    for (size_t s = 0; s < 3; s++) {
        char what[16];

        snprintf(what, sizeof what, "%u stages", stages[s]);
        set_stages(stages[s], nothing, nothing);
        show(kind, burst, what, milliseconds);
    }
}

static void
run_acl(void *acl, int kind, uint32_t burst, uint64_t milliseconds)
{
    set_stages(0, NULL, NULL);
    show(kind, burst, "no acl", milliseconds);
    set_acl(acl);
    show(kind, burst, "   acl", milliseconds);
}

/* Eight calls of touch() for a burst, in nanoseconds per packet. */
static double
least_bare(uint32_t n)
{
    void (*volatile hook)(void *, struct xvs_burst *) = touch;
    struct xvs_burst burst = { .n = n };
    double best = 1e9;

    for (int run = 0; run < 50 * RUNS; run++) {
        uint64_t before;
        double one;

        write_burst(ONE_FLOW, n);
        memcpy(burst.packets, packets, n * sizeof *packets);
        before = clock_cycles();
        for (int i = 0; i < 8; i++) {
            hook(NULL, &burst);
        }
        pool_put(forward.cache, packets, n);
        one = (double) (clock_cycles() - before) * 1000
            / (double) cycles_per_us() / n;
        best = one < best ? one : best;
    }
    return best;
}

static void
run_eight(uint64_t milliseconds)
{
    for (uint32_t burst = 32; burst <= XVS_BURST; burst *= 2) {
        set_stages(0, NULL, NULL);
        show(ONE_FLOW, burst, "no stage", milliseconds);
        set_stages(8, touch, NULL);
        show(ONE_FLOW, burst, "8 stages", milliseconds);
        printf("burst %3u, %-20s %s: %6.1f ns per packet\n", burst,
               "nothing around", "8 calls ", least_bare(burst));
    }
}

static struct flow_set *
make_flows(uint32_t n)
{
    const struct xvs_flow_wish wish = { .size = sizeof wish,
                                        .interval = 1000, .flows = n };

    return flow_set_create(1, &wish);
}

static void
run_flows(struct flow_set *flows, int kind, uint32_t burst,
          uint64_t milliseconds)
{
    double best[2] = { 1e9, 1e9 };

    set_stages(0, NULL, NULL);
    for (int i = 0; i < 2 * RUNS; i++) {
        double one;

        (void) xvs_publish(vswitch->path.flows, i % 2 ? flows : NULL);
        one = measure((enum kind) kind, burst, milliseconds);
        best[i % 2] = one < best[i % 2] ? one : best[i % 2];
    }
    printf("burst %3u, %-20s no flows: %6.1f, flows: %6.1f ns per packet,"
           " ratio %.2f\n", burst, names[kind], best[0], best[1],
           best[1] / best[0]);
    fflush(stdout);
}

int
main(int argc, char **argv)
{
    static const uint32_t bursts[] = { 32, 256 };
    uint64_t milliseconds = 10;
    bool policies = false, eight = false;
    void *acl = NULL;
    struct flow_set *flows = NULL;
    int option;

    while ((option = getopt(argc, argv, "t:pf:a:e")) != -1) {
        if (option == 't') {
            milliseconds = strtoul(optarg, NULL, 10);
        } else if (option == 'p') {
            policies = true;
        } else if (option == 'f') {
            flows = make_flows((uint32_t) strtoul(optarg, NULL, 10));
        } else if (option == 'e') {
            eight = true;
        } else if (option == 'a') {
            acl = make_acl((uint32_t) strtoul(optarg, NULL, 10));
        } else {
            return 2;
        }
    }
    grace_thread_begin();
    grace_online();
    prepare(policies);
    teach();
    if (eight) {
        run_eight(milliseconds);
        return 0;
    }
    for (size_t b = 0; b < 2; b++) {
        for (int kind = 0; kind < KINDS; kind++) {
            if (acl) {
                run_acl(acl, kind, bursts[b], milliseconds);
            } else if (flows) {
                run_flows(flows, kind, bursts[b], milliseconds);
            } else {
                run_stages(kind, bursts[b], milliseconds);
            }
        }
    }
    return 0;
}
