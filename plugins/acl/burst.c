/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The packet hooks.  A packet is judged where it enters the switch, by the
 * rules for "in" of that port, and where it leaves, by those for "out".
 *
 * Packets that are alike and follow each other are an item.  AT_ONCE items are
 * taken at a time: all are read, then what they need is fetched step by step,
 * then they are judged, so that one does not wait for memory while the next
 * could.
 */
#include "burst.h"

#include <stddef.h>

#define AT_ONCE 16u

/* Counts of one port, collected while its packets follow each other. */
struct tally {
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
              const struct acl_item *item)
{
    /* Counters are blocks of 512 bytes. */
    struct acl_hit *hit = &burst->hits[(uintptr_t) counter / 512 % ACL_HITS];

    if (hit->counter != counter) {
        add_hit(hit);
        *hit = (struct acl_hit) { .counter = counter };
    }
    hit->packets += item->n;
    hit->bytes += item->bytes;
    hit->last = item->time;
}

static void
add_tally(struct acl_port *port, const struct tally *tally)
{
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
      const struct acl_item *item)
{
    tally->packets[verdict] += item->n;
    tally->bytes[verdict] += item->bytes;
    tally->now = item->time;
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

/* 'n' packets from 'packets' on, which have the same verdict. */
static inline void
sum_up(struct acl_item *item, struct xvs_packet *const *packets, uint32_t n)
{
    item->packet = packets[0];
    item->n = n;
    item->bytes = 0;
    for (uint32_t i = 0; i < n; i++) {
        item->bytes += packets[i]->total;
    }
    item->time = packets[n - 1]->time;
}

/* The first packet, and those behind it that are alike. */
static void
read_item(struct acl_burst *burst, struct acl_item *item,
          struct xvs_packet *const *packets, uint32_t n)
{
    item->is_known = false;
    item->is_plain = acl_asked_read(&item->asked, &burst->asker, packets[0],
                                    &item->tcp_flags);
    if (item->is_plain) {
        sum_up(item, packets, acl_asked_alike(packets, n));
    } else {
        sum_up(item, packets, 1);
        acl_key_read(&item->key, packets[0]);
        acl_asked_from(&item->asked, &burst->asker, &item->key);
    }
}

/* Makes the processor fetch what has been said about the packets. */
static void
look_up(struct acl_burst *burst, struct acl_item *items, uint32_t n)
{
    struct acl_connections *connections = burst->self->connections;

    for (uint32_t i = 0; i < n; i++) {
        acl_memory_fetch(burst->memory, items[i].asked.hash);
    }
    for (uint32_t i = 0; i < n; i++) {
        items[i].entry = acl_memory_place(burst->memory,
                                          items[i].asked.hash);
    }
    for (uint32_t i = 0; i < n; i++) {
        struct acl_item *item = &items[i];

        item->is_known = item->entry
                         && acl_memory_find(burst->memory, item->entry,
                                            &item->asked, &item->known);
        if (item->is_known && item->known.is_connection) {
            acl_connections_fetch_track(connections, &item->known.track);
        } else if (item->is_known && burst->set->has_stateful) {
            acl_connections_fetch(connections, item->known.bucket);
        }
    }
}

/* Judges at least one of the packets; returns how many. */
static uint32_t
judge_some(struct acl_burst *burst, struct tally *tally,
           struct xvs_packet *const *packets, uint32_t n)
{
    struct acl_item items[AT_ONCE];
    uint32_t n_items = 0, end = 0;

    while (n_items < AT_ONCE && end < n) {
        read_item(burst, &items[n_items], packets + end, n - end);
        end += items[n_items++].n;
    }
    if (burst->memory) {
        look_up(burst, items, n_items);
    }
    for (uint32_t i = 0; i < n_items; packets += items[i++].n) {
        enum acl_reason reason = ACL_BY_RULE;
        enum xvs_verdict verdict = acl_judge(burst, &items[i], &reason);

        for (uint32_t at = 0; verdict == XVS_DROP && at < items[i].n; at++) {
            xvs_drop(packets[at], (uint8_t) reason);
        }
        count(tally, verdict, &items[i]);
    }
    return end;
}

/* From now on packets are of that port. */
static void
turn_to(struct acl_burst *burst, uint32_t id)
{
    struct acl *self = burst->self;
    struct acl_port *port = lookup(xvs_read(self->ports), id);
    const struct acl_set *set = port ? xvs_read(port->set) : NULL;

    burst->port = port;
    burst->set = set && !set->is_idle ? set : NULL;
    if (burst->set) {
        burst->asker = (struct acl_asker) {
            .seed = acl_port_seed(self, port),
            .generation = set->generation,
            .direction = burst->direction,
        };
        if (!burst->memory) {
            burst->memory = acl_flows_take(&self->flows);
        }
    }
}

/* Packets that are all of one port. */
static void
run_port(struct acl_burst *burst, uint32_t id,
         struct xvs_packet *const *packets, uint32_t n)
{
    struct tally tally = { .now = 0 };

    turn_to(burst, id);
    if (burst->set) {
        for (uint32_t at = 0; at < n;) {
            at += judge_some(burst, &tally, packets + at, n - at);
        }
    } else {
        struct acl_item all;

        sum_up(&all, packets, n);
        count(&tally, XVS_PASS, &all);
    }
    add_tally(burst->port, &tally);
}

static inline uint32_t
port_of(const struct xvs_packet *packet, int direction)
{
    return direction == ACL_IN ? packet->in_port : packet->out_port;
}

static void
run(struct acl *self, struct xvs_burst *packets, int direction)
{
    struct acl_burst burst = { .self = self, .direction = direction };
    uint32_t first = 0;

    while (first < packets->n) {
        uint32_t id = port_of(packets->packets[first], direction);
        uint32_t end = first + 1;

        while (end < packets->n
               && port_of(packets->packets[end], direction) == id) {
            end++;
        }
        run_port(&burst, id, packets->packets + first, end - first);
        first = end;
    }
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
