/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What settings say, as policies of the switch.  A class of the switch and the
 * one of a port have the same members, so both are read as the port's.
 */
#include "judgement.h"

#include "xvs_qos.h"

_Static_assert(sizeof(struct xvs_switch_queues)
               == sizeof(struct xvs_port_queues)
               && XVS_SWITCH_QUEUES_DSCP_PRIORITIES
                  == (int) XVS_PORT_QUEUES_DSCP_PRIORITIES, "the same");
_Static_assert(sizeof(struct xvs_switch_marking)
               == sizeof(struct xvs_port_marking)
               && XVS_SWITCH_MARKING_DSCP_PRIORITIES
                  == (int) XVS_PORT_MARKING_DSCP_PRIORITIES, "the same");
_Static_assert(sizeof(struct xvs_switch_multicast_limit)
               == sizeof(struct xvs_port_multicast_limit)
               && XVS_SWITCH_MULTICAST_LIMIT_UNKNOWN_UNICAST_RATE
                  == (int) XVS_PORT_MULTICAST_LIMIT_UNKNOWN_UNICAST_RATE,
               "the same");

/* A member of the body, or its default when it is NULL. */
#define VALUE(member, FIELD, initial) \
    (xvs_present(judgement->view, FIELD) ? body->member : (initial))

/* The queue of each priority, for 1 to 8 queues, as recommended in table 8-5
 * of IEEE 802.1Q: 1 is less than 0 where there are queues enough. */
static const uint8_t usual_queues[XVS_QUEUES][XVS_PRIORITIES] = {
    { 0, 0, 0, 0, 0, 0, 0, 0 },
    { 0, 0, 0, 0, 1, 1, 1, 1 },
    { 0, 0, 0, 0, 1, 1, 2, 2 },
    { 0, 0, 1, 1, 2, 2, 3, 3 },
    { 0, 0, 1, 1, 2, 2, 3, 4 },
    { 1, 0, 2, 2, 3, 3, 4, 5 },
    { 1, 0, 2, 3, 4, 4, 5, 6 },
    { 1, 0, 2, 3, 4, 5, 6, 7 },
};

static void
read_dscps(struct judgement *judgement, const char *text,
           uint8_t priorities[XVS_DSCPS])
{
    const char *why;

    for (uint32_t i = 0; i < XVS_DSCPS; i++) {
        priorities[i] = (uint8_t) (i / XVS_PRIORITIES);
    }
    why = qos_read_priorities(text, priorities);
    if (why) {
        qos_deny(judgement, XVS_NOT_ACCEPTED, "DscpPriorities: \"%.60s\": %s",
                 text, why);
    }
}

/* ---- Queues ------------------------------------------------------------- */

/* A list has an element for each queue, or none. */
static bool
has_all(struct judgement *judgement, const char *name, uint32_t n,
        uint32_t queues)
{
    if (n && n != queues) {
        qos_deny(judgement, XVS_NOT_ACCEPTED, "%s: %u numbers, but Queues is "
                 "%u: expected one for each queue, from queue 0 on", name, n,
                 queues);
    }
    return n == queues;
}

static void
read_lists(struct judgement *judgement, struct xvs_port_policy *policy)
{
    const struct xvs_port_queues *body = judgement->view->body;
    uint32_t n = policy->n_queues;
    bool weights = has_all(judgement, "Weights", body->n_weights, n);
    bool packets = has_all(judgement, "MaxPackets", body->n_max_packets, n);
    bool bytes = has_all(judgement, "MaxBytes", body->n_max_bytes, n);
    bool rates = has_all(judgement, "MaxRates", body->n_max_rates, n);

    for (uint32_t i = 0; i < n; i++) {
        struct xvs_queue *queue = &policy->queues[i];

        queue->weight = weights ? body->weights[i] : 0;
        queue->packets = packets ? body->max_packets[i] : 0;
        queue->bytes = bytes ? body->max_bytes[i] : 0;
        queue->max.bits = rates ? body->max_rates[i] : 0;
        if (queue->weight > XVS_WEIGHT_MAX) {
            qos_deny(judgement, XVS_NOT_ACCEPTED, "Weights: %u of queue %u: "
                     "expected 1 to %u, or 0 for a strict queue",
                     queue->weight, i, XVS_WEIGHT_MAX);
        }
        if (queue->packets > XVS_QUEUE_PACKETS_MAX) {
            qos_deny(judgement, XVS_NOT_ACCEPTED, "MaxPackets: %u of queue "
                     "%u: expected 1 to %u, or 0 for 512", queue->packets, i,
                     XVS_QUEUE_PACKETS_MAX);
        }
    }
}

static void
read_map(struct judgement *judgement, struct xvs_port_policy *policy)
{
    const struct xvs_port_queues *body = judgement->view->body;
    uint32_t n = body->n_priority_queues;

    memcpy(policy->queue_of, usual_queues[policy->n_queues - 1],
           sizeof(policy->queue_of));
    if (n && n != XVS_PRIORITIES) {
        qos_deny(judgement, XVS_NOT_ACCEPTED, "PriorityQueues: %u numbers: "
                 "expected 8, the queue of each priority from 0 on", n);
        return;
    }
    for (uint32_t i = 0; i < n; i++) {
        policy->queue_of[i] = body->priority_queues[i];
        if (body->priority_queues[i] >= policy->n_queues) {
            qos_deny(judgement, XVS_NOT_ACCEPTED, "PriorityQueues: queue %u "
                     "of priority %u, but Queues is %u: expected 0 to %u",
                     body->priority_queues[i], i, policy->n_queues,
                     policy->n_queues - 1u);
        }
    }
}

static void
read_queues(struct judgement *judgement, struct xvs_port_policy *policy)
{
    const struct xvs_port_queues *body = judgement->view->body;

    policy->n_queues = VALUE(queues, XVS_PORT_QUEUES_QUEUES, 4);
    policy->shape.bits = body->rate;
    policy->shape.burst = body->burst;
    if (policy->n_queues < 1 || policy->n_queues > XVS_QUEUES) {
        qos_deny(judgement, XVS_NOT_ACCEPTED, "Queues: %u: expected 1 to 8",
                 policy->n_queues);
        return;
    }
    if (body->burst && !body->rate) {
        qos_deny(judgement, XVS_NOT_ACCEPTED, "Burst: %u, but there is no "
                 "Rate", body->burst);
    }
    read_lists(judgement, policy);
    read_map(judgement, policy);
    read_dscps(judgement,
               xvs_port_queues_dscp_priorities(judgement->view, body),
               policy->priority_of);
}

/* ---- Marking and limits ------------------------------------------------- */

static void
read_marking(struct judgement *judgement, struct xvs_port_policy *policy)
{
    const struct xvs_port_marking *body = judgement->view->body;
    const char *text = xvs_port_marking_dscp_priorities(judgement->view,
                                                        body);

    policy->mark_mode = VALUE(mode, XVS_PORT_MARKING_MODE,
                              XVS_MARK_OVERRIDE);
    policy->mark_priority = body->priority;
    read_dscps(judgement, text, policy->mark_of);
    if (policy->mark_mode == XVS_MARK_TRUST && body->priority) {
        qos_deny(judgement, XVS_NOT_ACCEPTED, "Priority: %u, but Mode is "
                 "trust: expected override or dscp", body->priority);
    }
    if (policy->mark_mode != XVS_MARK_DSCP && *text) {
        qos_deny(judgement, XVS_NOT_ACCEPTED, "DscpPriorities: \"%.60s\", "
                 "but Mode is not dscp", text);
    }
}

static void
read_limit(struct judgement *judgement, struct xvs_port_policy *policy)
{
    const struct xvs_port_multicast_limit *body = judgement->view->body;

    policy->storm[XVS_STORM_BROADCAST] = body->broadcast;
    policy->storm[XVS_STORM_MULTICAST] = body->multicast;
    policy->storm[XVS_STORM_UNKNOWN] = body->unknown_unicast;
    policy->storm_bits[XVS_STORM_BROADCAST] = body->broadcast_rate;
    policy->storm_bits[XVS_STORM_MULTICAST] = body->multicast_rate;
    policy->storm_bits[XVS_STORM_UNKNOWN] = body->unknown_unicast_rate;
}

/* In order of enum qos_kind. */
const struct qos_class qos_classes[QOS_KINDS] = {
    { XVS_SWITCH_QUEUES_UUID, XVS_PORT_QUEUES_UUID, XVS_POLICY_QUEUES,
      XVS_PORT_QUEUES_SIZE, read_queues },
    { XVS_SWITCH_MARKING_UUID, XVS_PORT_MARKING_UUID, XVS_POLICY_MARK,
      XVS_PORT_MARKING_SIZE, read_marking },
    { XVS_SWITCH_MULTICAST_LIMIT_UUID, XVS_PORT_MULTICAST_LIMIT_UUID,
      XVS_POLICY_STORM, XVS_PORT_MULTICAST_LIMIT_SIZE, read_limit },
};
