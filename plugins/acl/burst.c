/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The packet hooks.  A packet is judged where it enters the switch, by the
 * rules for "in" of that port, and where it leaves, by those for "out".
 *
 * Packets are taken AT_ONCE at a time: all are read, then what they will need
 * is fetched, then they are judged, so that one does not wait for memory while
 * the next could.
 */
#include "burst.h"

#include <stddef.h>

#define AT_ONCE 16u

/* Counts of one port, collected while packets of one port follow. */
struct tally {
    struct acl_port *port;      /* NULL: one we know nothing of */
    const struct acl_set *set;  /* of the port; NULL: lets everything pass */
    uint32_t id;                /* of the port */
    uint64_t now;               /* arrival of the newest packet */
    uint64_t packets[2];        /* by verdict */
    uint64_t bytes[2];
};

/* ---- Counting ----------------------------------------------------------- */

static void
add_hit(struct acl_hit *hit)
{
    if (hit->counter) {
        acl_counter_add(hit->counter, hit->packets, hit->bytes, hit->last);
    }
}

void
acl_burst_hit(struct acl_burst *burst, struct acl_counter *counter,
              const struct xvs_packet *packet)
{
    /* Counters are blocks of 512 bytes. */
    struct acl_hit *hit = &burst->hits[(uintptr_t) counter / 512 % ACL_HITS];

    if (hit->counter != counter) {
        add_hit(hit);
        *hit = (struct acl_hit) { .counter = counter };
    }
    hit->packets++;
    hit->bytes += packet->total;
    hit->last = packet->time;
}

static void
add_tally(struct tally *tally)
{
    struct acl_port *port = tally->port;

    if (port && tally->packets[XVS_PASS]) {
        acl_counter_add(port->allowed, tally->packets[XVS_PASS],
                        tally->bytes[XVS_PASS], tally->now);
    }
    if (port && tally->packets[XVS_DROP]) {
        acl_counter_add(port->blocked, tally->packets[XVS_DROP],
                        tally->bytes[XVS_DROP], tally->now);
    }
}

static inline void
count(struct tally *tally, enum xvs_verdict verdict,
      const struct xvs_packet *packet)
{
    tally->packets[verdict]++;
    tally->bytes[verdict] += packet->total;
    tally->now = packet->time;
}

/* ---- Packets ------------------------------------------------------------ */

static struct acl_port *
lookup(const struct acl_ports *ports, uint32_t id)
{
    for (uint32_t at = acl_port_hash(id);; at++) {
        struct acl_port *port = ports->slots[at & ports->mask];

        if (!port || port->id == id) {
            return port;
        }
    }
}

/* From now on packets are of that port. */
static void
turn_to(struct tally *tally, const struct acl_ports *ports, uint32_t id)
{
    add_tally(tally);
    *tally = (struct tally) { .id = id, .port = lookup(ports, id) };
    if (tally->port) {
        const struct acl_set *set = xvs_read(tally->port->set);

        tally->set = set->is_idle ? NULL : set;
    }
}

static void
read_items(const struct acl_burst *burst, const struct tally *tally,
           struct acl_item *items, struct xvs_packet *const *packets,
           uint32_t n)
{
    const struct acl *self = burst->self;
    uint64_t seed = acl_port_seed(self, tally->port);

    for (uint32_t i = 0; i < n; i++) {
        struct acl_item *item = &items[i];

        item->packet = packets[i];
        item->port = tally->port;
        item->set = tally->set;
        acl_key_read(&item->key, packets[i]);
        item->hash = acl_key_hash(&item->key, seed);
        item->flow_hash = acl_flow_hash(item->hash, &item->key);
        acl_connections_prefetch(self->connections, item->hash);
        if (burst->memory) {
            acl_memory_prefetch(burst->memory, item->flow_hash);
        }
    }
}

static void
fetch_items(const struct acl_burst *burst, const struct acl_item *items,
            uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        acl_connections_prefetch_entry(burst->self->connections,
                                       items[i].hash);
        if (burst->memory) {
            acl_memory_prefetch_entry(burst->memory, items[i].flow_hash);
        }
    }
}

static void
judge_items(struct acl_burst *burst, struct tally *tally,
            const struct acl_item *items, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        struct xvs_packet *packet = items[i].packet;
        enum acl_reason reason = ACL_BY_RULE;
        enum xvs_verdict verdict = acl_judge(burst, &items[i], &reason);

        if (verdict == XVS_DROP) {
            xvs_drop(packet, (uint8_t) reason);
        }
        count(tally, verdict, packet);
    }
}

/* Packets of the port of 'tally'. */
static void
run_port(struct acl_burst *burst, struct tally *tally,
         struct xvs_packet *const *packets, uint32_t n)
{
    struct acl_item items[AT_ONCE];

    if (!tally->set) {
        for (uint32_t i = 0; i < n; i++) {
            count(tally, XVS_PASS, packets[i]);
        }
        return;
    }
    if (!burst->memory) {
        burst->memory = acl_flows_take(&burst->self->flows);
    }
    for (uint32_t at = 0; at < n; at += AT_ONCE) {
        uint32_t some = n - at < AT_ONCE ? n - at : AT_ONCE;

        read_items(burst, tally, items, packets + at, some);
        fetch_items(burst, items, some);
        judge_items(burst, tally, items, some);
    }
}

static void
run(struct acl *self, struct xvs_burst *packets, int direction)
{
    const struct acl_ports *ports = xvs_read(self->ports);
    struct acl_burst burst = { .self = self, .direction = direction };
    struct tally tally = { .port = NULL, .id = XVS_PORT_NONE };
    uint32_t first = 0;

    for (uint32_t i = 0; i < packets->n; i++) {
        const struct xvs_packet *packet = packets->packets[i];
        uint32_t id = direction == ACL_IN ? packet->in_port
                                          : packet->out_port;

        if (id != tally.id) {
            run_port(&burst, &tally, packets->packets + first, i - first);
            turn_to(&tally, ports, id);
            first = i;
        }
    }
    run_port(&burst, &tally, packets->packets + first, packets->n - first);
    add_tally(&tally);
    for (uint32_t i = 0; i < ACL_HITS; i++) {
        add_hit(&burst.hits[i]);
    }
    acl_flows_give(&self->flows, burst.memory);
}

void
acl_ingress(void *self, struct xvs_burst *burst)
{
    run(self, burst, ACL_IN);
}

void
acl_egress(void *self, struct xvs_burst *burst)
{
    run(self, burst, ACL_OUT);
}
