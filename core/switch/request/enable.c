/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Enabling an extension on a switch.  All of its start is queued at once, in
 * the order that xvs/extension.h promises: init, the ports, the settings,
 * ACTIVATE.  The first failure refuses the rest of the queue.  Packets come
 * when everything has returned.
 */

#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/log.h"
#include "base/memory.h"
#include "control/message.h"
#include "marshal/block.h"
#include "stage/domain/support.h"
#include "stage/inforce.h"
#include "stage/plugin/plugin.h"
#include "stage/task.h"
#include "switch/driver.h"
#include "switch/operation.h"
#include "switch/order.h"
#include "switch/request/request.h"
#include "switch/server.h"
#include "switch/stages.h"
#include "switch/vswitch.h"

struct enabling {
    struct operation operation;
    struct operation_use use;
    struct request *request;
    struct control_header *message;     /* a copy */
    const struct control_enable *wanted;
    struct stage *stage;
    uint32_t *results;                  /* one for each setting */
    uint32_t n_waiting;                 /* tasks that were not told yet */
    bool failed;
    struct outcome failure;             /* the first */
};

/* A setting's task. */
struct replay {
    struct enabling *enabling;
    const struct control_setting *head;
    uint32_t index;
};

static void
finish(struct enabling *enabling)
{
    operation_end(&enabling->operation);
    free(enabling->message);
    free(enabling->results);
    free(enabling);
}

static void
fail(struct enabling *enabling, const struct outcome *outcome)
{
    if (!enabling->failed) {
        enabling->failed = true;
        enabling->failure = *outcome;
        stage_fail(enabling->stage);
    }
}

static void
succeed(struct enabling *enabling)
{
    BUFFER_AUTO struct buffer out = BUFFER_INIT;
    struct stage *stage = enabling->stage;
    struct vswitch *vswitch =
        driver_switch(enabling->operation.driver, stage->switch_id);
    const struct control_place place = {
        .extension = stage->plugin->extension.id,
        .switch_id = stage->switch_id,
        .position = order_position(vswitch, stage) };

    stage->active = true;
    vswitch_publish_chain(vswitch);
    log_info("enabled %s on switch %s", stage_name(stage),
             stage->switch_name);
    request_start(enabling->request, &out, 0);
    buffer_put(&out, &place, sizeof place);
    buffer_put(&out, enabling->results,
               enabling->wanted->n * sizeof *enabling->results);
    request_send(enabling->request, &out);
    finish(enabling);
}

static void
told(struct enabling *enabling)
{
    if (--enabling->n_waiting) {
        return;
    }
    if (!enabling->failed) {
        succeed(enabling);
        return;
    }
    extensions_answer(enabling->request, &enabling->failure, enabling->stage,
                      UINT32_MAX);
    extensions_remove(enabling->operation.driver, enabling->stage, NULL,
                      NULL);
    finish(enabling);
}

/* init, a port, ACTIVATE: all must succeed. */
static void
on_step(void *arg, struct task *task, const struct outcome *outcome)
{
    struct enabling *enabling = arg;

    (void) task;
    if (outcome->result != XVS_SUCCESS) {
        fail(enabling, outcome);
    }
    told(enabling);
}

/* A setting may be refused; an extension that hangs may not go on. */
static void
on_setting(void *arg, struct task *task, const struct outcome *outcome)
{
    struct replay *replay = arg;
    struct enabling *enabling = replay->enabling;

    (void) task;
    enabling->results[replay->index] = outcome->result;
    if (outcome->result == XVS_SUCCESS) {
        inforce_add(enabling->stage->settings, replay->head,
                    control_after(replay->head, sizeof *replay->head));
    } else if (outcome->result == XVS_TIMED_OUT) {
        fail(enabling, outcome);
    } else if (!enabling->failed) {
        log_warning("%s on switch %s refused a setting that was in force: %s",
                    stage_name(enabling->stage),
                    enabling->stage->switch_name, outcome->text);
    }
    free(replay);
    told(enabling);
}

/* XVS_SUCCESS when the extension may see the setting. */
static enum xvs_result
judge_setting(const struct enabling *enabling,
              const struct control_setting *head,
              const struct feature_layout *layout)
{
    const struct vswitch *vswitch = driver_switch(
        enabling->operation.driver, enabling->wanted->switch_id);
    struct error error;

    if (!layout) {
        return XVS_NO_CONSUMER;
    }
    if (head->op != XVS_ADD || layout->scope != head->scope
        || (head->scope == XVS_SCOPE_PORT
            && !vswitch_port(vswitch, head->port_id))
        || inforce_find(enabling->stage->settings, &head->uuid,
                        &head->instance)) {
        return XVS_INVALID_PARAMETER;
    }
    if (!block_check(control_after(head, sizeof *head), head->block_size,
                     layout->layout, &error)) {
        log_warning("a setting to enable %s with is not valid: %s",
                    stage_name(enabling->stage), error.text);
        return XVS_INVALID_PARAMETER;
    }
    return XVS_SUCCESS;
}

static void
queue_setting(struct enabling *enabling, const struct control_setting *head,
              uint32_t index)
{
    struct feature_layout *layout =
        plugin_layout(enabling->stage->plugin, &head->uuid);
    struct replay *replay;
    struct task_options options = {
        .timeout_ms = enabling->wanted->timeout_ms, .call = on_setting };

    enabling->results[index] = judge_setting(enabling, head, layout);
    if (enabling->results[index] == XVS_SUCCESS) {
        replay = mem_zalloc(sizeof *replay);
        *replay = (struct replay) { enabling, head, index };
        options.arg = replay;
        enabling->n_waiting++;
        task_setting(enabling->stage, head,
                     control_after(head, sizeof *head), layout, &options);
    }
}

static void
queue_all(struct enabling *enabling, const struct vswitch *vswitch)
{
    const struct task_options options = {
        .timeout_ms = enabling->wanted->timeout_ms, .call = on_step,
        .arg = enabling };
    const struct control_setting *head =
        control_after(enabling->wanted, sizeof *enabling->wanted);
    struct xvs_port port;

    enabling->n_waiting = 2;
    task_init(enabling->stage, &options);
    for (struct vport *one = vswitch->ports; one; one = one->next) {
        stages_describe_port(one, &port);
        enabling->n_waiting += 2;
        task_port(enabling->stage, XVS_PORT_CREATED, &port, &options);
        task_port(enabling->stage, XVS_PORT_CONNECTED, &port, &options);
    }
    for (uint32_t i = 0; i < enabling->wanted->n; i++) {
        queue_setting(enabling, head, i);
        head = control_after(control_after(head, sizeof *head),
                             head->block_size);
    }
    task_state(enabling->stage, XVS_ACTIVATE, &options);
}

/* Makes the stage; NULL with the outcome that says why not. */
static struct stage *
make_stage(struct enabling *enabling, struct outcome *outcome)
{
    struct driver *driver = enabling->operation.driver;
    const struct control_enable *wanted = enabling->wanted;
    struct vswitch *vswitch = driver_switch(driver, wanted->switch_id);
    struct plugin *plugin = driver_plugin(driver, &wanted->extension);
    const enum partition partition = wanted->partition
        ? (enum partition) wanted->partition
        : plugin->extension.traits & XVS_TRAIT_SOCKETS ? PARTITION_PROCESS
        : PARTITION_INLINE;
    struct stage *stage;
    struct error error;

    stage = stage_create(plugin, partition, vswitch->name, vswitch->id,
                         &stages_owner, driver, driver->loop, &error);
    if (!stage) {
        outcome_fail(outcome, XVS_RESOURCES, &error);
        return NULL;
    }
    stage->position = wanted->position;
    stage->time_share = wanted->time_share;
    stage->site = vswitch;
    stage->place = &driver->place;
    if (!order_insert(vswitch, stage, wanted->position, outcome)) {
        stage_destroy(stage);
        return NULL;
    }
    return stage;
}

bool
extensions_may_run(const struct plugin *plugin, uint32_t partition,
                   struct outcome *outcome)
{
    struct error error;

    if (plugin->extension.traits & XVS_TRAIT_SOCKETS
        && partition != PARTITION_PROCESS
        && partition != PARTITION_DEFAULT) {
        outcome_set(outcome, XVS_NOT_ACCEPTED, "%s has sockets and runs in a"
                    " process of its own, so its partition can only be"
                    " process", plugin->extension.name);
        outcome->code = ERROR_INVALID;
        return false;
    }
    if (partition != PARTITION_DOMAIN || support_is_there(&error)) {
        return true;
    }
    outcome_fail(outcome, XVS_NOT_SUPPORTED, &error);
    return false;
}

static bool
may_enable(const struct enabling *enabling, struct outcome *outcome)
{
    const struct driver *driver = enabling->operation.driver;
    const struct control_enable *wanted = enabling->wanted;
    const struct vswitch *vswitch = driver_switch(driver, wanted->switch_id);
    const struct plugin *plugin = driver_plugin(driver, &wanted->extension);

    if (!vswitch || !plugin) {
        stages_expect(driver, wanted->switch_id, &wanted->extension, outcome);
        return false;
    }
    if (stages_find(vswitch, &wanted->extension)) {
        outcome_set(outcome, XVS_NOT_ACCEPTED, "%s is enabled on switch %s"
                    " already", plugin->extension.name, vswitch->name);
        outcome->code = ERROR_EXISTS;
        return false;
    }
    if (!extensions_may_run(plugin, wanted->partition, outcome)) {
        return false;
    }
    for (const struct stage *one = vswitch->stages; one; one = one->next) {
        if (plugin->extension.extension_class == XVS_CLASS_FORWARD
            && one->plugin->extension.extension_class == XVS_CLASS_FORWARD) {
            outcome_set(outcome, XVS_NOT_ACCEPTED, "switch %s has a forwarder"
                        " already (%s), and there can be only one",
                        vswitch->name, stage_name(one));
            outcome->code = ERROR_IN_USE;
            return false;
        }
    }
    return true;
}

static void
start(struct operation *operation)
{
    struct enabling *enabling = (struct enabling *) (void *) operation;
    struct outcome outcome = { 0 };

    if (may_enable(enabling, &outcome)) {
        enabling->stage = make_stage(enabling, &outcome);
    }
    if (enabling->stage) {
        queue_all(enabling, driver_switch(operation->driver,
                                          enabling->wanted->switch_id));
    } else {
        extensions_answer(enabling->request, &outcome, NULL, UINT32_MAX);
        finish(enabling);
    }
}

_Static_assert(offsetof(struct enabling, operation) == 0, "start() casts");

void
extensions_enable(struct driver *driver, struct request *request,
                  const struct control_header *message)
{
    struct enabling *enabling = mem_zalloc(sizeof *enabling);

    enabling->request = request;
    enabling->message = mem_dup(message, message->size);
    enabling->wanted = control_body(enabling->message);
    enabling->results =
        mem_array(enabling->wanted->n, sizeof *enabling->results);
    enabling->use = (struct operation_use) {
        .switch_id = enabling->wanted->switch_id, .whole = true };
    enabling->operation.start = start;
    enabling->operation.uses = &enabling->use;
    enabling->operation.n_uses = 1;
    operation_queue(driver, &enabling->operation);
}
