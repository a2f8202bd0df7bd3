/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What shows only after many times: reload under traffic, and what is not
 * given back.
 */

#include <config.h>

#include "exttest.h"

#include <dirent.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "object/instance.h"
#include "packet/cycles.h"
#include "packet/grace.h"
#include "corpus.h"
#include "rig.h"
#include "runner.h"
#include "settings.h"
#include "state.h"
#include "subject.h"
#include "traffic.h"

/* Four at once: most of the time of each is waiting for a grace period. */
static void
test_reload(struct trial *trial)
{
    /* Each life of a service is three processes. */
    int all = trial->rig->partition == PARTITION_INLINE ? 1000 : 100;
    int n = trial->quick ? 5 : all / RIG_SWITCHES, i;
    struct runner runner;
    struct error error;

    if (!rig_switch(trial->rig, 3, &error)
        || !rig_switch(trial->rig, 4, &error)
        || !runner_start(&runner, trial, RIG_SWITCHES)) {
        return;
    }
    for (i = 0; i < n && trial_goes_on(trial); i++) {
        trial_step(trial, "reload %d under traffic", i * RIG_SWITCHES);
        if (!rig_enable_all(trial->rig, &error)
            || !rig_disable_all(trial->rig, &error)) {
            trial_fail(trial, "reload %d: %s", i * RIG_SWITCHES, error.text);
        }
    }
    runner_end(&runner);
    trial_note(trial, "%d times, %lu packets", i * RIG_SWITCHES, runner.n);
}

static void
change_class(struct trial *trial, const struct subject_feature *feature,
             void *arg)
{
    struct instance *object = settings_find(trial, feature);
    int n = trial->quick ? 20 : 200;
    struct error error;

    for (int i = 0; object && i < n; i++) {
        trial_step(trial, "ADD of %s under traffic", feature->cls->name);
        if (i % 10 == 9) {
            runner_await(arg);
        }
        if (rig_set(trial->rig, feature, XVS_ADD, 0, object, &error)) {
            rig_set(trial->rig, feature, XVS_UPDATE, 0, object, &error);
            rig_set(trial->rig, feature, XVS_DELETE, 0, NULL, &error);
        }
    }
    instance_destroy(object);
}

static void
test_settings(struct trial *trial)
{
    struct runner runner;

    if (runner_start(&runner, trial, 1)) {
        settings_classes(trial, change_class, &runner);
        runner_end(&runner);
        trial_note(trial, "%lu packets", runner.n);
    }
}

static const struct test tests[] = {
    TEST("reload.traffic", "An instance that ends while packets flow must"
         " have waited for them; a thousand times show it.", test_reload,
         NEEDS_RIG),
    SLOW("reload.settings", "Settings change while packet hooks read them:"
         " what is published, and what is freed too early.", test_settings,
         NEEDS_STAGE, 60),
};

GROUP(reload, "a thousand times under traffic", tests);

/* ---- Leaks ---------------------------------------------------------------- */

#define WARM_UP 2               /* batches that are not counted */

static void
use_class(struct trial *trial, const struct subject_feature *feature,
          void *arg)
{
    struct instance *object = settings_find(trial, feature);
    struct error error;

    (void) arg;
    if (object) {
        rig_set(trial->rig, feature, XVS_ADD, 0, object, &error);
        rig_set(trial->rig, feature, XVS_UPDATE, 0, object, &error);
    }
    instance_destroy(object);
}

/* A whole life: settings, packets, questions, and the end with settings in
 * force. */
static bool
live(struct trial *trial, struct traffic *traffic)
{
    struct error error;
    struct finding before = *trial->finding;

    if (!rig_enable(trial->rig, 1, &error)) {
        return trial_fail(trial, "%s", error.text);
    }
    if (!settings_classes(trial, use_class, NULL)) {
        *trial->finding = before;       /* none is no reason to skip */
    }
    traffic_corpus(traffic);
    state_free(state_take(trial));
    if (!rig_disable(trial->rig, 1, &error)) {
        return trial_fail(trial, "%s", error.text);
    }
    rig_wait(trial->rig, 2);
    grace_drain();
    return trial_goes_on(trial);
}

static uint64_t
count_entries(const char *folder)
{
    DIR *dir = opendir(folder);
    uint64_t n = 0;

    while (dir && readdir(dir)) {
        n++;
    }
    if (dir) {
        closedir(dir);
    }
    return n;
}

static uint64_t
count_descriptors(void)
{
    return count_entries("/proc/self/fd");
}

static uint64_t
count_threads(void)
{
    return count_entries("/proc/self/task");
}

static uint64_t
count_memory(void)
{
    struct mallinfo2 info = mallinfo2();

    return info.uordblks + info.hblkhd;
}

/* Fails when every batch of lives leaves at least 'least' per life. */
static void
look_for_leak(struct trial *trial, uint64_t (*count)(void), uint64_t least,
              const char *what)
{
    struct traffic traffic;
    uint64_t before = 0, now = 0, smallest = UINT64_MAX;
    int n_batches = trial->quick ? 4 : 7, n_lives = trial->quick ? 3 : 8;

    traffic_open(&traffic, trial->rig, NULL, 1);
    for (int i = 0; i < n_batches; i++) {
        before = count();
        for (int j = 0; j < n_lives; j++) {
            trial_step(trial, "life %d", i * n_lives + j);
            if (!live(trial, &traffic)) {
                break;
            }
        }
        now = count();
        now = now > before ? now - before : 0;
        if (i >= WARM_UP && now < smallest) {
            smallest = now;
        }
    }
    traffic_close(&traffic);
    if (smallest >= least * (uint64_t) n_lives) {
        trial_fail(trial, "each life leaves about %lu %s behind",
                   smallest / (uint64_t) n_lives, what);
    }
}

static void
test_memory(struct trial *trial)
{
    void *volatile some = malloc(100000);
    uint64_t with = count_memory();

    free(some);
    if (with == count_memory()) {
        trial_skip(trial, "this C library does not count memory");
        return;
    }
    look_for_leak(trial, count_memory, 8, "bytes of memory");
}

static void
test_descriptors(struct trial *trial)
{
    look_for_leak(trial, count_descriptors, 1, "descriptors");
}

static void
test_threads(struct trial *trial)
{
    look_for_leak(trial, count_threads, 1, "threads");
}

static const struct test leak_tests[] = {
    SLOW("leaks.memory", "A host runs for years: what a life does not"
              " give back is lost for all.", test_memory, NEEDS_RIG, 60),
    SLOW("leaks.descriptors", "Descriptors are shared by all extensions of a"
         " process, and there are few.", test_descriptors, NEEDS_RIG, 60),
    SLOW("leaks.threads", "A thread that outlives its instance runs code that"
         " is taken out of memory.", test_threads, NEEDS_RIG, 60),
};

const struct group group_leaks = { "leaks", "what is not given back",
                                   leak_tests,
                                   sizeof leak_tests / sizeof leak_tests[0] };

/* ---- Cost ----------------------------------------------------------------- */

/* Nanoseconds for a packet of 64 bytes in a hook. */
static double
measure(struct traffic *traffic, bool is_egress, uint32_t rounds)
{
    static uint8_t bytes[CORPUS_FRAME];
    struct traffic_frame frames[32];
    double cycles, n;

    for (uint32_t i = 0; i < 32; i++) {
        frames[i] = (struct traffic_frame) {
            .bytes = bytes, .size = corpus_frame(7, bytes) };
    }
    traffic->is_egress = is_egress;
    for (uint32_t i = 0; i < 100; i++) {
        traffic_burst(traffic, frames, 32, 11, 12);
    }
    traffic->cycles = traffic->n = 0;
    for (uint32_t i = 0; i < rounds; i++) {
        traffic_burst(traffic, frames, 32, 11, 12);
    }
    cycles = (double) traffic->cycles;
    n = (double) traffic->n;
    return cycles / n / (double) cycles_per_us() * 1000;
}

static void
test_cost(struct trial *trial)
{
    struct traffic traffic;
    double in = 0, out = 0;

    if (!traffic_has_hook(trial->rig, false)
        && !traffic_has_hook(trial->rig, true)) {
        trial_skip(trial, "it has no packet hook");
        return;
    }
    traffic_open(&traffic, trial->rig, NULL, 1);
    if (traffic_has_hook(trial->rig, false)) {
        in = measure(&traffic, false, trial->quick ? 1000 : 20000);
    }
    if (traffic_has_hook(trial->rig, true)) {
        out = measure(&traffic, true, trial->quick ? 1000 : 20000);
    }
    traffic_close(&traffic);
    trial_note(trial, "ingress %.1f ns, egress %.1f ns for a UDP packet, in"
               " bursts of 32", in, out);
}

static const struct test cost_tests[] = {
    SLOW("cost.packet", "What a stage costs, all packets pay; a figure to"
         " compare with the last version's.", test_cost, NEEDS_STAGE, 0),
};

const struct group group_cost = { "cost", "time in packet hooks", cost_tests,
                                  1 };
