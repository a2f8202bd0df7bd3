/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One packet: the connection that it belongs to, else the rule that decides,
 * else the policy of the port.
 */
#include "burst.h"

#include <stddef.h>

/* The flow of another key, at the same port. */
static struct acl_flow
flow_of(struct acl *self, const struct acl_item *item,
        const struct acl_flow *flow, const struct acl_key *key)
{
    struct acl_flow other = *flow;

    other.key = key;
    other.hash = acl_key_hash(key, acl_port_seed(self, item->port));
    return other;
}

/* The rule whose connection the packet belongs to, or -1. */
static int
pass_connection(struct acl *self, const struct acl_item *item,
                const struct acl_flow *flow)
{
    struct acl_flow other;
    struct acl_key key;

    if (flow->key->is_error) {
        /* The quoted packet went the other way. */
        if (!acl_key_read_quoted(&key, flow->key, item->packet)) {
            return -1;
        }
        other = flow_of(self, item, flow, &key);
        other.direction = !flow->direction;
        return acl_connections_quoted(self->connections, &other);
    }
    if (flow->key->is_later) {
        acl_key_fragment(&key, flow->key);
        other = flow_of(self, item, flow, &key);
        return acl_connections_pass(self->connections, &other);
    }
    return acl_key_is_trackable(flow->key)
               ? acl_connections_pass(self->connections, flow)
               : -1;
}

/* Lets the fragments that follow a first one pass as well. */
static void
expect_fragments(struct acl *self, const struct acl_item *item,
                 const struct acl_flow *flow, int index)
{
    struct acl_flow other;
    struct acl_key key;

    if (flow->key->is_first) {
        acl_key_fragment(&key, flow->key);
        other = flow_of(self, item, flow, &key);
        acl_connections_open(self->connections, &other, index);
    }
}

static bool
open_connection(struct acl *self, const struct acl_item *item,
                const struct acl_flow *flow, int index)
{
    switch (acl_connections_open(self->connections, flow, index)) {
    case ACL_FULL:
        atomic_fetch_add_explicit(&item->port->n_refused_connections, 1,
                                  memory_order_relaxed);
        return false;
    case ACL_OPENED:
        expect_fragments(self, item, flow, index);
        return true;
    case ACL_NOT_TRACKED:
        break;
    }
    return true;
}

/* Index of the rule that decides, or -1: asked before, or asked now. */
static int
find_rule(struct acl_burst *burst, const struct acl_item *item)
{
    struct acl_flow_words words;
    int index;

    if (!burst->memory) {
        return acl_set_match(item->set, burst->direction, &item->key);
    }
    acl_flow_pack(&words, burst->direction, &item->key);
    if (!acl_memory_find(burst->memory, item->flow_hash, &words,
                         item->set->generation, &index)) {
        index = acl_set_match(item->set, burst->direction, &item->key);
        acl_memory_put(burst->memory, item->flow_hash, &words,
                       item->set->generation, index);
    }
    return index;
}

static enum xvs_verdict
deny(const struct acl_item *item)
{
    if (acl_key_is_opening(&item->key)) {
        atomic_fetch_add_explicit(&item->port->n_blocked_connections, 1,
                                  memory_order_relaxed);
    }
    return XVS_DROP;
}

static enum xvs_verdict
judge_by_rules(struct acl_burst *burst, const struct acl_item *item,
               const struct acl_flow *flow, enum acl_reason *reason)
{
    int index = find_rule(burst, item);

    if (index < 0) {
        *reason = ACL_BY_DEFAULT;
        return item->set->default_action == ACL_ALLOW
                       || item->key.kind == ACL_KIND_ARP
                       || item->key.kind == ACL_KIND_NEIGHBOUR
                   ? XVS_PASS
                   : deny(item);
    }
    const struct acl_rule *rule = acl_set_rule(item->set, index);

    *reason = ACL_BY_RULE;
    acl_burst_hit(burst, rule->counter, item->packet);
    if (rule->action == ACL_DENY) {
        return deny(item);
    }
    if (rule->is_stateful
        && !open_connection(burst->self, item, flow, index)) {
        *reason = ACL_NO_ROOM;
        return XVS_DROP;
    }
    return XVS_PASS;
}

enum xvs_verdict
acl_judge(struct acl_burst *burst, const struct acl_item *item,
          enum acl_reason *reason)
{
    if (item->key.is_broken) {
        *reason = ACL_BROKEN;
        return XVS_DROP;
    }
    struct acl_flow flow = {
        .key = &item->key,
        .set = item->set,
        .hash = item->hash,
        .now = item->packet->time,
        .port = item->port->serial,
        .direction = burst->direction,
        .n_open = &item->port->n_open,
    };

    if (item->set->has_stateful) {
        int index = pass_connection(burst->self, item, &flow);

        if (index >= 0) {
            acl_burst_hit(burst, acl_set_rule(item->set, index)->counter,
                          item->packet);
            expect_fragments(burst->self, item, &flow, index);
            return XVS_PASS;
        }
    }
    return judge_by_rules(burst, item, &flow, reason);
}
