/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Counters as objects.
 */

#include "flowexport.h"

#include "xvs_flowexport.h"

static const struct xvs_guid export_class = XVS_FLOW_EXPORT_STATUS_UUID;
static const struct xvs_guid collector_class =
    XVS_FLOW_COLLECTOR_STATUS_UUID;

static int
answer_all(const struct flowexport *self, struct xvs_answer *answer)
{
    static const struct xvs_guid only;
    const struct xvs_flow_export_status status = {
        .flows = self->n_flows,
        .packets = self->totals->packets,
        .missed = self->totals->missed,
        .records = self->totals->records,
        .early = self->totals->early,
        .samples = self->totals->samples,
        .missed_samples = self->totals->missed_samples,
    };
    const struct xvs_view view = { &status, sizeof(status), 0, NULL };

    return self->host->answer(answer, &only, &view);
}

static int
answer_one(const struct flowexport *self, const struct collector *collector,
           struct xvs_answer *answer)
{
    struct xvs_flow_collector_status_writer writer;
    _Alignas(8) char memory[512];
    struct xvs_flow_collector_status *status =
        xvs_flow_collector_status_start(&writer, memory, sizeof(memory));

    if (!status) {
        return XVS_RESOURCES;
    }
    status->open = collector->fd >= 0;
    status->records = collector->records;
    status->messages = collector->messages;
    status->bytes = collector->bytes;
    status->errors = collector->errors;
    xvs_flow_collector_status_set_reason(&writer, collector->reason);
    return xvs_flow_collector_status_answer(&writer, self->host, answer,
                                            &collector->instance);
}

static int
answer_collectors(const struct flowexport *self,
                  const struct xvs_query *query, struct xvs_answer *answer)
{
    int result = XVS_SUCCESS;

    for (uint32_t i = 0; i < COLLECTORS && result == XVS_SUCCESS; i++) {
        const struct collector *one = &self->collectors[i];

        if (one->used && xvs_asks_for(query, &one->instance)) {
            result = answer_one(self, one, answer);
        }
    }
    return result;
}

int
flowexport_status(void *arg, const struct xvs_query *query,
                  struct xvs_answer *answer)
{
    cache_is_mine(arg);         /* what was taken over counts from now on */
    if (memcmp(&query->uuid, &export_class, sizeof(export_class)) == 0) {
        return answer_all(arg, answer);
    }
    return memcmp(&query->uuid, &collector_class, sizeof(collector_class))
               == 0 ? answer_collectors(arg, query, answer)
                    : XVS_NOT_SUPPORTED;
}
