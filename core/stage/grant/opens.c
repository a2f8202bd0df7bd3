/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Sockets that a process asks for, some of them with one question: each costs
 * what the kernel wants for it, and all together one turn of both processes.
 */

#include <config.h>

#include "stage/pair/pair-inside.h"

#include <stdio.h>

#include "base/error.h"
#include "stage/call/call.h"
#include "stage/call/nested.h"
#include "stage/host.h"

static void
say_why(struct call_opened *opened, const struct error *why)
{
    char text[CONTROL_TEXT];

    snprintf(text, sizeof text, why->hint[0] ? "%.350s (%.150s)" : "%s",
             why->text, why->hint);
    host_copy_text(opened->reason, sizeof opened->reason, text);
}

static void
set_result(struct call_opened *opened, bool good, const struct error *why)
{
    opened->result = good ? XVS_SUCCESS
        : why->code == ERROR_NOT_FOUND || why->code == ERROR_DENIED
            ? XVS_INVALID_PARAMETER : XVS_RESOURCES;
    if (!good) {
        say_why(opened, why);
    }
}

/* The descriptor, or -1. */
static int
open_one(struct pair *pair, const struct call_grant *wanted,
         struct call_opened *opened)
{
    const struct stage *stage = pair->stage;
    struct error error = { 0 };
    int fd = grants_open(&pair->grants, &wanted->uuid, &wanted->instance,
                         wanted->property, &stage->plugin->extension.id,
                         __atomic_load_n(&stage->place->manager,
                                         __ATOMIC_RELAXED), &error);

    set_result(opened, fd >= 0, &error);
    opened->has_fd = fd >= 0;
    return fd;
}

static void
refuse(struct call_opened *opened)
{
    struct error error = { 0 };

    error_set(&error, ERROR_BUSY, "sockets are for the instance that was"
              " activated");
    opened->result = XVS_NOT_ACCEPTED;
    say_why(opened, &error);
}

void
opens_answer(struct pair *pair, const struct process *process,
             const struct call_open *wanted, struct buffer *out, int *fds,
             uint32_t *n_fds)
{
    const struct call_grant *grants = (const void *) (wanted + 1);
    struct call_opened opened[CALL_OPENS] = { 0 };

    for (uint32_t i = 0; i < wanted->n; i++) {
        if (process != pair->opens) {
            refuse(&opened[i]);
            continue;
        }
        fds[*n_fds] = open_one(pair, &grants[i], &opened[i]);
        *n_fds += opened[i].has_fd;
    }
    nested_put_answer(out, opened, wanted->n * sizeof *opened);
}

void
opens_accept(struct pair *pair, const struct process *process,
             const struct call_grant *wanted, struct buffer *out, int *fds,
             uint32_t *n_fds)
{
    struct {
        struct call_opened opened;
        struct call_visitor visitor;
    } answer = { .opened.has_fd = 0 };
    struct error error = { 0 };

    if (process != pair->opens) {
        refuse(&answer.opened);
    } else {
        bool good = grants_accept(&pair->grants, &wanted->uuid,
                                  &wanted->instance, wanted->property,
                                  &fds[0], &answer.visitor, &error);

        set_result(&answer.opened, good, &error);
        *n_fds = good && fds[0] >= 0;
        answer.opened.has_fd = *n_fds;
    }
    nested_put_answer(out, &answer, sizeof answer);
}
