/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Flows, samples and counters of ports: asked of xvs-switch.
 */

#include <config.h>

#include <string.h>

#include "stage/inside/inside.h"

static int
flows(const struct xvs_host *host, const struct xvs_flow_wish *wish)
{
    const struct call_switching wanted = { .function = CALL_FLOWS };
    struct xvs_flow_wish copy = { 0 };
    const struct call_answer *answer;

    if (wish && wish->size < sizeof copy) {
        return XVS_INVALID_PARAMETER;
    }
    if (wish) {
        copy = *wish;
        copy.size = sizeof copy;
    }
    answer = inside_call(host->context, &wanted, wish ? &copy : NULL,
                         sizeof copy);
    return answer ? answer->result : XVS_NOT_SUPPORTED;
}

static uint32_t
take_flows(const struct xvs_host *host, struct xvs_flow *out, uint32_t n,
           struct xvs_flow_counts *counts)
{
    const struct call_switching wanted = {
        .function = CALL_TAKE_FLOWS,
        .n = n < CALL_ADDRESSES ? n : CALL_ADDRESSES };
    const struct call_answer *answer =
        inside_call(host->context, &wanted, NULL, 0);
    uint32_t size = counts ? counts->size : 0;

    if (size > sizeof *counts) {
        size = sizeof *counts;
    }
    if (!answer || answer->n > wanted.n
        || answer->size != answer->n * sizeof *out + sizeof *counts) {
        if (counts) {
            memset(counts, 0, size);
        }
        return 0;
    }
    memcpy(out, answer + 1, answer->n * sizeof *out);
    if (counts) {
        memcpy(counts, (const char *) (answer + 1) + answer->n * sizeof *out,
               size);
        counts->size = size;
    }
    return answer->n;
}

static uint32_t
take_samples(const struct xvs_host *host, struct xvs_sample *out, uint32_t n)
{
    const struct call_switching wanted = {
        .function = CALL_TAKE_SAMPLES,
        .n = n < CALL_ADDRESSES ? n : CALL_ADDRESSES };
    const struct call_answer *answer =
        inside_call(host->context, &wanted, NULL, 0);

    if (!answer || answer->n > wanted.n
        || answer->size != answer->n * sizeof *out) {
        return 0;
    }
    memcpy(out, answer + 1, answer->size);
    return answer->n;
}

static int
port_counters(const struct xvs_host *host, uint32_t port_id,
              struct xvs_port_counters *counters)
{
    const struct call_switching wanted = { .function = CALL_PORT_COUNTERS,
                                           .port_id = port_id };
    const struct call_answer *answer =
        inside_call(host->context, &wanted, NULL, 0);
    uint32_t size = counters->size < sizeof *counters
        ? counters->size : (uint32_t) sizeof *counters;

    if (!answer) {
        return XVS_NOT_SUPPORTED;
    }
    if (answer->result == XVS_SUCCESS && answer->size >= size) {
        memcpy(counters, answer + 1, size);
        counters->size = size;
    }
    return answer->result;
}

void
inside_flows(struct xvs_switching *switching)
{
    switching->flows = flows;
    switching->take_flows = take_flows;
    switching->take_samples = take_samples;
    switching->port_counters = port_counters;
}
