/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What all changes of objects share.
 */

#include <config.h>

#include "service/change/change.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "object/instance.h"
#include "object/path.h"
#include "service/events.h"
#include "service/view/objects.h"

void
wish_finish(struct wish *wish, const struct error *error,
            const struct path *path)
{
    wish->done(wish->arg, error, error ? NULL : path);
    instance_destroy(wish->instance);
    path_destroy(wish->path);
    for (size_t i = 0; i < wish->n_names; i++) {
        free(wish->names[i]);
    }
    free(wish->names);
}

void
wish_finish_object(struct wish *wish, const struct error *error,
                   const char *class_name, const char *first_key,
                   const char *first, const char *second_key,
                   const char *second)
{
    struct path *path = wish->path ? NULL
        : object_path(class_name, first_key, first, second_key, second);

    wish_finish(wish, error, path);
    path_destroy(path);
}

bool
wish_names(const struct wish *wish, const char *property)
{
    if (!wish->names) {
        return true;
    }
    for (size_t i = 0; i < wish->n_names; i++) {
        if (text_equal_fold(wish->names[i], property)) {
            return true;
        }
    }
    return false;
}

const char *
wish_text(const struct wish *wish, const char *property)
{
    const char *text = wish->path ? path_key(wish->path, property) : NULL;

    return text || !wish->instance ? text
        : instance_text(wish->instance, property);
}

char *
wish_name(const struct wish *wish, const char *property)
{
    const char *text = wish_text(wish, property);

    return mem_strdup(text ? text : "");
}

/* ---- Telling ------------------------------------------------------------ */

const char *
wish_kind(const struct wish *wish)
{
    return !wish->path ? "created" : wish->instance ? "changed" : "removed";
}

void
change_tell(struct service *service, const char *kind,
            const char *switch_name, const char *port_name,
            const char *extension_name, const char *format, ...)
{
    char text[600];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    events_add(service, &(struct event) {
        .severity = "info", .kind = kind, .switch_name = switch_name,
        .port_name = port_name, .extension_name = extension_name,
        .text = text,
    });
}
