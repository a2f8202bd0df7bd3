/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Another file takes the place of the one in use, while packets flow.
 */

#include <config.h>

#include "exttest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include "base/error.h"
#include "control/message.h"
#include "object/instance.h"
#include "rig.h"
#include "runner.h"
#include "schema/class.h"
#include "settings.h"
#include "subject.h"

/* A copy in the work folder: the same file would be the same code. */
static bool
copy_file(struct trial *trial, const char *from, const char *name)
{
    int in = open(from, O_RDONLY | O_CLOEXEC), out;
    char path[sizeof trial->subject->work + 32];
    ssize_t n = in < 0 ? -1 : 1;

    snprintf(path, sizeof path, "%s/%s", trial->subject->work, name);
    out = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
    while (n > 0 && out >= 0) {
        n = sendfile(out, in, NULL, 1u << 20);
    }
    if (n < 0 || out < 0) {
        trial_fail(trial, "cannot copy %s to %s: %m", from, path);
    }
    if (in >= 0) {
        close(in);
    }
    if (out >= 0) {
        close(out);
    }
    return trial_goes_on(trial);
}

/* Puts a setting of the class into force; whether there is one. */
static void
add_setting(struct trial *trial, const struct subject_feature *feature,
            void *arg)
{
    struct instance *object = settings_find(trial, feature);
    uint32_t *n = arg;
    struct error error;

    if (object) {
        trial_step(trial, "ADD of %s", feature->cls->name);
        *n += rig_set(trial->rig, feature, XVS_ADD, 0, object, &error);
        instance_destroy(object);
    }
}

/* It takes back what its predecessor had, and knows it. */
static void
remove_setting(struct trial *trial, const struct subject_feature *feature,
               void *arg)
{
    struct instance *object = settings_find(trial, feature);
    struct error error;

    (void) arg;
    if (!object) {
        return;
    }
    trial_step(trial, "UPDATE of %s after the upgrade", feature->cls->name);
    if (rig_set(trial->rig, feature, XVS_UPDATE, 0, object, &error)
        && !rig_set(trial->rig, feature, XVS_DELETE, 0, NULL, &error)) {
        trial_fail(trial, "DELETE of %s after the upgrade: %s",
                   feature->cls->name, error.text);
    } else if (trial->rig->result == XVS_NO_CONSUMER
               || trial->rig->result == XVS_PROVIDER_FAILED) {
        trial_fail(trial, "UPDATE of %s after the upgrade: %s",
                   feature->cls->name, error.text);
    }
    instance_destroy(object);
}

static bool
upgrade_to(struct trial *trial, const char *file)
{
    struct error error;

    trial_step(trial, "upgrading to %s under traffic", file);
    if (!rig_upgrade(trial->rig, file, &error)) {
        return trial_fail(trial, "it is not upgraded to %s: %s", file,
                          error.text);
    }
    return trial->rig->n_bad_events == 0
        || trial_fail(trial, "after the upgrade to %s: %s", file,
                      trial->rig->event);
}

/* To each of two files in turn, 'n' times in all; packets that flowed. */
static uint64_t
upgrade_often(struct trial *trial, const char *const files[2], uint32_t n)
{
    /* A service gets no packets. */
    bool flows = trial->rig->partition == PARTITION_INLINE;
    struct runner runner = { .n = 0 };

    if (flows && !runner_start(&runner, trial, 1)) {
        return 0;
    }
    for (uint32_t i = 0; i < n && upgrade_to(trial, files[i % 2]); i++) {
        if (flows) {
            runner_await(&runner);
        } else {
            rig_wait(trial->rig, 50);
        }
    }
    if (flows) {
        runner_end(&runner);
    }
    return runner.n;
}

/* From what is loaded. */
static void
upgrade_all(struct trial *trial, const char *const files[2], uint32_t n)
{
    struct finding before = *trial->finding;
    uint32_t n_settings = 0;
    uint64_t n_packets;
    struct error error;

    if (!rig_enable(trial->rig, 1, &error)) {
        trial_fail(trial, "it cannot be enabled: %s", error.text);
        return;
    }
    if (!settings_classes(trial, add_setting, &n_settings)
        && trial->finding->verdict == VERDICT_SKIP) {
        *trial->finding = before;       /* none is no reason to skip */
    }
    if (!trial_goes_on(trial)) {
        return;
    }
    n_packets = upgrade_often(trial, files, n);
    before = *trial->finding;
    if (trial_goes_on(trial)
        && !settings_classes(trial, remove_setting, NULL)
        && trial->finding->verdict == VERDICT_SKIP) {
        *trial->finding = before;
    }
    trial_note(trial, "%u times, %u settings, %lu packets", n, n_settings,
               n_packets);
}

static void
test_self(struct trial *trial)
{
    static const char *const files[2] = { "xvs-one.so", "xvs-other.so" };

    if (copy_file(trial, trial->subject->path, files[0])
        && copy_file(trial, trial->subject->path, files[1])) {
        upgrade_all(trial, files, trial->quick ? 2 : 20);
    }
}

static void
test_previous(struct trial *trial)
{
    const char *const files[2] = { trial->subject->file, "xvs-previous.so" };
    struct error error;

    if (!trial->subject->previous[0]) {
        trial_skip(trial, "no earlier build is given (--previous)");
        return;
    }
    trial_step(trial, "loading %s", trial->subject->previous);
    if (!copy_file(trial, trial->subject->previous, files[1])) {
        return;
    }
    if (!rig_unload(trial->rig, &error)
        || !rig_load(trial->rig, files[1], &error)) {
        trial_fail(trial, "the earlier build: %s", error.text);
    } else if (!rig_load_schema(trial->rig, &error)) {
        trial_fail(trial, "the earlier build was made from another schema,"
                   " which has to be registered and upgraded first: %s",
                   error.text);
    } else {
        upgrade_all(trial, files, 1);
    }
}

static const struct test tests[] = {
    TEST("upgrade.self", "A file takes the place of the one in use while"
         " packets flow, with all settings; most upgrades are small.",
         test_self, NEEDS_RIG),
    TEST("upgrade.previous", "The build that admins have now must give way to"
         " this one without a gap.", test_previous, NEEDS_RIG),
};

GROUP(upgrade, "another file in place of the one in use", tests);
