/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Installing, upgrading and removing extensions.
 */

#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "control/message.h"
#include "object/path.h"
#include "schema/class.h"
#include "schema/feature.h"
#include "service/change/change.h"
#include "service/change/enabling.h"
#include "service/config/persist.h"
#include "service/internal.h"
#include "service/peer/request.h"
#include "service/view/objects.h"

/* An extension on its way in or out. */
struct change {
    struct wish wish;
    char *name;                     /* "" while it is not known */
    char *file;
    struct extension *extension;    /* what the plugin says of itself */
    bool again;                     /* it is known, but was not loaded */
};

bool
extension_accepts(const struct extension *extension,
                  const struct cim_class *cls, const struct feature *feature,
                  struct error *error)
{
    for (size_t i = 0; i < extension->n_features; i++) {
        const struct xvs_feature *known = &extension->features[i];

        if (!guid_equal(&known->uuid, &feature->uuid)) {
            continue;
        }
        if (known->version >> 8 != feature->version >> 8
            || (known->version == feature->version
                && known->hash != class_hash(cls))) {
            error_set(error, ERROR_VERSION, "extension %s was built for "
                      "another %s (its version %u.%u, registered %u.%u%s)",
                      extension->name, cls->name, known->version >> 8,
                      known->version & 0xff, feature->version >> 8,
                      feature->version & 0xff,
                      known->version == feature->version
                      ? ", with other properties" : "");
            return error_hint(error, "register the schema that came with "
                              "%s, or install the plugin that fits",
                              extension->file);
        }
        return true;
    }
    if (extension->n_features == 0) {
        return true;
    }
    return error_set(error, ERROR_NO_CONSUMER, "extension %s does not know "
                     "class %s", extension->name, cls->name);
}

/* ---- Installing --------------------------------------------------------- */

static bool
check_loaded(struct plan *plan, void *context,
             const struct control_header *answer, size_t step,
             struct error *error)
{
    struct change *change = context;
    struct state *state = &plan_service(plan)->state;
    const struct control_extension *one =
        control_after(answer_result(answer), sizeof(struct control_result));
    struct buffer back = BUFFER_INIT;
    const struct extension *other;
    bool differs;

    change->extension = extension_of_control(one);
    change->extension->state = EXTENSION_INSTALLED;
    other = state_extension(state, change->extension->name);
    if (!other) {
        other = state_extension_by_id(state, &change->extension->id);
    }
    if (other && change->again && guid_equal(&other->id, &one->id)) {
        return revive_loaded(plan, state_extension(state, other->name), one,
                             &differs, error);
    }
    request_extension(&back, CONTROL_EXT_UNLOAD, &change->extension->id, 0,
                      plan_service(plan)->timeout_ms);
    plan_set_undo(plan, step, &back);
    if (other) {
        return error_set(error, ERROR_EXISTS, "extension %s is installed "
                         "already, from %s", other->name, other->file);
    }
    if (*change->name && strcmp(change->name, change->extension->name) != 0) {
        return error_set(error, ERROR_INVALID, "%s is extension %s, not %s",
                         change->file, change->extension->name,
                         change->name);
    }
    if (!state_name_valid(change->extension->name)) {
        return error_set(error, ERROR_INVALID, "%s: '%s' is no name for an "
                         "extension", change->file, change->extension->name);
    }
    persist_extension(plan_change(plan), change->extension);
    return true;
}

static bool
judge_file_name(const struct service *service, const char *file,
                struct error *error)
{
    if (strchr(file, '/') || *file == '.' || strlen(file) > 255) {
        error_set(error, ERROR_INVALID, "'%s': a plugin is named by its file "
                  "name alone, without '/'", file);
        return error_hint(error, "put it into the plugin folder%s%s",
                          service->plugin_dir ? " " : "",
                          service->plugin_dir ? service->plugin_dir : "");
    }
    return true;
}

static bool
prepare_install(struct plan *plan, struct change *change,
                struct error *error)
{
    const struct index *extensions =
        &plan_service(plan)->state.extensions;
    struct buffer forward = BUFFER_INIT;

    if (!*change->file) {
        return error_set(error, ERROR_INVALID, "File is missing: the name of "
                         "the plugin in the plugin folder");
    }
    if (!judge_file_name(plan_service(plan), change->file, error)) {
        return false;
    }
    for (size_t i = 0; i < extensions->n; i++) {
        const struct extension *other = extensions->items[i];

        if (strcmp(other->file, change->file) == 0
            && (other->state == EXTENSION_MISSING
                || other->state == EXTENSION_FAILED)) {
            change->again = true;
        } else if (strcmp(other->file, change->file) == 0) {
            return error_set(error, ERROR_EXISTS, "extension %s is installed "
                             "already, from %s", other->name, other->file);
        }
    }
    request_load(&forward, change->file);
    plan_step(plan, &forward, NULL, check_loaded);
    return true;
}

/* ---- Upgrading ---------------------------------------------------------- */

static bool
check_upgraded(struct plan *plan, void *context,
               const struct control_header *answer, size_t step,
               struct error *error)
{
    struct change *change = context;
    const struct control_extension *one =
        control_after(answer_result(answer), sizeof(struct control_result));

    (void) step;
    change->extension = extension_of_control(one);
    change->extension->state = EXTENSION_INSTALLED;
    persist_extension(plan_change(plan), change->extension);
    /* Classes that only the new file knows. */
    return steps_layouts(plan, change->extension, error);
}

static bool
prepare_upgrade(struct plan *plan, struct change *change,
                struct error *error)
{
    struct service *service = plan_service(plan);
    struct extension *extension = state_extension(&service->state,
                                                  change->name);
    struct buffer forward = BUFFER_INIT, back = BUFFER_INIT;

    if (!extension) {
        error_set(error, ERROR_NOT_FOUND, "extension %s is not installed",
                  change->name);
        return error_hint(error, "xvsctl ext list shows what is");
    }
    if (!*change->file) {
        free(change->file);
        change->file = mem_strdup(extension->file);
    }
    if (!judge_file_name(service, change->file, error)) {
        return false;
    }
    request_upgrade(&forward, &extension->id, change->file,
                    service->timeout_ms);
    request_upgrade(&back, &extension->id, extension->file,
                    service->timeout_ms);
    plan_step(plan, &forward, &back, check_upgraded);
    return true;
}

/* ---- Removing ----------------------------------------------------------- */

static bool
prepare_remove(struct plan *plan, struct change *change, struct error *error)
{
    struct service *service = plan_service(plan);
    struct extension *extension = state_extension(&service->state,
                                                  change->name);
    struct buffer forward = BUFFER_INIT, back = BUFFER_INIT;

    if (!extension) {
        return error_set(error, ERROR_NOT_FOUND, "extension %s is not "
                         "installed", change->name);
    }
    for (size_t i = 0; i < service->state.stages.n; i++) {
        const struct stage *stage = service->state.stages.items[i];
        const struct vport *port;

        if (stage->extension == extension) {
            port = state_port_entering(&service->state, stage->vswitch,
                                       &extension->id);
            error_set(error, ERROR_IN_USE, "extension %s is still enabled on "
                      "switch %s%s%s%s", extension->name,
                      stage->vswitch->name, port ? ", and port " : "",
                      port ? port->name : "",
                      port ? " enters the chain there" : "");
            return error_hint(error, "disable it first: xvsctl ext disable "
                              "%s %s", extension->name,
                              stage->vswitch->name);
        }
    }
    request_extension(&forward, CONTROL_EXT_UNLOAD, &extension->id, 0,
                      service->timeout_ms);
    request_load(&back, extension->file);
    plan_tolerate(plan, plan_step(plan, &forward, &back, NULL),
                  ERROR_NOT_FOUND);
    persist_drop_extension(plan_change(plan), extension);
    return true;
}

static bool
prepare(struct plan *plan, void *context, struct error *error)
{
    struct change *change = context;

    if (!change->wish.path) {
        return prepare_install(plan, change, error);
    }
    if (change->wish.instance) {
        return prepare_upgrade(plan, change, error);
    }
    return prepare_remove(plan, change, error);
}

static void
apply(struct plan *plan, void *context)
{
    struct change *change = context;
    struct state *state = &plan_service(plan)->state;

    if (change->wish.path && change->wish.instance) {
        extension_upgrade(state_extension(state, change->name),
                          change->extension);
    } else if (change->wish.path) {
        state_remove_extension(state, state_extension(state, change->name));
    } else {
        free(change->name);
        change->name = mem_strdup(change->extension->name);
        if (!change->again) {
            state_add_extension(state, change->extension);
            change->extension = NULL;
        }
        revive_now(plan_service(plan));
    }
    change_tell(plan_service(plan), wish_kind(&change->wish), NULL, NULL,
                change->name, "extension %s", change->name);
}

static void
finish(void *context, const struct error *error)
{
    struct change *change = context;

    wish_finish_object(&change->wish, error, "XVS_Extension", "Name",
                       change->name, NULL, NULL);
    extension_destroy(change->extension);
    free(change->name);
    free(change->file);
    free(change);
}

static const struct plan_kind kind = {
    .prepare = prepare, .apply = apply, .finish = finish,
};

void
change_extension(struct service *service, struct wish *wish)
{
    struct change *change = mem_zalloc(sizeof *change);
    struct plan *plan;

    change->wish = *wish;
    change->name = wish_name(wish, "Name");
    change->file = wish_name(wish, "File");
    plan = plan_create(service, &kind, change);
    plan_lock(plan, false, "host");
    plan_lock(plan, true, "extensions");
    plan_start(plan);
}
