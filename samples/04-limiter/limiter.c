/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * So many packets a second pass from one IPv4 address to another.  What a flow
 * has left is in memory that outlives this process (xvs/keep.h): its successor
 * goes on with it, and packets that were in its hands count once.
 */
#include <stdatomic.h>
#include <stdlib.h>

#include <xvs/extension.h>
#include <xvs/keep.h>

#include "sample_limiter.h"

#define FLOWS 65536u
#define SECOND 1000000000u      /* nanoseconds */

/* A flow, at the place that its hash says; a newer one takes it over. */
struct flow {
    uint32_t hash;
    uint32_t tokens;            /* packets that may pass */
    uint64_t filled;            /* when they were counted, nanoseconds */
};

struct limiter {
    struct xvs_keep keep;       /* FLOWS of struct flow */
    _Atomic uint32_t rate;      /* packets a second; 0: no limit */
};

static int
init(const struct xvs_host *host, void **self)
{
    struct limiter *limiter = calloc(1, sizeof(*limiter));
    int result;

    if (!limiter) {
        return XVS_RESOURCES;
    }
    limiter->keep.size = sizeof(limiter->keep);
    limiter->keep.version = 1;
    limiter->keep.n = FLOWS * sizeof(struct flow);
    result = xvs_keep(host, &limiter->keep);
    if (result == XVS_SUCCESS) {
        *self = limiter;
    } else {
        free(limiter);          /* the host is older than 1.4, or is full */
    }
    return result;
}

static int
setting(void *self, const struct xvs_setting *setting,
        struct xvs_answer *answer)
{
    struct limiter *limiter = self;
    const struct sample_limiter_settings *values =
        sample_limiter_settings_get(setting);

    (void) answer;
    if (!values && setting->op != XVS_DELETE) {
        return XVS_NOT_SUPPORTED;
    }
    if (setting->op != XVS_VALIDATE) {
        limiter->rate = values ? values->packets_per_second : 0;
    }
    return XVS_SUCCESS;
}

/* Whether one more packet of the flow may pass at this time. */
static int
take(struct flow *flow, uint32_t hash, uint32_t rate, uint64_t now)
{
    uint64_t since = now - flow->filled, more;

    if (flow->hash != hash || since >= SECOND) {
        flow->hash = hash;
        flow->tokens = rate;
        flow->filled = now;
    } else {
        more = since * rate / SECOND;
        flow->tokens = flow->tokens + more > rate
            ? rate : (uint32_t) (flow->tokens + more);
        flow->filled = more ? now : flow->filled;
    }
    if (flow->tokens == 0) {
        return 0;
    }
    flow->tokens--;
    return 1;
}

/* Of its two addresses; 0: it is not IPv4. */
static uint32_t
hash_of(const struct xvs_packet *packet)
{
    const uint8_t *at = packet->flags & XVS_PACKET_IPV4
        ? xvs_packet_at(packet, packet->l3 + 12u, 8) : NULL;
    uint32_t hash = 2166136261u;

    for (int i = 0; at && i < 8; i++) {
        hash = (hash ^ at[i]) * 16777619u;
    }
    return at ? hash | 1 : 0;
}

static void
ingress(void *self, struct xvs_burst *burst)
{
    struct limiter *limiter = self;
    struct flow *flows = limiter->keep.bytes, fresh;
    uint32_t rate = limiter->rate;

    for (uint32_t i = 0; rate && i < burst->n; i++) {
        struct xvs_packet *packet = burst->packets[i];
        uint32_t hash = hash_of(packet);
        struct flow *flow = &flows[hash / 2 % FLOWS];

        if (hash == 0) {
            continue;
        }
        fresh = *flow;
        if (!take(&fresh, hash, rate, packet->time)) {
            xvs_drop(packet, 1);
        }
        xvs_keep_set(&limiter->keep, burst, flow, &fresh, sizeof(fresh));
    }
}

static const char *const reasons[] = { NULL, "too many" };
static const struct xvs_feature features[] = XVS_FEATURES;

XVS_EXTENSION = {
    XVS_EXTENSION_HEAD,
    .version = 0x0100,
    .id = { 0x2e9a64b8, 0x7d15, 0x4b83,
            { 0xa4, 0x0c, 0x51, 0xe8, 0x39, 0x6d, 0x72, 0x04 } },
    .extension_class = XVS_CLASS_FILTER,
    .on_failure = XVS_FAIL_OPEN,
    .name = "limiter",
    .vendor = "Example",
    .description = "Lets so many packets a second of a flow pass.",
    .features = features,
    .n_features = sizeof(features) / sizeof(features[0]),
    .init = init,
    .fini = free,
    .setting = setting,
    .ingress = ingress,
    .reasons = reasons,
    .n_reasons = sizeof(reasons) / sizeof(reasons[0]),
};
