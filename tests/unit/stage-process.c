/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See stage-process.h.
 */

#include <config.h>

#include "stage-process.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "stage/lane/serve.h"
#include "stage/lane/share.h"

void
stage_process_start(struct share *share,
                    const struct xvs_extension *extension, const int *bells)
{
    share->pid = child_fork();
    if (share->pid == 0) {
        struct share *ours;
        struct serve *serve;

        ours = share_attach(&share->size, share->files, NULL);
        serve = ours ? serve_create(ours, bells, NULL) : NULL;
        if (serve) {
            serve_open(serve, extension, NULL);
            for (;;) {
                pause();
            }
        }
        _exit(1);
    }
    while (!__atomic_load_n(&share->state->alive, __ATOMIC_ACQUIRE)) {
        if (share->pid < 0 || waitpid(share->pid, NULL, WNOHANG) != 0) {
            fputs("the process of the test does not live\n", stderr);
            exit(99);
        }
        usleep(1000);
    }
}

void
stage_process_end(struct share *share)
{
    kill(share->pid, SIGKILL);
    waitpid(share->pid, NULL, 0);
    share_destroy(share);
}
