/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One packet, or several that are alike: the connection that it belongs to,
 * else the rule that decides, else the policy of the port.  Most packets are
 * of a flow that is known, and need no more than a look at what is known of it
 * (judge_known()).
 */
#include "burst.h"

#include <stddef.h>

/* ---- Rules -------------------------------------------------------------- */

static enum xvs_verdict
deny(struct acl_burst *burst, const struct acl_item *item)
{
    bool opening =
        item->is_plain
            ? (item->tcp_flags & (ACL_TCP_SYN | ACL_TCP_ACK)) == ACL_TCP_SYN
            : acl_key_is_opening(&item->key);

    if (opening) {
        atomic_fetch_add_explicit(&burst->port->n_blocked_connections,
                                  item->n, memory_order_relaxed);
    }
    return XVS_DROP;
}

/* What the rule says, which is not stateful; -1: no rule. */
static enum xvs_verdict
decide(struct acl_burst *burst, const struct acl_item *item, int index,
       enum acl_reason *reason)
{
    const struct acl_set *set = burst->set;

    if (index < 0) {
        *reason = ACL_BY_DEFAULT;
        return set->default_action == ACL_ALLOW
                       || (!item->is_plain
                           && (item->key.kind == ACL_KIND_ARP
                               || item->key.kind == ACL_KIND_NEIGHBOUR))
                   ? XVS_PASS
                   : deny(burst, item);
    }
    const struct acl_rule *rule = acl_set_rule(set, index);

    *reason = ACL_BY_RULE;
    acl_burst_hit(burst, rule->counter, item);
    return rule->action == ACL_DENY ? deny(burst, item) : XVS_PASS;
}

/* ---- Connections -------------------------------------------------------- */

/* The flow of a key, at the same port. */
static struct acl_flow
flow_of(const struct acl_burst *burst, const struct acl_item *item,
        const struct acl_key *key)
{
    return (struct acl_flow) {
        .key = key,
        .set = burst->set,
        .hash = acl_key_hash(key, burst->asker.seed),
        .now = item->time,
        .port = burst->port->serial,
        .direction = burst->direction,
        .n_open = &burst->port->n_open,
    };
}

/* The rule whose connection the packet belongs to, or -1. */
static int
pass_connection(struct acl_burst *burst, const struct acl_item *item,
                const struct acl_flow *flow, struct acl_track *track)
{
    struct acl_connections *connections = burst->self->connections;
    struct acl_flow other;
    struct acl_key key;

    if (flow->key->is_error) {
        /* The quoted packet went the other way. */
        if (!acl_key_read_quoted(&key, flow->key, item->packet)) {
            return -1;
        }
        other = flow_of(burst, item, &key);
        other.direction = !flow->direction;
        return acl_connections_quoted(connections, &other);
    }
    if (flow->key->is_later) {
        acl_key_fragment(&key, flow->key);
        other = flow_of(burst, item, &key);
        return acl_connections_pass(connections, &other, track);
    }
    return acl_key_is_trackable(flow->key)
               ? acl_connections_pass(connections, flow, track)
               : -1;
}

/* Lets the fragments that follow a first one pass as well. */
static void
expect_fragments(struct acl_burst *burst, const struct acl_item *item,
                 const struct acl_key *first, int index)
{
    struct acl_flow other;
    struct acl_key key;

    if (first->is_first) {
        acl_key_fragment(&key, first);
        other = flow_of(burst, item, &key);
        acl_connections_open(burst->self->connections, &other, index);
    }
}

/* By a stateful rule. */
static enum xvs_verdict
open_connection(struct acl_burst *burst, const struct acl_item *item,
                const struct acl_flow *flow, int index,
                enum acl_reason *reason)
{
    acl_burst_hit(burst, acl_set_rule(burst->set, index)->counter, item);
    switch (acl_connections_open(burst->self->connections, flow, index)) {
    case ACL_FULL:
        atomic_fetch_add_explicit(&burst->port->n_refused_connections,
                                  item->n, memory_order_relaxed);
        *reason = ACL_NO_ROOM;
        return XVS_DROP;
    case ACL_OPENED:
        expect_fragments(burst, item, flow->key, index);
        break;
    case ACL_NOT_TRACKED:
        break;
    }
    return XVS_PASS;
}

/* ---- Packets ------------------------------------------------------------ */

/* True when what is known of the flow is enough to judge the packet. */
static bool
judge_known(struct acl_burst *burst, const struct acl_item *item,
            enum xvs_verdict *verdict, enum acl_reason *reason)
{
    struct acl_connections *connections = burst->self->connections;
    const struct acl_known *known = &item->known;
    int index;

    if (known->is_connection) {
        index = !item->is_plain || (item->tcp_flags & ACL_TCP_SPECIAL)
                    ? -1
                    : acl_connections_again(connections, &known->track,
                                            burst->set->generation,
                                            item->time);
        if (index < 0) {
            return false;
        }
        acl_burst_hit(burst, acl_set_rule(burst->set, index)->counter, item);
        *verdict = XVS_PASS;
        return true;
    }
    if (burst->set->has_stateful
        && !(item->is_plain
             && acl_connections_none(connections, known->bucket))) {
        return false;
    }
    *verdict = decide(burst, item, known->index, reason);
    return true;
}

static void
remember(struct acl_burst *burst, const struct acl_item *item,
         const struct acl_known *known)
{
    if (burst->memory) {
        acl_memory_put(burst->memory, &item->asked, known);
    }
}

/* The rule that decides, asked before or asked now; -1: none. */
static int
find_rule(struct acl_burst *burst, const struct acl_item *item,
          const struct acl_flow *flow)
{
    struct acl_known known = { .is_connection = false };

    if (item->is_known && !item->known.is_connection) {
        return item->known.index;
    }
    known.index = acl_set_match(burst->set, burst->direction, flow->key);
    known.bucket = acl_connections_bucket(burst->self->connections,
                                          flow->hash);
    /* What opens connections is soon known by these. */
    if (known.index < 0
        || !acl_set_rule(burst->set, known.index)->is_stateful) {
        remember(burst, item, &known);
    }
    return known.index;
}

static enum xvs_verdict
judge_anew(struct acl_burst *burst, const struct acl_item *item,
           const struct acl_flow *flow, enum acl_reason *reason)
{
    struct acl_known known = { .is_connection = true };
    int index = -1;

    if (burst->set->has_stateful) {
        index = pass_connection(burst, item, flow, &known.track);
    }
    if (index >= 0) {
        acl_burst_hit(burst, acl_set_rule(burst->set, index)->counter, item);
        expect_fragments(burst, item, flow->key, index);
        if (item->is_plain) {
            remember(burst, item, &known);
        }
        return XVS_PASS;
    }
    index = find_rule(burst, item, flow);
    return index >= 0 && acl_set_rule(burst->set, index)->is_stateful
               ? open_connection(burst, item, flow, index, reason)
               : decide(burst, item, index, reason);
}

enum xvs_verdict
acl_judge(struct acl_burst *burst, struct acl_item *item,
          enum acl_reason *reason)
{
    enum xvs_verdict verdict;

    if (!item->is_plain && item->key.is_broken) {
        *reason = ACL_BROKEN;
        return XVS_DROP;
    }
    if (item->is_known && judge_known(burst, item, &verdict, reason)) {
        return verdict;
    }
    if (item->is_plain) {
        acl_key_read(&item->key, item->packet);
    }
    struct acl_flow flow = flow_of(burst, item, &item->key);

    return judge_anew(burst, item, &flow, reason);
}
