/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The way of a stage into the chain and out of it (stage-change.h).
 */

#include <config.h>

#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/memory.h"
#include "control/message.h"
#include "control/names.h"
#include "service/change/enabling.h"
#include "service/change/stage-change.h"
#include "service/internal.h"
#include "service/peer/request.h"

static const char *const class_names[] = { "", "capture", "filter",
                                           "forward", "service" };

static bool
check_enabled(struct plan *plan, void *context,
              const struct control_header *answer, size_t step,
              struct error *error)
{
    struct stage_change *change = context;
    const uint32_t *results = enable_results(answer, &change->n_results);

    (void) step;
    (void) error;
    change->results = mem_array(change->n_results + 1, sizeof *results);
    memcpy(change->results, results, change->n_results * sizeof *results);
    stage_take_place(plan, change, answer);
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

bool
stage_step_disable(struct plan *plan, struct stage *stage, struct error *error)
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

/* The host has no packets. */
static bool
judge_host(const struct vswitch *vswitch, const struct extension *extension,
           struct error *error)
{
    if (extension->extension_class == XVS_CLASS_SERVICE
        || strcmp(vswitch->name, CONTROL_SWITCH_HOST) != 0) {
        return true;
    }
    error_set(error, ERROR_INVALID, "extension %s is of class %s; only"
              " services can be enabled on the host itself", extension->name,
              class_names[extension->extension_class]);
    return error_hint(error, "enable it on a switch, which xvsctl switch list"
                      " shows");
}

/* The extension is loaded: the rest of enabling it. */
static bool
steps_enable(struct plan *plan, struct stage_change *change,
             struct error *error)
{
    struct state *state = &plan_service(plan)->state;
    struct vswitch *vswitch = state_switch(state, change->switch_name);
    struct extension *extension = state_extension(state,
                                                  change->extension_name);
    const struct stage *stage = state_stage_of(vswitch, &extension->id);
    struct enable_place place = {
        change->position,
        stage_partition(plan_service(plan), change, extension, stage),
        stage_share(change, stage) };

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
    struct stage_change *change = context;
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

bool
stage_prepare_enable(struct plan *plan, struct stage_change *change,
                     struct error *error)
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
    if (!judge_host(vswitch, extension, error)
        || (!stage && !judge_forward(vswitch, extension, error))
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
