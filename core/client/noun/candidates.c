/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * xvsctl complete: candidates for the completion scripts of shells.
 */

#include <config.h>

#include <stdio.h>

#include "client/command.h"
#include "client/complete.h"
#include "client/run.h"

static void
print(void *arg, const char *candidate)
{
    (void) arg;
    puts(candidate);
}

static bool
complete(struct run *run)
{
    complete_line(run, run->args.words, run->args.n_words, print, NULL);
    return true;
}

const struct command complete_commands[] = {
    { "", "-- WORD...", "Prints what the last WORD could be.", NULL,
      { WORD_FREE }, 0, ANY_NUMBER, complete },
    { NULL, NULL, NULL, NULL, { WORD_NONE }, 0, 0, NULL },
};
