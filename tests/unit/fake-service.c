/* SPDX-License-Identifier: BSD-3-Clause */

#include <config.h>

#include "unit/fake-service.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/loop.h"
#include "base/memory.h"
#include "base/text.h"
#include "object/instance.h"
#include "object/path.h"
#include "schema/repository.h"

static const char schema[] =
    "class Test_Item { [Key] uint32 Id; string Name; boolean Flag;\n"
    "  uint8 Mac[]; sint32 Level; [Counter] uint64 Counter; real64 Share;\n"
    "  string Tags[]; datetime Since; string Note;\n"
    "  uint32 Reset([In] boolean force, [In] uint32 count,\n"
    "    [In] string name, [In(false), Out] string text,\n"
    "    [In(false), Out] uint32 nothing);\n"
    "  void Forget([In(false), Out] uint32 left); };\n"
    "class Test_SubItem : Test_Item { string More; };\n"
    "class Test_Many { [Key] uint32 Id; string Name; string Text; };\n"
    "class Test_Slow { [Key] uint32 Id; };\n"
    "class Test_Broken { [Key] uint32 Id; string Text; };\n"
    "class Test_Stuck { [Key] uint32 Id; };\n"
    "[Association] class Test_Link { [Key] Test_Item REF Left;\n"
    "  [Key] Test_Item REF Right; };\n"
    "[Association] class Test_SubLink : Test_Link { string More; };\n"
    "[Association] class Test_Part { [Key] Test_Item REF Whole;\n"
    "  [Key] Test_Many REF Part; [Key] Test_SubItem REF By; };\n";

struct fake_knobs fake_knobs;

struct service {
    struct loop *loop;
    struct repository *repository;
    struct instance **items;        /* owned; Test_Item and others */
    size_t n, capacity;             /* of items */
    struct instance **events;       /* owned, oldest first */
    size_t n_events, event_capacity;
    struct cursor *cursors;         /* all that are open */
};

enum cursor_kind { OVER_ITEMS, ONE_ITEM, MANY, SLOW, BROKEN, STUCK, EVENTS };

struct cursor {
    struct cursor *next, *prev;
    struct service *service;
    enum cursor_kind kind;
    struct cim_class *cls;          /* counted; NULL for one item */
    struct path *path;              /* of one item */
    struct instance *scratch;       /* made while reading */
    uint64_t at;                    /* the next one */
    bool waited, is_waiting;
    struct loop_timer *timer;
    cursor_wake wake;
    void *arg;
};

static unsigned int n_cursors;

unsigned int
fake_cursors(void)
{
    return n_cursors;
}

struct service *
service_create(struct loop *loop, const struct service_options *options,
               struct error_list *problems)
{
    struct service *service = mem_zalloc(sizeof *service);

    (void) options;
    service->loop = loop;
    service->repository = repository_open(NULL, problems);
    repository_register(service->repository, "test", schema,
                        sizeof schema - 1, false, problems);
    return service;
}

void
service_destroy(struct service *service)
{
    for (size_t i = 0; i < service->n; i++) {
        instance_destroy(service->items[i]);
    }
    for (size_t i = 0; i < service->n_events; i++) {
        instance_destroy(service->events[i]);
    }
    free(service->items);
    free(service->events);
    repository_close(service->repository);
    free(service);
}

struct repository *
service_repository(struct service *service)
{
    return service->repository;
}

static void
add(struct service *service, struct instance *instance)
{
    mem_grow(&service->items, &service->capacity, service->n,
             sizeof *service->items);
    service->items[service->n++] = instance;
}

static void
fill_item(struct instance *item, uint32_t id)
{
    char name[32];

    snprintf(name, sizeof name, "item <%u>", id);
    instance_set_u64(item, "Id", id);
    instance_set_string(item, "Name", name);
    instance_set_text(item, "Flag", id % 2 ? "TRUE" : "FALSE", NULL);
    instance_set_text(item, "Mac", "{2,0,0,0,0,1}", NULL);
    instance_set_text(item, "Level", "-5", NULL);
    instance_set_u64(item, "Counter", 1234567890123u + id);
    instance_set_text(item, "Share", "0.5", NULL);
    instance_set_text(item, "Tags", "{\"a\",\"b & c\"}", NULL);
    instance_set_text(item, "Since", "20261121031950.000000+000", NULL);
}

static void
link_items(struct service *service, uint32_t left, uint32_t right)
{
    struct instance *instance = instance_create(
        repository_class(service->repository, "Test_Link"));
    char text[64];

    snprintf(text, sizeof text, "Test_Item.Id=%u", left);
    instance_set_text(instance, "Left", text, NULL);
    snprintf(text, sizeof text, "Test_Item.Id=%u", right);
    instance_set_text(instance, "Right", text, NULL);
    add(service, instance);
}

struct service *
fake_service(struct loop *loop, uint32_t n_items)
{
    struct error_list problems = { .limit = 10 };
    struct service *service = service_create(loop, NULL, &problems);
    struct cim_class *cls =
        repository_class(service->repository, "Test_Item");

    for (size_t i = 0; i < problems.n; i++) {
        fprintf(stderr, "%s\n", problems.items[i].text);
    }
    error_list_clear(&problems);
    for (uint32_t i = 1; i <= n_items; i++) {
        struct instance *item = instance_create(cls);

        fill_item(item, i);
        add(service, item);
    }
    if (n_items >= 3) {
        link_items(service, 1, 2);
        link_items(service, 1, 3);
    }
    return service;
}

static struct cursor *
open_cursor(struct service *service, enum cursor_kind kind, cursor_wake wake,
            void *arg)
{
    struct cursor *cursor = mem_zalloc(sizeof *cursor);

    cursor->service = service;
    cursor->kind = kind;
    cursor->wake = wake;
    cursor->arg = arg;
    cursor->next = service->cursors;
    if (cursor->next) {
        cursor->next->prev = cursor;
    }
    service->cursors = cursor;
    n_cursors++;
    return cursor;
}

struct cursor *
service_enumerate(struct service *service, struct cim_class *cls,
                  cursor_wake wake, void *arg)
{
    static const struct {
        const char *name;
        enum cursor_kind kind;
    } kinds[] = {
        { "Test_Many", MANY }, { "Test_Slow", SLOW },
        { "Test_Broken", BROKEN }, { "Test_Stuck", STUCK },
    };
    struct cursor *cursor = open_cursor(service, OVER_ITEMS, wake, arg);

    cursor->cls = class_ref(cls);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(kinds[i].name, cls->name) == 0) {
            cursor->kind = kinds[i].kind;
            cursor->scratch = instance_create(cls);
        }
    }
    return cursor;
}

struct cursor *
service_select(struct service *service, struct cim_class *cls,
               const struct wql *wql, cursor_wake wake, void *arg)
{
    (void) wql;
    return service_enumerate(service, cls, wake, arg);
}

struct cursor *
service_get(struct service *service, const struct path *path,
            cursor_wake wake, void *arg)
{
    struct cursor *cursor = open_cursor(service, ONE_ITEM, wake, arg);

    cursor->path = path_copy(path);
    return cursor;
}

struct cursor *
service_events(struct service *service, uint64_t after, cursor_wake wake,
               void *arg)
{
    struct cursor *cursor = open_cursor(service, EVENTS, wake, arg);

    cursor->at = after;
    return cursor;
}

void
cursor_destroy(struct cursor *cursor)
{
    if (!cursor) {
        return;
    }
    if (cursor->prev) {
        cursor->prev->next = cursor->next;
    } else {
        cursor->service->cursors = cursor->next;
    }
    if (cursor->next) {
        cursor->next->prev = cursor->prev;
    }
    loop_timer_remove(cursor->timer);
    instance_destroy(cursor->scratch);
    class_unref(cursor->cls);
    path_destroy(cursor->path);
    free(cursor);
    n_cursors--;
}

static struct instance *
find(struct service *service, const struct path *path, size_t *at)
{
    for (size_t i = 0; i < service->n; i++) {
        if (path_matches(path, service->items[i])) {
            *at = i;
            return service->items[i];
        }
    }
    return NULL;
}

static enum cursor_step
next_item(struct cursor *cursor, const struct instance **item)
{
    struct service *service = cursor->service;

    while (cursor->at < service->n) {
        *item = service->items[cursor->at++];
        if (class_is_a((*item)->cls, cursor->cls->name)) {
            return CURSOR_ITEM;
        }
    }
    return CURSOR_END;
}

static enum cursor_step
made(struct cursor *cursor, const struct instance **item)
{
    instance_set_u64(cursor->scratch, "Id", ++cursor->at);
    if (cursor->kind == MANY || cursor->kind == BROKEN) {
        instance_set_string(cursor->scratch, "Text",
                            "as long as such a text usually is");
    }
    *item = cursor->scratch;
    return CURSOR_ITEM;
}

static void
woken(void *arg)
{
    struct cursor *cursor = arg;

    cursor->timer = NULL;
    cursor->wake(cursor->arg);
}

static enum cursor_step
slow(struct cursor *cursor, const struct instance **item)
{
    if (cursor->at == 3) {
        return CURSOR_END;
    }
    cursor->waited = !cursor->waited;
    if (cursor->waited) {
        cursor->timer = loop_timer_add(cursor->service->loop, 5, false,
                                       woken, cursor);
        return CURSOR_WAIT;
    }
    return made(cursor, item);
}

static enum cursor_step
next_event(struct cursor *cursor, const struct instance **item)
{
    if (cursor->at < cursor->service->n_events) {
        *item = cursor->service->events[cursor->at++];
        return CURSOR_ITEM;
    }
    cursor->is_waiting = true;
    return CURSOR_WAIT;
}

static enum cursor_step
get(struct cursor *cursor, const struct instance **item, struct error *error)
{
    size_t at;

    if (cursor->at++) {
        return CURSOR_END;
    }
    *item = find(cursor->service, cursor->path, &at);
    if (*item) {
        return CURSOR_ITEM;
    }
    error_set(error, ERROR_NOT_FOUND, "there is no such %s",
              cursor->path->class_name);
    return CURSOR_ERROR;
}

enum cursor_step
cursor_next(struct cursor *cursor, const struct instance **item,
            struct error *error)
{
    switch (cursor->kind) {
    case OVER_ITEMS:
        return next_item(cursor, item);
    case ONE_ITEM:
        return get(cursor, item, error);
    case MANY:
        return cursor->at < fake_knobs.n_many ? made(cursor, item)
                                              : CURSOR_END;
    case SLOW:
        return slow(cursor, item);
    case BROKEN:
        if (cursor->at < fake_knobs.n_before_error) {
            return made(cursor, item);
        }
        error_set(error, ERROR_PROVIDER, "the extension broke");
        return CURSOR_ERROR;
    case EVENTS:
        return next_event(cursor, item);
    default:
        return CURSOR_WAIT;
    }
}

void
fake_event(struct service *service, const char *text)
{
    struct instance *event = instance_create(
        repository_class(service->repository, "XVS_Event"));

    mem_grow(&service->events, &service->event_capacity, service->n_events,
             sizeof *service->events);
    service->events[service->n_events++] = event;
    instance_set_u64(event, "Sequence", service->n_events);
    instance_set_string(event, "Text", text);
    for (struct cursor *at = service->cursors; at;) {
        struct cursor *next = at->next;

        if (at->is_waiting) {
            at->is_waiting = false;
            at->wake(at->arg);
        }
        at = next;
    }
}

/* A completion, at once or later. */
struct later {
    service_done done;
    void *arg;
    struct path *path;
    struct error error;
};

static void
complete(void *arg)
{
    struct later *later = arg;

    later->done(later->arg, later->error.code ? &later->error : NULL,
                later->path);
    path_destroy(later->path);
    free(later);
}

static void
done_with(struct service *service, service_done done, void *arg,
          const struct error *error, struct path *path)
{
    struct later *later = mem_zalloc(sizeof *later);

    later->done = done;
    later->arg = arg;
    later->path = path;
    if (error) {
        later->error = *error;
    }
    if (fake_knobs.answers_later) {
        loop_defer(service->loop, complete, later);
    } else {
        complete(later);
    }
}

void
service_create_instance(struct service *service, struct instance *instance,
                        service_done done, void *arg)
{
    struct path *path = path_of_instance(instance);
    struct error error;
    size_t at;

    if (!path || find(service, path, &at)) {
        error_set(&error, ERROR_EXISTS, "it is there already");
        path_destroy(path);
        instance_destroy(instance);
        done_with(service, done, arg, &error, NULL);
        return;
    }
    add(service, instance);
    done_with(service, done, arg, NULL, path);
}

void
service_modify_instance(struct service *service, const struct path *path,
                        struct instance *instance, const char *const *names,
                        size_t n_names, service_done done, void *arg)
{
    struct error error;
    size_t at;
    struct instance *item = find(service, path, &at);

    for (uint32_t i = 0; item && i < instance->n; i++) {
        const char *name = instance->cls->properties[i].name;
        bool wanted = names == NULL;

        for (size_t k = 0; k < n_names; k++) {
            wanted |= text_equal_fold(names[k], name);
        }
        if (wanted) {
            struct value value;

            value_copy(&value, &instance->values[i]);
            instance_set(item, name, value, NULL);
        }
    }
    instance_destroy(instance);
    error_set(&error, ERROR_NOT_FOUND, "there is nothing to modify");
    done_with(service, done, arg, item ? NULL : &error, NULL);
}

void
service_delete_instance(struct service *service, const struct path *path,
                        service_done done, void *arg)
{
    struct error error;
    size_t at;
    struct instance *item = find(service, path, &at);

    if (item) {
        instance_destroy(item);
        memmove(service->items + at, service->items + at + 1,
                (service->n - at - 1) * sizeof *service->items);
        service->n--;
    }
    error_set(&error, ERROR_NOT_FOUND, "there is nothing to delete");
    done_with(service, done, arg, item ? NULL : &error, NULL);
}

/* Reset(force, count, name) -> count, text = name; nothing stays NULL. */
void
service_invoke(struct service *service, const struct path *path,
               const char *method, const struct value *in, size_t n_in,
               service_invoked done, void *arg)
{
    struct value out[5] = { 0 };
    struct value result = { .type = CIM_NONE, .is_null = true };

    (void) service;
    (void) path;
    for (size_t i = 0; i < n_in; i++) {
        out[i] = value_null(in[i].type, false);
    }
    if (text_equal_fold(method, "Forget")) {
        out[0] = value_u64(CIM_UINT32, 7);
    } else {
        value_copy(&out[3], &in[2]);
        result = value_u64(CIM_UINT32, in[1].is_null ? 0 : in[1].u);
    }
    done(arg, NULL, &result, out, n_in);
    for (size_t i = 0; i < n_in; i++) {
        value_clear(&out[i]);
    }
}
