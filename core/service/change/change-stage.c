/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Enabling, moving and disabling an extension on a switch; where it runs.
 */

#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/memory.h"
#include "control/message.h"
#include "control/names.h"
#include "object/instance.h"
#include "service/change/both.h"
#include "service/change/chain.h"
#include "service/change/change.h"
#include "service/change/enabling.h"
#include "service/change/partner.h"
#include "service/change/stage-change.h"
#include "service/internal.h"
#include "service/peer/request.h"

/* ---- Preparing ---------------------------------------------------------- */

/* Sockets are for processes.  Our own extensions are trusted; others as the
 * operator of the host says. */
static uint32_t
usual_partition(const struct service *service,
                const struct extension *extension)
{
    if (extension->traits & XVS_TRAIT_SOCKETS) {
        return PARTITION_PROCESS;
    }
    return extension->vendor && strcmp(extension->vendor, "xvs") == 0
        ? PARTITION_INLINE : service->vendor_partition;
}

uint32_t
stage_partition(const struct service *service,
                const struct stage_change *change,
                const struct extension *extension, const struct stage *stage)
{
    return change->partition ? change->partition
        : stage ? stage->partition : usual_partition(service, extension);
}

uint8_t
stage_share(const struct stage_change *change, const struct stage *stage)
{
    return change->time_share != NO_SHARE ? (uint8_t) change->time_share
        : stage ? stage->time_share : 0;
}

static void
step_partition(struct plan *plan, const struct stage *stage,
               uint32_t partition, uint32_t time_share)
{
    struct service *service = plan_service(plan);
    struct buffer forward = BUFFER_INIT, back = BUFFER_INIT;

    request_partition(&forward, &stage->extension->id, stage->vswitch->id,
                      partition, time_share, service->timeout_ms);
    request_partition(&back, &stage->extension->id, stage->vswitch->id,
                      stage->partition, stage->time_share,
                      service->timeout_ms);
    plan_step(plan, &forward, &back, NULL);
}

/* What the switch says of the place is stored when it has answered. */
static bool
prepare_modify(struct plan *plan, struct stage_change *change,
               struct stage *stage, struct error *error)
{
    const struct vswitch *vswitch = stage->vswitch;
    uint32_t partition = stage_partition(plan_service(plan), change,
                                         stage->extension, stage);
    uint8_t share = stage_share(change, stage);
    struct both both;

    if (!partner_read(&plan_service(plan)->state, &change->wish, vswitch,
                      stage->extension, stage, &change->partner, error)
        || (change->moves
            && !partner_may_move(&change->partner, error))) {
        return false;
    }
    if (!change->moves) {
        change->position = state_stage_position(stage);
    }
    if (!change->moves || !both_of(stage, &both)) {
        change->position = stage_place(vswitch, stage->extension, change);
    }
    if (change->partner.is_new) {
        partner_step(plan, vswitch, stage->extension, stage,
                     &change->partner);
    }
    stage_prepare_place(plan, change, stage);
    if ((partition != stage->partition || share != stage->time_share)
        && !stage->waiting) {
        step_partition(plan, stage, partition, share);
    }
    return true;
}

static bool
read_share(struct stage_change *change, struct error *error)
{
    const struct wish *wish = &change->wish;
    const struct value *share = wish->instance
        && wish_names(wish, "TimeShare")
        ? instance_get(wish->instance, "TimeShare") : NULL;

    change->time_share = !share ? NO_SHARE
        : share->is_null ? 0 : (uint32_t) share->u;
    return change->time_share == NO_SHARE || change->time_share <= 100
        || error_set(error, ERROR_INVALID, "TimeShare is %u; it can be 1 to "
                     "100 percent, or 0 for no limit", change->time_share);
}

/* The properties of the wish. */
static bool
read_wish(struct stage_change *change, struct error *error)
{
    const struct wish *wish = &change->wish;
    const char *text = wish->instance && wish_names(wish, "Partition")
        ? instance_text(wish->instance, "Partition") : NULL;
    const struct value *position = wish->instance
        ? instance_get(wish->instance, "Position") : NULL;

    change->position = position && !position->is_null
        ? (uint32_t) position->u : UINT32_MAX;
    change->moves = wish_names(wish, "Position");
    change->partition = text ? control_partition_find(text)
        : PARTITION_DEFAULT;
    return read_share(change, error)
        && (!text || change->partition
            || error_set(error, ERROR_INVALID, "Partition is '%s'; it can be "
                         "inline, process, copy or domain", text));
}

/* It stays while ports enter the chain at it. */
static bool
judge_entries(const struct state *state, const struct stage *stage,
              struct error *error)
{
    const struct vport *port = state_port_entering(state, stage->vswitch,
                                                   &stage->extension->id);

    if (port) {
        error_set(error, ERROR_IN_USE, "port %s of switch %s enters the chain "
                  "at extension %s", port->name, stage->vswitch->name,
                  stage->extension->name);
        error_hint(error, "take that back first: xvsctl port set %s %s "
                   "--enter \"\"", stage->vswitch->name, port->name);
    }
    return !port;
}

static bool
prepare(struct plan *plan, void *context, struct error *error)
{
    struct stage_change *change = context;
    struct stage *stage;

    if (!read_wish(change, error)) {
        return false;
    }
    if (!change->wish.path) {
        return stage_prepare_enable(plan, change, error);
    }
    stage = state_stage(&plan_service(plan)->state, change->switch_name,
                        change->extension_name);
    if (!stage) {
        return error_set(error, ERROR_NOT_FOUND, "extension %s is not "
                         "enabled on switch %s", change->extension_name,
                         change->switch_name);
    }
    if (change->wish.instance) {
        return prepare_modify(plan, change, stage, error);
    }
    if (!judge_entries(&plan_service(plan)->state, stage, error)
        || !stage_step_disable(plan, stage, error)) {
        return false;
    }
    chain_store(plan, stage->vswitch, stage, NULL, 0);
    return true;
}

/* ---- Applying ----------------------------------------------------------- */

static void
apply(struct plan *plan, void *context)
{
    struct stage_change *change = context;
    struct service *service = plan_service(plan);
    struct state *state = &service->state;
    struct vswitch *vswitch = state_switch(state, change->switch_name);
    struct extension *extension = state_extension(state,
                                                  change->extension_name);
    struct stage *stage = state_stage_of(vswitch, &extension->id);
    bool is_change = stage && change->wish.path && change->wish.instance;
    uint8_t stage_state = is_change ? stage->state : STAGE_RUNNING;
    bool waiting = is_change && stage->waiting;
    uint8_t partition =
        (uint8_t) stage_partition(service, change, extension, stage);
    uint8_t share = stage_share(change, stage);
    uint32_t place = stage && change->both ? state_stage_position(stage)
        : change->position;
    struct both both;

    if (stage) {
        state_remove_stage(state, stage);
    }
    if (change->wish.instance) {
        stage = state_add_stage(state, vswitch, extension, place);
        stage->state = stage_state;
        stage->partition = partition;
        stage->time_share = share;
        stage->waiting = waiting;
        stage->partner = change->partner.partner;
        stage->sharing = change->partner.sharing;
        if (change->both && both_of(stage, &both)) {
            both_apply(&both, change->position);
        }
    } else {
        partner_leave(service, vswitch, extension);
    }
    if (!is_change) {
        enable_apply(service, vswitch, extension, change->results,
                     change->n_results);
    }
    change_tell(service, wish_kind(&change->wish), vswitch->name, NULL,
                extension->name, "stage %s of switch %s", extension->name,
                vswitch->name);
    revive_now(service);
}

static void
finish(void *context, const struct error *error)
{
    struct stage_change *change = context;

    wish_finish_object(&change->wish, error, "XVS_Stage", "SwitchName",
                       change->switch_name, "ExtensionName",
                       change->extension_name);
    free(change->results);
    free(change->switch_name);
    free(change->extension_name);
    free(change);
}

static const struct plan_kind kind = {
    .prepare = prepare, .apply = apply, .finish = finish,
};

void
change_stage_there(struct service *service, struct wish *wish)
{
    struct stage_change *change = mem_zalloc(sizeof *change);
    const struct extension *extension;
    struct plan *plan;

    change->wish = *wish;
    change->switch_name = wish_name(wish, "SwitchName");
    change->extension_name = wish_name(wish, "ExtensionName");
    plan = plan_create(service, &kind, change);
    plan_lock(plan, false, "host");
    /* One that is not loaded is loaded on the way. */
    extension = state_extension(&service->state, change->extension_name);
    plan_lock(plan, extension && extension->state != EXTENSION_INSTALLED,
              "extensions");
    plan_lock(plan, false, "switch/%s", change->switch_name);
    plan_lock(plan, true, "chain/%s", change->switch_name);
    plan_start(plan);
}
