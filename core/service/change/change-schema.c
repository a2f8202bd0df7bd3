/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Registering, replacing and unregistering schemas while settings exist.
 */

#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "control/message.h"
#include "object/instance.h"
#include "object/path.h"
#include "schema/feature.h"
#include "schema/repository.h"
#include "service/change/change.h"
#include "service/change/schema-watch.h"
#include "service/config/persist.h"
#include "service/internal.h"
#include "service/peer/peer.h"
#include "service/peer/request.h"
#include "service/settings.h"
#include "service/view/objects.h"

/* ---- May it change? ----------------------------------------------------- */

static bool
guard_removed(const struct service *service, const struct cim_class *cls,
              struct error *error)
{
    const struct index *settings = &service->state.settings;
    const struct setting *holder = NULL;
    struct feature feature;
    size_t n = 0;

    if (!feature_of_class(cls, &feature, NULL)
        || feature.kind != FEATURE_SETTING) {
        return true;
    }
    for (size_t i = 0; i < settings->n; i++) {
        const struct setting *setting = settings->items[i];

        if (guid_equal(&setting->uuid, &feature.uuid)
            && setting->state != SETTING_PARKED) {
            holder = setting;
            n++;
        }
    }
    if (!holder) {
        return true;
    }
    error_set(error, ERROR_IN_USE, "class %s has %zu setting%s in force, "
              "such as %s", cls->name, n, n == 1 ? "" : "s",
              instance_text(holder->held->instance, "InstanceID"));
    return error_hint(error, "remove them first: xvsctl feature remove");
}

/* What was given as a secret does not become readable with a new schema. */
static bool
guard_secrets(const struct instance *instance, const struct cim_class *cls,
              struct error *error)
{
    for (uint32_t i = 0; i < instance->n; i++) {
        const struct property *old = &instance->cls->properties[i];
        const struct property *new = class_property(cls, old->name);

        if (old->is_secret && !instance->values[i].is_null
            && new && !new->is_secret) {
            error_set(error, ERROR_IN_USE, "property %s would no longer be "
                      "Secret", old->name);
            return error_hint(error, "remove the setting first, or set %s "
                              "to NULL", old->name);
        }
    }
    return true;
}

/* Every setting must find its values in the new class. */
static bool
guard_settings(const struct service *service, const struct feature *old,
               struct cim_class *cls, struct error *error)
{
    const struct index *settings = &service->state.settings;

    for (size_t i = 0; i < settings->n; i++) {
        const struct setting *setting = settings->items[i];
        struct instance *recast;

        if (!guid_equal(&setting->uuid, &old->uuid) || !setting->held) {
            continue;
        }
        recast = guard_secrets(setting->held->instance, cls, error)
            ? instance_recast(setting->held->instance, cls, error) : NULL;
        if (!recast) {
            return error_prefix(error, "setting %s holds class %s",
                                instance_text(setting->held->instance,
                                              "InstanceID"), cls->name);
        }
        instance_destroy(recast);
    }
    return true;
}

/* An extension that runs must know the class in its new form. */
static bool
guard_extension(const struct service *service, struct cim_class *cls,
                const struct feature *feature, struct error *error)
{
    const struct state *state = &service->state;
    const struct extension *extension =
        state_extension_by_id(state, &feature->extension);
    struct error why;

    for (size_t i = 0; extension && i < state->stages.n; i++) {
        const struct stage *stage = state->stages.items[i];

        if (stage->extension != extension) {
            continue;
        }
        if (!extension_accepts(extension, cls, feature, &why)
            && why.code == ERROR_VERSION) {
            *error = why;
            return error_prefix(error, "enabled on switch %s",
                                stage->vswitch->name);
        }
        return true;
    }
    return true;
}

static bool
guard_replaced(const struct service *service, const struct cim_class *old,
               struct cim_class *cls, struct error *error)
{
    struct feature before, after;

    if (!feature_of_class(old, &before, NULL)
        || before.kind == FEATURE_NONE) {
        return true;
    }
    if (!feature_of_class(cls, &after, NULL) || after.kind != before.kind
        || !guid_equal(&after.uuid, &before.uuid)
        || !guid_equal(&after.extension, &before.extension)
        || after.scope != before.scope) {
        return guard_removed(service, old, error);
    }
    return guard_extension(service, cls, &after, error)
        && (before.kind != FEATURE_SETTING
            || guard_settings(service, &before, cls, error));
}

static bool
guard(void *arg, const struct repository_change *change, struct error *error)
{
    const struct service *service = arg;
    struct feature feature;

    for (size_t i = 0; i < change->n_removed; i++) {
        if (!guard_removed(service, change->removed[i], error)) {
            return false;
        }
    }
    for (size_t i = 0; i < change->n_replaced; i++) {
        if (!guard_replaced(service, change->replaced[i],
                            change->replacing[i], error)) {
            return false;
        }
    }
    for (size_t i = 0; i < change->n_added; i++) {
        if (feature_of_class(change->added[i], &feature, NULL)
            && feature.kind != FEATURE_NONE
            && !guard_extension(service, change->added[i], &feature,
                                error)) {
            return false;
        }
    }
    return true;
}

/* ---- It has changed ----------------------------------------------------- */

static void
layout_answered(void *arg, const struct control_header *answer)
{
    struct error error;

    (void) arg;
    if (answer && !answer_ok(answer, &error)) {
        error_prefix(&error, "xvs-switch did not take a layout");
        log_error_at(LOG_LEVEL_WARNING, &error);
    }
}

static void
send_layout(struct service *service, struct cim_class *cls, bool drop)
{
    BUFFER_AUTO struct buffer message = BUFFER_INIT;
    const struct extension *extension;
    struct feature feature;
    struct error error;

    if (cls->is_abstract || !feature_of_class(cls, &feature, NULL)
        || feature.kind == FEATURE_NONE || !peer_is_up(service->peer)) {
        return;
    }
    extension = state_extension_by_id(&service->state, &feature.extension);
    if (!extension
        || (!drop && !extension_accepts(extension, cls, &feature, NULL))) {
        return;
    }
    if (drop) {
        request_layout_drop(&message, cls);
    } else if (!request_layout(&message, service->repository, cls, &error)) {
        log_error_at(LOG_LEVEL_WARNING, &error);
        return;
    }
    peer_request(service->peer, &message, layout_answered, NULL);
}

/* Settings of a class that has gone keep their text in the store. */
static void
forget_objects(struct service *service, const struct cim_class *cls)
{
    struct index *settings = &service->state.settings;
    struct feature feature;

    if (!feature_of_class(cls, &feature, NULL)) {
        return;
    }
    for (size_t i = 0; i < settings->n; i++) {
        struct setting *setting = settings->items[i];

        if (guid_equal(&setting->uuid, &feature.uuid)) {
            state_set_instance(&service->state, setting, NULL);
        }
    }
}

static void
recast_objects(struct service *service, struct cim_class *cls)
{
    struct index *settings = &service->state.settings;
    struct feature feature;

    if (!feature_of_class(cls, &feature, NULL)) {
        return;
    }
    for (size_t i = 0; i < settings->n; i++) {
        struct setting *setting = settings->items[i];
        struct instance *recast;

        if (!guid_equal(&setting->uuid, &feature.uuid) || !setting->held) {
            continue;
        }
        recast = instance_recast(setting->held->instance, cls, NULL);
        if (recast) {
            setting->version = feature.version;
            state_set_instance(&service->state, setting, recast);
        }
    }
}

static void
watch(void *arg, const struct repository_change *change)
{
    struct service *service = arg;

    for (size_t i = 0; i < change->n_removed; i++) {
        forget_objects(service, change->removed[i]);
        send_layout(service, change->removed[i], true);
    }
    for (size_t i = 0; i < change->n_replaced; i++) {
        recast_objects(service, change->replacing[i]);
        send_layout(service, change->replacing[i], false);
    }
    for (size_t i = 0; i < change->n_added; i++) {
        send_layout(service, change->added[i], false);
    }
}

void
schema_watch(struct service *service)
{
    repository_set_guard(service->repository, guard, watch, service);
}

/* ---- The change itself -------------------------------------------------- */

struct change {
    struct wish wish;
    char *name;
};

/* All errors as lines of one, as many as there is room for. */
static bool
join_errors(const struct error_list *list, struct error *error)
{
    BUFFER_AUTO struct buffer text = BUFFER_INIT;
    size_t told = 0, all = list->n_errors;

    if (list->n == 0) {
        return error_set(error, ERROR_FAILED, "the schema was refused");
    }
    *error = list->items[0];
    for (size_t i = 0; i < list->n; i++) {
        char line[1024];

        if (list->items[i].severity != SEVERITY_ERROR) {
            continue;
        }
        error_format(&list->items[i], line, sizeof line);
        if (told && text.size + strlen(line) + 24 > sizeof error->text) {
            break;
        }
        if (told++ == 0) {
            error->code = list->items[i].code;
        }
        buffer_printf(&text, "%s%s", told > 1 ? "\n" : "", line);
    }
    if (told < all) {
        buffer_printf(&text, "\nand %zu more", all - told);
    }
    return error_set(error, error->code, "%s", buffer_string(&text));
}

/* The settings of classes that this schema declares, in their new form. */
static void
store_settings(struct plan *plan, const char *name)
{
    struct service *service = plan_service(plan);
    const struct index *settings = &service->state.settings;

    persist_revive(&service->state, service->store, service->repository);
    for (size_t i = 0; i < settings->n; i++) {
        const struct setting *setting = settings->items[i];
        const char *schema = setting->held
            ? repository_schema_of(service->repository,
                                   setting->held->instance->cls) : NULL;

        if (schema && strcmp(schema, name) == 0) {
            persist_setting(plan_change(plan), setting, NULL);
        }
    }
}

static bool
register_schema(struct plan *plan, struct change *change, bool replace,
                struct error *error)
{
    struct service *service = plan_service(plan);
    const struct value *text = instance_get(change->wish.instance, "Text");
    struct error_list errors = { .limit = 20 };
    size_t size;
    bool known = repository_text(service->repository, change->name, &size)
        != NULL;
    bool ok;

    if (!text || text->is_null || text->n == 0) {
        return error_set(error, ERROR_INVALID, "Text is missing: the schema "
                         "as MOF or CIM-XML");
    }
    if (known && !replace) {
        return error_set(error, ERROR_EXISTS, "schema %s is registered "
                         "already", change->name);
    }
    if (!known && replace) {
        return error_set(error, ERROR_NOT_FOUND, "there is no schema %s",
                         change->name);
    }
    ok = repository_register(service->repository, change->name, text->s,
                             text->n, false, &errors);
    if (!ok) {
        join_errors(&errors, error);
    } else {
        store_settings(plan, change->name);
    }
    error_list_clear(&errors);
    return ok;
}

static bool
prepare(struct plan *plan, void *context, struct error *error)
{
    struct change *change = context;

    if (change->wish.instance) {
        return register_schema(plan, change, change->wish.path != NULL,
                               error);
    }
    return repository_unregister(plan_service(plan)->repository,
                                 change->name, error);
}

static void
apply(struct plan *plan, void *context)
{
    const struct change *change = context;

    change_tell(plan_service(plan), wish_kind(&change->wish), NULL, NULL,
                NULL, "schema %s", change->name);
}

static void
finish(void *context, const struct error *error)
{
    struct change *change = context;

    wish_finish_object(&change->wish, error, "XVS_Schema", "Name",
                       change->name, NULL, NULL);
    free(change->name);
    free(change);
}

static const struct plan_kind kind = {
    .prepare = prepare, .apply = apply, .finish = finish,
};

void
change_schema(struct service *service, struct wish *wish)
{
    struct change *change = mem_zalloc(sizeof *change);
    struct plan *plan;

    change->wish = *wish;
    change->name = wish_name(wish, "Name");
    plan = plan_create(service, &kind, change);
    plan_lock(plan, true, "host");
    plan_start(plan);
}
