/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What a function did to be ended in a domain, in words; see gate.h.
 */

#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "stage/domain/gate.h"

#define OF_KEY 4                /* SEGV_PKUERR: the page is another's */

static void
say_what(const struct gate_fault *fault, char *text, size_t room)
{
    if (fault->is_late) {
        snprintf(text, room, "did not return within %u ms of the processor's"
                 " time", GATE_BUDGET_MS);
    } else if (fault->number == SIGSYS) {
        snprintf(text, room, "called the system (call %" PRIu64 ")",
                 fault->address);
    } else if (fault->number == SIGSEGV && fault->code == OF_KEY) {
        snprintf(text, room, "touched 0x%" PRIx64 ", which is not its own",
                 fault->address);
    } else if (fault->number == SIGSEGV || fault->number == SIGBUS) {
        snprintf(text, room, "touched 0x%" PRIx64 " (SIG%s)", fault->address,
                 sigabbrev_np(fault->number));
    } else if (fault->number == SIGFPE) {
        snprintf(text, room, "divided by zero or the like (SIGFPE)");
    } else {
        const char *name = sigabbrev_np(fault->number);

        snprintf(text, room, "was ended by SIG%s", name ? name : "?");
    }
}

void
gate_say(const struct gate_fault *fault, uint64_t code, uint64_t size,
         const char *name, char *text, size_t room)
{
    char what[160];

    say_what(fault, what, sizeof what);
    if (fault->at >= code && fault->at - code < size) {
        snprintf(text, room, "%s, at %s+0x%" PRIx64, what, name,
                 fault->at - code);
    } else {
        snprintf(text, room, "%s, at 0x%" PRIx64, what, fault->at);
    }
}
