/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The packet hooks.  A packet is judged where it enters the switch, by the
 * rules for "in" of that port, and where it leaves, by those for "out".
 */
#include "acl.h"

#include <stddef.h>

/* Counts of one port, collected while packets of one port follow. */
struct tally {
    struct acl_port *port;      /* NULL: one we know nothing of */
    uint32_t id;                /* of the port */
    uint64_t now;               /* arrival of the newest packet */
    uint64_t packets[2];        /* by verdict */
    uint64_t bytes[2];
};

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

static void
flush(struct tally *tally)
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
    *tally = (struct tally) { .port = port, .id = tally->id };
}

static void
hit(const struct acl_set *set, int index, const struct xvs_packet *packet)
{
    acl_counter_add(set->entries[index].counter, 1, packet->total,
                    packet->time);
}

/* The rule whose connection the packet belongs to, or -1. */
static int
pass_connection(struct acl *self, const struct acl_flow *flow,
                const struct xvs_packet *packet)
{
    struct acl_flow other = *flow;
    struct acl_key key;

    if (flow->key->is_error) {
        /* The quoted packet went the other way. */
        if (!acl_key_read_quoted(&key, flow->key, packet)) {
            return -1;
        }
        other.key = &key;
        other.direction = !flow->direction;
        return acl_connections_quoted(self->connections, &other);
    }
    if (flow->key->is_later) {
        acl_key_fragment(&key, flow->key);
        other.key = &key;
        return acl_connections_pass(self->connections, &other);
    }
    return acl_key_is_trackable(flow->key)
               ? acl_connections_pass(self->connections, flow)
               : -1;
}

/* Lets the fragments that follow a first one pass as well. */
static void
expect_fragments(struct acl *self, const struct acl_flow *flow, int index)
{
    struct acl_flow other = *flow;
    struct acl_key key;

    if (flow->key->is_first) {
        acl_key_fragment(&key, flow->key);
        other.key = &key;
        acl_connections_open(self->connections, &other, index);
    }
}

static bool
open_connection(struct acl *self, struct acl_port *port,
                const struct acl_flow *flow, int index)
{
    switch (acl_connections_open(self->connections, flow, index)) {
    case ACL_FULL:
        atomic_fetch_add_explicit(&port->n_refused_connections, 1,
                                  memory_order_relaxed);
        return false;
    case ACL_OPENED:
        expect_fragments(self, flow, index);
        return true;
    case ACL_NOT_TRACKED:
        break;
    }
    return true;
}

static enum xvs_verdict
judge_by_rules(struct acl *self, struct acl_port *port,
               const struct acl_flow *flow, const struct xvs_packet *packet,
               enum acl_reason *reason)
{
    const struct acl_set *set = flow->set;
    int index = acl_set_match(set, flow->direction, flow->key);
    uint8_t action = set->default_action;

    *reason = ACL_BY_DEFAULT;
    if (index >= 0) {
        *reason = ACL_BY_RULE;
        action = set->entries[index].action;
        hit(set, index, packet);
    } else if (flow->key->kind == ACL_KIND_ARP
               || flow->key->kind == ACL_KIND_NEIGHBOUR) {
        return XVS_PASS;
    }
    if (action == ACL_DENY) {
        if (acl_key_is_opening(flow->key)) {
            atomic_fetch_add_explicit(&port->n_blocked_connections, 1,
                                      memory_order_relaxed);
        }
        return XVS_DROP;
    }
    if (index >= 0 && set->entries[index].is_stateful
        && !open_connection(self, port, flow, index)) {
        *reason = ACL_NO_ROOM;
        return XVS_DROP;
    }
    return XVS_PASS;
}

enum xvs_verdict
acl_judge(struct acl *self, struct acl_port *port, int direction,
          const struct xvs_packet *packet, enum acl_reason *reason)
{
    const struct acl_set *set = xvs_read(port->set);
    struct acl_key key;

    if (set->is_idle) {
        return XVS_PASS;
    }
    acl_key_read(&key, packet);
    if (key.is_broken) {
        *reason = ACL_BROKEN;
        return XVS_DROP;
    }
    struct acl_flow flow = {
        .key = &key,
        .set = set,
        .now = packet->time,
        .port = port->serial,
        .direction = direction,
        .n_open = &port->n_open,
    };

    if (set->has_stateful) {
        int index = pass_connection(self, &flow, packet);

        if (index >= 0) {
            hit(set, index, packet);
            expect_fragments(self, &flow, index);
            return XVS_PASS;
        }
    }
    return judge_by_rules(self, port, &flow, packet, reason);
}

static void
run(struct acl *self, struct xvs_burst *burst, int direction)
{
    const struct acl_ports *ports = xvs_read(self->ports);
    struct tally tally = { .port = NULL, .id = XVS_PORT_NONE };

    for (uint32_t i = 0; i < burst->n; i++) {
        struct xvs_packet *packet = burst->packets[i];
        uint32_t id = direction == ACL_IN ? packet->in_port
                                          : packet->out_port;
        enum xvs_verdict verdict = XVS_PASS;
        enum acl_reason reason;

        if (id != tally.id) {
            flush(&tally);
            tally.id = id;
            tally.port = lookup(ports, id);
        }
        if (tally.port) {
            verdict = acl_judge(self, tally.port, direction, packet, &reason);
        }
        if (verdict == XVS_DROP) {
            xvs_drop(packet, (uint8_t) reason);
        }
        tally.packets[verdict]++;
        tally.bytes[verdict] += packet->total;
        tally.now = packet->time;
    }
    flush(&tally);
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
