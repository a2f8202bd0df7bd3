/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The connection table, see connections.h.
 */
#include "connections.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "rules.h"

#define SECOND 1000000000ull
#define NONE 0u                 /* connections are counted from 1 */

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

struct connection {
    uint64_t source[2];         /* of the packet that opened it */
    uint64_t destination[2];
    uint64_t expires;           /* nanoseconds, monotonic */
    uint64_t generation;        /* of the set that allowed it */
    uint32_t rule;              /* index in that set */
    uint32_t idle_seconds;      /* of the rule, 0: by protocol */
    uint32_t port;              /* serial number */
    uint16_t source_port;
    uint16_t destination_port;
    uint8_t protocol;
    uint8_t direction;          /* in which it was opened */
    uint8_t kind;               /* tells the address families apart */
    uint8_t seen;               /* SEEN_... */
    _Atomic uint32_t next;      /* in its bucket, or among the free ones */
};

struct bucket {
    atomic_uint lock;           /* 1: held */
    _Atomic uint32_t head;      /* first connection, or NONE */
};

struct acl_connections {
    struct connection *all;     /* capacity of them; [0] is number 1 */
    struct bucket *buckets;     /* capacity of them */
    uint64_t seed;              /* secret: nobody can fill one bucket */
    uint32_t mask;              /* capacity - 1 */
    _Atomic uint64_t free;      /* tag << 32 | first free connection */
    _Atomic uint32_t n_touched; /* those behind it were never used */
    _Atomic uint32_t n_used;    /* connections in buckets */
};

static void
lock(struct bucket *bucket)
{
    for (unsigned int tries = 0;
         atomic_exchange_explicit(&bucket->lock, 1, memory_order_acquire);
         tries++) {
        if (tries > 100) {
            /* The holder is not running: let it. */
            sched_yield();
        }
    }
}

static void
unlock(struct bucket *bucket)
{
    atomic_store_explicit(&bucket->lock, 0, memory_order_release);
}

struct acl_connections *
acl_connections_create(uint32_t capacity, uint64_t seed)
{
    struct acl_connections *table = calloc(1, sizeof(*table));

    if (!table) {
        return NULL;
    }
    table->all = calloc(capacity, sizeof(*table->all));
    table->buckets = calloc(capacity, sizeof(*table->buckets));
    if (!table->all || !table->buckets) {
        acl_connections_destroy(table);
        return NULL;
    }
    table->seed = seed;
    table->mask = capacity - 1;
    return table;
}

void
acl_connections_destroy(struct acl_connections *table)
{
    if (table) {
        free(table->all);
        free(table->buckets);
        free(table);
    }
}

static inline struct connection *
at(const struct acl_connections *table, uint32_t number)
{
    return &table->all[number - 1];
}

static inline uint32_t
peek(_Atomic uint32_t *link)
{
    return atomic_load_explicit(link, memory_order_relaxed);
}

/* One that was never used: memory is touched when it is needed first. */
static uint32_t
take_untouched(struct acl_connections *table)
{
    uint32_t n = peek(&table->n_touched);

    while (n <= table->mask) {
        if (atomic_compare_exchange_weak(&table->n_touched, &n, n + 1)) {
            return n + 1;
        }
    }
    return NONE;
}

static uint32_t
pop_free(struct acl_connections *table)
{
    uint64_t old = atomic_load(&table->free);
    uint64_t new;

    do {
        if ((uint32_t) old == NONE) {
            return take_untouched(table);
        }
        new = ((old >> 32) + 1) << 32
              | peek(&at(table, (uint32_t) old)->next);
    } while (!atomic_compare_exchange_weak(&table->free, &old, new));
    return (uint32_t) old;
}

static void
push_free(struct acl_connections *table, uint32_t number)
{
    uint64_t old = atomic_load(&table->free);

    do {
        atomic_store_explicit(&at(table, number)->next, (uint32_t) old,
                              memory_order_relaxed);
    } while (!atomic_compare_exchange_weak(
        &table->free, &old, (old & 0xffffffff00000000u) | number));
}

static inline uint64_t
mix(uint64_t word)
{
    word = (word ^ word >> 32) * 0x9e3779b97f4a7c15u;
    return (word ^ word >> 29) * 0xbf58476d1ce4e5b9u;
}

/* The same for both directions. */
static struct bucket *
bucket_of(struct acl_connections *table, const struct acl_flow *flow)
{
    const struct acl_key *key = flow->key;
    uint64_t source = mix(mix(key->source[0] ^ table->seed)
                          ^ key->source[1] ^ key->source_port);
    uint64_t destination = mix(mix(key->destination[0] ^ table->seed)
                               ^ key->destination[1]
                               ^ key->destination_port);
    uint64_t hash = mix((source + destination) ^ flow->port
                        ^ (uint64_t) key->protocol << 32);

    return &table->buckets[(hash ^ hash >> 32) & table->mask];
}

static bool
is_same_way(const struct connection *c, const struct acl_flow *flow)
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

static bool
is_reply(const struct connection *c, const struct acl_flow *flow)
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

/* Takes the connection that '*link' names out of its bucket (locked). */
static void
forget(struct acl_connections *table, _Atomic uint32_t *link)
{
    uint32_t number = peek(link);

    atomic_store_explicit(link, peek(&at(table, number)->next),
                          memory_order_relaxed);
    push_free(table, number);
    atomic_fetch_sub_explicit(&table->n_used, 1, memory_order_relaxed);
}

/*
 * The link to the connection of the packet (bucket locked), or NULL.
 * '*replies' tells in which direction the packet goes.  Expired ones of the
 * port that are met on the way go.
 */
static _Atomic uint32_t *
find(struct acl_connections *table, struct bucket *bucket,
     const struct acl_flow *flow, bool *replies)
{
    _Atomic uint32_t *link = &bucket->head;
    uint32_t number;

    while ((number = peek(link)) != NONE) {
        struct connection *c = at(table, number);

        if (c->port != flow->port) {
            link = &c->next;
            continue;
        }
        if (c->expires <= flow->now) {
            forget(table, link);
            atomic_fetch_sub_explicit(flow->n_open, 1, memory_order_relaxed);
            continue;
        }
        *replies = is_reply(c, flow);
        if (c->protocol == flow->key->protocol
            && c->kind == flow->key->kind
            && (*replies || is_same_way(c, flow))) {
            return link;
        }
        link = &c->next;
    }
    return NULL;
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

static void
note(struct connection *c, const struct acl_flow *flow, bool replies)
{
    if (c->protocol == ACL_PROTOCOL_TCP && acl_key_is_opening(flow->key)) {
        c->seen = 0;
    }
    if (replies) {
        c->seen |= SEEN_REPLY;
    }
    if (c->protocol == ACL_PROTOCOL_TCP) {
        if (flow->key->tcp_flags & ACL_TCP_FIN) {
            c->seen |= replies ? SEEN_REPLY_FIN : SEEN_FIN;
        }
        if (flow->key->tcp_flags & ACL_TCP_RST) {
            c->seen |= SEEN_RST;
        }
    }
    bool is_closed = c->seen & SEEN_RST;
    uint64_t expires = flow->now + timeout_of(c) * SECOND;

    /* A reset connection ends even when packets go on. */
    if (!is_closed || expires < c->expires
        || (flow->key->tcp_flags & ACL_TCP_RST)) {
        c->expires = expires;
    }
}

/* Looks the rule up again when the port has another set than at that time. */
static bool
still_allowed(struct connection *c, const struct acl_flow *flow, bool replies)
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

    if (index < 0 || flow->set->entries[index].action != ACL_ALLOW
        || !flow->set->entries[index].is_stateful) {
        return false;
    }
    c->rule = (uint32_t) index;
    c->idle_seconds = flow->set->entries[index].idle_seconds;
    c->generation = flow->set->generation;
    return true;
}

/* A SYN or an echo request is no reply: the rules decide. */
static bool
may_reply(const struct acl_key *key, bool is_quoted)
{
    if (key->kind == ACL_KIND_FRAGMENT) {
        return false;
    }
    return is_quoted || !acl_key_is_opening(key);
}

static int
pass(struct acl_connections *table, const struct acl_flow *flow,
     bool is_quoted)
{
    struct bucket *bucket = bucket_of(table, flow);
    int rule = -1;
    bool replies;

    if (peek(&bucket->head) == NONE) {
        return -1;
    }
    lock(bucket);
    _Atomic uint32_t *link = find(table, bucket, flow, &replies);

    if (link && (!replies || may_reply(flow->key, is_quoted))) {
        struct connection *c = at(table, peek(link));

        if (still_allowed(c, flow, replies)) {
            rule = (int) c->rule;
            if (!is_quoted) {
                note(c, flow, replies);
            }
        } else {
            forget(table, link);
            atomic_fetch_sub_explicit(flow->n_open, 1, memory_order_relaxed);
        }
    }
    unlock(bucket);
    return rule;
}

int
acl_connections_pass(struct acl_connections *table,
                     const struct acl_flow *flow)
{
    return pass(table, flow, false);
}

int
acl_connections_quoted(struct acl_connections *table,
                       const struct acl_flow *flow)
{
    return pass(table, flow, true);
}

/* Whether replies to the packet can be told from other packets. */
static bool
may_open(const struct acl_key *key)
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

static void
fill(struct connection *c, const struct acl_flow *flow, int index)
{
    const struct acl_key *key = flow->key;

    memcpy(c->source, key->source, sizeof(c->source));
    memcpy(c->destination, key->destination, sizeof(c->destination));
    c->generation = flow->set->generation;
    c->rule = (uint32_t) index;
    c->idle_seconds = flow->set->entries[index].idle_seconds;
    c->port = flow->port;
    c->source_port = key->source_port;
    c->destination_port = key->destination_port;
    c->protocol = key->protocol;
    c->direction = (uint8_t) flow->direction;
    c->kind = key->kind;
    c->seen = 0;
    c->expires = 0;
    note(c, flow, false);
}

enum acl_open
acl_connections_open(struct acl_connections *table,
                     const struct acl_flow *flow, int index)
{
    struct bucket *bucket = bucket_of(table, flow);
    bool replies;

    if (!may_open(flow->key)) {
        return ACL_NOT_TRACKED;
    }
    if (atomic_fetch_add_explicit(flow->n_open, 1, memory_order_relaxed)
        >= flow->set->max_connections) {
        atomic_fetch_sub_explicit(flow->n_open, 1, memory_order_relaxed);
        return ACL_FULL;
    }
    uint32_t fresh = pop_free(table);

    if (fresh == NONE) {
        atomic_fetch_sub_explicit(flow->n_open, 1, memory_order_relaxed);
        return ACL_FULL;
    }
    lock(bucket);
    /* Another worker may have been faster; a reply's SYN ends the old one. */
    _Atomic uint32_t *link = find(table, bucket, flow, &replies);

    if (link) {
        forget(table, link);
        atomic_fetch_sub_explicit(flow->n_open, 1, memory_order_relaxed);
    }
    fill(at(table, fresh), flow, index);
    atomic_store_explicit(&at(table, fresh)->next, peek(&bucket->head),
                          memory_order_relaxed);
    atomic_store_explicit(&bucket->head, fresh, memory_order_relaxed);
    atomic_fetch_add_explicit(&table->n_used, 1, memory_order_relaxed);
    unlock(bucket);
    return ACL_OPENED;
}

static uint32_t
sweep_bucket(struct acl_connections *table, struct bucket *bucket,
             uint64_t now, bool (*is_over)(void *, uint32_t, bool),
             void *arg)
{
    _Atomic uint32_t *link = &bucket->head;
    uint32_t number;
    uint32_t n = 0;

    lock(bucket);
    while ((number = peek(link)) != NONE) {
        struct connection *c = at(table, number);

        if (is_over(arg, c->port, c->expires <= now)) {
            forget(table, link);
            n++;
        } else {
            link = &c->next;
        }
    }
    unlock(bucket);
    return n;
}

uint32_t
acl_connections_sweep(struct acl_connections *table, uint64_t now,
                      bool (*is_over)(void *arg, uint32_t port,
                                      bool has_expired),
                      void *arg)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i <= table->mask && acl_connections_used(table);
         i++) {
        if (peek(&table->buckets[i].head) != NONE) {
            n += sweep_bucket(table, &table->buckets[i], now, is_over, arg);
        }
    }
    return n;
}

uint32_t
acl_connections_used(const struct acl_connections *table)
{
    return atomic_load_explicit(&table->n_used, memory_order_relaxed);
}
