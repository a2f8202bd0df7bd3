/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SWITCH_FORWARD_FLOWS_H
#define XVS_SWITCH_FORWARD_FLOWS_H

/*
 * Flows of a switch, counted by its workers.
 *
 *     worker 0 --> part --+
 *     worker 1 --> part --+-- set (published)  <-- swapped every interval -->
 *                                                  the other set, which no
 *                                                  worker has any more: read,
 *                                                  emptied
 *
 * A worker writes its own part of the set that is published, so that it never
 * waits and shares nothing; it looks nothing up in time and expires nothing.
 * When a part has no room for another flow its packets are only counted.
 */

#include <stdbool.h>
#include <stdint.h>
#include <xvs/switch.h>

#include "packet/grace.h"
#include "packet/tally.h"

struct forward;

#define FLOW_SAMPLES 512u       /* of a worker in an interval */
#define FLOW_WAYS 8u            /* places that a flow can have */

struct flow_part {
    struct xvs_flow *flows;     /* packets 0: a free place */
    struct xvs_sample *samples;
    uint32_t n_samples;
    uint32_t countdown;         /* packets until the next sample */
    uint64_t random;            /* state of a generator */
    uint64_t packets, missed, missed_bytes, missed_samples;
    uint64_t seen;              /* packets since the last sample */
} __attribute__((aligned(64)));

struct flow_set {
    struct grace_call grace;
    uint32_t past;              /* see services-flows.c; atomic */
    uint32_t mask;              /* places of a part - 1 */
    uint32_t sampling;
    struct flow_part parts[WORKERS_MAX];
};

/* Empty. */
struct flow_set *flow_set_create(uint32_t n_workers,
                                 const struct xvs_flow_wish *wish);
void flow_set_destroy(struct flow_set *set);        /* accepts NULL */
/* Empties a part. */
void flow_part_clear(const struct flow_set *set, struct flow_part *part);

/* A worker: the first 'n' of forward->live, whose ways out are known. */
void flows_count(struct forward *forward, uint32_t n);

#endif
