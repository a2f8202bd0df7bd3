/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Flows that go on.  A flow has eight places; when all are taken by others it
 * is told of at once, as one that ended for want of room.
 *
 * They are in memory that outlives this process, together with what was
 * counted in all, unless the admin wants more of them than that has room for.
 * A flow is there as soon as it has packets, and these are written last; what
 * the clock was about when a process ended may be counted twice, or not.
 */

#include "flowexport.h"

#include <stdlib.h>

#define WAYS 8u
#define KEY_SIZE offsetof(struct xvs_flow, tcp_flags)
#define FORMAT 1u               /* of what is kept */
#define KEPT 16384u             /* flows */

struct kept {
    struct totals totals;
    struct xvs_flow flows[KEPT];
};

/* ---- Memory ------------------------------------------------------------- */

/* Perhaps on another thread than all else. */
static void
taken(void *arg, const struct xvs_burst *burst)
{
    struct flowexport *self = arg;

    (void) burst;
    __atomic_store_n(&self->taken, true, __ATOMIC_RELEASE);
}

void
cache_begin(struct flowexport *self, const struct xvs_host *host)
{
    struct kept *kept;

    self->keep = (struct xvs_keep) { .size = sizeof(self->keep),
                                     .version = FORMAT, .n = sizeof(*kept),
                                     .taken = taken };
    if (xvs_keep(host, &self->keep) != XVS_SUCCESS) {
        self->keep.bytes = NULL;
    }
    kept = self->keep.bytes;
    self->totals = kept ? &kept->totals : &self->own_totals;
}

static uint32_t
count(const struct flowexport *self)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i <= self->mask; i++) {
        n += self->flows[i].packets != 0;
    }
    return n;
}

bool
cache_is_mine(struct flowexport *self)
{
    struct kept *kept = self->keep.bytes;

    if (!kept) {
        return true;
    }
    if (!xvs_keep_is_mine(&self->keep)) {
        return false;
    }
    if (!self->own && __atomic_exchange_n(&self->taken, false,
                                          __ATOMIC_ACQ_REL)) {
        self->n_flows = count(self);
    }
    return true;
}

void
cache_end(struct flowexport *self)
{
    free(self->own);
}

bool
cache_create(struct flowexport *self)
{
    uint32_t n = 256;

    while (n < self->config.max_flows) {
        n *= 2;
    }
    free(self->own);
    self->own = NULL;
    self->mask = n - 1;
    self->n_flows = 0;
    if (self->keep.bytes && n <= KEPT) {
        self->flows = ((struct kept *) self->keep.bytes)->flows;
        return true;
    }
    self->own = calloc(n, sizeof(*self->own));
    self->flows = self->own;
    return self->flows != NULL;
}

/* ---- Flows -------------------------------------------------------------- */

static uint32_t
hash_of(const struct xvs_flow *flow)
{
    const uint8_t *bytes = (const uint8_t *) flow;
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < KEY_SIZE; i++) {
        hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
    }
    return (uint32_t) (hash >> 32 ^ hash);
}

static void
tell(struct flowexport *self, const struct xvs_flow *flow,
     enum ipfix_end reason)
{
    self->totals->records++;
    collectors_flow(self, flow, reason);
}

/* Its place, or a free one; NULL: there is none. */
static struct xvs_flow *
find(const struct flowexport *self, const struct xvs_flow *flow)
{
    uint32_t start = hash_of(flow);
    struct xvs_flow *unused = NULL;

    for (uint32_t i = 0; i < WAYS; i++) {
        struct xvs_flow *one = &self->flows[(start + i) & self->mask];

        if (one->packets == 0) {
            unused = unused ? unused : one;
        } else if (memcmp(one, flow, KEY_SIZE) == 0) {
            return one;
        }
    }
    return unused;
}

void
cache_add(struct flowexport *self, const struct xvs_flow *flow)
{
    struct xvs_flow *one = self->flows ? find(self, flow) : NULL;

    if (!one) {
        self->totals->early++;
        tell(self, flow, IPFIX_NO_ROOM);
    } else if (one->packets == 0) {
        struct xvs_flow fresh = *flow;

        fresh.packets = 0;
        *one = fresh;
        __atomic_store_n(&one->packets, flow->packets, __ATOMIC_RELEASE);
        self->n_flows++;
    } else {
        one->packets += flow->packets;
        one->bytes += flow->bytes;
        one->frame_bytes += flow->frame_bytes;
        one->tcp_flags |= flow->tcp_flags;
        one->first = flow->first < one->first ? flow->first : one->first;
        one->last = flow->last > one->last ? flow->last : one->last;
    }
}

void
cache_expire(struct flowexport *self, uint64_t now, bool all)
{
    for (uint32_t i = 0; self->flows && i <= self->mask && self->n_flows;
         i++) {
        struct xvs_flow *flow = &self->flows[i];
        enum ipfix_end reason;

        if (flow->packets == 0) {
            continue;
        }
        if (all) {
            reason = IPFIX_FORCED;
        } else if (now > flow->last + self->config.idle) {
            reason = IPFIX_IDLE;
        } else if (now > flow->first + self->config.active) {
            reason = IPFIX_ACTIVE;
        } else {
            continue;
        }
        tell(self, flow, reason);
        flow->packets = 0;
        self->n_flows--;
    }
}
