/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Lines on standard error: texts, or an object of JSON each.
 */

#include "outcome.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum outcome_code
outcome_of_status(int status)
{
    switch (status) {
    case 400: case 405: case 408: case 431: case 505:
        return OUTCOME_BAD_REQUEST;
    case 401: case 407:
        return OUTCOME_WHO;
    case 403:
        return OUTCOME_NOT_ALLOWED;
    case 404:
        return OUTCOME_UNKNOWN_VM;
    case 421: case 508:
        return OUTCOME_ELSEWHERE;
    case 429:
        return OUTCOME_LIMIT;
    case 502:
        return OUTCOME_REFUSED;
    case 503:
        return OUTCOME_VM_DOWN;
    case 504:
        return OUTCOME_VM_SILENT;
    default:
        return status >= 200 && status < 300 ? OUTCOME_GOOD : OUTCOME_OTHER;
    }
}

void
outcome_set(struct outcome *outcome, enum outcome_code code, int status,
            const char *format, ...)
{
    va_list list;

    outcome->code = code;
    outcome->status = status;
    va_start(list, format);
    vsnprintf(outcome->text, sizeof(outcome->text), format, list);
    va_end(list);
}

/* A text of JSON; what is no printable ASCII was taken out before, but in
 * paths. */
static void
put_text(const char *text)
{
    putc('"', stderr);
    for (; *text; text++) {
        if (*text == '"' || *text == '\\') {
            putc('\\', stderr);
        }
        putc((unsigned char) *text < ' ' ? '?' : *text, stderr);
    }
    putc('"', stderr);
}

static void
put_member(const char *name, const char *text)
{
    fprintf(stderr, ",\"%s\":", name);
    put_text(text);
}

static const char *
event_name(const struct report *report)
{
    if (report->outcome->code != OUTCOME_GOOD) {
        return report->ended ? "lost" : "failed";
    }
    return report->ended ? "closed" : "open";
}

static void
report_json(const struct report *report)
{
    char proxy[300];

    fprintf(stderr, "{\"event\":\"%s\"", event_name(report));
    if (report->target) {
        put_member("vm", report->target->vm);
        fprintf(stderr, ",\"port\":%u", report->target->port);
    }
    if (report->proxy) {
        put_member("proxy", place_text(report->proxy, proxy));
    }
    if (report->outcome->status) {
        fprintf(stderr, ",\"status\":%d", report->outcome->status);
    }
    if (report->outcome->code != OUTCOME_GOOD) {
        fprintf(stderr, ",\"code\":%d", (int) report->outcome->code);
        put_member("reason", report->outcome->text);
    }
    if (report->ended) {
        fprintf(stderr, ",\"up\":%" PRIu64 ",\"down\":%" PRIu64, report->up,
                report->down);
    }
    fputs("}\n", stderr);
}

static void
report_text(const struct report *report)
{
    char proxy[300];

    fputs("xvs-connect: ", stderr);
    if (report->target) {
        fprintf(stderr, "%s port %u: ", report->target->vm,
                report->target->port);
    }
    if (report->outcome->status && report->outcome->code != OUTCOME_GOOD) {
        fprintf(stderr, "%d: ", report->outcome->status);
    }
    if (report->outcome->code != OUTCOME_GOOD) {
        fputs(report->outcome->text, stderr);
    } else if (report->ended) {
        fprintf(stderr, "closed; %" PRIu64 " bytes to the VM, %" PRIu64
                " from it", report->up, report->down);
    } else {
        fprintf(stderr, "open, by %s", place_text(report->proxy, proxy));
    }
    putc('\n', stderr);
}

void
outcome_report(enum report_kind kind, const struct report *report)
{
    if (kind == REPORT_JSON) {
        report_json(report);
    } else if (kind == REPORT_ALL || report->outcome->code != OUTCOME_GOOD) {
        report_text(report);
    }
}
