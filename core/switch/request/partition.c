/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Giving a stage another partition: a successor there takes its place while
 * packets flow, with the same settings and at the same position.  And how much
 * of a worker's time it may use.
 */

#include <config.h>

#include <stddef.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/memory.h"
#include "control/message.h"
#include "control/names.h"
#include "stage/stage.h"
#include "switch/driver.h"
#include "switch/operation.h"
#include "switch/request/handover.h"
#include "switch/request/request.h"
#include "switch/server.h"
#include "switch/stages.h"
#include "switch/vswitch.h"

struct parting {
    struct operation operation;
    struct operation_use use;
    struct handover handover;
    struct request *request;
    struct control_partition wanted;
};

_Static_assert(offsetof(struct parting, operation) == 0, "start() casts");

static void
finish(struct parting *parting, const struct outcome *failure)
{
    if (failure) {
        extensions_answer(parting->request, failure, NULL, UINT32_MAX);
    } else {
        request_succeed(parting->request);
    }
    operation_end(&parting->operation);
    free(parting);
}

static void
done(void *arg)
{
    struct parting *parting = arg;
    struct handover *handover = &parting->handover;

    finish(parting, handover->failed ? &handover->failure : NULL);
}

static void
start(struct operation *operation)
{
    struct parting *parting = (struct parting *) (void *) operation;
    const struct control_partition *wanted = &parting->wanted;
    struct driver *driver = operation->driver;
    struct outcome outcome = { 0 };
    struct stage *stage = stages_expect(driver, wanted->switch_id,
                                        &wanted->extension, &outcome);

    if (!stage
        || !extensions_may_run(stage->plugin, wanted->partition, &outcome)) {
        finish(parting, &outcome);
        return;
    }
    if (stage->partition == wanted->partition) {
        stage->time_share = wanted->time_share;
        vswitch_publish_chain(driver_switch(driver, wanted->switch_id));
        finish(parting, NULL);
        return;
    }
    log_info("%s on switch %s goes from partition %s to %s",
             stage_name(stage), stage->switch_name,
             control_partition_name(stage->partition),
             control_partition_name(wanted->partition));
    parting->handover = (struct handover) {
        .driver = driver, .timeout_ms = wanted->timeout_ms, .done = done,
        .arg = parting };
    handover_add(&parting->handover,
                 driver_switch(driver, wanted->switch_id), stage,
                 stage->plugin, (enum partition) wanted->partition,
                 wanted->time_share);
    handover_start(&parting->handover);
}

void
extensions_part(struct driver *driver, struct request *request,
                const struct control_header *message)
{
    struct parting *parting = mem_zalloc(sizeof *parting);

    parting->request = request;
    parting->wanted =
        *(const struct control_partition *) control_body(message);
    parting->use = (struct operation_use) {
        .switch_id = parting->wanted.switch_id, .whole = true };
    parting->operation.start = start;
    parting->operation.uses = &parting->use;
    parting->operation.n_uses = 1;
    operation_queue(driver, &parting->operation);
}
