/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Giving a stage another place in its switch's chain: one publication, and no
 * packet meets two orders.
 */

#include <config.h>

#include <stdlib.h>

#include "base/buffer.h"
#include "base/log.h"
#include "base/memory.h"
#include "control/message.h"
#include "stage/stage.h"
#include "switch/driver.h"
#include "switch/operation.h"
#include "switch/order.h"
#include "switch/request/request.h"
#include "switch/server.h"
#include "switch/stages.h"
#include "switch/vswitch.h"

struct moving {
    struct operation operation;
    struct operation_use use;
    struct request *request;
    struct control_place wanted;
};

/* Where it moved, or stayed; false with an outcome. */
static bool
move(struct vswitch *vswitch, struct stage *stage, uint32_t position,
     struct outcome *outcome)
{
    struct stage *behind = stage->next;
    struct stage **at = &vswitch->stages;

    stages_remove(vswitch, stage);
    if (order_insert(vswitch, stage, position, outcome)) {
        return true;
    }
    while (*at != behind) {
        at = &(*at)->next;
    }
    stage->next = behind;
    *at = stage;
    return false;
}

static void
answer(struct request *request, const struct vswitch *vswitch,
       const struct stage *stage, struct control_place place)
{
    BUFFER_AUTO struct buffer out = BUFFER_INIT;

    place.position = order_position(vswitch, stage);
    request_start(request, &out, 0);
    buffer_put(&out, &place, sizeof place);
    request_send(request, &out);
}

static void
start(struct operation *operation)
{
    struct moving *moving = (struct moving *) (void *) operation;
    const struct control_place *wanted = &moving->wanted;
    struct driver *driver = operation->driver;
    struct outcome outcome = { 0 };
    struct stage *stage = stages_expect(driver, wanted->switch_id,
                                        &wanted->extension, &outcome);
    struct vswitch *vswitch = driver_switch(driver, wanted->switch_id);

    if (stage && move(vswitch, stage, wanted->position, &outcome)) {
        stage->position = wanted->position;
        vswitch_publish_chain(vswitch);
        log_info("moved %s on switch %s", stage_name(stage), vswitch->name);
        answer(moving->request, vswitch, stage, *wanted);
    } else {
        extensions_answer(moving->request, &outcome, NULL, UINT32_MAX);
    }
    operation_end(operation);
    free(moving);
}

_Static_assert(offsetof(struct moving, operation) == 0, "start() casts");

void
extensions_move(struct driver *driver, struct request *request,
                const struct control_header *message)
{
    struct moving *moving = mem_zalloc(sizeof *moving);

    moving->request = request;
    moving->wanted = *(const struct control_place *) control_body(message);
    moving->use = (struct operation_use) {
        .switch_id = moving->wanted.switch_id, .whole = true };
    moving->operation.start = start;
    moving->operation.uses = &moving->use;
    moving->operation.n_uses = 1;
    operation_queue(driver, &moving->operation);
}
