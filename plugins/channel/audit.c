/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What became of each client's wish.  A line for each beginning and end of a
 * conversation, an event for each refusal; but only so many of a second, and
 * then how many more there were, so that nobody fills a log from outside.
 */

#include "audit.h"

#include <stdio.h>

#include "vms.h"

#define LINES 100u              /* of a second */
#define EVENTS 5u

/* ---- Counting ----------------------------------------------------------- */

static enum refusal
refusal_of(int status)
{
    switch (status) {
    case 401: case 407:
        return REFUSED_CLIENT;
    case 403:
        return REFUSED_RULE;
    case 404: case 421:
        return REFUSED_NAME;
    case 502:
        return REFUSED_PORT;
    case 503: case 504:
        return REFUSED_DOWN;
    case 429:
        return REFUSED_LIMIT;
    default:
        return REFUSED_REQUEST;
    }
}

static void
count(struct counts *counts, const struct proxy_end *end)
{
    if (end->status == 200) {
        counts->conversations++;
        counts->opened++;
        counts->dialled = end->dialled;
    } else if (end->status == 0) {
        counts->conversations--;
    } else {
        counts->refused[refusal_of(end->status)]++;
    }
}

/* ---- Telling ------------------------------------------------------------ */

/* What a stranger wrote, without what could do something to a terminal. */
static const char *
printable(char to[160], const char *from)
{
    size_t i;

    for (i = 0; i < 159 && from[i]; i++) {
        to[i] = from[i] >= ' ' && from[i] <= '~' ? from[i] : '?';
    }
    to[i] = 0;
    return to;
}

/* "backup (192.0.2.1:4711)" */
static const char *
client(char to[160], const struct identity *who)
{
    snprintf(to, 160, "%s (%s)", who->name[0] ? who->name : "somebody",
             who->address);
    return to;
}

static void
tell_line(const struct channel *self, const struct proxy_end *end)
{
    char text[700], who[160], wanted[160];

    client(who, end->who);
    printable(wanted, end->wanted);
    if (end->status == 200) {
        snprintf(text, sizeof(text), "%s talks to %s: VM %s, port %u, after"
                 " %llu us", who, wanted, end->vm ? end->vm->name : "?",
                 end->port, (unsigned long long) end->dialled / 1000);
    } else {
        snprintf(text, sizeof(text), "%s and %s have ended: %s; %llu bytes up,"
                 " %llu down, %llu ms", who, wanted,
                 end->reason ? end->reason : "finished",
                 (unsigned long long) end->up, (unsigned long long) end->down,
                 (unsigned long long) end->lasted / 1000000);
    }
    self->host->log(self->host, XVS_LOG_INFO, text);
}

static void
tell_refusal(const struct channel *self, const struct proxy_end *end)
{
    char text[700], who[160], wanted[160], reason[160];

    snprintf(text, sizeof(text), "refused: %s wanted %s: %d, %s",
             client(who, end->who),
             end->wanted && end->wanted[0] ? printable(wanted, end->wanted)
             : "nothing that could be read", end->status,
             printable(reason, end->reason ? end->reason : "no reason"));
    self->host->event(self->host, XVS_LOG_WARNING, text);
}

void
audit_told(struct proxy_host *host, const struct proxy_end *end)
{
    struct channel *self = host->context;
    bool refused = end->status && end->status != 200;
    uint32_t *left = refused ? &self->audit.events : &self->audit.lines;

    count(&self->counts, end);
    if (end->vm) {
        count(&vm_of(end->vm)->counts, end);
    }
    if (!*left) {
        *(refused ? &self->audit.more_events : &self->audit.more_lines) += 1;
        return;
    }
    --*left;
    if (refused) {
        tell_refusal(self, end);
    } else {
        tell_line(self, end);
    }
}

void
audit_tick(struct channel *self)
{
    struct audit *audit = &self->audit;
    char text[100];

    if (audit->more_lines) {
        snprintf(text, sizeof(text), "%llu more beginnings and ends of"
                 " conversations", (unsigned long long) audit->more_lines);
        self->host->log(self->host, XVS_LOG_INFO, text);
    }
    if (audit->more_events) {
        snprintf(text, sizeof(text), "refused: %llu more",
                 (unsigned long long) audit->more_events);
        self->host->event(self->host, XVS_LOG_WARNING, text);
    }
    *audit = (struct audit) { .lines = LINES, .events = EVENTS };
}
