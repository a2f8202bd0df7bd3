/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Having two stages hold one place, changing how, and taking them apart: one
 * publication, and no packet meets both and none neither.
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
#include "switch/request/request.h"
#include "switch/server.h"
#include "switch/sharing.h"
#include "switch/stages.h"
#include "switch/vswitch.h"

struct joining {
    struct operation operation;
    struct operation_use use;
    struct request *request;
    struct control_partner wanted;
};

static bool
join(struct driver *driver, const struct control_partner *wanted,
     struct outcome *outcome)
{
    struct stage *stage = stages_expect(driver, wanted->switch_id,
                                        &wanted->extension, outcome);
    struct vswitch *vswitch = driver_switch(driver, wanted->switch_id);
    struct stage *first;

    if (!stage) {
        return false;
    }
    if (wanted->sharing == SHARING_NONE) {
        sharing_part(stage);
        log_info("%s on switch %s has its own place", stage_name(stage),
                 vswitch->name);
        vswitch_publish_chain(vswitch);
        return true;
    }
    first = stages_expect(driver, wanted->switch_id, &wanted->partner,
                          outcome);
    if (!first || !sharing_join(vswitch, stage, first,
                                (enum sharing) wanted->sharing, outcome)) {
        return false;
    }
    log_info("%s and %s hold one place on switch %s: %s", stage_name(first),
             stage_name(stage), vswitch->name,
             control_sharing_name(wanted->sharing));
    vswitch_publish_chain(vswitch);
    return true;
}

static void
start(struct operation *operation)
{
    struct joining *joining = (struct joining *) (void *) operation;
    struct outcome outcome = { 0 };

    if (join(operation->driver, &joining->wanted, &outcome)) {
        request_succeed(joining->request);
    } else {
        extensions_answer(joining->request, &outcome, NULL, UINT32_MAX);
    }
    operation_end(operation);
    free(joining);
}

_Static_assert(offsetof(struct joining, operation) == 0, "start() casts");

void
extensions_join(struct driver *driver, struct request *request,
                const struct control_header *message)
{
    struct joining *joining = mem_zalloc(sizeof *joining);

    joining->request = request;
    joining->wanted = *(const struct control_partner *) control_body(message);
    joining->use = (struct operation_use) {
        .switch_id = joining->wanted.switch_id, .whole = true };
    joining->operation.start = start;
    joining->operation.uses = &joining->use;
    joining->operation.n_uses = 1;
    operation_queue(driver, &joining->operation);
}
