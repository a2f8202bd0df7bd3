/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The place of a stage in the chain: what is wished, what the switch makes of
 * it, and what is stored (stage-change.h).
 */

#include <config.h>

#include "base/buffer.h"
#include "service/change/both.h"
#include "service/change/chain.h"
#include "service/change/enabling.h"
#include "service/change/stage-change.h"
#include "service/internal.h"
#include "service/peer/request.h"

/* Stores the chain with the stage at 'change->position'. */
static void
store_stage(struct plan *plan, struct stage_change *change)
{
    struct state *state = &plan_service(plan)->state;
    struct vswitch *vswitch = state_switch(state, change->switch_name);
    struct extension *extension = state_extension(state,
                                                  change->extension_name);
    const struct stage *old = state_stage_of(vswitch, &extension->id);
    const struct stage fresh = {
        .extension = extension,
        .partition = (uint8_t) stage_partition(plan_service(plan), change,
                                               extension, old),
        .partner = change->partner.partner,
        .sharing = change->partner.sharing,
        .time_share = stage_share(change, old),
    };
    struct both both;

    if (change->both
        && both_of(state_stage_of(vswitch, &extension->id), &both)) {
        both_store(plan, &both, old, &fresh, change->position);
        return;
    }
    chain_store(plan, vswitch, old, &fresh, change->position);
}

/* Two that share a place are next to each other. */
uint32_t
stage_place(const struct vswitch *vswitch, const struct extension *extension,
            const struct stage_change *change)
{
    const struct partner_wish *wish = &change->partner;

    return wish->sharing
        ? partner_position(vswitch, extension, &wish->partner)
        : partner_keep(vswitch, extension, change->position);
}

/* Its place is what the switch made of the wish. */
void
stage_take_place(struct plan *plan, struct stage_change *change,
                 const struct control_header *answer)
{
    struct state *state = &plan_service(plan)->state;
    struct vswitch *vswitch = state_switch(state, change->switch_name);
    struct extension *extension = state_extension(state,
                                                  change->extension_name);

    if (answer_position(answer) != change->asked) {
        change->position = chain_place(vswitch, extension,
                                       answer_position(answer));
    }
    change->position = stage_place(vswitch, extension, change);
    store_stage(plan, change);
}

/* Theirs, of two. */
static void
take_place_of_both(struct plan *plan, struct stage_change *change,
                   const struct control_header *answer)
{
    struct both both;

    if (answer_position(answer) != change->asked
        && both_of(state_stage(&plan_service(plan)->state,
                               change->switch_name, change->extension_name),
                   &both)) {
        change->position = both_place(&both, answer_position(answer));
    }
    store_stage(plan, change);
}

static bool
check_moved(struct plan *plan, void *context,
            const struct control_header *answer, size_t step,
            struct error *error)
{
    struct stage_change *change = context;

    (void) step;
    (void) error;
    if (change->both) {
        take_place_of_both(plan, change, answer);
    } else {
        stage_take_place(plan, change, answer);
    }
    return true;
}

static void
step_move(struct plan *plan, const struct stage *stage, uint32_t position)
{
    struct buffer forward = BUFFER_INIT, back = BUFFER_INIT;

    request_place(&forward, &stage->extension->id, stage->vswitch->id,
                  position);
    request_place(&back, &stage->extension->id, stage->vswitch->id,
                  revive_position(stage));
    plan_step(plan, &forward, &back, check_moved);
}

/* The same of two that share their place; false: neither is there. */
static bool
step_move_both(struct plan *plan, const struct both *both, uint32_t position)
{
    struct buffer forward = BUFFER_INIT, back = BUFFER_INIT;
    const struct stage *one = both->first->waiting ? both->second
        : both->first;

    if (one->waiting) {
        return false;
    }
    request_place_of_both(&forward, &one->extension->id, one->vswitch->id,
                          position);
    request_place_of_both(&back, &one->extension->id, one->vswitch->id,
                          revive_position(both->first));
    plan_step(plan, &forward, &back, check_moved);
    return true;
}

void
stage_prepare_place(struct plan *plan, struct stage_change *change,
                    struct stage *stage)
{
    struct both both;
    bool asks = false;

    change->both = change->moves && both_of(stage, &both);
    if (change->both) {
        change->position = both_position(&both, stage, change->position);
        change->asked = change->position;
        asks = step_move_both(plan, &both, change->position);
    } else if (change->moves && !stage->waiting) {
        change->asked = change->position;
        step_move(plan, stage, change->position);
        asks = true;
    }
    if (!asks) {
        store_stage(plan, change);
    }
}
