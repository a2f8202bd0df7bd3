/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The management command: one line of nouns, verbs and arguments.
 */

#include <config.h>

#include <signal.h>

#include "client/run.h"

int
main(int argc, char **argv)
{
    struct session session = { 0 };
    int status;

    /* A reader that goes away ("| head") shows as a failed write. */
    signal(SIGPIPE, SIG_IGN);
    status = run_line(&session, (const char *const *) argv + 1,
                      argc > 0 ? (size_t) argc - 1 : 0);
    session_end(&session);
    return status;
}
