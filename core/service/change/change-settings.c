/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Setting, changing and removing settings: one or many, all or nothing.
 * Each is judged against its class, its place and its extension before
 * anything is sent; then all go to xvs-switch in one message, with one that
 * takes them all back, and into one transaction of the store.
 */

#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/map.h"
#include "base/memory.h"
#include "base/text.h"
#include "control/message.h"
#include "object/instance.h"
#include "object/path.h"
#include "schema/feature.h"
#include "schema/repository.h"
#include "service/change/change.h"
#include "service/change/setting-judge.h"
#include "service/config/persist.h"
#include "service/internal.h"
#include "service/peer/request.h"
#include "service/settings.h"
#include "service/view/objects.h"

/* A request with more settings is told as one event per kind, so that it does
 * not push all others out of the ring. */
#define TOLD_ONE_BY_ONE 50

/* A change of settings on its way. */
struct change {
    struct settings_request request;
    char **names;               /* copies of the request's */
    struct item *items;         /* one per setting, after preparation */
    struct service *service;
};

/* ---- Preparing ---------------------------------------------------------- */

/* The lists of what is asked for and of what takes it back. */
struct lists {
    struct buffer forward;
    struct buffer back;
};

static bool
add_forward(struct change *change, struct item *item, struct lists *lists,
            struct error *error)
{
    uint32_t op = item->op;

    if (change->request.validate && op != XVS_DELETE) {
        op = XVS_VALIDATE;
    }
    return request_add_setting(&lists->forward, op, &item->setting,
                               item->instance, change->service->repository,
                               error);
}

static bool
add_back(struct change *change, struct item *item, struct lists *lists,
         struct error *error)
{
    static const uint32_t inverse[] = {
        [XVS_ADD] = XVS_DELETE, [XVS_UPDATE] = XVS_UPDATE,
        [XVS_DELETE] = XVS_ADD,
    };
    const struct instance *old = item->old && item->old->held
        ? item->old->held->instance : NULL;

    return request_add_setting(&lists->back, inverse[item->op],
                               &item->setting, old,
                               change->service->repository, error);
}

static void
add_stored(struct plan *plan, struct item *item)
{
    if (item->op == XVS_DELETE) {
        persist_drop_setting(plan_change(plan), item->old);
    } else {
        persist_setting(plan_change(plan), &item->setting, item->instance);
    }
}

/* Everything is judged: makes the messages and the transaction. */
static bool
prepare_messages(struct plan *plan, struct change *change,
                 struct lists *lists, struct error *error)
{
    size_t n = change->request.n;

    request_settings(&lists->forward, change->service->timeout_ms);
    request_settings(&lists->back, change->service->timeout_ms);
    for (size_t i = 0; i < n; i++) {
        struct item *item = &change->items[i];

        if (item->send && !add_forward(change, item, lists, error)) {
            return false;
        }
        if (!change->request.validate) {
            add_stored(plan, item);
        }
    }
    for (size_t i = n; i-- > 0;) {
        struct item *item = &change->items[i];

        if (item->send && !change->request.validate
            && !add_back(change, item, lists, error)) {
            return false;
        }
    }
    if (request_count(&lists->forward)) {
        plan_step(plan, &lists->forward,
                  change->request.validate ? NULL : &lists->back, NULL);
    }
    return true;
}

static bool
prepare(struct plan *plan, void *context, struct error *error)
{
    struct change *change = context;
    const struct settings_request *request = &change->request;
    struct lists lists = { BUFFER_INIT, BUFFER_INIT };
    struct map *seen = map_create(false);
    bool ok = true;

    change->items = mem_array(request->n + 1, sizeof *change->items);
    for (size_t i = 0; ok && i < request->n; i++) {
        struct item *item = &change->items[i];

        if (request->mode == SETTINGS_REMOVE) {
            ok = judge_removal(change->service, request->ids[i], item, error);
        } else {
            item->instance = request->instances[i];
            request->instances[i] = NULL;
            ok = judge_setting(change->service, request,
                               request->ids ? request->ids[i] : NULL, item,
                               seen, error);
        }
        if (!ok && request->n > 1) {
            error_prefix(error, "setting %zu of %zu", i + 1, request->n);
        }
    }
    ok = ok && prepare_messages(plan, change, &lists, error);
    buffer_free(&lists.forward);
    buffer_free(&lists.back);
    map_destroy(seen, NULL);
    return ok;
}

/* ---- Telling ------------------------------------------------------------ */

static const char *
item_kind(const struct item *item)
{
    return item->op == XVS_ADD ? "created"
        : item->op == XVS_DELETE ? "removed" : "changed";
}

static void
tell_item(struct service *service, const struct item *item)
{
    const struct setting *setting = &item->setting;
    const struct cim_class *cls = repository_feature(service->repository,
                                                     &setting->uuid);
    const struct extension *extension =
        state_extension_by_id(&service->state, &setting->extension);

    change_tell(service, item_kind(item), setting->vswitch->name,
                setting->port ? setting->port->name : NULL,
                extension ? extension->name : NULL, "setting %s%s%s",
                cls ? cls->name : "", cls ? " " : "", item->id);
}

static void
tell(const struct change *change)
{
    static const uint32_t ops[] = { XVS_ADD, XVS_UPDATE, XVS_DELETE };
    size_t n = change->request.n;

    for (size_t i = 0; n <= TOLD_ONE_BY_ONE && i < n; i++) {
        tell_item(change->service, &change->items[i]);
    }
    for (size_t op = 0; n > TOLD_ONE_BY_ONE && op < 3; op++) {
        const struct item *first = NULL;
        size_t count = 0;

        for (size_t i = n; i-- > 0;) {
            if (change->items[i].op == ops[op]) {
                first = &change->items[i];
                count++;
            }
        }
        if (first) {
            change_tell(change->service, item_kind(first), NULL, NULL, NULL,
                        "%zu settings at once, the first is %s", count,
                        first->id);
        }
    }
}

/* ---- Applying ----------------------------------------------------------- */

static void
apply_item(struct state *state, struct item *item)
{
    struct setting *setting;

    switch (item->op) {
    case XVS_DELETE:
        state_remove_setting(state, item->old);
        item->old = NULL;
        return;
    case XVS_UPDATE:
        setting = item->old;
        setting->version = item->setting.version;
        break;
    default:
        setting = mem_dup(&item->setting, sizeof item->setting);
        state_add_setting(state, setting);
        break;
    }
    setting->state = item->setting.state;
    state_set_instance(state, setting, item->instance);
    item->instance = NULL;
}

static void
apply(struct plan *plan, void *context)
{
    struct change *change = context;

    (void) plan;
    if (change->request.validate) {
        return;
    }
    for (size_t i = 0; i < change->request.n; i++) {
        apply_item(&change->service->state, &change->items[i]);
    }
    tell(change);
}

static void
finish(void *context, const struct error *error)
{
    struct change *change = context;
    struct settings_request *request = &change->request;
    char **ids = mem_array(request->n + 1, sizeof *ids);

    for (size_t i = 0; change->items && i < request->n; i++) {
        ids[i] = change->items[i].id;
    }
    request->done(request->arg, error, (const char *const *) ids,
                  error ? 0 : request->n);
    for (size_t i = 0; i < request->n; i++) {
        if (change->items) {
            instance_destroy(change->items[i].instance);
        }
        if (request->instances) {
            instance_destroy(request->instances[i]);
        }
        if (request->ids) {
            free(request->ids[i]);
        }
    }
    for (size_t i = 0; i < request->n_names; i++) {
        free(change->names[i]);
    }
    free(ids);
    free(request->instances);
    free(request->ids);
    free(change->names);
    free(change->items);
    free(change);
}

static const struct plan_kind kind = {
    .prepare = prepare, .apply = apply, .finish = finish,
};

/* ---- Starting ----------------------------------------------------------- */

/* What a change of one setting needs to itself. */
static void
lock_setting(struct plan *plan, const struct instance *instance,
             const char *text)
{
    const char *switch_name = "", *port = "", *singleton = "";
    struct instance_id id;

    if (!text && instance) {
        text = instance_text(instance, "InstanceID");
    }
    if (text && state_parse_instance_id(text, &id)) {
        plan_lock(plan, true, "setting/%s", text);
        switch_name = id.switch_name;
        port = id.port_name;
    } else if (instance) {
        const char *given = instance_text(instance, "SwitchName");
        const char *port_given = instance_text(instance, "PortName");

        switch_name = given ? given : "";
        port = port_given ? port_given : "";
    }
    if (instance) {
        struct feature feature;

        singleton = feature_of_class(instance->cls, &feature, NULL)
            && feature.singleton ? instance->cls->name : "";
    }
    plan_lock(plan, false, "switch/%s", switch_name);
    plan_lock(plan, false, "chain/%s", switch_name);
    if (*port) {
        plan_lock(plan, false, "port/%s/%s", switch_name, port);
    }
    if (*singleton) {
        plan_lock(plan, true, "single/%s/%s/%s", singleton, switch_name,
                  port);
    }
}

void
change_settings(struct service *service,
                const struct settings_request *request)
{
    struct change *change = mem_zalloc(sizeof *change);
    struct plan *plan;

    change->request = *request;
    change->service = service;
    if (request->names) {
        change->names = mem_array(request->n_names + 1,
                                  sizeof *change->names);
        for (size_t i = 0; i < request->n_names; i++) {
            change->names[i] = mem_strdup(request->names[i]);
        }
        change->request.names = (const char *const *) change->names;
    } else {
        change->request.n_names = 0;
    }
    plan = plan_create(service, &kind, change);
    plan_lock(plan, false, "host");
    for (size_t i = 0; i < request->n; i++) {
        lock_setting(plan,
                     request->instances ? request->instances[i] : NULL,
                     request->ids ? request->ids[i] : NULL);
    }
    plan_start(plan);
}

/* ---- One setting -------------------------------------------------------- */

/* A wish for one setting; the class is kept for the path to tell. */
struct single {
    struct wish wish;
    char *class_name;
};

static void
single_done(void *arg, const struct error *error, const char *const *ids,
            size_t n)
{
    struct single *single = arg;
    struct path *path = NULL;

    if (n == 1 && single->class_name) {
        path = object_path(single->class_name, "InstanceID", ids[0], NULL,
                           NULL);
    }
    wish_finish(&single->wish, error, path);
    path_destroy(path);
    free(single->class_name);
    free(single);
}

void
change_setting(struct service *service, struct wish *wish)
{
    struct single *single = mem_zalloc(sizeof *single);
    struct settings_request request = {
        .mode = SETTINGS_CREATE, .n = 1, .done = single_done, .arg = single,
    };
    const char *id = wish->path ? path_key(wish->path, "InstanceID") : NULL;

    single->wish = *wish;
    if (wish->path) {
        request.mode = wish->instance ? SETTINGS_MODIFY : SETTINGS_REMOVE;
        request.ids = mem_array(1, sizeof *request.ids);
        request.ids[0] = mem_strdup(id ? id : "");
    } else {
        single->class_name = mem_strdup(wish->instance->cls->name);
    }
    if (wish->instance) {
        request.instances = mem_array(1, sizeof *request.instances);
        request.instances[0] = wish->instance;
        single->wish.instance = NULL;
    }
    request.names = (const char *const *) wish->names;
    request.n_names = wish->n_names;
    change_settings(service, &request);
}
