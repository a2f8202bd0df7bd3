/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See runner.h.
 */

#include <config.h>

#include "runner.h"

#include "exttest.h"
#include "packet/grace.h"
#include "rig.h"
#include "traffic.h"

static void *
run_traffic(void *arg)
{
    struct runner *runner = arg;
    struct traffic traffic;

    grace_thread_begin();
    traffic_open(&traffic, runner->rig, NULL, 1);
    traffic.is_brief = true;
    while (!__atomic_load_n(&runner->stop, __ATOMIC_ACQUIRE)) {
        traffic_corpus(&traffic);
        traffic.switch_id = traffic.switch_id % runner->n_switches + 1;
        __atomic_store_n(&runner->n, traffic.n, __ATOMIC_RELEASE);
    }
    traffic_close(&traffic);
    grace_thread_end();
    return NULL;
}

void
runner_await(struct runner *runner)
{
    uint64_t before = __atomic_load_n(&runner->n, __ATOMIC_ACQUIRE);

    while (__atomic_load_n(&runner->n, __ATOMIC_ACQUIRE) == before) {
        rig_wait(runner->rig, 1);
    }
}

bool
runner_start(struct runner *runner, struct trial *trial, uint32_t n_switches)
{
    *runner = (struct runner) { .rig = trial->rig,
                                .n_switches = n_switches };
    if (pthread_create(&runner->thread, NULL, run_traffic, runner) != 0) {
        return trial_skip(trial, "no thread for traffic");
    }
    runner_await(runner);
    return true;
}

void
runner_end(struct runner *runner)
{
    __atomic_store_n(&runner->stop, true, __ATOMIC_RELEASE);
    pthread_join(runner->thread, NULL);
}
