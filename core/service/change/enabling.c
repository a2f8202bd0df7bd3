/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The messages that bring an extension into force on a switch; see
 * enabling.h.
 */

#include <config.h>

#include "service/change/enabling.h"

#include <stdio.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/text.h"
#include "control/message.h"
#include "object/instance.h"
#include "schema/feature.h"
#include "schema/repository.h"
#include "service/change/change.h"
#include "service/events.h"
#include "service/internal.h"
#include "service/peer/request.h"
#include "service/settings.h"

bool
extension_layouts(struct repository *repository,
                  const struct extension *extension, layout_call call,
                  void *arg, struct error *error)
{
    struct cim_class *const *classes;
    size_t n = repository_classes(repository, &classes);

    for (size_t i = 0; i < n; i++) {
        BUFFER_AUTO struct buffer message = BUFFER_INIT;
        struct feature feature;

        if (classes[i]->is_abstract
            || !feature_of_class(classes[i], &feature, NULL)
            || feature.kind == FEATURE_NONE
            || !guid_equal(&feature.extension, &extension->id)) {
            continue;
        }
        if (!extension_accepts(extension, classes[i], &feature, error)) {
            if (error->code == ERROR_NO_CONSUMER) {
                continue;
            }
            return false;
        }
        if (!request_layout(&message, repository, classes[i], error)) {
            return false;
        }
        call(arg, &message);
    }
    return true;
}

static void
step_layout(void *arg, struct buffer *message)
{
    plan_step(arg, message, NULL, NULL);
}

bool
steps_layouts(struct plan *plan, const struct extension *extension,
              struct error *error)
{
    return extension_layouts(plan_service(plan)->repository, extension,
                             step_layout, plan, error);
}

/* Collects settings for an EXT_ENABLE. */
struct collector {
    struct service *service;
    struct buffer *out;
    struct error *error;
    bool ok;
};

static bool
setting_goes_along(const struct service *service,
                   const struct setting *setting)
{
    return setting->held && !(setting->port && setting->port->missing)
        && repository_feature(service->repository, &setting->uuid);
}

static void
collect(void *arg, struct setting *setting)
{
    struct collector *collector = arg;

    if (collector->ok && setting_goes_along(collector->service, setting)) {
        collector->ok = request_add_setting(collector->out, XVS_ADD, setting,
                                            setting->held->instance,
                                            collector->service->repository,
                                            collector->error);
    }
}

bool
enable_message(struct service *service, const struct state *state,
               struct buffer *out, const struct vswitch *vswitch,
               const struct extension *extension,
               const struct enable_place *place, struct error *error)
{
    struct collector collector = { service, out, error, true };

    request_enable(out, &extension->id, vswitch->id, place->position,
                   place->partition, place->time_share,
                   service->timeout_ms);
    settings_each(state, vswitch, &extension->id, collect, &collector);
    return collector.ok;
}

/* Gives settings the states that an EXT_ENABLE answer says. */
struct applier {
    struct service *service;
    const uint32_t *results;
    size_t n, at;
};

static void
tell_refused(struct service *service, const struct setting *setting)
{
    char text[400];

    snprintf(text, sizeof text, "the extension refused setting %s; it is "
             "kept, and not in force",
             instance_text(setting->held->instance, "InstanceID"));
    events_add(service, &(struct event) {
        .severity = "warning", .kind = "setting-refused",
        .switch_name = setting->vswitch->name,
        .port_name = setting->port ? setting->port->name : NULL,
        .text = text,
    });
}

static void
apply_result(void *arg, struct setting *setting)
{
    struct applier *applier = arg;

    if (!applier->results || !setting_goes_along(applier->service, setting)) {
        setting_set_state(setting, SETTING_PARKED);
        return;
    }
    if (applier->at < applier->n
        && applier->results[applier->at] == XVS_SUCCESS) {
        setting_set_state(setting, SETTING_IN_FORCE);
    } else {
        setting_set_state(setting, SETTING_REFUSED);
        tell_refused(applier->service, setting);
    }
    applier->at++;
}

void
enable_apply(struct service *service, const struct vswitch *vswitch,
             const struct extension *extension, const uint32_t *results,
             size_t n)
{
    struct applier applier = { service, results, n, 0 };

    settings_each(&service->state, vswitch, &extension->id, apply_result,
                  &applier);
}

const uint32_t *
enable_results(const struct control_header *answer, size_t *n)
{
    const struct control_result *result = answer_result(answer);
    const struct control_place *place =
        control_after(result, sizeof *result);

    *n = (answer->size - sizeof *answer - sizeof *result - sizeof *place)
        / sizeof(uint32_t);
    return control_after(place, sizeof *place);
}

uint32_t
answer_position(const struct control_header *answer)
{
    const struct control_place *place =
        control_after(answer_result(answer), sizeof(struct control_result));

    return place->position;
}
