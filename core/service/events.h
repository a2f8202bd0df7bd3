/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SERVICE_EVENTS_H
#define XVS_SERVICE_EVENTS_H

/*
 * What happened, for operators: the last EVENTS_KEPT events in a ring.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cursor;
struct error;
struct instance;
struct loop_timer;
struct service;

#define EVENTS_KEPT 1000

/* What is told about an event; texts are copied, NULL: does not apply. */
struct event {
    const char *severity;       /* "error", "warning" or "info" */
    const char *kind;           /* one word */
    const char *switch_name;
    const char *port_name;
    const char *extension_name;
    const char *text;
};

/* One event that is kept. */
struct kept_event {
    int64_t microseconds;       /* since 1970 */
    char *texts[6];             /* in the order of struct event */
};

/* The ring: part of struct service. */
struct events {
    uint64_t last;              /* Sequence of the newest; 0: none yet */
    struct kept_event ring[EVENTS_KEPT];
    struct cursor *waiting;     /* cursors to be woken by the next one */
    struct cursor *waking;      /* those of them still to be woken now */
    struct loop_timer *wake_timer;  /* when that is planned */
};

/* Adds an event and writes it to the log. */
void events_add(struct service *service, const struct event *event);
void events_free(struct events *events);
/* The oldest event with a greater Sequence, as an object, or NULL. */
struct instance *events_next(struct service *service, uint64_t *sequence);

#endif
