/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SERVICE_CURSOR_H
#define XVS_SERVICE_CURSOR_H

/*
 * Cursors from the inside.  A cursor walks classes; each class has a source
 * that makes its objects one by one.  Sources keep no pointer into the state
 * between steps, only the key of the last object, so that the state may
 * change under a reader at any time.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <xvs/types.h>
#include "base/buffer.h"
#include "base/error.h"
#include "service/service.h"
#include "service/state.h"

struct asked;
struct cursor;
struct map;

/* Where a source is: what it has shown last. */
struct position {
    bool started;
    size_t number;
    char first[256];            /* a name: of the switch, the schema, ... */
    char second[XVS_NAME_SIZE];
    struct xvs_guid guid;       /* of the instance */
    size_t hint;                /* position in the index, */
    uint64_t changes;           /* while it has not changed since */
};

/* What the objects of a class show of xvs-switch's counters. */
enum source_counters {
    COUNTERS_NONE,
    COUNTERS_ALL,               /* of ports and stages */
    COUNTERS_HOST               /* only the host's own */
};

/* Objects of one class. */
struct source {
    const char *class_name;
    /* The next object, the caller's, or NULL at the end (or while
     * cursor->waiting, or with cursor->failed). */
    struct instance *(*next)(struct cursor *cursor);
    /* The object that the path names, or NULL; NULL function: by walking. */
    struct instance *(*get)(struct cursor *cursor, const struct path *path);
    enum source_counters counters;  /* are fetched first */
};

struct cursor {
    struct service *service;
    cursor_wake wake;
    void *arg;
    struct cim_class *cls;      /* what was asked for */
    struct cim_class **classes; /* to walk, counted references */
    size_t n_classes, at;
    struct path *path;          /* of one object; NULL: all */
    struct position position;
    struct map *found;          /* InstanceIDs of settings, instead of the
                                 * walk; NULL: there are none */
    size_t found_at;
    char only_switch[XVS_NAME_SIZE], only_port[XVS_NAME_SIZE];  /* status
                                 * of these, in any case; "": of all */
    struct instance *item;      /* shown last, when it is ours */
    struct held *held;          /* shown last, when it is a setting's */
    bool waiting;               /* 'wake' is owed */
    bool ended;
    bool failed;                /* 'error' is set and not yet told */
    struct error error;
    struct asked *asked;        /* a question to xvs-switch, or NULL */
    struct buffer answer;       /* what it answered */
    bool answered;              /* 'answer' is there (may be empty) */
    size_t answer_at;           /* next object in it */
    uint32_t answer_left;       /* objects left in it */
    bool is_events;             /* follows events; see 'sequence' */
    uint64_t sequence;
    struct cursor *next_waiting;    /* in struct events */
};

/* One that walks nothing yet; 'wake' as for service_enumerate(). */
struct cursor *cursor_create(struct service *service, cursor_wake wake,
                             void *arg);
/*
 * Sends the message and makes the cursor wait; the whole answer is then in
 * cursor->answer.  An answer that is missing or a refusal fails the cursor
 * unless 'optional'.
 */
void cursor_ask(struct cursor *cursor, struct buffer *message, bool optional);
void cursor_fail(struct cursor *cursor, const struct error *error);

/* The source of a class of the core, or NULL. */
const struct source *source_of_class(const char *class_name);
extern const struct source sources_core[];
extern const struct source sources_links[];
/* The next setting of the class, or the one that the path names; held by the
 * cursor (service/view/cursor-settings.c). */
const struct instance *cursor_next_setting(struct cursor *cursor,
                                           const struct xvs_guid *uuid);
const struct instance *cursor_get_setting(struct cursor *cursor);
const struct instance *cursor_setting_of_id(struct cursor *cursor,
                                            const char *instance_id);
/* The next of those that were found (service/view/cursor-select.c). */
const struct instance *cursor_next_found(struct cursor *cursor);
/* Events (service/view/cursor-events.c): the next one, or CURSOR_WAIT. */
enum cursor_step cursor_next_event(struct cursor *cursor,
                                   const struct instance **item);
/* Nobody wakes the cursor any more. */
void cursor_leave_events(struct cursor *cursor);
/* Wakes those who wait for events. */
void cursor_wake_events(struct service *service);
/* Status objects (service/view/status.c). */
struct instance *status_next(struct cursor *cursor);
/* Judges at the start whether anybody can answer. */
bool status_start(struct cursor *cursor, struct error *error);

#endif
