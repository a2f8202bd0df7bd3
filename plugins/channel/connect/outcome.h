/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONNECT_OUTCOME_H
#define CONNECT_OUTCOME_H

/*
 * How it ended: a status for scripts, a line for people and programs.
 */

#include <stdbool.h>
#include <stdint.h>

#include "place.h"

/* Exit statuses: a part of the manual, never to be numbered anew. */
enum outcome_code {
    OUTCOME_GOOD = 0,
    OUTCOME_FAILED = 1,         /* a fault of this program or this host */
    OUTCOME_USAGE = 2,
    OUTCOME_NO_PROXY = 3,       /* nobody answers there */
    OUTCOME_TLS = 4,
    OUTCOME_NO_ANSWER = 5,      /* the proxy took longer than --timeout */
    OUTCOME_NO_HTTP = 6,
    OUTCOME_RESET = 7,          /* open, and then lost */
    OUTCOME_BAD_REQUEST = 10,   /* 400, 405, 408, 431, 505 */
    OUTCOME_WHO = 11,           /* 401, 407 */
    OUTCOME_NOT_ALLOWED = 12,   /* 403 */
    OUTCOME_UNKNOWN_VM = 13,    /* 404 */
    OUTCOME_ELSEWHERE = 14,     /* 421, and no way to there; 508 */
    OUTCOME_LIMIT = 15,         /* 429 */
    OUTCOME_REFUSED = 16,       /* 502: nobody listens on that port */
    OUTCOME_VM_DOWN = 17,       /* 503 */
    OUTCOME_VM_SILENT = 18,     /* 504 */
    OUTCOME_OTHER = 19          /* any other status */
};

struct outcome {
    enum outcome_code code;
    int status;                 /* as of HTTP; 0: there was none */
    char text[400];             /* one sentence; "" when it is good */
};

enum outcome_code outcome_of_status(int status);
/* Fills it in. */
void outcome_set(struct outcome *outcome, enum outcome_code code, int status,
                 const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* What is told of a conversation on standard error. */
struct report {
    const struct target *target;    /* NULL: none was said yet */
    const struct place *proxy;
    const struct outcome *outcome;
    uint64_t up, down;          /* bytes, when it has ended */
    bool ended;                 /* false: it has just begun */
};

enum report_kind { REPORT_ERRORS, REPORT_ALL, REPORT_JSON };

/* A line, when there is something to say at that kind. */
void outcome_report(enum report_kind kind, const struct report *report);

#endif
