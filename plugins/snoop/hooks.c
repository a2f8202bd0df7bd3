/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The packet hooks, on the workers.  Nearly all packets cost a look at their
 * protocol.  Messages about groups are read where they enter the switch, and
 * what they say goes into the queue; where they would leave it, reports are
 * kept from ports without a router, because a host that hears another one's
 * report would not send its own (RFC 4541, 2.1.1).
 */
#include "snoop.h"

#include <string.h>
#include <xvs/headers.h>

/* A message about groups that came in. */
struct arrival {
    struct snoop *self;
    struct snoop_port *port;
    struct xvs_packet *packet;
    bool is_ipv6;
    uint16_t vlan;
    bool has_put;               /* there is something in the queue */
};

static void
count_one(_Atomic uint64_t *counter)
{
    atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
}

static uint16_t
vlan_of(const struct xvs_packet *packet)
{
    return packet->flags & XVS_PACKET_VLAN ? packet->vlan & 0xfff : 0;
}

static bool
is_mld(uint8_t type)
{
    return (type >= 130 && type <= 132) || type == 143;
}

/* False for all but messages about groups, or what looks like one. */
static inline bool
is_ours(const struct xvs_packet *packet)
{
    switch (packet->protocol) {
    case SNOOP_IGMP:
        return packet->flags & XVS_PACKET_IPV4;
    case SNOOP_PIM:
        return packet->flags & (XVS_PACKET_IPV4 | XVS_PACKET_IPV6);
    case SNOOP_ICMP6:
        return packet->flags & XVS_PACKET_L4
            && packet->flags & XVS_PACKET_IPV6
            && is_mld(packet->data[packet->l4]);
    default:
        return false;
    }
}

/* ---- Arrivals ----------------------------------------------------------- */

/* Whether one more is looked at in this second.  Workers that meet here may
 * let a few more pass. */
static bool
may_say(struct snoop_rate *rate, uint32_t most, uint64_t now)
{
    uint64_t second = now / SNOOP_SECOND;

    if (atomic_load_explicit(&rate->second, memory_order_relaxed) != second) {
        atomic_store_explicit(&rate->second, second, memory_order_relaxed);
        atomic_store_explicit(&rate->n, 0, memory_order_relaxed);
    }
    return atomic_fetch_add_explicit(&rate->n, 1, memory_order_relaxed)
        < most;
}

/* Reports do not use up what queries may: they may come from one port. */
static bool
may_put(struct arrival *arrival, enum snoop_what what)
{
    uint64_t now = arrival->packet->time;

    return what == SNOOP_SAW_JOIN || what == SNOOP_SAW_LEAVE
        ? may_say(&arrival->port->reports, SNOOP_REPORTS, now)
        : may_say(&arrival->port->queries, SNOOP_QUERIES, now);
}

static void
put(struct arrival *arrival, const struct snoop_message *message,
    enum snoop_what what, const uint8_t *group)
{
    struct snoop_event event = {
        .port_id = arrival->port->owner.id,
        .vlan = arrival->vlan,
        .what = (uint8_t) what,
        .version = message->version,
        .is_ipv6 = arrival->is_ipv6,
        .response_ms = message->response_ms,
    };

    memcpy(event.group, group, SNOOP_ADDRESS);
    memcpy(event.source, message->source, SNOOP_ADDRESS);
    if (may_put(arrival, what)
        && snoop_queue_put(arrival->self->queue, &event)) {
        arrival->has_put = true;
    } else {
        count_one(&arrival->port->counters.lost);
    }
}

/* A report, or a leave; it goes on unless all of it is blocked. */
static void
take_report(struct arrival *arrival, struct snoop_message *message)
{
    struct snoop_counters *counters = &arrival->port->counters;
    const struct snoop_filters *filters = xvs_read(arrival->port->filters);
    uint32_t n_blocked = 0, n_good = 0;
    struct snoop_record record;

    count_one(message->kind == SNOOP_LEAVE ? &counters->leaves
                                           : &counters->reports);
    while (snoop_next(message, &record)) {
        if (record.joins && snoop_blocks(filters, message->is_ipv6,
                                         record.group)) {
            count_one(&counters->blocked);
            n_blocked++;
            continue;
        }
        n_good++;
        if (!snoop_is_flooded(message->is_ipv6, record.group)) {
            put(arrival, message, record.joins ? SNOOP_SAW_JOIN
                                               : SNOOP_SAW_LEAVE,
                record.group);
        }
    }
    if (n_blocked && !n_good) {
        xvs_drop(arrival->packet, SNOOP_IS_BLOCKED);
    }
}

static void
take_router(struct arrival *arrival, const struct snoop_message *message)
{
    struct snoop_counters *counters = &arrival->port->counters;
    bool is_hello = message->kind == SNOOP_HELLO;

    if (arrival->port->mode == SNOOP_NEVER) {
        count_one(&counters->refused_queries);
        xvs_drop(arrival->packet, SNOOP_NO_ROUTER_HERE);
        return;
    }
    count_one(is_hello ? &counters->hellos : &counters->queries);
    /* A query without a source is of a switch that stands in for a querier:
     * no router is there. */
    if (!snoop_is_zero(message->source)) {
        put(arrival, message, is_hello ? SNOOP_SAW_HELLO : SNOOP_SAW_QUERY,
            message->group);
    }
}

static void
take(struct arrival *arrival, struct snoop_message *message)
{
    switch (message->kind) {
    case SNOOP_REPORT:
    case SNOOP_LEAVE:
        take_report(arrival, message);
        break;
    case SNOOP_QUERY:
    case SNOOP_HELLO:
        take_router(arrival, message);
        break;
    case SNOOP_MALFORMED:
        if (arrival->packet->protocol != SNOOP_PIM) {
            count_one(&arrival->port->counters.malformed);
            xvs_drop(arrival->packet, SNOOP_IS_MALFORMED);
        }
        break;
    case SNOOP_OTHER:
        break;
    }
}

/* Reads the datagram where it lies, or, from several buffers, a copy. */
static void
read_datagram(struct arrival *arrival)
{
    const struct xvs_packet *packet = arrival->packet;
    const uint8_t *datagram = packet->data + packet->l3;
    size_t size = packet->total - packet->l3;
    uint8_t copy[SNOOP_DATAGRAM];
    struct snoop_message message;

    if (packet->next && size <= sizeof(copy)) {
        size = xvs_packet_read(packet, packet->l3, copy, (uint32_t) size);
        datagram = copy;
    }
    /* A longer one is malformed before anybody reads in it. */
    snoop_parse(&message, datagram, size, arrival->is_ipv6,
                packet->offload & XVS_OFFLOAD_CHECKSUM);
    take(arrival, &message);
}

/* Out of line: what is called for nearly no packet. */
static __attribute__((noinline)) bool
arrive(struct snoop *self, const struct snoop_view *view,
       struct xvs_packet *packet)
{
    struct arrival arrival = {
        .self = self, .packet = packet,
        .is_ipv6 = packet->flags & XVS_PACKET_IPV6,
        .vlan = vlan_of(packet),
    };

    if (!snoop_has_vlan(view->snooped[arrival.is_ipv6], arrival.vlan)) {
        return false;
    }
    arrival.port = snoop_view_port(view, packet->in_port);
    if (arrival.port) {
        read_datagram(&arrival);
    }
    return arrival.has_put;
}

void
snoop_ingress(void *arg, struct xvs_burst *burst)
{
    struct snoop *self = arg;
    const struct snoop_view *view = xvs_read(self->view);
    bool has_put = false;

    for (uint32_t i = 0; i < burst->n; i++) {
        if (__builtin_expect(is_ours(burst->packets[i]), 0)) {
            has_put |= arrive(self, view, burst->packets[i]);
        }
    }
    if (has_put) {
        xvs_wake(self->host);
    }
}

/* ---- On the way out ----------------------------------------------------- */

/* What routers want to hear and hosts must not. */
static bool
is_report(const struct xvs_packet *packet)
{
    uint32_t at = packet->l4;
    const uint8_t *type;

    if (packet->protocol == SNOOP_IGMP) {
        const uint8_t *ip = xvs_packet_at(packet, packet->l3, 20);

        at = ip ? packet->l3 + (ip[0] & 15u) * 4u : packet->length;
    }
    type = xvs_packet_at(packet, at, 1);
    switch (packet->protocol) {
    case SNOOP_IGMP:
        return type && (*type == 0x12 || *type == 0x16 || *type == 0x17
                        || *type == 0x22);
    case SNOOP_ICMP6:
        return type && *type != 130;
    default:
        return false;
    }
}

static __attribute__((noinline)) void
leave(const struct snoop_view *view, struct xvs_packet *packet)
{
    bool is_ipv6 = packet->flags & XVS_PACKET_IPV6;
    uint16_t vlan = vlan_of(packet);

    if (snoop_has_vlan(view->asked[is_ipv6], vlan) && is_report(packet)
        && !snoop_view_is_router(view, packet->out_port, is_ipv6, vlan)) {
        xvs_drop(packet, SNOOP_NOT_ROUTER);
    }
}

void
snoop_egress(void *arg, struct xvs_burst *burst)
{
    struct snoop *self = arg;
    const struct snoop_view *view = xvs_read(self->view);

    for (uint32_t i = 0; i < burst->n; i++) {
        if (__builtin_expect(is_ours(burst->packets[i]), 0)) {
            leave(view, burst->packets[i]);
        }
    }
}
