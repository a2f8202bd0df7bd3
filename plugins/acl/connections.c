/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The connection table, see connections.h.
 */
#include "connections.h"

#include <sched.h>
#include <stdlib.h>

#include "connection.h"
#include "set.h"

#define NONE 0u                 /* connections are counted from 1 */

struct bucket {
    atomic_uint lock;           /* 1: held */
    _Atomic uint32_t head;      /* first connection, or NONE */
};

struct acl_connections {
    struct connection *all;     /* capacity of them; [0] is number 1 */
    struct bucket *buckets;     /* capacity of them */
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
acl_connections_create(uint32_t capacity)
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

uint32_t
acl_connections_bucket(const struct acl_connections *table, uint64_t hash)
{
    return (uint32_t) hash & table->mask;
}

/* The same for both directions, as the hash is. */
static inline struct bucket *
bucket_of(struct acl_connections *table, const struct acl_flow *flow)
{
    return &table->buckets[acl_connections_bucket(table, flow->hash)];
}

/* Takes the connection that '*link' names out of its bucket (locked). */
static void
forget(struct acl_connections *table, _Atomic uint32_t *link)
{
    uint32_t number = peek(link);
    struct connection *c = at(table, number);

    atomic_store_explicit(link, peek(&c->next), memory_order_relaxed);
    atomic_store_explicit(&c->uses, peek(&c->uses) + 1,
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
        *replies = connection_replies(c, flow);
        if (c->protocol == flow->key->protocol
            && c->kind == flow->key->kind
            && (*replies || connection_goes(c, flow))) {
            return link;
        }
        link = &c->next;
    }
    return NULL;
}

/* A SYN or an echo request is no reply: the rules decide. */
static bool
may_reply(const struct acl_key *key)
{
    return key->kind != ACL_KIND_FRAGMENT && !acl_key_is_opening(key);
}

/* As find(), for a packet that is really part of the connection. */
static _Atomic uint32_t *
find_part(struct acl_connections *table, struct bucket *bucket,
          const struct acl_flow *flow, bool *replies)
{
    _Atomic uint32_t *link = find(table, bucket, flow, replies);

    return link && (!*replies || may_reply(flow->key)) ? link : NULL;
}

bool
acl_connections_none(const struct acl_connections *table, uint32_t bucket)
{
    return peek(&table->buckets[bucket].head) == NONE;
}

void
acl_connections_fetch(const struct acl_connections *table, uint32_t bucket)
{
    __builtin_prefetch(&table->buckets[bucket]);
}

void
acl_connections_fetch_track(const struct acl_connections *table,
                            const struct acl_track *track)
{
    __builtin_prefetch(at(table, track->number));
}

int
acl_connections_pass(struct acl_connections *table,
                     const struct acl_flow *flow, struct acl_track *track)
{
    struct bucket *bucket = bucket_of(table, flow);
    int rule = -1;

    if (peek(&bucket->head) == NONE) {
        return -1;
    }
    lock(bucket);
    _Atomic uint32_t *link = find_part(table, bucket, flow, &track->replies);

    if (link) {
        struct connection *c = at(table, peek(link));

        if (connection_allowed(c, flow, track->replies)) {
            connection_note(c, flow, track->replies);
            track->number = peek(link);
            track->uses = peek(&c->uses);
            rule = (int) c->rule;
        } else {
            forget(table, link);
            atomic_fetch_sub_explicit(flow->n_open, 1, memory_order_relaxed);
        }
    }
    unlock(bucket);
    return rule;
}

int
acl_connections_again(struct acl_connections *table,
                      const struct acl_track *track, uint64_t generation,
                      uint64_t now)
{
    struct connection *c = at(table, track->number);
    struct bucket *bucket = &table->buckets[peek(&c->bucket)];
    int rule = -1;

    /*
     * While 'uses' stays, it is in the bucket that was read, which is locked
     * to change it; otherwise whose lock this is does not matter.
     */
    lock(bucket);
    if (peek(&c->uses) == track->uses && c->generation == generation
        && c->expires > now) {
        connection_touch(c, now, track->replies);
        rule = (int) c->rule;
    }
    unlock(bucket);
    return rule;
}

int
acl_connections_quoted(struct acl_connections *table,
                       const struct acl_flow *flow)
{
    struct bucket *bucket = bucket_of(table, flow);
    int rule = -1;
    bool replies;

    lock(bucket);
    _Atomic uint32_t *link = find_part(table, bucket, flow, &replies);

    /* A quoted packet has not all that a rule may look at: it is no reason
     * to look again. */
    if (link && at(table, peek(link))->generation == flow->set->generation) {
        rule = (int) at(table, peek(link))->rule;
    }
    unlock(bucket);
    return rule;
}

/* Counts one more connection of the port, unless it has too many. */
static bool
count_up(const struct acl_flow *flow)
{
    uint32_t n = peek(flow->n_open);

    while (n < flow->set->max_connections) {
        if (atomic_compare_exchange_weak_explicit(
                flow->n_open, &n, n + 1, memory_order_relaxed,
                memory_order_relaxed)) {
            return true;
        }
    }
    return false;
}

/* A new connection at the head of its bucket (locked). */
static enum acl_open
insert(struct acl_connections *table, struct bucket *bucket,
       const struct acl_flow *flow, int index)
{
    if (!count_up(flow)) {
        return ACL_FULL;
    }
    uint32_t fresh = pop_free(table);

    if (fresh == NONE) {
        atomic_fetch_sub_explicit(flow->n_open, 1, memory_order_relaxed);
        return ACL_FULL;
    }
    struct connection *c = at(table, fresh);

    atomic_store_explicit(&c->bucket,
                          acl_connections_bucket(table, flow->hash),
                          memory_order_relaxed);
    connection_fill(c, flow, index);
    atomic_store_explicit(&c->next, peek(&bucket->head),
                          memory_order_relaxed);
    atomic_store_explicit(&bucket->head, fresh, memory_order_relaxed);
    atomic_fetch_add_explicit(&table->n_used, 1, memory_order_relaxed);
    return ACL_OPENED;
}

enum acl_open
acl_connections_open(struct acl_connections *table,
                     const struct acl_flow *flow, int index)
{
    struct bucket *bucket = bucket_of(table, flow);
    enum acl_open result = ACL_OPENED;
    bool replies;

    if (!connection_may_open(flow->key)) {
        return ACL_NOT_TRACKED;
    }
    lock(bucket);
    /*
     * Another worker may have been faster, and a reply's SYN takes the old
     * connection over.  Neither is one more: it must not be counted as one,
     * not even for a moment, or a known flow is refused at the limit.
     */
    _Atomic uint32_t *link = find(table, bucket, flow, &replies);

    if (link) {
        connection_fill(at(table, peek(link)), flow, index);
    } else {
        result = insert(table, bucket, flow, index);
    }
    unlock(bucket);
    return result;
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
