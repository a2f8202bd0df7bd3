/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_TESTS_CHILD_H
#define XVS_TESTS_CHILD_H

/*
 * Processes that a test makes and that do not outlive it, whatever ends it.
 */

#include <signal.h>
#include <sys/prctl.h>
#include <sys/types.h>
#include <unistd.h>

/* As fork(). */
static inline pid_t
child_fork(void)
{
    pid_t parent = getpid(), pid = fork();

    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) {
            _exit(1);           /* it has ended before that */
        }
    }
    return pid;
}

#endif
