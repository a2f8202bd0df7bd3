/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Cursors that follow events: they have no end, and wait in a list of the
 * service's until something happens.
 */

#include <config.h>

#include <stddef.h>

#include "base/loop.h"
#include "service/internal.h"
#include "service/view/cursor.h"

struct cursor *
service_events(struct service *service, uint64_t after, cursor_wake wake,
               void *arg)
{
    struct cursor *cursor = cursor_create(service, wake, arg);

    cursor->is_events = true;
    cursor->sequence = after;
    return cursor;
}

enum cursor_step
cursor_next_event(struct cursor *cursor, const struct instance **item)
{
    cursor->item = events_next(cursor->service, &cursor->sequence);
    if (cursor->item) {
        *item = cursor->item;
        return CURSOR_ITEM;
    }
    if (!cursor->waiting) {
        cursor->waiting = true;
        cursor->next_waiting = cursor->service->events.waiting;
        cursor->service->events.waiting = cursor;
    }
    return CURSOR_WAIT;
}

/* Takes the cursor off a list of waiting ones. */
static void
list_remove(struct cursor **list, struct cursor *cursor)
{
    while (*list && *list != cursor) {
        list = &(*list)->next_waiting;
    }
    if (*list) {
        *list = cursor->next_waiting;
    }
}

void
cursor_leave_events(struct cursor *cursor)
{
    list_remove(&cursor->service->events.waiting, cursor);
    list_remove(&cursor->service->events.waking, cursor);
}

static void
wake_waiting(void *arg)
{
    struct service *service = arg;
    struct events *events = &service->events;

    events->wake_timer = NULL;
    events->waking = events->waiting;
    events->waiting = NULL;
    while (events->waking) {
        struct cursor *cursor = events->waking;

        events->waking = cursor->next_waiting;
        cursor->next_waiting = NULL;
        cursor->waiting = false;
        cursor->wake(cursor->arg);
    }
}

void
cursor_wake_events(struct service *service)
{
    struct events *events = &service->events;

    /* A timer can be taken back when the service ends, a deferred call not. */
    if (events->waiting && !events->wake_timer) {
        events->wake_timer = loop_timer_add(service->loop, 0, false,
                                            wake_waiting, service);
    }
}
