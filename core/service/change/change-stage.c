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
#include "service/change/chain.h"
#include "service/change/change.h"
#include "service/change/enabling.h"
#include "service/change/partner.h"
#include "service/internal.h"
#include "service/peer/request.h"

#define NO_SHARE UINT32_MAX

/* A stage on its way in, out or along. */
struct change {
    struct wish wish;
    char *switch_name;
    char *extension_name;
    uint32_t position;          /* UINT32_MAX: last */
    uint32_t asked;             /* the one sent, among enabled stages */
    uint32_t partition;         /* PARTITION_DEFAULT: as it is, or usual */
    uint32_t time_share;        /* NO_SHARE: as it is, or no limit */
    bool moves;                 /* the position counts, of one that exists */
    struct partner_wish partner;    /* what it shares */
    uint32_t *results;          /* of its settings, from the answer */
    size_t n_results;
};

/* ---- Preparing ---------------------------------------------------------- */

/* Our own extensions are trusted; others as the operator of the host says. */
static uint32_t
usual_partition(const struct service *service,
                const struct extension *extension)
{
    return extension->vendor && strcmp(extension->vendor, "xvs") == 0
        ? PARTITION_INLINE : service->vendor_partition;
}

/* The partition that is wished for, or where the stage (may be NULL) is. */
static uint32_t
partition_of(const struct service *service, const struct change *change,
             const struct extension *extension, const struct stage *stage)
{
    return change->partition ? change->partition
        : stage ? stage->partition : usual_partition(service, extension);
}

/* The share of time that is wished for, or that the stage has, if any. */
static uint8_t
share_of(const struct change *change, const struct stage *stage)
{
    return change->time_share != NO_SHARE ? (uint8_t) change->time_share
        : stage ? stage->time_share : 0;
}

/* Stores the chain with the stage at 'change->position'. */
static void
store_stage(struct plan *plan, struct change *change)
{
    struct state *state = &plan_service(plan)->state;
    struct vswitch *vswitch = state_switch(state, change->switch_name);
    struct extension *extension = state_extension(state,
                                                  change->extension_name);
    const struct stage *old = state_stage_of(vswitch, &extension->id);
    const struct stage fresh = {
        .extension = extension,
        .partition = (uint8_t) partition_of(plan_service(plan), change,
                                            extension, old),
        .partner = change->partner.partner,
        .sharing = change->partner.sharing,
        .time_share = share_of(change, old),
    };

    chain_store(plan, vswitch, old, &fresh, change->position);
}

/* Two that share a place are next to each other. */
static uint32_t
place_of(const struct vswitch *vswitch, const struct extension *extension,
         const struct change *change)
{
    const struct partner_wish *wish = &change->partner;

    return wish->sharing
        ? partner_position(vswitch, extension, &wish->partner)
        : partner_keep(vswitch, extension, change->position);
}

/* Its place is what the switch made of the wish. */
static void
take_place(struct plan *plan, struct change *change,
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
    change->position = place_of(vswitch, extension, change);
    store_stage(plan, change);
}

static bool
check_enabled(struct plan *plan, void *context,
              const struct control_header *answer, size_t step,
              struct error *error)
{
    struct change *change = context;
    const uint32_t *results = enable_results(answer, &change->n_results);

    (void) step;
    (void) error;
    change->results = mem_array(change->n_results + 1, sizeof *results);
    memcpy(change->results, results, change->n_results * sizeof *results);
    take_place(plan, change, answer);
    return true;
}

static bool
check_moved(struct plan *plan, void *context,
            const struct control_header *answer, size_t step,
            struct error *error)
{
    (void) step;
    (void) error;
    take_place(plan, context, answer);
    return true;
}

static bool
step_enable(struct plan *plan, struct vswitch *vswitch,
            struct extension *extension, const struct enable_place *place,
            struct error *error)
{
    struct service *service = plan_service(plan);
    struct buffer forward = BUFFER_INIT, back = BUFFER_INIT;

    if (!enable_message(service, &service->state, &forward, vswitch,
                        extension, place, error)) {
        buffer_free(&forward);
        return false;
    }
    request_extension(&back, CONTROL_EXT_DISABLE, &extension->id, vswitch->id,
                      service->timeout_ms);
    plan_step(plan, &forward, &back, check_enabled);
    return true;
}

static bool
step_disable(struct plan *plan, struct stage *stage, struct error *error)
{
    struct service *service = plan_service(plan);
    const struct enable_place place = { state_stage_position(stage),
                                        stage->partition,
                                        stage->time_share };
    struct buffer forward = BUFFER_INIT, back = BUFFER_INIT;

    request_extension(&forward, CONTROL_EXT_DISABLE, &stage->extension->id,
                      stage->vswitch->id, service->timeout_ms);
    if (!enable_message(service, &service->state, &back, stage->vswitch,
                        stage->extension, &place, error)) {
        buffer_free(&forward);
        buffer_free(&back);
        return false;
    }
    partner_step_leave(plan, stage);
    plan_tolerate(plan, plan_step(plan, &forward, &back, NULL),
                  ERROR_NOT_FOUND);
    return true;
}

/* One that chooses the way is enough. */
static bool
judge_forward(const struct vswitch *vswitch,
              const struct extension *extension, struct error *error)
{
    for (size_t i = 0; i < vswitch->n_stages; i++) {
        const struct extension *other = vswitch->chain[i]->extension;

        if (other->extension_class == XVS_CLASS_FORWARD
            && extension->extension_class == XVS_CLASS_FORWARD) {
            error_set(error, ERROR_EXISTS, "switch %s has forwarding "
                      "extension %s already", vswitch->name, other->name);
            return error_hint(error, "disable it first: xvsctl ext disable "
                              "%s %s", other->name, vswitch->name);
        }
    }
    return true;
}

/* The extension is loaded: the rest of enabling it. */
static bool
steps_enable(struct plan *plan, struct change *change, struct error *error)
{
    struct state *state = &plan_service(plan)->state;
    struct vswitch *vswitch = state_switch(state, change->switch_name);
    struct extension *extension = state_extension(state,
                                                  change->extension_name);
    const struct stage *stage = state_stage_of(vswitch, &extension->id);
    struct enable_place place = {
        change->position,
        partition_of(plan_service(plan), change, extension, stage),
        share_of(change, stage) };

    if (stage && place.position == UINT32_MAX) {
        place.position = revive_position(stage);
        change->position = state_stage_position(stage);
    }
    change->asked = place.position;
    if (!steps_layouts(plan, extension, error)
        || !step_enable(plan, vswitch, extension, &place, error)) {
        return false;
    }
    if (change->partner.sharing) {
        partner_step(plan, vswitch, extension, NULL, &change->partner);
    }
    return true;
}

/* A plugin that could not be loaded before is tried again. */
static bool
check_loaded(struct plan *plan, void *context,
             const struct control_header *answer, size_t step,
             struct error *error)
{
    struct change *change = context;
    struct extension *extension =
        state_extension(&plan_service(plan)->state, change->extension_name);
    bool differs;

    (void) step;
    return revive_loaded(plan, extension,
                         control_after(answer_result(answer),
                                       sizeof(struct control_result)),
                         &differs, error)
        && steps_enable(plan, change, error);
}

static bool
prepare_enable(struct plan *plan, struct change *change, struct error *error)
{
    struct state *state = &plan_service(plan)->state;
    struct vswitch *vswitch = state_switch(state, change->switch_name);
    struct extension *extension = state_extension(state,
                                                  change->extension_name);
    struct buffer load = BUFFER_INIT;
    const struct stage *stage;

    if (!vswitch) {
        return error_set(error, ERROR_NOT_FOUND, "there is no switch %s",
                         change->switch_name);
    }
    if (!extension) {
        error_set(error, ERROR_NOT_FOUND, "extension %s is not installed",
                  change->extension_name);
        return error_hint(error, "xvsctl ext list shows what is");
    }
    stage = state_stage_of(vswitch, &extension->id);
    if (stage && !stage->waiting) {
        return error_set(error, ERROR_EXISTS, "extension %s is enabled on "
                         "switch %s already", extension->name,
                         vswitch->name);
    }
    if ((!stage && !judge_forward(vswitch, extension, error))
        || !partner_read(state, &change->wish, vswitch, extension, stage,
                         &change->partner, error)) {
        return false;
    }
    if (extension->state == EXTENSION_MISSING
        || extension->state == EXTENSION_FAILED) {
        request_load(&load, extension->file);
        plan_step(plan, &load, NULL, check_loaded);
        return true;
    }
    return steps_enable(plan, change, error);
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
prepare_modify(struct plan *plan, struct change *change,
               const struct stage *stage, struct error *error)
{
    const struct vswitch *vswitch = stage->vswitch;
    uint32_t partition = partition_of(plan_service(plan), change,
                                      stage->extension, stage);
    uint8_t share = share_of(change, stage);

    if (!partner_read(&plan_service(plan)->state, &change->wish, vswitch,
                      stage->extension, stage, &change->partner, error)
        || (change->moves
            && !partner_may_move(stage, &change->partner, error))) {
        return false;
    }
    if (!change->moves) {
        change->position = state_stage_position(stage);
    }
    change->position = place_of(vswitch, stage->extension, change);
    if (change->partner.is_new) {
        partner_step(plan, vswitch, stage->extension, stage,
                     &change->partner);
    }
    if (change->moves && !stage->waiting) {
        change->asked = change->position;
        step_move(plan, stage, change->position);
    } else {
        store_stage(plan, change);
    }
    if ((partition != stage->partition || share != stage->time_share)
        && !stage->waiting) {
        step_partition(plan, stage, partition, share);
    }
    return true;
}

static bool
read_share(struct change *change, struct error *error)
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
read_wish(struct change *change, struct error *error)
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
                         "inline, process or copy", text));
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
    struct change *change = context;
    struct stage *stage;

    if (!read_wish(change, error)) {
        return false;
    }
    if (!change->wish.path) {
        return prepare_enable(plan, change, error);
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
        || !step_disable(plan, stage, error)) {
        return false;
    }
    chain_store(plan, stage->vswitch, stage, NULL, 0);
    return true;
}

/* ---- Applying ----------------------------------------------------------- */

static void
apply(struct plan *plan, void *context)
{
    struct change *change = context;
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
        (uint8_t) partition_of(service, change, extension, stage);
    uint8_t share = share_of(change, stage);

    if (stage) {
        state_remove_stage(state, stage);
    }
    if (change->wish.instance) {
        stage = state_add_stage(state, vswitch, extension, change->position);
        stage->state = stage_state;
        stage->partition = partition;
        stage->time_share = share;
        stage->waiting = waiting;
        stage->partner = change->partner.partner;
        stage->sharing = change->partner.sharing;
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
    struct change *change = context;

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
change_stage(struct service *service, struct wish *wish)
{
    struct change *change = mem_zalloc(sizeof *change);
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
