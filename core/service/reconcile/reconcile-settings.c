/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Reconciliation, second phase: layouts, stages, settings.  Ports and
 * extensions are known to be there, or not, by now.
 */

#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "control/link.h"
#include "control/message.h"
#include "object/instance.h"
#include "schema/repository.h"
#include "service/change/enabling.h"
#include "service/change/plan.h"
#include "service/events.h"
#include "service/internal.h"
#include "service/peer/request.h"
#include "service/reconcile/reconcile.h"
#include "service/settings.h"

/* What a step of this phase is about, by the step's number. */
struct stage_work {
    size_t step;
    struct stage *stage;        /* enabled by it, or */
    struct setting *setting;    /* changed by it */
};

static void
work_add(struct plan *plan, struct reconcile *reconcile,
         struct buffer *message, plan_check check, struct stage *stage,
         struct setting *setting)
{
    size_t step = plan_step(plan, message, NULL, check);

    plan_forgive(plan, step);
    mem_grow(&reconcile->work, &reconcile->work_capacity, reconcile->n_work,
             sizeof *reconcile->work);
    reconcile->work[reconcile->n_work++] = (struct stage_work) {
        step, stage, setting,
    };
}

static const struct stage_work *
work_of(const struct reconcile *reconcile, size_t step)
{
    size_t low = 0, high = reconcile->n_work;

    while (low + 1 < high) {
        size_t middle = low + (high - low) / 2;

        if (reconcile->work[middle].step <= step) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return &reconcile->work[low];
}

static void
tell_failed(struct reconcile *reconcile, const struct stage *stage,
            const struct error *error)
{
    events_add(reconcile->service, &(struct event) {
        .severity = "error", .kind = "restore-failed",
        .switch_name = stage->vswitch->name,
        .extension_name = stage->extension->name, .text = error->text,
    });
}

/* ---- Layouts ------------------------------------------------------------ */

/* True when xvs-switch has this very layout. */
static bool
layout_there(const struct reconcile *reconcile, const struct buffer *message)
{
    const struct snapshot *snapshot = &reconcile->snapshot;
    const char *body = message->data + sizeof(struct control_header);
    size_t size = message->size - sizeof(struct control_header);

    for (size_t i = 0; i < snapshot->layouts.n; i++) {
        const char *one = snapshot->layouts.items[i];
        const char *end = snapshot->layout_ends.items[i];
        size_t have = (size_t) (end - one);

        if (have <= size && size - have < 8 && memcmp(one, body, have) == 0) {
            return true;
        }
    }
    return false;
}

/* A refusal is told, and changes nothing else. */
static bool
check_told(struct plan *plan, void *context,
             const struct control_header *answer, size_t step,
             struct error *error)
{
    const struct stage_work *work = work_of(context, step);

    (void) plan;
    if (answer->result != XVS_SUCCESS) {
        tell_failed(context, work->stage, error);
    }
    return true;
}

/* Where layouts that xvs-switch lacks go to. */
struct layout_adder {
    struct plan *plan;
    struct reconcile *reconcile;
    struct stage *stage;
};

static void
add_layout(void *arg, struct buffer *message)
{
    struct layout_adder *adder = arg;

    if (!layout_there(adder->reconcile, message)) {
        work_add(adder->plan, adder->reconcile, message, check_told,
                 adder->stage, NULL);
    }
}

/* The layouts of the stage's extension; false when one does not fit. */
static bool
add_layouts(struct plan *plan, struct reconcile *reconcile,
            struct stage *stage, struct error *error)
{
    struct layout_adder adder = { plan, reconcile, stage };

    return extension_layouts(reconcile->service->repository,
                             stage->extension, add_layout, &adder, error);
}

/* ---- Stages that are not there ------------------------------------------ */

static bool
check_enable(struct plan *plan, void *context,
             const struct control_header *answer, size_t step,
             struct error *error)
{
    struct stage *stage = work_of(context, step)->stage;
    const uint32_t *results = NULL;
    size_t n = 0;

    if (answer->result == XVS_SUCCESS) {
        results = enable_results(answer, &n);
        stage->state = STAGE_RUNNING;
        stage->waiting = false;
    } else {
        stage->state = STAGE_FAILED;
        stage->waiting = true;
        tell_failed(context, stage, error);
    }
    enable_apply(plan_service(plan), stage->vswitch, stage->extension,
                 results, n);
    return true;
}

static void
stage_failed(struct reconcile *reconcile, struct stage *stage,
             const struct error *error)
{
    stage->state = STAGE_FAILED;
    stage->waiting = true;
    tell_failed(reconcile, stage, error);
    enable_apply(reconcile->service, stage->vswitch, stage->extension, NULL,
                 0);
}

static void
add_stage(struct plan *plan, struct reconcile *reconcile,
          struct stage *stage)
{
    const struct enable_place place = revive_place(stage);
    struct buffer message = BUFFER_INIT;
    struct error error;

    reconcile_tell(reconcile, stage->vswitch->name, NULL,
                   stage->extension->name, "the extension was not enabled");
    if (!enable_message(reconcile->service, &reconcile->service->state,
                        &message, stage->vswitch, stage->extension, &place,
                        &error)) {
        buffer_free(&message);
        stage_failed(reconcile, stage, &error);
        return;
    }
    stage->waiting = false;
    work_add(plan, reconcile, &message, check_enable, stage, NULL);
}

/* ---- Stages that are there ---------------------------------------------- */

static void
compare_partition(struct plan *plan, struct reconcile *reconcile,
                  struct stage *stage)
{
    const struct control_stage *is = snapshot_stage(&reconcile->snapshot,
                                                    stage);
    struct buffer message = BUFFER_INIT;

    if (is->partition == stage->partition
        && is->time_share == stage->time_share) {
        return;
    }
    reconcile_tell(reconcile, stage->vswitch->name, NULL,
                   stage->extension->name,
                   is->partition == stage->partition
                       ? "the extension had another share of time"
                       : "the extension ran in another partition");
    request_partition(&message, &stage->extension->id, stage->vswitch->id,
                      stage->partition, stage->time_share,
                      reconcile->service->timeout_ms);
    work_add(plan, reconcile, &message, check_told, stage, NULL);
}

/* Whether xvs-switch has the stage as it is configured: sharing the place of
 * 'first', or nobody's. */
static bool
is_joined(const struct reconcile *reconcile, const struct stage *stage,
          const struct stage *first)
{
    const struct control_stage *there =
        snapshot_stage(&reconcile->snapshot, stage);
    bool stays = there && reconcile_stage_there(reconcile, stage);

    if (!first) {
        return !stays || !there->sharing;
    }
    return stays && reconcile_stage_there(reconcile, first)
        && there->sharing == stage->sharing
        && guid_equal(&there->partner, &stage->partner);
}

/* All that can be enabled are by now. */
static void
compare_partner(struct plan *plan, struct reconcile *reconcile,
                struct stage *stage)
{
    const struct stage *first = state_stage_first(stage);
    struct buffer message = BUFFER_INIT;

    if (stage->waiting || (first && first->waiting)
        || is_joined(reconcile, stage, first)) {
        return;
    }
    reconcile_tell(reconcile, stage->vswitch->name, NULL,
                   stage->extension->name,
                   "the extension did not share its place as configured");
    request_partner(&message, &stage->extension->id, stage->vswitch->id,
                    first ? &stage->partner : NULL, stage->sharing);
    work_add(plan, reconcile, &message, check_told, stage, NULL);
}

/* ---- Settings of stages that are there ---------------------------------- */

void
reconcile_setting(struct service *service, struct setting *setting,
                  const struct control_header *answer,
                  const struct error *error)
{
    char text[700];

    if (answer->result == XVS_SUCCESS) {
        setting_set_state(setting, SETTING_IN_FORCE);
        return;
    }
    setting_set_state(setting, SETTING_REFUSED);
    snprintf(text, sizeof text, "setting %s: %s",
             instance_text(setting->held->instance, "InstanceID"),
             error->text);
    events_add(service, &(struct event) {
        .severity = "warning", .kind = "setting-refused",
        .switch_name = setting->vswitch->name,
        .port_name = setting->port ? setting->port->name : NULL,
        .text = text,
    });
}

static bool
check_setting(struct plan *plan, void *context,
              const struct control_header *answer, size_t step,
              struct error *error)
{
    struct setting *setting = work_of(context, step)->setting;

    if (setting) {
        reconcile_setting(plan_service(plan), setting, answer, error);
    }
    return true;
}

/* Compares settings of one stage with what is there. */
struct comparer {
    struct plan *plan;
    struct reconcile *reconcile;
    struct stage *stage;
    bool *seen;                 /* per setting of the snapshot */
};

/* The setting's message, and whether its block is that of 'there'. */
static bool
block_same(const struct buffer *message, const struct control_setting *there)
{
    const char *body = message->data + sizeof(struct control_header)
        + sizeof(struct control_settings);
    const struct control_setting *mine = (const void *) body;

    return there->version == mine->version
        && there->block_size == mine->block_size
        && memcmp(control_after(there, sizeof *there),
                  control_after(mine, sizeof *mine), mine->block_size) == 0;
}

static bool
setting_message(struct service *service, struct buffer *out, uint32_t op,
                const struct setting *setting)
{
    request_settings(out, service->timeout_ms);
    return request_add_setting(out, op, setting, setting->held->instance,
                               service->repository, NULL);
}

static void
compare_setting(void *arg, struct setting *setting)
{
    struct comparer *comparer = arg;
    struct reconcile *reconcile = comparer->reconcile;
    size_t at = snapshot_setting(&reconcile->snapshot, setting);
    struct buffer message = BUFFER_INIT;
    const struct control_setting *there = NULL;

    if (setting->port && setting->port->missing) {
        setting_set_state(setting, SETTING_PARKED);
        return;
    }
    if (!setting->held
        || !setting_message(reconcile->service, &message,
                            at == SIZE_MAX ? XVS_ADD : XVS_UPDATE,
                            setting)) {
        buffer_free(&message);
        return;
    }
    if (at != SIZE_MAX) {
        comparer->seen[at] = true;
        there = reconcile->snapshot.settings.items[at];
    }
    if (there && block_same(&message, there)) {
        setting_set_state(setting, SETTING_IN_FORCE);
        buffer_free(&message);
        return;
    }
    reconcile_tell(reconcile, setting->vswitch->name,
                   setting->port ? setting->port->name : NULL,
                   comparer->stage->extension->name, "setting %s %s",
                   instance_text(setting->held->instance, "InstanceID"),
                   there ? "had other values" : "was missing");
    work_add(comparer->plan, reconcile, &message, check_setting, NULL,
             setting);
}

/* Settings in force that nobody confirmed, or that were removed. */
static void
remove_settings(struct plan *plan, struct reconcile *reconcile,
                const bool *seen)
{
    struct state *state = &reconcile->service->state;

    for (size_t i = 0; i < reconcile->snapshot.settings.n; i++) {
        const struct control_setting *one =
            reconcile->snapshot.settings.items[i];
        struct vswitch *vswitch = state_switch_by_id(state, one->switch_id);
        struct vport *port = state_port_by_id(state, one->port_id);
        struct setting gone = {
            .uuid = one->uuid, .instance = one->instance,
            .extension = one->extension, .vswitch = vswitch, .port = port,
            .version = one->version,
        };
        struct buffer message = BUFFER_INIT;
        struct stage *stage = vswitch
            ? state_stage_of(vswitch, &one->extension) : NULL;

        if (seen[i] || !stage || !reconcile_stage_there(reconcile, stage)
            || (one->port_id != XVS_PORT_NONE && !port)) {
            continue;
        }
        reconcile_tell(reconcile, vswitch->name, port ? port->name : NULL,
                       stage->extension->name, "a setting was in force that "
                       "is not configured");
        request_settings(&message, reconcile->service->timeout_ms);
        request_add_setting(&message, XVS_DELETE, &gone, NULL, NULL, NULL);
        work_add(plan, reconcile, &message, check_setting, NULL, NULL);
    }
}

void
reconcile_stages(struct plan *plan, struct reconcile *reconcile)
{
    struct state *state = &reconcile->service->state;
    bool *seen = mem_array(reconcile->snapshot.settings.n + 1, sizeof *seen);

    for (size_t i = 0; i < state->switches.n; i++) {
        struct vswitch *vswitch = state->switches.items[i];

        for (size_t j = 0; j < vswitch->n_stages; j++) {
            struct stage *stage = vswitch->chain[j];
            struct comparer comparer = { plan, reconcile, stage, seen };
            struct error error = { .text = "its plugin cannot be loaded" };

            if (stage->extension->state != EXTENSION_INSTALLED
                || !add_layouts(plan, reconcile, stage, &error)) {
                stage_failed(reconcile, stage, &error);
            } else if (!reconcile_stage_there(reconcile, stage)) {
                add_stage(plan, reconcile, stage);
            } else {
                stage->state = STAGE_RUNNING;
                stage->waiting = false;
                compare_partition(plan, reconcile, stage);
                settings_each(state, vswitch, &stage->extension->id,
                              compare_setting, &comparer);
            }
        }
        for (size_t j = 0; j < vswitch->n_stages; j++) {
            compare_partner(plan, reconcile, vswitch->chain[j]);
        }
    }
    remove_settings(plan, reconcile, seen);
    free(seen);
}
