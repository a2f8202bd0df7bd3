/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Two sets of flows: workers count in one, the extension reads the other.
 *
 *     resting ---- interval over: published ----> counting
 *        ^                                           |  the other one is
 *        |                                           v  published
 *     emptied <--- all was taken ---- reading <-- leaving (grace period)
 */

#include <config.h>

#include "switch/services-flows.h"

#include <stdlib.h>
#include <string.h>

#include "base/loop.h"
#include "base/memory.h"
#include "base/text.h"
#include "stage/stage.h"
#include "switch/forward/flows.h"
#include "switch/forward/table.h"
#include "switch/services.h"
#include "switch/vswitch.h"

struct flow_service {
    struct xvs_guid owner;
    struct xvs_flow_wish wish;
    uint32_t n_workers;
    struct flow_set *resting;   /* empty; or NULL */
    struct flow_set *leaving;   /* being read, or soon; or NULL */
    uint32_t part, place;       /* of the next flow */
    uint32_t sample_part, sample;   /* of the next sample */
    uint64_t swapped_ms;
};

/* ---- Beginning and end -------------------------------------------------- */

static void
release(struct grace_call *call)
{
    flow_set_destroy((struct flow_set *) (void *) call);
}

_Static_assert(offsetof(struct flow_set, grace) == 0, "release() casts");

/* States of a set's 'past'. */
enum { LEAVING, PAST, ORPHAN };

static void
left(struct grace_call *call)
{
    struct flow_set *set = (struct flow_set *) (void *) call;

    if (__atomic_exchange_n(&set->past, PAST, __ATOMIC_ACQ_REL) == ORPHAN) {
        flow_set_destroy(set);
    }
}

/* Frees it, now or when the grace period that is under way is over. */
static void
dispose(struct flow_set *set)
{
    if (set
        && __atomic_exchange_n(&set->past, ORPHAN, __ATOMIC_ACQ_REL)
               == PAST) {
        flow_set_destroy(set);
    }
}

static void
stop(struct vswitch *vswitch)
{
    struct flow_service *flows = vswitch->flows;
    struct flow_set *set = xvs_publish(vswitch->path.flows, NULL);

    vswitch->flows = NULL;
    if (set) {
        grace_defer(&set->grace, release);
    }
    if (flows) {
        flow_set_destroy(flows->resting);
        dispose(flows->leaving);
        free(flows);
    }
}

void
services_take_back_flows(struct vswitch *vswitch, const struct xvs_guid *who)
{
    if (vswitch->flows && guid_equal(&vswitch->flows->owner, who)) {
        stop(vswitch);
    }
}

void
services_end_flows(struct vswitch *vswitch)
{
    stop(vswitch);
}

static bool
is_sane(const struct xvs_flow_wish *wish)
{
    return wish->size >= sizeof *wish && wish->interval >= 100
        && wish->interval <= 60000 && wish->flows >= 256
        && wish->flows <= 1u << 20 && !(wish->flows & (wish->flows - 1))
        && wish->sampling <= 1u << 24;
}

static void
begin(struct vswitch *vswitch, const struct services_call *call,
      uint32_t n_workers, const struct xvs_flow_wish *wish)
{
    struct flow_service *flows = mem_zalloc(sizeof *flows);

    flows->owner = *call->who;
    flows->wish = *wish;
    flows->n_workers = n_workers;
    flows->resting = flow_set_create(n_workers, wish);
    flows->swapped_ms = loop_now_ms();
    vswitch->flows = flows;
    (void) xvs_publish(vswitch->path.flows,
                       flow_set_create(n_workers, wish));
}

static int
change(const struct services_call *call, uint32_t n_workers,
       const struct xvs_flow_wish *wish)
{
    struct flow_service *flows = call->vswitch->flows;

    if (wish && !is_sane(wish)) {
        return XVS_INVALID_PARAMETER;
    }
    if (flows && !guid_equal(&flows->owner, call->who)) {
        return XVS_NOT_ACCEPTED;
    }
    if (flows && wish && memcmp(&flows->wish, wish, sizeof *wish) == 0) {
        return XVS_SUCCESS;
    }
    stop(call->vswitch);
    if (wish) {
        begin(call->vswitch, call, n_workers, wish);
    }
    return XVS_SUCCESS;
}

int
services_flows(const struct xvs_host *host, const struct xvs_flow_wish *wish)
{
    const struct stage *stage = host->context;
    struct services_call call;

    if (!services_begin(&call, host)) {
        return XVS_NOT_SUPPORTED;
    }
    return services_finish(&call, change(&call, stage->place->n_workers,
                                         wish));
}

/* ---- Taking ------------------------------------------------------------- */

/* The interval is over: workers get the other set. */
static void
swap(struct vswitch *vswitch, struct flow_service *flows)
{
    uint64_t now_ms = loop_now_ms();

    if (flows->leaving || now_ms < flows->swapped_ms + flows->wish.interval) {
        return;
    }
    flows->resting->past = LEAVING;
    flows->leaving = xvs_publish(vswitch->path.flows, flows->resting);
    flows->resting = NULL;
    flows->swapped_ms = now_ms;
    flows->part = flows->place = flows->sample_part = flows->sample = 0;
    grace_defer(&flows->leaving->grace, left);
}

/* The set to read, or NULL. */
static struct flow_set *
readable(const struct services_call *call)
{
    struct flow_service *flows = call->vswitch->flows;

    if (!flows || !guid_equal(&flows->owner, call->who)) {
        return NULL;
    }
    swap(call->vswitch, flows);
    return flows->leaving
        && __atomic_load_n(&flows->leaving->past, __ATOMIC_ACQUIRE) == PAST
        ? flows->leaving : NULL;
}

static uint32_t
take(struct flow_service *flows, const struct flow_set *set,
     struct xvs_flow *out, uint32_t n)
{
    uint32_t taken = 0;

    while (flows->part < flows->n_workers && taken < n) {
        const struct flow_part *part = &set->parts[flows->part];

        if (part->packets == 0 || flows->place > set->mask) {
            flows->part++;
            flows->place = 0;
        } else if (part->flows[flows->place++].packets) {
            out[taken++] = part->flows[flows->place - 1];
        }
    }
    return taken;
}

/* Nothing is left: the set rests. */
static void
empty(struct flow_service *flows, struct xvs_flow_counts *counts)
{
    struct flow_set *set = flows->leaving;

    for (uint32_t i = 0; i < flows->n_workers; i++) {
        struct flow_part *part = &set->parts[i];

        counts->n_samples += part->n_samples;
        counts->packets += part->packets;
        counts->missed += part->missed;
        counts->missed_bytes += part->missed_bytes;
        counts->missed_samples += part->missed_samples;
        flow_part_clear(set, part);
    }
    flows->leaving = NULL;
    flows->resting = set;
}

uint32_t
services_take_flows(const struct xvs_host *host, struct xvs_flow *out,
                    uint32_t n, struct xvs_flow_counts *counts)
{
    struct xvs_flow_counts sum = { .size = sizeof sum };
    struct services_call call;
    struct flow_set *set;
    uint32_t taken = 0;

    if (services_begin(&call, host)) {
        set = readable(&call);
        if (set) {
            taken = take(call.vswitch->flows, set, out, n);
        }
        if (set && n && taken == 0) {
            empty(call.vswitch->flows, &sum);
        }
        services_finish(&call, 0);
    }
    if (counts) {
        uint32_t size = counts->size < sizeof sum ? counts->size
                                                  : (uint32_t) sizeof sum;

        memcpy(counts, &sum, size);
        counts->size = size;
    }
    return taken;
}

uint32_t
services_take_samples(const struct xvs_host *host, struct xvs_sample *out,
                      uint32_t n)
{
    struct flow_service *flows;
    struct services_call call;
    struct flow_set *set;
    uint32_t taken = 0;

    if (!services_begin(&call, host)) {
        return 0;
    }
    set = readable(&call);
    flows = call.vswitch->flows;
    while (set && flows->sample_part < flows->n_workers && taken < n) {
        const struct flow_part *part = &set->parts[flows->sample_part];

        if (flows->sample < part->n_samples) {
            out[taken++] = part->samples[flows->sample++];
        } else {
            flows->sample_part++;
            flows->sample = 0;
        }
    }
    return (uint32_t) services_finish(&call, (int) taken);
}

/* ---- Ports -------------------------------------------------------------- */

static uint64_t
sum_of(const uint64_t *counter)
{
    return tally_sum(counter, sizeof(struct port_counters));
}

int
services_port_counters(const struct xvs_host *host, uint32_t port_id,
                       struct xvs_port_counters *counters)
{
    struct services_call call;
    const struct vport *port;
    struct xvs_port_counters sum = { .size = sizeof sum };

    if (!services_begin(&call, host)) {
        return XVS_NOT_SUPPORTED;
    }
    port = table_find(call.table, port_id);
    if (!port) {
        return services_finish(&call, XVS_INVALID_PARAMETER);
    }
    sum.rx_packets = sum_of(&port->counters[0].rx_packets);
    sum.rx_bytes = sum_of(&port->counters[0].rx_bytes);
    sum.rx_dropped = sum_of(&port->counters[0].rx_dropped);
    sum.tx_packets = sum_of(&port->counters[0].tx_packets);
    sum.tx_bytes = sum_of(&port->counters[0].tx_bytes);
    sum.tx_dropped = sum_of(&port->counters[0].tx_dropped);
    services_finish(&call, 0);
    sum.size = counters->size < sizeof sum ? counters->size
                                           : (uint32_t) sizeof sum;
    memcpy(counters, &sum, sum.size);
    return XVS_SUCCESS;
}
