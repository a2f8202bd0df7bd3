/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Counters of queues as objects: of each queue, of a port, of the switch.
 */
#include "qos.h"

#include <string.h>

#include "xvs_qos.h"

/* False: the port is not there, or the switch is of an older time. */
static bool
ask(const struct qos *self, uint32_t port_id, struct xvs_queue_states *states)
{
    memset(states, 0, sizeof(*states));
    states->size = sizeof(*states);
    return self->switching->size
               >= offsetof(struct xvs_switching, port_queues)
                  + sizeof(self->switching->port_queues)
        && self->switching->port_queues(self->host, port_id, states)
               == XVS_SUCCESS;
}

static int
answer_queues(const struct qos *self, const struct xvs_query *query,
              struct xvs_answer *answer)
{
    struct xvs_queue_states states;
    int result = XVS_SUCCESS;

    if (!ask(self, query->port_id, &states)) {
        return self->host->refuse(answer, XVS_INVALID_PARAMETER,
                                  "no such port");
    }
    for (uint32_t i = 0; i < XVS_QUEUES && result == XVS_SUCCESS; i++) {
        const struct xvs_queue_state *state = &states.queues[i];
        struct xvs_guid instance = query->uuid;
        struct xvs_queue_status status = {
            .queue = (uint8_t) i,
            .packets = state->packets,
            .bytes = state->bytes,
            .dropped_full = state->full,
            .dropped_shortage = state->shortage,
            .dropped_discarded = state->discarded,
            .depth = state->depth,
            .max_depth = state->deepest,
            .depth_bytes = state->depth_bytes,
        };
        struct xvs_view view = { &status, sizeof(status), 0, NULL };

        instance.d[7] = (uint8_t) (instance.d[7] ^ (i + 1));
        /* Queues of before have counted, too. */
        if ((i < states.n_queues || state->packets || state->full
             || state->discarded || state->shortage)
            && xvs_asks_for(query, &instance)) {
            result = self->host->answer(answer, &instance, &view);
        }
    }
    return result;
}

/* What all queues of a port have done. */
struct sum {
    uint64_t packets, bytes, dropped, depth;
};

static void
add(struct sum *sum, const struct xvs_queue_states *states)
{
    for (uint32_t i = 0; i < XVS_QUEUES; i++) {
        const struct xvs_queue_state *state = &states->queues[i];

        sum->packets += state->packets;
        sum->bytes += state->bytes;
        sum->dropped += state->full + state->shortage + state->discarded;
        sum->depth += state->depth;
    }
}

static int
answer_port(const struct qos *self, const struct xvs_query *query,
            struct xvs_answer *answer)
{
    const struct qos_port *port = qos_port_find(self, query->port_id);
    const struct qos_settings *settings =
        port ? qos_effective(self, port, QOS_QUEUES) : NULL;
    struct xvs_port_drops drops = { .size = sizeof(drops) };
    struct xvs_queue_states states;
    struct xvs_port_qos_status status;
    struct xvs_view view = { &status, sizeof(status), 0, NULL };
    struct sum sum = { 0 };

    if (!ask(self, query->port_id, &states)
        || self->switching->port_drops(self->host, query->port_id, &drops)
               != XVS_SUCCESS) {
        return self->host->refuse(answer, XVS_INVALID_PARAMETER,
                                  "no such port");
    }
    add(&sum, &states);
    status = (struct xvs_port_qos_status) {
        .queues = (uint8_t) states.n_queues,
        .packets = sum.packets,
        .bytes = sum.bytes,
        .dropped = sum.dropped,
        .depth = sum.depth,
        .rate = settings && states.n_queues ? settings->policy.shape.bits : 0,
        .tokens = states.tokens,
        .waits = states.waits,
        .dropped_broadcast = drops.storm[XVS_STORM_BROADCAST],
        .dropped_multicast = drops.storm[XVS_STORM_MULTICAST],
        .dropped_unknown_unicast = drops.storm[XVS_STORM_UNKNOWN],
    };
    return xvs_asks_for(query, &query->uuid)
        ? self->host->answer(answer, &query->uuid, &view) : XVS_SUCCESS;
}

static int
answer_switch(const struct qos *self, const struct xvs_query *query,
              struct xvs_answer *answer)
{
    struct xvs_switch_qos_status status = { 0 };
    struct xvs_view view = { &status, sizeof(status), 0, NULL };
    struct sum sum = { 0 };

    for (const struct qos_port *port = self->ports; port;
         port = port->next) {
        struct xvs_queue_states states;

        if (ask(self, port->id, &states)) {
            add(&sum, &states);
            status.ports += states.n_queues != 0;
            status.removed = states.removed;
        }
    }
    status.packets = sum.packets;
    status.bytes = sum.bytes;
    status.dropped = sum.dropped;
    status.depth = sum.depth;
    return xvs_asks_for(query, &query->uuid)
        ? self->host->answer(answer, &query->uuid, &view) : XVS_SUCCESS;
}

int
qos_status(void *arg, const struct xvs_query *query,
           struct xvs_answer *answer)
{
    struct qos *self = arg;

    if (!self->switching) {
        return XVS_NOT_SUPPORTED;
    }
    if (query->scope == XVS_SCOPE_SWITCH && xvs_switch_qos_status_is(query)) {
        return answer_switch(self, query, answer);
    }
    if (query->scope == XVS_SCOPE_PORT && xvs_queue_status_is(query)) {
        return answer_queues(self, query, answer);
    }
    if (query->scope == XVS_SCOPE_PORT && xvs_port_qos_status_is(query)) {
        return answer_port(self, query, answer);
    }
    return XVS_NOT_SUPPORTED;
}
