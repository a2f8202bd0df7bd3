/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a connection is and when it ends.
 */
#include "connection.h"

#include <string.h>

#include "connections.h"
#include "set.h"

#define SECOND 1000000000ull

/* Seconds without packets after which a connection is forgotten. */
enum {
    TIMEOUT_TCP_HALF_OPEN = 30, TIMEOUT_TCP_OPEN = 3600,
    TIMEOUT_TCP_CLOSING = 60, TIMEOUT_TCP_CLOSED = 10,
    TIMEOUT_UNANSWERED = 30, TIMEOUT_UDP = 180, TIMEOUT_ICMP = 30,
    TIMEOUT_REST = 60, TIMEOUT_FRAGMENT = 5
};

/* Bits of connection.seen. */
#define SEEN_REPLY 0x01u
#define SEEN_FIN 0x02u          /* from the side that opened it */
#define SEEN_REPLY_FIN 0x04u
#define SEEN_RST 0x08u

bool
connection_goes(const struct connection *c, const struct acl_flow *flow)
{
    const struct acl_key *key = flow->key;

    return c->direction == flow->direction
           && c->source[0] == key->source[0]
           && c->source[1] == key->source[1]
           && c->destination[0] == key->destination[0]
           && c->destination[1] == key->destination[1]
           && c->source_port == key->source_port
           && c->destination_port == key->destination_port;
}

bool
connection_replies(const struct connection *c, const struct acl_flow *flow)
{
    const struct acl_key *key = flow->key;

    return c->direction != flow->direction
           && c->source[0] == key->destination[0]
           && c->source[1] == key->destination[1]
           && c->destination[0] == key->source[0]
           && c->destination[1] == key->source[1]
           && c->source_port == key->destination_port
           && c->destination_port == key->source_port;
}

static uint32_t
tcp_timeout(const struct connection *c)
{
    uint32_t idle = c->idle_seconds ? c->idle_seconds : TIMEOUT_TCP_OPEN;
    unsigned int fins = c->seen & (SEEN_FIN | SEEN_REPLY_FIN);

    if ((c->seen & SEEN_RST) || fins == (SEEN_FIN | SEEN_REPLY_FIN)) {
        return TIMEOUT_TCP_CLOSED;
    }
    if (fins) {
        return TIMEOUT_TCP_CLOSING;
    }
    return c->seen & SEEN_REPLY ? idle : TIMEOUT_TCP_HALF_OPEN;
}

static uint32_t
timeout_of(const struct connection *c)
{
    if (c->kind == ACL_KIND_FRAGMENT) {
        return TIMEOUT_FRAGMENT;
    }
    if (c->protocol == ACL_PROTOCOL_TCP) {
        return tcp_timeout(c);
    }
    if (c->idle_seconds) {
        return c->idle_seconds;
    }
    if (!(c->seen & SEEN_REPLY)) {
        return TIMEOUT_UNANSWERED;
    }
    if (c->protocol == ACL_PROTOCOL_UDP) {
        return TIMEOUT_UDP;
    }
    return c->protocol == ACL_PROTOCOL_ICMP
                   || c->protocol == ACL_PROTOCOL_ICMP6
               ? TIMEOUT_ICMP
               : TIMEOUT_REST;
}

void
connection_touch(struct connection *c, uint64_t now, bool replies)
{
    if (replies) {
        c->seen |= SEEN_REPLY;
    }
    uint64_t expires = now + timeout_of(c) * SECOND;

    /* A reset connection ends even when packets go on. */
    if (!(c->seen & SEEN_RST) || expires < c->expires) {
        c->expires = expires;
    }
}

void
connection_note(struct connection *c, const struct acl_flow *flow,
                bool replies)
{
    if (c->protocol == ACL_PROTOCOL_TCP) {
        if (acl_key_is_opening(flow->key)) {
            c->seen = 0;
        }
        if (flow->key->tcp_flags & ACL_TCP_FIN) {
            c->seen |= replies ? SEEN_REPLY_FIN : SEEN_FIN;
        }
        if (flow->key->tcp_flags & ACL_TCP_RST) {
            c->seen |= SEEN_RST;
            c->expires = UINT64_MAX;    /* ends a while after this one */
        }
    }
    connection_touch(c, flow->now, replies);
}

bool
connection_allowed(struct connection *c, const struct acl_flow *flow,
                   bool replies)
{
    struct acl_key original;

    if (c->generation == flow->set->generation) {
        return true;
    }
    if (c->kind == ACL_KIND_FRAGMENT) {
        return false;
    }
    if (replies) {
        acl_key_reverse(&original, flow->key);
    } else {
        original = *flow->key;
    }
    int index = acl_set_match(flow->set, c->direction, &original);

    if (index < 0) {
        return false;
    }
    const struct acl_rule *rule = acl_set_rule(flow->set, index);

    if (rule->action != ACL_ALLOW || !rule->is_stateful) {
        return false;
    }
    c->rule = (uint32_t) index;
    c->idle_seconds = rule->idle_seconds;
    c->generation = flow->set->generation;
    return true;
}

bool
connection_may_open(const struct acl_key *key)
{
    if (!acl_key_is_trackable(key) || key->is_error) {
        return false;
    }
    if (key->kind == ACL_KIND_FRAGMENT) {
        return true;
    }
    if (key->protocol == ACL_PROTOCOL_TCP) {
        return !(key->tcp_flags & ACL_TCP_RST);
    }
    if (key->protocol == ACL_PROTOCOL_ICMP
        || key->protocol == ACL_PROTOCOL_ICMP6) {
        return acl_key_is_opening(key);
    }
    return true;
}

void
connection_fill(struct connection *c, const struct acl_flow *flow, int index)
{
    const struct acl_key *key = flow->key;

    atomic_store_explicit(
        &c->uses, atomic_load_explicit(&c->uses, memory_order_relaxed) + 1,
        memory_order_relaxed);
    memcpy(c->source, key->source, sizeof(c->source));
    memcpy(c->destination, key->destination, sizeof(c->destination));
    c->generation = flow->set->generation;
    c->rule = (uint32_t) index;
    c->idle_seconds = acl_set_rule(flow->set, index)->idle_seconds;
    c->port = flow->port;
    c->source_port = key->source_port;
    c->destination_port = key->destination_port;
    c->protocol = key->protocol;
    c->direction = (uint8_t) flow->direction;
    c->kind = key->kind;
    c->seen = 0;
    c->expires = 0;
    connection_note(c, flow, false);
}
