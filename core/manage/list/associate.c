/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Follows associations: the instances of every association class that may
 * hold are looked through for a reference to the object.  For the objects at
 * the other end a second cursor fetches each of them.
 */

#include <config.h>

#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "manage/list/source.h"
#include "object/instance.h"
#include "object/path.h"
#include "schema/class.h"
#include "schema/repository.h"

struct associate {
    struct service *service;
    struct path *path;              /* the object */
    char *result, *role, *result_role;      /* the filter; or NULL */
    bool others;                    /* the other ends are wanted */
    bool only_paths;                /* of them */
    struct cim_class **classes;     /* to look through; references held */
    size_t n_classes, at;           /* at: the next one */
    struct cursor *cursor;          /* through instances of a class */
    const struct instance *link;    /* the association at hand, or NULL */
    uint32_t own;                   /* its reference to the object */
    uint32_t end;                   /* the next property to look at */
    struct path *other;             /* what it refers to */
    struct cursor *fetch;           /* of the object there */
    cursor_wake wake;
    void *arg;                      /* of wake */
};

static char *
copy(const char *text)
{
    return text ? mem_strdup(text) : NULL;
}

/* An association whose parent is looked through already comes with it. */
static bool
is_wanted(const struct cim_class *cls, const char *association)
{
    return cls->is_association
           && (!association || class_is_a(cls, association));
}

static void
collect(struct associate *associate, const char *association)
{
    struct cim_class *const *classes;
    size_t n = repository_classes(service_repository(associate->service),
                                  &classes);

    associate->classes = mem_array(n, sizeof *associate->classes);
    for (size_t i = 0; i < n; i++) {
        if (is_wanted(classes[i], association)
            && !(classes[i]->super
                 && is_wanted(classes[i]->super, association))) {
            associate->classes[associate->n_classes++] =
                class_ref(classes[i]);
        }
    }
}

struct associate *
associate_create(struct service *service, const struct path *path,
                 const struct source_filter *filter, bool others,
                 bool only_paths, cursor_wake wake, void *arg)
{
    struct associate *associate = mem_zalloc(sizeof *associate);

    associate->service = service;
    associate->path = path_copy(path);
    associate->result = others ? copy(filter->result) : NULL;
    associate->role = copy(filter->role);
    associate->result_role = copy(filter->result_role);
    associate->others = others;
    associate->only_paths = only_paths;
    associate->wake = wake;
    associate->arg = arg;
    /* For references the result is the association itself. */
    collect(associate, others ? filter->association : filter->result);
    return associate;
}

void
associate_destroy(struct associate *associate)
{
    if (!associate) {
        return;
    }
    cursor_destroy(associate->fetch);
    cursor_destroy(associate->cursor);
    for (size_t i = 0; i < associate->n_classes; i++) {
        class_unref(associate->classes[i]);
    }
    path_destroy(associate->path);
    path_destroy(associate->other);
    free(associate->classes);
    free(associate->result);
    free(associate->role);
    free(associate->result_role);
    free(associate);
}

static bool
class_related(struct associate *associate, const char *a, const char *b)
{
    struct repository *repository = service_repository(associate->service);
    const struct cim_class *left = repository_class(repository, a);
    const struct cim_class *right = repository_class(repository, b);

    return left && right && (class_is_a(left, b) || class_is_a(right, a));
}

/* The same object, even when one path names a base of its class. */
static bool
refers_to(struct associate *associate, const char *text)
{
    struct path *path = path_parse(text, NULL);
    struct path *own = associate->path;
    char *name;
    bool same;

    if (!path) {
        return false;
    }
    name = path->class_name;
    if (!text_equal_fold(name, own->class_name)
        && class_related(associate, name, own->class_name)) {
        path->class_name = own->class_name;
    }
    same = path_equal(path, own);
    path->class_name = name;
    path_destroy(path);
    return same;
}

/* Finds our object among the references of an association. */
static bool
is_link(struct associate *associate, const struct instance *link)
{
    for (uint32_t i = 0; i < link->n; i++) {
        const struct value *value = &link->values[i];
        const char *name = link->cls->properties[i].name;

        if (value->type == CIM_REFERENCE && !value->is_null
            && !value->is_array
            && (!associate->role || text_equal_fold(associate->role, name))
            && refers_to(associate, value->s)) {
            associate->own = i;
            return true;
        }
    }
    return false;
}

/* The next association that holds; its other ends come next. */
static enum cursor_step
next_link(struct associate *associate, struct error *error)
{
    for (;;) {
        const struct instance *link;
        enum cursor_step step;

        if (!associate->cursor) {
            if (associate->at == associate->n_classes) {
                return CURSOR_END;
            }
            associate->cursor = service_enumerate(
                associate->service, associate->classes[associate->at++],
                associate->wake, associate->arg);
        }
        step = cursor_next(associate->cursor, &link, error);
        if (step == CURSOR_END) {
            cursor_destroy(associate->cursor);
            associate->cursor = NULL;
        } else if (step != CURSOR_ITEM) {
            return step;
        } else if (is_link(associate, link)) {
            associate->link = link;
            associate->end = 0;
            return CURSOR_ITEM;
        }
    }
}

/* True when the property at hand refers to an object that is wanted. */
static bool
take_end(struct associate *associate, uint32_t at)
{
    const struct value *value = &associate->link->values[at];
    const char *name = associate->link->cls->properties[at].name;
    struct cim_class *cls;

    if (at == associate->own || value->type != CIM_REFERENCE
        || value->is_null || value->is_array
        || (associate->result_role
            && !text_equal_fold(associate->result_role, name))) {
        return false;
    }
    path_destroy(associate->other);
    associate->other = path_parse(value->s, NULL);
    if (!associate->other || !associate->result) {
        return associate->other != NULL;
    }
    cls = repository_class(service_repository(associate->service),
                           associate->other->class_name);
    return cls && class_is_a(cls, associate->result);
}

/* The next other end of any association; 'other' names it. */
static enum cursor_step
next_end(struct associate *associate, struct error *error)
{
    for (;;) {
        while (associate->link && associate->end < associate->link->n) {
            if (take_end(associate, associate->end++)) {
                return CURSOR_ITEM;
            }
        }
        associate->link = NULL;
        enum cursor_step step = next_link(associate, error);

        if (step != CURSOR_ITEM) {
            return step;
        }
    }
}

/* The next other end as an object; one that is just gone is left out. */
static enum cursor_step
next_object(struct associate *associate, const struct instance **object,
            struct error *error)
{
    for (;;) {
        enum cursor_step step;

        if (!associate->fetch) {
            step = next_end(associate, error);
            if (step != CURSOR_ITEM) {
                return step;
            }
            associate->fetch =
                service_get(associate->service, associate->other,
                            associate->wake, associate->arg);
        }
        step = cursor_next(associate->fetch, object, error);
        if (step == CURSOR_ITEM || step == CURSOR_WAIT) {
            return step;
        }
        cursor_destroy(associate->fetch);
        associate->fetch = NULL;
        if (step == CURSOR_ERROR && error->code != ERROR_NOT_FOUND) {
            return step;
        }
    }
}

enum cursor_step
associate_next(struct associate *associate, struct source_item *item,
               struct error *error)
{
    enum cursor_step step;

    if (!associate->others) {
        step = next_link(associate, error);
        item->instance = associate->link;
    } else if (associate->only_paths) {
        step = next_end(associate, error);
        item->path = associate->other;
    } else {
        step = next_object(associate, &item->instance, error);
    }
    return step;
}
