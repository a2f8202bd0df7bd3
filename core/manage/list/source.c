/* SPDX-License-Identifier: BSD-3-Clause */

#include <config.h>

#include "manage/list/source.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"

struct source {
    struct cursor *cursor;          /* a plain one, or NULL */
    struct associate *associate;    /* else this */
    cursor_wake wake;               /* NULL: nobody waits */
    void *arg;                      /* of wake */
    bool woken;                     /* since the last call of next */
};

static void
woken(void *arg)
{
    struct source *source = arg;

    source->woken = true;
    if (source->wake) {
        source->wake(source->arg);
    }
}

struct source *
source_class(struct service *service, struct cim_class *cls)
{
    struct source *source = mem_zalloc(sizeof *source);

    source->cursor = service_enumerate(service, cls, woken, source);
    return source;
}

struct source *
source_query(struct service *service, struct cim_class *cls,
             const struct wql *wql)
{
    struct source *source = mem_zalloc(sizeof *source);

    source->cursor = service_select(service, cls, wql, woken, source);
    return source;
}

struct source *
source_object(struct service *service, const struct path *path)
{
    struct source *source = mem_zalloc(sizeof *source);

    source->cursor = service_get(service, path, woken, source);
    return source;
}

struct source *
source_events(struct service *service, uint64_t after)
{
    struct source *source = mem_zalloc(sizeof *source);

    source->cursor = service_events(service, after, woken, source);
    return source;
}

struct source *
source_references(struct service *service, const struct path *path,
                  const struct source_filter *filter)
{
    struct source *source = mem_zalloc(sizeof *source);

    source->associate = associate_create(service, path, filter, false, false,
                                         woken, source);
    return source;
}

struct source *
source_associators(struct service *service, const struct path *path,
                   const struct source_filter *filter, bool only_paths)
{
    struct source *source = mem_zalloc(sizeof *source);

    source->associate = associate_create(service, path, filter, true,
                                         only_paths, woken, source);
    return source;
}

void
source_destroy(struct source *source)
{
    if (source) {
        cursor_destroy(source->cursor);
        associate_destroy(source->associate);
        free(source);
    }
}

void
source_wake(struct source *source, cursor_wake wake, void *arg)
{
    source->wake = wake;
    source->arg = arg;
}

enum cursor_step
source_next(struct source *source, struct source_item *item,
            struct error *error)
{
    enum cursor_step step;

    do {
        source->woken = false;
        *item = (struct source_item){ NULL, NULL };
        step = source->associate
                   ? associate_next(source->associate, item, error)
                   : cursor_next(source->cursor, &item->instance, error);
    } while (step == CURSOR_WAIT && source->woken);
    return step;
}
