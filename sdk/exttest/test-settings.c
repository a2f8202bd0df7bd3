/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Settings: what the schema allows is taken, or refused in a sentence.
 */

#include <config.h>

#include "exttest.h"

#include <stdlib.h>
#include <string.h>
#include <xvs/extension.h>

#include "base/error.h"
#include "base/text.h"
#include "object/instance.h"
#include "objects.h"
#include "rig.h"
#include "settings.h"
#include "state.h"
#include "subject.h"
#include "traffic.h"

#define RANDOM_OBJECTS 200u

bool
settings_judge(struct trial *trial, const char *what, const char *label,
               bool good, const struct error *error)
{
    struct rig *rig = trial->rig;

    if (good) {
        return true;
    }
    if (rig->result != XVS_NOT_ACCEPTED && rig->result != XVS_RESOURCES
        && rig->result != XVS_INVALID_PARAMETER) {
        return trial_fail(trial, "%s of %s: %s", what, label, error->text);
    }
    if (strstr(rig->refusal, "without giving a reason")
        || strstr(rig->refusal, "knows no such instance, port or value")) {
        return trial_fail(trial, "%s of %s: refused without a sentence; say"
                          " why with host->refuse()", what, label);
    }
    return true;
}

bool
settings_classes(struct trial *trial, settings_class call, void *arg)
{
    const struct subject *subject = trial->subject;
    uint32_t n = 0;

    for (uint32_t i = 0; i < subject->n_features && trial_goes_on(trial);
         i++) {
        const struct subject_feature *feature = &subject->features[i];

        if (feature->feature.kind == FEATURE_SETTING
            && guid_equal(&feature->feature.extension, &trial->rig->id)) {
            call(trial, feature, arg);
            n++;
        }
    }
    return n || trial_skip(trial, "it has no settings");
}

/* What the objects of one class are tried with. */
struct tried {
    struct trial *trial;
    const struct subject_feature *feature;
    uint32_t n, n_taken;
};

/* ADD, UPDATE with itself, DELETE; both answers to VALIDATE fit. */
static bool
try_object(void *arg, const struct instance *object, const char *label)
{
    struct tried *tried = arg;
    struct trial *trial = tried->trial;
    const struct subject_feature *feature = tried->feature;
    struct error error;
    bool validated, added;

    trial_step(trial, "VALIDATE of %s", label);
    validated = rig_set(trial->rig, feature, XVS_VALIDATE, 0, object, &error);
    if (!settings_judge(trial, "VALIDATE", label, validated, &error)) {
        return false;
    }
    trial_step(trial, "ADD of %s", label);
    added = rig_set(trial->rig, feature, XVS_ADD, 0, object, &error);
    if (!settings_judge(trial, "ADD", label, added, &error)) {
        return false;
    }
    if (added != validated && trial->rig->result != XVS_RESOURCES) {
        return trial_fail(trial, "%s: VALIDATE %s and ADD %s", label,
                          validated ? "accepts" : "refuses",
                          added ? "accepts" : "refuses");
    }
    tried->n++;
    tried->n_taken += added;
    if (!added) {
        return true;
    }
    trial_step(trial, "UPDATE of %s", label);
    if (!rig_set(trial->rig, feature, XVS_UPDATE, 0, object, &error)) {
        return trial_fail(trial, "%s is refused by UPDATE, though it is in"
                          " force: %s", label, error.text);
    }
    trial_step(trial, "DELETE of %s", label);
    return rig_set(trial->rig, feature, XVS_DELETE, 0, NULL, &error)
        || trial_fail(trial, "DELETE of %s is refused: %s", label,
                      error.text);
}

static void
try_limits(struct trial *trial, const struct subject_feature *feature,
           void *arg)
{
    struct tried *all = arg;

    all->feature = feature;
    objects_each(trial->subject, feature, try_object, all);
}

static void
test_limits(struct trial *trial)
{
    struct tried tried = { .trial = trial };

    if (settings_classes(trial, try_limits, &tried)) {
        trial_note(trial, "%u objects, %u accepted", tried.n, tried.n_taken);
    }
}

static void
try_random(struct trial *trial, const struct subject_feature *feature,
           void *arg)
{
    struct tried *all = arg;
    uint64_t seed = 0x2545f4914f6cdd1d;

    all->feature = feature;
    for (uint32_t i = 0; i < RANDOM_OBJECTS && trial_goes_on(trial); i++) {
        struct instance *object = objects_random(feature, &seed);

        try_object(all, object, "an object at random");
        instance_destroy(object);
    }
}

static void
test_random(struct trial *trial)
{
    struct tried tried = { .trial = trial };

    if (settings_classes(trial, try_random, &tried)) {
        trial_note(trial, "%u objects, %u accepted", tried.n, tried.n_taken);
    }
}

struct instance *
settings_find(struct trial *trial, const struct subject_feature *feature)
{
    uint64_t seed = 0x2545f4914f6cdd1d;

    for (uint32_t i = 0; i < RANDOM_OBJECTS; i++) {
        struct instance *object = objects_random(feature, &seed);
        struct error error;

        if (rig_set(trial->rig, feature, XVS_VALIDATE, 0, object, &error)) {
            return object;
        }
        instance_destroy(object);
    }
    return NULL;
}

/* What the extension says of itself is as before. */
static bool
is_as_before(struct trial *trial, const struct state *before,
             const struct subject_feature *feature, const char *what)
{
    struct state *now = state_take(trial);
    char text[256];
    bool same = now && state_same(before, now, text, sizeof text);

    if (now && !same) {
        trial_fail(trial, "%s: %s has an effect: %s", feature->cls->name,
                   what, text);
    }
    state_free(now);
    return same;
}

static void
try_validate(struct trial *trial, const struct subject_feature *feature,
             void *arg)
{
    struct state *before = state_take(trial);
    struct instance *object = settings_find(trial, feature);
    struct error error;

    (void) arg;
    for (uint32_t i = 0; before && object && i < 3; i++) {
        trial_step(trial, "VALIDATE of %s", feature->cls->name);
        if (!rig_set(trial->rig, feature, XVS_VALIDATE, i, object, &error)) {
            trial_fail(trial, "%s is refused by a second VALIDATE, though"
                       " the first accepted it: %s", feature->cls->name,
                       error.text);
        }
    }
    if (before && object) {
        is_as_before(trial, before, feature, "VALIDATE");
    }
    state_free(before);
    instance_destroy(object);
}

static void
test_validate(struct trial *trial)
{
    settings_classes(trial, try_validate, NULL);
}

static void
try_delete(struct trial *trial, const struct subject_feature *feature,
           void *arg)
{
    struct state *before = state_take(trial);
    struct instance *object = settings_find(trial, feature);
    struct error error;

    (void) arg;
    if (before && object
        && rig_set(trial->rig, feature, XVS_ADD, 0, object, &error)) {
        trial_step(trial, "DELETE of %s", feature->cls->name);
        if (!rig_set(trial->rig, feature, XVS_DELETE, 0, NULL, &error)) {
            trial_fail(trial, "DELETE of %s is refused: %s",
                       feature->cls->name, error.text);
        } else {
            is_as_before(trial, before, feature, "a setting that is deleted"
                         " again");
        }
    }
    state_free(before);
    instance_destroy(object);
}

static void
test_delete(struct trial *trial)
{
    settings_classes(trial, try_delete, NULL);
}

/* Many of a class that can have many; then all leave in another order. */
static void
try_many(struct trial *trial, const struct subject_feature *feature,
         void *arg)
{
    struct instance *object = settings_find(trial, feature);
    uint32_t most = feature->feature.singleton ? 1 : 64, n = 0;
    struct error error;

    (void) arg;
    while (object && n < most) {
        bool good;

        trial_step(trial, "ADD of %s number %u", feature->cls->name, n);
        good = rig_set(trial->rig, feature, XVS_ADD, n, object, &error);
        if (!settings_judge(trial, "ADD", feature->cls->name, good, &error)
            || !good) {
            break;
        }
        n++;
    }
    for (uint32_t i = 0; i < n; i++) {
        uint32_t number = n % 2 ? n - 1 - i : (i + n / 2) % n;

        trial_step(trial, "DELETE of %s number %u", feature->cls->name,
                   number);
        if (!rig_set(trial->rig, feature, XVS_DELETE, number, NULL, &error)) {
            trial_fail(trial, "DELETE of %s number %u is refused: %s",
                       feature->cls->name, number, error.text);
        }
    }
    instance_destroy(object);
}

static void
test_many(struct trial *trial)
{
    settings_classes(trial, try_many, NULL);
}

/* Packets through every class's settings. */
static void
try_traffic(struct trial *trial, const struct subject_feature *feature,
            void *arg)
{
    uint64_t seed = 0x9e3779b97f4a7c15;

    for (uint32_t i = 0; i < (trial->quick ? 2 : 12); i++) {
        struct instance *object = objects_random(feature, &seed);
        struct error error;

        trial_step(trial, "ADD of %s", feature->cls->name);
        if (rig_set(trial->rig, feature, XVS_ADD, 0, object, &error)) {
            traffic_corpus(arg);
            rig_set(trial->rig, feature, XVS_DELETE, 0, NULL, &error);
        }
        instance_destroy(object);
    }
}

static void
test_traffic(struct trial *trial)
{
    struct traffic traffic;

    if (!traffic_has_hook(trial->rig, false)
        && !traffic_has_hook(trial->rig, true)) {
        trial_skip(trial, "it has no packet hook");
        return;
    }
    traffic_open(&traffic, trial->rig, trial, 1);
    settings_classes(trial, try_traffic, &traffic);
    trial_note(trial, "%lu packets, %lu dropped", traffic.n,
               traffic.n_dropped);
    traffic_close(&traffic);
}

static const struct test tests[] = {
    TEST("settings.limits", "Whatever the schema allows an operator can ask"
         " for; an extension takes it, or says in a sentence why not, and"
         " says the same to VALIDATE.", test_limits, NEEDS_STAGE),
    SLOW("settings.random", "Values meet each other in ways that nobody"
         " wrote down.", test_random, NEEDS_STAGE, 60),
    SLOW("settings.validate", "VALIDATE is a question: after it all is as"
         " before.", test_validate, NEEDS_STAGE, 0),
    TEST("settings.delete", "A setting that is deleted leaves nothing behind:"
         " the defaults hold again.", test_delete, NEEDS_STAGE),
    SLOW("settings.many", "A class may have many instances, which come and"
         " go in any order.", test_many, NEEDS_STAGE, 30),
    TEST("settings.traffic", "Packets flow while settings are in force, and"
         " meet code that they reach only then.", test_traffic, NEEDS_STAGE),
};

GROUP(settings, "settings, from the schema's limits", tests);
