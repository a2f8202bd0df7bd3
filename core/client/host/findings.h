/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_CLIENT_FINDINGS_H
#define XVS_CLIENT_FINDINGS_H

/*
 * What was found when a host was looked at: what it is about, what is so, and
 * what to do.  "xvsctl status" finds what is not well with switches and
 * extensions, "xvsctl doctor" what the host has and lacks.
 */

#include <stdbool.h>
#include <stddef.h>

struct buffer;
struct run;

enum finding_level {
    FINDING_GOOD,       /* as it should be */
    FINDING_NOTE,       /* worth knowing; nothing has to be done */
    FINDING_WARNING,    /* works, but less well than it could */
    FINDING_ERROR,      /* does not work */
};

struct finding {
    enum finding_level level;
    char *what;         /* "port lan/vm1" */
    char *text;         /* what is so */
    const char *hint;   /* what it costs and what to do, or NULL; static */
};

struct findings {
    struct finding *items;
    size_t n, capacity;     /* of items */
};

void findings_add(struct findings *findings, enum finding_level level,
                  const char *what, const char *hint, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/* How many are of that level or worse. */
size_t findings_count(const struct findings *findings,
                      enum finding_level level);
/* The worst first; those of a level stay in order. */
void findings_sort(struct findings *findings);
/* Lines for a person, those of 'level' or worse. */
void findings_print(const struct findings *findings,
                    enum finding_level level);
/* An array of objects. */
void findings_json(const struct findings *findings, struct buffer *out);
void findings_clear(struct findings *findings);

/* What is not well (health.c); false when the server could not be asked. */
bool health_find(struct run *run, struct findings *findings);

/* What the host has and lacks (doctor.c); asks xvsd when it answers. */
void doctor_find(struct run *run, struct findings *findings);

#endif
