/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Questions about run-time state, and methods.
 */

#include <config.h>

#include "exttest.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "rig.h"
#include "settings.h"
#include "state.h"
#include "subject.h"
#include "traffic.h"

/* False: it has no status classes. */
static bool
has_status(struct trial *trial)
{
    const struct subject *subject = trial->subject;

    for (uint32_t i = 0; i < subject->n_features; i++) {
        if (subject->features[i].feature.kind == FEATURE_STATUS
            && guid_equal(&subject->features[i].feature.extension,
                          &trial->rig->id)) {
            return true;
        }
    }
    return trial_skip(trial, "it has no status classes");
}

/* Again and again: each answer may be another one. */
static void
test_answers(struct trial *trial)
{
    uint32_t n = 0;

    if (!has_status(trial)) {
        return;
    }
    for (uint32_t i = 0; i < 16; i++) {
        struct state *state = state_take(trial);

        if (!state) {
            return;
        }
        n = state_count(state);
        state_free(state);
    }
    trial_note(trial, "%u objects", n);
}

static void
test_repeats(struct trial *trial)
{
    struct state *one, *two;
    char what[256];

    if (!has_status(trial)) {
        return;
    }
    one = state_take(trial);
    two = one ? state_take(trial) : NULL;
    if (two && !state_same(one, two, what, sizeof what)) {
        trial_fail(trial, "nothing has happened between two questions, and:"
                   " %s", what);
    }
    state_free(one);
    state_free(two);
}

static void
test_traffic(struct trial *trial)
{
    struct traffic traffic;
    struct state *state;

    if (!has_status(trial)) {
        return;
    }
    if (!traffic_has_hook(trial->rig, false)
        && !traffic_has_hook(trial->rig, true)) {
        trial_skip(trial, "it has no packet hook");
        return;
    }
    traffic_open(&traffic, trial->rig, trial, 1);
    if (traffic_corpus(&traffic)) {
        state = state_take(trial);
        if (state) {
            trial_note(trial, "%u objects", state_count(state));
        }
        state_free(state);
    }
    traffic_close(&traffic);
}

/* A port that is on another switch, or nowhere. */
static void
test_port(struct trial *trial)
{
    const struct subject *subject = trial->subject;
    struct error error;

    if (!has_status(trial)) {
        return;
    }
    for (uint32_t i = 0; i < subject->n_features; i++) {
        const struct subject_feature *feature = &subject->features[i];

        if (feature->feature.kind != FEATURE_STATUS
            || feature->feature.scope != XVS_SCOPE_PORT
            || !guid_equal(&feature->feature.extension, &trial->rig->id)) {
            continue;
        }
        trial_step(trial, "STATUS of %s of a port that is new",
                   feature->cls->name);
        if (!rig_port(trial->rig, 1, 19, &error)
            || !rig_status(trial->rig, feature, 19, &error)
            || !rig_port_delete(trial->rig, 19, &error)) {
            trial_fail(trial, "%s: %s", feature->cls->name, error.text);
        }
    }
}

static const struct test tests[] = {
    TEST("status.answers", "Every answer is checked, and one that is not of"
         " its class fails the question for everybody.", test_answers,
         NEEDS_STAGE),
    SLOW("status.repeats", "What is no counter changes only when something"
         " happens, so that operators can compare.", test_repeats,
         NEEDS_STAGE, 0),
    SLOW("status.traffic", "Counters, tables and lists have to be told when"
         " there is something in them, too.", test_traffic, NEEDS_STAGE, 0),
    SLOW("status.port", "A port that has just come has a status as well.",
         test_port, NEEDS_STAGE, 0),
};

GROUP(status, "questions about run-time state", tests);
