/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * xvs-stage: an extension in a process of its own.  xvs-switch starts it and
 * tells it all that it has to know; there is nothing for people to call.
 */

#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "stage/inside/inside.h"

int
main(void)
{
    if (fcntl(CALL_FD, F_GETFD) < 0 && errno == EBADF) {
        fputs("xvs-stage: xvs-switch starts this program for extensions that"
              " run in processes; see xvs-switch(8)\n", stderr);
        return 2;
    }
    /* It was started from that, by a path with a number for a name. */
    close(CALL_PROGRAM_FD);
    prctl(PR_SET_NAME, "xvs-stage", 0, 0, 0);
    return inside_main();
}
