/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Trying extensions again.  A round walks them in order, one plan at a time;
 * it is silent about one that fails as before, because the reason was told
 * when it was tried first.
 */

#include <config.h>

#include "service/reconcile/revive.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/loop.h"
#include "base/memory.h"
#include "base/text.h"
#include "control/link.h"
#include "control/message.h"
#include "service/change/enabling.h"
#include "service/change/partner.h"
#include "service/config/persist.h"
#include "service/events.h"
#include "service/internal.h"
#include "service/peer/request.h"
#include "service/settings.h"

/* One try at one extension. */
struct attempt {
    struct service *service;
    char name[XVS_NAME_SIZE];
    uint8_t before;             /* enum extension_state */
    struct stage **stages;      /* one per step from 'first' on */
    size_t *steps;              /* which enables it */
    size_t n, capacity, steps_capacity;
    size_t n_enabled;
};

static void revive_next(struct service *service);

bool
revive_loaded(struct plan *plan, struct extension *extension,
              const struct control_extension *one, bool *differs,
              struct error *error)
{
    struct extension *now;

    *differs = false;
    if (!guid_equal(&one->id, &extension->id)) {
        return error_set(error, ERROR_FAILED, "%s is another extension now, "
                         "%s", extension->file, one->name);
    }
    now = extension_of_control(one);
    extension->state = EXTENSION_INSTALLED;
    if (now->version != extension->version
        || now->n_features != extension->n_features
        || memcmp(now->features, extension->features,
                  now->n_features * sizeof *now->features) != 0) {
        *differs = true;
        extension_take(extension, now);
        persist_extension(plan_change(plan), extension);
    } else {
        extension_take_reasons(extension, now);
    }
    extension_destroy(now);
    return true;
}

uint32_t
revive_position(const struct stage *stage)
{
    const struct vswitch *vswitch = stage->vswitch;
    uint32_t position = 0;

    for (size_t i = 0; vswitch->chain[i] != stage; i++) {
        position += !vswitch->chain[i]->waiting
            && vswitch->chain[i]->extension->extension_class
               == stage->extension->extension_class;
    }
    return position;
}

struct enable_place
revive_place(const struct stage *stage)
{
    return (struct enable_place) { revive_position(stage),
                                   stage->partition, stage->time_share };
}

static struct extension *
attempt_extension(const struct attempt *attempt)
{
    return state_extension(&attempt->service->state, attempt->name);
}

static void
tell(const struct attempt *attempt, const char *severity, const char *kind,
     const char *switch_name, const char *text)
{
    events_add(attempt->service, &(struct event) {
        .severity = severity, .kind = kind, .switch_name = switch_name,
        .extension_name = attempt->name, .text = text,
    });
}

/* ---- Its stages --------------------------------------------------------- */

static bool
check_enable(struct plan *plan, void *context,
             const struct control_header *answer, size_t step,
             struct error *error)
{
    struct attempt *attempt = context;
    struct stage *stage = NULL;
    size_t n = 0;

    (void) error;
    for (size_t i = 0; i < attempt->n; i++) {
        stage = attempt->steps[i] == step ? attempt->stages[i] : stage;
    }
    if (answer->result == XVS_SUCCESS) {
        const uint32_t *results = enable_results(answer, &n);

        stage->waiting = false;
        stage->state = STAGE_RUNNING;
        attempt->n_enabled++;
        enable_apply(attempt->service, stage->vswitch, stage->extension,
                     results, n);
        partner_step_back(plan, stage);
    }
    return true;
}

static void
forgive_layout(void *arg, struct buffer *message)
{
    struct plan *plan = arg;

    plan_forgive(plan, plan_step(plan, message, NULL, NULL));
}

static void
add_stage(struct plan *plan, struct attempt *attempt, struct stage *stage)
{
    const struct enable_place place = revive_place(stage);
    struct buffer message = BUFFER_INIT;
    size_t step;

    if (!enable_message(attempt->service, &attempt->service->state, &message,
                        stage->vswitch, stage->extension, &place, NULL)) {
        buffer_free(&message);
        return;
    }
    step = plan_step(plan, &message, NULL, check_enable);
    plan_forgive(plan, step);
    mem_grow(&attempt->stages, &attempt->capacity, attempt->n,
             sizeof *attempt->stages);
    mem_grow(&attempt->steps, &attempt->steps_capacity, attempt->n,
             sizeof *attempt->steps);
    attempt->stages[attempt->n] = stage;
    attempt->steps[attempt->n++] = step;
}

static void
add_stages(struct plan *plan, struct attempt *attempt,
           const struct extension *extension)
{
    const struct index *stages = &attempt->service->state.stages;
    struct error error;

    if (!extension_layouts(attempt->service->repository, extension,
                           forgive_layout, plan, &error)) {
        return;
    }
    for (size_t i = 0; i < stages->n; i++) {
        struct stage *stage = stages->items[i];

        if (stage->extension == extension && stage->waiting) {
            add_stage(plan, attempt, stage);
        }
    }
}

/* ---- The extension ------------------------------------------------------ */

static bool
check_load(struct plan *plan, void *context,
           const struct control_header *answer, size_t step,
           struct error *error)
{
    struct attempt *attempt = context;
    struct extension *extension = attempt_extension(attempt);
    bool differs;

    (void) step;
    if (answer->result == XVS_SUCCESS
        && revive_loaded(plan, extension,
                         control_after(answer_result(answer),
                                       sizeof(struct control_result)),
                         &differs, error)) {
        if (differs) {
            tell(attempt, "warning", "reconcile", NULL,
                 "the plugin is another version than was installed");
        }
        add_stages(plan, attempt, extension);
        return true;
    }
    extension->state = error->code == ERROR_NOT_FOUND ? EXTENSION_MISSING
        : EXTENSION_FAILED;
    if (extension->state != attempt->before) {
        tell(attempt, "error", "restore-failed", NULL, error->text);
    }
    return true;
}

static bool
prepare(struct plan *plan, void *context, struct error *error)
{
    struct attempt *attempt = context;
    struct extension *extension = attempt_extension(attempt);
    struct buffer message = BUFFER_INIT;

    (void) error;
    if (!extension || attempt->service->peer_state != PEER_RUNNING) {
        return true;
    }
    attempt->before = extension->state;
    if (extension->state == EXTENSION_INSTALLED) {
        add_stages(plan, attempt, extension);
    } else {
        request_load(&message, extension->file);
        plan_forgive(plan, plan_step(plan, &message, NULL, check_load));
    }
    return true;
}

static bool
is_waiting(const struct service *service, const struct extension *extension)
{
    const struct index *stages = &service->state.stages;

    if (extension->state == EXTENSION_MISSING
        || extension->state == EXTENSION_FAILED) {
        return true;
    }
    for (size_t i = 0; i < stages->n; i++) {
        const struct stage *stage = stages->items[i];

        if (stage->extension == extension && stage->waiting) {
            return true;
        }
    }
    return false;
}

static void
apply(struct plan *plan, void *context)
{
    struct attempt *attempt = context;
    struct extension *extension = attempt_extension(attempt);
    char text[200];

    (void) plan;
    if (!extension) {
        return;
    }
    if (extension->state == EXTENSION_INSTALLED
        && (attempt->n_enabled || attempt->before != EXTENSION_INSTALLED)) {
        snprintf(text, sizeof text, "the extension is back: enabled on %zu "
                 "of %zu switches that waited for it", attempt->n_enabled,
                 attempt->n);
        tell(attempt, "info", "extension-restored", NULL, text);
    }
    if (!is_waiting(attempt->service, extension)
        || extension->state == EXTENSION_MISSING) {
        extension->pause = extension->rounds = 0;
    } else {
        extension->pause = (uint8_t) (extension->pause ? extension->pause * 2
                                      : 2);
        if (extension->pause > REVIVE_MAX_ROUNDS) {
            extension->pause = REVIVE_MAX_ROUNDS;
        }
        extension->rounds = extension->pause;
    }
}

static void
finish(void *context, const struct error *error)
{
    struct attempt *attempt = context;
    struct service *service = attempt->service;

    (void) error;
    free(attempt->stages);
    free(attempt->steps);
    free(attempt);
    revive_next(service);
}

static const struct plan_kind kind = {
    .prepare = prepare, .apply = apply, .finish = finish,
};

static void
revive_extension(struct service *service, const struct extension *extension)
{
    const struct index *stages = &service->state.stages;
    struct attempt *attempt = mem_zalloc(sizeof *attempt);
    struct plan *plan;

    attempt->service = service;
    snprintf(attempt->name, sizeof attempt->name, "%s", extension->name);
    plan = plan_create(service, &kind, attempt);
    plan_lock(plan, false, "host");
    plan_lock(plan, true, "extensions");
    for (size_t i = 0; i < stages->n; i++) {
        const struct stage *stage = stages->items[i];

        if (stage->extension == extension) {
            plan_lock(plan, false, "switch/%s", stage->vswitch->name);
            plan_lock(plan, true, "chain/%s", stage->vswitch->name);
        }
    }
    plan_start(plan);
}

/* ---- Rounds ------------------------------------------------------------- */

/* The waiting extension behind the one that was tried last. */
static struct extension *
next_waiting(const struct service *service)
{
    const struct index *extensions = &service->state.extensions;
    struct extension key = {
        .name = (char *) service->revive.extension_name,
    };

    for (size_t i = index_lower(extensions, &key); i < extensions->n; i++) {
        struct extension *extension = extensions->items[i];

        if (extensions->compare(extension, &key) != 0
            && is_waiting(service, extension)) {
            return extension;
        }
    }
    return NULL;
}

/* Tries the next extension, or ends the round. */
static void
revive_next(struct service *service)
{
    struct revive *revive = &service->revive;
    struct extension *extension;

    while (service->peer_state == PEER_RUNNING && !service->closing
           && (extension = next_waiting(service))) {
        snprintf(revive->extension_name, sizeof revive->extension_name,
                 "%s", extension->name);
        if (!extension->rounds) {
            revive_extension(service, extension);
            return;
        }
        extension->rounds--;
    }
    revive->running = false;
    revive_plan(service);
}

static void
start_round(void *arg)
{
    struct service *service = arg;

    service->revive.timer = NULL;
    service->revive.running = true;
    revive_next(service);
}

static void
plan_round(struct service *service, uint64_t delay_ms)
{
    struct revive *revive = &service->revive;

    if (revive->timer || revive->running || service->closing
        || service->peer_state != PEER_RUNNING) {
        return;
    }
    revive->extension_name[0] = 0;
    if (next_waiting(service)) {
        revive->timer = loop_timer_add(service->loop, delay_ms, false,
                                       start_round, service);
    }
}

void
revive_plan(struct service *service)
{
    plan_round(service, REVIVE_INTERVAL_MS);
}

void
revive_now(struct service *service)
{
    const struct index *extensions = &service->state.extensions;

    for (size_t i = 0; i < extensions->n; i++) {
        struct extension *extension = extensions->items[i];

        extension->pause = extension->rounds = 0;
    }
    revive_stop(service);
    plan_round(service, 0);
}

void
revive_stop(struct service *service)
{
    loop_timer_remove(service->revive.timer);
    service->revive.timer = NULL;
}
