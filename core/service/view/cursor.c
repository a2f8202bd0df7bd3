/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Walking classes and their sources.
 */

#include <config.h>

#include "service/view/cursor.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/memory.h"
#include "base/text.h"
#include "control/message.h"
#include "object/instance.h"
#include "object/path.h"
#include "schema/feature.h"
#include "schema/repository.h"
#include "service/internal.h"
#include "service/peer/peer.h"
#include "service/peer/request.h"

/* A question under way; outlives a cursor that was destroyed meanwhile. */
struct asked {
    struct cursor *cursor;      /* NULL: nobody wants to know any more */
    bool optional;
};

const struct source *
source_of_class(const char *class_name)
{
    const struct source *const tables[] = { sources_core, sources_links };

    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        for (const struct source *source = tables[i]; source->class_name;
             source++) {
            if (text_equal_fold(source->class_name, class_name)) {
                return source;
            }
        }
    }
    return NULL;
}

void
cursor_fail(struct cursor *cursor, const struct error *error)
{
    cursor->failed = true;
    cursor->error = *error;
}

/* ---- Questions to xvs-switch -------------------------------------------- */

static void
cursor_answered(void *arg, const struct control_header *answer)
{
    struct asked *asked = arg;
    struct cursor *cursor = asked->cursor;
    bool optional = asked->optional;
    struct error error;

    free(asked);
    if (!cursor) {
        return;
    }
    cursor->asked = NULL;
    cursor->answered = true;
    cursor->answer.size = 0;
    if (answer_ok(answer, &error)) {
        buffer_put(&cursor->answer, answer, answer->size);
    } else if (!optional) {
        cursor_fail(cursor, &error);
    }
    if (cursor->waiting) {
        cursor->waiting = false;
        cursor->wake(cursor->arg);
    }
}

void
cursor_ask(struct cursor *cursor, struct buffer *message, bool optional)
{
    struct asked *asked = mem_zalloc(sizeof *asked);

    asked->cursor = cursor;
    asked->optional = optional;
    cursor->asked = asked;
    cursor->answered = false;
    peer_request(cursor->service->peer, message, cursor_answered, asked);
}

/* The counters, before the first object that shows them. */
static void
ask_counters(struct cursor *cursor, enum source_counters which)
{
    BUFFER_AUTO struct buffer message = BUFFER_INIT;
    uint32_t id = which == COUNTERS_HOST ? CONTROL_NO_SWITCH : 0;

    if (cursor->path && which == COUNTERS_ALL) {
        const char *name = path_key(cursor->path, "SwitchName");
        struct vswitch *vswitch = name
            ? state_switch(&cursor->service->state, name) : NULL;

        id = vswitch ? vswitch->id : 0;
    }
    request_switch(&message, CONTROL_COUNTERS, id, "");
    cursor_ask(cursor, &message, true);
}

/* ---- Walking ------------------------------------------------------------ */

static const struct instance *
take(struct cursor *cursor, struct instance *instance)
{
    cursor->item = instance;
    return instance;
}

static const struct instance *
source_step(struct cursor *cursor, const struct source *source)
{
    struct instance *instance;

    if (source->counters && !cursor->answered) {
        if (!cursor->asked) {
            ask_counters(cursor, source->counters);
        }
        if (!cursor->answered) {
            cursor->waiting = true;
            return NULL;
        }
    }
    if (!cursor->path) {
        return take(cursor, source->next(cursor));
    }
    if (source->get) {
        instance = source->get(cursor, cursor->path);
        return take(cursor, instance);
    }
    while ((instance = source->next(cursor)) != NULL) {
        if (path_matches(cursor->path, instance)) {
            return take(cursor, instance);
        }
        instance_destroy(instance);
    }
    return NULL;
}

/* The next object of the class that is being walked. */
static const struct instance *
class_step(struct cursor *cursor, struct cim_class *cls)
{
    const struct source *source = source_of_class(cls->name);
    struct feature feature;
    struct instance *instance;

    if (source) {
        return source_step(cursor, source);
    }
    if (!feature_of_class(cls, &feature, NULL)) {
        return NULL;
    }
    if (feature.kind == FEATURE_SETTING) {
        return cursor_next_setting(cursor, &feature.uuid);
    }
    if (feature.kind != FEATURE_STATUS) {
        return NULL;
    }
    while ((instance = status_next(cursor)) != NULL) {
        if (!cursor->path || path_matches(cursor->path, instance)) {
            return take(cursor, instance);
        }
        instance_destroy(instance);
    }
    return NULL;
}

static void
next_class(struct cursor *cursor)
{
    memset(&cursor->position, 0, sizeof cursor->position);
    cursor->answered = false;
    cursor->answer_left = 0;
    cursor->at++;
}

static void
let_go(struct cursor *cursor)
{
    instance_destroy(cursor->item);
    cursor->item = NULL;
    held_unref(cursor->held);
    cursor->held = NULL;
}

static enum cursor_step
cursor_end(struct cursor *cursor, struct error *error)
{
    if (!cursor->failed && cursor->path && !cursor->ended) {
        struct buffer text = BUFFER_INIT;

        path_print(cursor->path, &text);
        error_set(&cursor->error, ERROR_NOT_FOUND, "there is no %s",
                  buffer_string(&text));
        buffer_free(&text);
        cursor->failed = true;
    }
    cursor->ended = true;
    if (cursor->failed) {
        cursor->failed = false;
        if (error) {
            *error = cursor->error;
        }
        return CURSOR_ERROR;
    }
    return CURSOR_END;
}

/* One object by its path: found, and then the end. */
static enum cursor_step
found(struct cursor *cursor, const struct instance **item,
      const struct instance *instance)
{
    *item = instance;
    if (cursor->path) {
        cursor->ended = true;
    }
    return CURSOR_ITEM;
}

enum cursor_step
cursor_next(struct cursor *cursor, const struct instance **item,
            struct error *error)
{
    let_go(cursor);
    if (cursor->is_events) {
        return cursor_next_event(cursor, item);
    }
    if (cursor->waiting) {
        return CURSOR_WAIT;
    }
    if (!cursor->ended && !cursor->failed && cursor->path
        && class_is_a(cursor->cls, "XVS_FeatureSettings")) {
        const struct instance *instance = cursor_get_setting(cursor);

        if (instance) {
            return found(cursor, item, instance);
        }
        return cursor_end(cursor, error);
    }
    if (cursor->found && !cursor->ended && !cursor->failed) {
        *item = cursor_next_found(cursor);
        return *item ? CURSOR_ITEM : cursor_end(cursor, error);
    }
    while (!cursor->ended && !cursor->failed
           && cursor->at < cursor->n_classes) {
        const struct instance *instance =
            class_step(cursor, cursor->classes[cursor->at]);

        if (instance) {
            return found(cursor, item, instance);
        }
        if (cursor->waiting) {
            return CURSOR_WAIT;
        }
        if (!cursor->failed) {
            next_class(cursor);
        }
    }
    return cursor_end(cursor, error);
}

/* ---- Making and ending -------------------------------------------------- */

struct cursor *
cursor_create(struct service *service, cursor_wake wake, void *arg)
{
    struct cursor *cursor = mem_zalloc(sizeof *cursor);

    cursor->service = service;
    cursor->wake = wake;
    cursor->arg = arg;
    return cursor;
}

static bool
class_has_objects(const struct cim_class *cls)
{
    struct feature feature;

    return source_of_class(cls->name)
        || (!cls->is_abstract && feature_of_class(cls, &feature, NULL)
            && feature.kind != FEATURE_NONE);
}

/* All classes with objects that are the class or derived from it. */
static void
cursor_collect(struct cursor *cursor)
{
    struct cim_class *const *classes;
    size_t n = repository_classes(cursor->service->repository, &classes);
    size_t capacity = 0;

    for (size_t i = 0; i < n; i++) {
        if (class_is_a(classes[i], cursor->cls->name)
            && class_has_objects(classes[i])) {
            mem_grow(&cursor->classes, &capacity, cursor->n_classes,
                     sizeof *cursor->classes);
            cursor->classes[cursor->n_classes++] = class_ref(classes[i]);
        }
    }
}

struct cursor *
service_enumerate(struct service *service, struct cim_class *cls,
                  cursor_wake wake, void *arg)
{
    struct cursor *cursor = cursor_create(service, wake, arg);
    struct error error;

    cursor->cls = class_ref(cls);
    cursor_collect(cursor);
    if (!status_start(cursor, &error)) {
        cursor_fail(cursor, &error);
    }
    return cursor;
}

struct cursor *
service_get(struct service *service, const struct path *path,
            cursor_wake wake, void *arg)
{
    struct cim_class *cls = repository_class(service->repository,
                                             path->class_name);
    struct cursor *cursor;
    struct error error;

    if (!cls) {
        cursor = cursor_create(service, wake, arg);
        error_set(&error, ERROR_NO_CLASS, "there is no class %s",
                  path->class_name);
        cursor_fail(cursor, &error);
        return cursor;
    }
    cursor = cursor_create(service, wake, arg);
    cursor->cls = class_ref(cls);
    cursor->path = path_copy(path);
    if (!class_is_a(cls, "XVS_FeatureSettings")) {
        cursor_collect(cursor);
    }
    if (!status_start(cursor, &error)) {
        cursor_fail(cursor, &error);
    }
    return cursor;
}

void
cursor_destroy(struct cursor *cursor)
{
    if (!cursor) {
        return;
    }
    if (cursor->is_events) {
        cursor_leave_events(cursor);
    }
    if (cursor->asked) {
        cursor->asked->cursor = NULL;
    }
    let_go(cursor);
    for (size_t i = 0; i < cursor->n_classes; i++) {
        class_unref(cursor->classes[i]);
    }
    free(cursor->classes);
    class_unref(cursor->cls);
    path_destroy(cursor->path);
    map_destroy(cursor->found, NULL);
    buffer_free(&cursor->answer);
    free(cursor);
}
