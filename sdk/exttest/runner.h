/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_EXTTEST_RUNNER_H
#define XVS_EXTTEST_RUNNER_H

/*
 * Traffic on a thread of its own, so that other things can happen to the
 * extension while packets flow.
 */

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct rig;
struct trial;

struct runner {
    struct rig *rig;
    pthread_t thread;
    uint32_t n_switches;        /* that it goes round */
    bool stop;                  /* atomic */
    uint64_t n;                 /* packets so far; atomic */
};

/* Returns when packets flow; false: the trial is skipped. */
bool runner_start(struct runner *runner, struct trial *trial,
                  uint32_t n_switches);
/* Until it has been through everything once more. */
void runner_await(struct runner *runner);
void runner_end(struct runner *runner);

#endif
