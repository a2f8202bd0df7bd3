/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The ring of events.
 */

#include <config.h>

#include "service/events.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "base/loop.h"
#include "base/memory.h"
#include "object/instance.h"
#include "schema/repository.h"
#include "service/internal.h"
#include "service/view/cursor.h"

static const char *const names[] = {
    "Severity", "Kind", "SwitchName", "PortName", "ExtensionName", "Text",
};

static void
kept_clear(struct kept_event *kept)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        free(kept->texts[i]);
        kept->texts[i] = NULL;
    }
}

void
events_free(struct events *events)
{
    loop_timer_remove(events->wake_timer);
    for (size_t i = 0; i < EVENTS_KEPT; i++) {
        kept_clear(&events->ring[i]);
    }
}

static void
log_event(const struct event *event)
{
    enum log_level level = LOG_LEVEL_INFO;

    if (strcmp(event->severity, "error") == 0) {
        level = LOG_LEVEL_ERROR;
    } else if (strcmp(event->severity, "warning") == 0) {
        level = LOG_LEVEL_WARNING;
    }
    log_line(level, "%s%s%s%s%s%s%s: %s", event->kind,
             event->switch_name ? " switch " : "",
             event->switch_name ? event->switch_name : "",
             event->port_name ? " port " : "",
             event->port_name ? event->port_name : "",
             event->extension_name ? " extension " : "",
             event->extension_name ? event->extension_name : "",
             event->text);
}

void
events_add(struct service *service, const struct event *event)
{
    struct events *events = &service->events;
    struct kept_event *kept = &events->ring[++events->last % EVENTS_KEPT];
    const char *const texts[] = {
        event->severity, event->kind, event->switch_name, event->port_name,
        event->extension_name, event->text,
    };
    struct timespec now;

    log_event(event);
    kept_clear(kept);
    clock_gettime(CLOCK_REALTIME, &now);
    kept->microseconds = (int64_t) now.tv_sec * 1000000 + now.tv_nsec / 1000;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        kept->texts[i] = texts[i] ? mem_strdup(texts[i]) : NULL;
    }
    cursor_wake_events(service);
}

struct instance *
events_next(struct service *service, uint64_t *sequence)
{
    struct events *events = &service->events;
    const struct kept_event *kept;
    struct instance *instance;
    struct cim_class *cls;
    struct value time = { .type = CIM_DATETIME };

    if (events->last > EVENTS_KEPT
        && *sequence < events->last - EVENTS_KEPT) {
        *sequence = events->last - EVENTS_KEPT;
    }
    cls = repository_class(service->repository, "XVS_Event");
    if (*sequence >= events->last || !cls) {
        return NULL;
    }
    kept = &events->ring[++*sequence % EVENTS_KEPT];
    instance = instance_create(cls);
    instance_set_u64(instance, "Sequence", *sequence);
    time.t = mem_zalloc(sizeof *time.t);
    time.t->microseconds = kept->microseconds;
    instance_set(instance, "Time", time, NULL);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (kept->texts[i]) {
            instance_set_string(instance, names[i], kept->texts[i]);
        }
    }
    return instance;
}
