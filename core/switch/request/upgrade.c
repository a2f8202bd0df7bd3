/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Another file of an extension takes the place of the one in use, while
 * packets flow:
 *
 *     the file is tried, loaded, and must be the same extension
 *     -> on each switch a successor: init, ports, settings, ACTIVATE
 *     -> all accepted: each takes its predecessor's place in the chain
 *     -> predecessors: grace period, PAUSE, fini; the old file is unloaded
 *
 * Until the third step everything can be taken back, and is when a successor
 * refuses anything.  All switches are ours meanwhile: nothing that both would
 * have to know can change.
 */

#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "control/message.h"
#include "marshal/layout.h"
#include "stage/inforce.h"
#include "stage/plugin.h"
#include "stage/probe.h"
#include "stage/task.h"
#include "switch/driver.h"
#include "switch/operation.h"
#include "switch/order.h"
#include "switch/request/report.h"
#include "switch/request/request.h"
#include "switch/server.h"
#include "switch/stages.h"
#include "switch/vswitch.h"

/* A stage and the one that is to take its place. */
struct succession {
    struct succession *next;
    struct vswitch *vswitch;
    struct stage *old, *fresh;
};

struct upgrading {
    struct operation operation;
    struct operation_use use;           /* of all switches */
    struct request *request;
    struct control_upgrade wanted;
    struct plugin *old, *fresh;
    struct succession *list;
    uint32_t n_waiting;                 /* tasks, or stages that leave */
    bool failed;
    struct outcome failure;             /* the first */
    char path[PLUGIN_PATH];
};

/* A setting's task. */
struct replay {
    struct upgrading *upgrading;
    struct stage *stage;
    const struct setting *setting;
};

/* ---- The end ------------------------------------------------------------ */

static void
finish(struct upgrading *upgrading)
{
    while (upgrading->list) {
        struct succession *one = upgrading->list;

        upgrading->list = one->next;
        free(one);
    }
    operation_end(&upgrading->operation);
    free(upgrading);
}

static void
give_up(struct upgrading *upgrading, const struct error *error)
{
    request_fail(upgrading->request, error);
    plugin_unload(upgrading->fresh);
    finish(upgrading);
}

/* A stage has left, or was abandoned and leaves later. */
static void
left(void *arg)
{
    struct upgrading *upgrading = arg;
    BUFFER_AUTO struct buffer out = BUFFER_INIT;

    if (--upgrading->n_waiting) {
        return;
    }
    if (upgrading->failed) {
        plugins_dispose(upgrading->operation.driver, upgrading->fresh);
        extensions_answer(upgrading->request, &upgrading->failure, NULL,
                          UINT32_MAX);
    } else {
        plugins_dispose(upgrading->operation.driver, upgrading->old);
        request_start(upgrading->request, &out, 0);
        report_extension(upgrading->fresh, &out);
        request_send(upgrading->request, &out);
    }
    finish(upgrading);
}

/* Takes all predecessors, or all successors, off. */
static void
take_off(struct upgrading *upgrading, bool fresh)
{
    struct driver *driver = upgrading->operation.driver;

    upgrading->n_waiting = 1;
    for (struct succession *one = upgrading->list; one; one = one->next) {
        struct stage *stage = fresh ? one->fresh : one->old;

        if (stage) {
            upgrading->n_waiting++;
            extensions_remove(driver, stage, left, upgrading);
        }
    }
    left(upgrading);
}

static void
replace_plugin(struct driver *driver, struct plugin *old,
               struct plugin *fresh)
{
    struct plugin **at = &driver->plugins;

    while (*at != old) {
        at = &(*at)->next;
    }
    fresh->next = old->next;
    *at = fresh;
    old->next = NULL;
}

static void
replace_stage(const struct succession *one)
{
    struct stage **at = &one->vswitch->stages;

    while (*at != one->old) {
        at = &(*at)->next;
    }
    one->fresh->next = one->old->next;
    one->fresh->position = one->old->position;
    one->fresh->active = true;
    *at = one->fresh;
    one->old->next = NULL;
    vswitch_publish_chain(one->vswitch);
}

/* All of the successors' tasks have been told. */
static void
prepared(struct upgrading *upgrading)
{
    if (upgrading->failed) {
        take_off(upgrading, true);
        return;
    }
    replace_plugin(upgrading->operation.driver, upgrading->old,
                   upgrading->fresh);
    for (struct succession *one = upgrading->list; one; one = one->next) {
        replace_stage(one);
    }
    log_info("upgraded %s from %s to %s", upgrading->fresh->extension.name,
             upgrading->old->file, upgrading->path);
    take_off(upgrading, false);
}

/* ---- Successors --------------------------------------------------------- */

static void
fail(struct upgrading *upgrading, const struct outcome *outcome)
{
    if (upgrading->failed) {
        return;
    }
    upgrading->failed = true;
    upgrading->failure = *outcome;
    for (struct succession *one = upgrading->list; one; one = one->next) {
        if (one->fresh) {
            stage_fail(one->fresh);
        }
    }
}

static void
told(struct upgrading *upgrading)
{
    if (--upgrading->n_waiting == 0) {
        prepared(upgrading);
    }
}

static void
on_step(void *arg, struct task *task, const struct outcome *outcome)
{
    struct upgrading *upgrading = arg;

    (void) task;
    if (outcome->result != XVS_SUCCESS) {
        fail(upgrading, outcome);
    }
    told(upgrading);
}

/* What was in force must stay so: a refusal ends the upgrade. */
static void
on_setting(void *arg, struct task *task, const struct outcome *outcome)
{
    struct replay *replay = arg;
    struct upgrading *upgrading = replay->upgrading;

    if (outcome->result == XVS_SUCCESS) {
        inforce_add(replay->stage->settings, &replay->setting->head,
                    replay->setting->block);
    }
    free(replay);
    on_step(upgrading, task, outcome);
}

static void
queue_settings(struct upgrading *upgrading, const struct succession *one)
{
    struct task_options options = {
        .timeout_ms = upgrading->wanted.timeout_ms, .call = on_setting };

    for (const struct setting *setting = inforce_first(one->old->settings);
         setting; setting = setting->next) {
        struct replay *replay = mem_zalloc(sizeof *replay);

        *replay = (struct replay) { upgrading, one->fresh, setting };
        options.arg = replay;
        upgrading->n_waiting++;
        task_setting(one->fresh, &setting->head, setting->block,
                     plugin_layout(upgrading->fresh, &setting->head.uuid),
                     &options);
    }
}

static void
queue_all(struct upgrading *upgrading, const struct succession *one)
{
    const struct task_options options = {
        .timeout_ms = upgrading->wanted.timeout_ms, .call = on_step,
        .arg = upgrading };
    struct xvs_port port;

    upgrading->n_waiting += 2;
    task_init(one->fresh, &options);
    for (struct vport *vport = one->vswitch->ports; vport;
         vport = vport->next) {
        stages_describe_port(vport, &port);
        upgrading->n_waiting += 2;
        task_port(one->fresh, XVS_PORT_CREATED, &port, &options);
        task_port(one->fresh, XVS_PORT_CONNECTED, &port, &options);
    }
    queue_settings(upgrading, one);
    task_state(one->fresh, XVS_ACTIVATE, &options);
}

/* A successor for the stage; false with an outcome. */
static bool
make(struct upgrading *upgrading, struct vswitch *vswitch, struct stage *old)
{
    struct driver *driver = upgrading->operation.driver;
    struct succession *one = mem_zalloc(sizeof *one);
    struct outcome outcome;
    struct error error;

    one->vswitch = vswitch;
    one->old = old;
    one->next = upgrading->list;
    upgrading->list = one;
    one->fresh = stage_create(upgrading->fresh, old->partition, vswitch->name,
                              vswitch->id, &stages_owner, driver,
                              driver->loop, &error);
    if (!one->fresh) {
        outcome_set(&outcome, XVS_RESOURCES, "%s", error.text);
        fail(upgrading, &outcome);
        return false;
    }
    one->fresh->site = vswitch;
    one->fresh->place = &driver->place;
    if (!order_fits(vswitch, old, one->fresh, &outcome)) {
        fail(upgrading, &outcome);
        return false;
    }
    return true;
}

static void
make_all(struct upgrading *upgrading)
{
    struct driver *driver = upgrading->operation.driver;

    upgrading->n_waiting = 1;
    for (struct vswitch *vswitch = driver->switches; vswitch;
         vswitch = vswitch->next) {
        struct stage *old = stages_find(vswitch, &upgrading->wanted.extension);

        if (old && !make(upgrading, vswitch, old)) {
            break;
        }
    }
    for (struct succession *one = upgrading->list;
         one && !upgrading->failed; one = one->next) {
        queue_all(upgrading, one);
    }
    told(upgrading);
}

/* ---- The file ----------------------------------------------------------- */

static bool
check_identity(const struct plugin *old, const struct plugin *fresh,
               struct error *error)
{
    const struct xvs_extension *was = &old->extension, *is =
        &fresh->extension;

    if (fresh->handle == old->handle) {
        error_set(error, ERROR_EXISTS, "%s is what runs already",
                  fresh->file);
        return error_hint(error, "install the new version under another"
                                 " name, or replace the file (not its"
                                 " contents) first");
    }
    if (!guid_equal(&was->id, &is->id) || strcmp(was->name, is->name) != 0) {
        return error_set(error, ERROR_INVALID, "%s is extension %s, and not"
                         " another version of %s%s", fresh->file, is->name,
                         was->name, strcmp(was->name, is->name) == 0
                         ? " (its id differs)" : "");
    }
    if (was->extension_class != is->extension_class) {
        error_set(error, ERROR_INVALID, "%s makes %s an extension of another"
                  " class", fresh->file, was->name);
        return error_hint(error, "disable and remove %s, then install %s",
                          was->name, fresh->file);
    }
    return true;
}

/* The new file must know all classes that the old one has layouts of. */
static bool
copy_layouts(const struct plugin *old, struct plugin *fresh,
             struct error *error)
{
    for (const struct feature_layout *one = old->layouts; one;
         one = one->next) {
        const struct control_layout head = {
            .extension = old->extension.id,
            .uuid = one->layout->uuid,
            .scope = one->scope,
            .kind = one->kind,
            .layout_size = (uint32_t) one->wire.size,
            .default_size = (uint32_t) one->empty.size,
        };

        if (!plugin_set_layout(fresh, &head, one->wire.data, one->empty.data,
                               error)) {
            return false;
        }
    }
    return true;
}

static void
tried(void *arg, const struct error *error)
{
    struct upgrading *upgrading = arg;
    struct error own;

    if (error) {
        give_up(upgrading, error);
        return;
    }
    upgrading->fresh = plugin_load(upgrading->path, &own);
    if (!upgrading->fresh
        || !check_identity(upgrading->old, upgrading->fresh, &own)
        || !copy_layouts(upgrading->old, upgrading->fresh, &own)) {
        give_up(upgrading, &own);
        return;
    }
    make_all(upgrading);
}

static void
start(struct operation *operation)
{
    struct upgrading *upgrading = (struct upgrading *) (void *) operation;
    struct driver *driver = operation->driver;
    char guid[GUID_TEXT_SIZE];
    struct error error;

    upgrading->old = driver_plugin(driver, &upgrading->wanted.extension);
    if (!upgrading->old) {
        error_set(&error, ERROR_NO_CONSUMER, "extension %s is not loaded",
                  guid_format(&upgrading->wanted.extension, guid));
        give_up(upgrading, &error);
    } else if (!plugin_find(driver->plugin_dirs, upgrading->wanted.file,
                            driver->trusted, upgrading->path, &error)
               || !probe_start(driver->loop, upgrading->path, tried,
                               upgrading, &error)) {
        give_up(upgrading, &error);
    }
}

_Static_assert(offsetof(struct upgrading, operation) == 0, "start() casts");

void
extensions_upgrade(struct driver *driver, struct request *request,
                   const struct control_header *message)
{
    struct upgrading *upgrading = mem_zalloc(sizeof *upgrading);

    upgrading->request = request;
    upgrading->wanted =
        *(const struct control_upgrade *) control_body(message);
    upgrading->use.whole = true;
    upgrading->operation.start = start;
    upgrading->operation.uses = &upgrading->use;
    upgrading->operation.n_uses = 1;
    operation_queue(driver, &upgrading->operation);
}
