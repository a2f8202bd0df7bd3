/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Giving a stage, or two that share one, another place in its switch's chain:
 * one publication, and no packet meets two orders.
 */

#include <config.h>

#include <stdlib.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/log.h"
#include "base/memory.h"
#include "control/message.h"
#include "stage/stage.h"
#include "switch/driver.h"
#include "switch/operation.h"
#include "switch/order.h"
#include "switch/request/request.h"
#include "switch/server.h"
#include "switch/sharing.h"
#include "switch/stages.h"
#include "switch/vswitch.h"

struct moving {
    struct operation operation;
    struct operation_use use;
    struct request *request;
    struct control_place wanted;
};

static void
insert_before(struct vswitch *vswitch, struct stage *stage,
              struct stage *behind)
{
    struct stage **at = &vswitch->stages;

    while (*at != behind) {
        at = &(*at)->next;
    }
    stage->next = behind;
    *at = stage;
}

/* Where it moved, or stayed; false with an outcome. */
static bool
move(struct vswitch *vswitch, struct stage *stage, uint32_t position,
     struct outcome *outcome)
{
    struct stage *behind = stage->next;

    stages_remove(vswitch, stage);
    if (order_insert(vswitch, stage, position, outcome)) {
        return true;
    }
    insert_before(vswitch, stage, behind);
    return false;
}

/* The second has to be where the first is now. */
static bool
follow(struct vswitch *vswitch, const struct stage *first,
       struct stage *second, struct outcome *outcome)
{
    if (!order_insert(vswitch, second, order_position(vswitch, first) + 1,
                      outcome)) {
        return false;
    }
    if (first->next == second) {
        return true;
    }
    stages_remove(vswitch, second);
    outcome_set(outcome, XVS_NOT_ACCEPTED, "%s cannot come right behind %s"
                " there", stage_name(second), stage_name(first));
    outcome->code = ERROR_INVALID;
    return false;
}

/* The same for two, of which the second is right behind the first. */
static bool
move_both(struct vswitch *vswitch, struct stage *first, struct stage *second,
          uint32_t position, struct outcome *outcome)
{
    struct stage *behind = second->next;

    stages_remove(vswitch, second);
    stages_remove(vswitch, first);
    if (order_insert(vswitch, first, position, outcome)) {
        if (follow(vswitch, first, second, outcome)) {
            return true;
        }
        stages_remove(vswitch, first);
    }
    insert_before(vswitch, second, behind);
    insert_before(vswitch, first, second);
    return false;
}

/* Moves what is wanted; the one whose place was asked for, or NULL with an
 * outcome. */
static const struct stage *
move_wanted(struct vswitch *vswitch, struct stage *stage,
            const struct control_place *wanted, struct outcome *outcome)
{
    struct stage *first = sharing_first(vswitch, stage);
    struct stage *second = first ? stage : sharing_second(vswitch, stage);

    first = first ? first : stage;
    if (!wanted->together || !second) {
        if (!move(vswitch, stage, wanted->position, outcome)) {
            return NULL;
        }
        stage->position = wanted->position;
        return stage;
    }
    if (!move_both(vswitch, first, second, wanted->position, outcome)) {
        return NULL;
    }
    first->position = second->position = wanted->position;
    return first;
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

    const struct stage *moved = stage
        ? move_wanted(vswitch, stage, wanted, &outcome) : NULL;

    if (moved) {
        vswitch_publish_chain(vswitch);
        log_info("moved %s on switch %s", stage_name(moved), vswitch->name);
        answer(moving->request, vswitch, moved, *wanted);
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
