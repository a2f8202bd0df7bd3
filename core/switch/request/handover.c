/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Successors of stages; see handover.h.
 */

#include <config.h>

#include "switch/request/handover.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "control/message.h"
#include "stage/inforce.h"
#include "stage/plugin/plugin.h"
#include "stage/task.h"
#include "switch/driver.h"
#include "switch/order.h"
#include "switch/request/request.h"
#include "switch/stages.h"
#include "switch/vswitch.h"

/* A stage and the one that is to take its place. */
struct succession {
    struct succession *next;
    struct vswitch *vswitch;
    struct stage *old, *fresh;
};

/* A setting's task. */
struct replay {
    struct handover *handover;
    struct stage *stage;
    const struct setting *setting;
};

/* ---- The end ------------------------------------------------------------ */

/* A stage has left, or was abandoned and leaves later. */
static void
left(void *arg)
{
    const struct task_options plain = { 0 };
    struct handover *handover = arg;

    if (--handover->n_waiting) {
        return;
    }
    while (handover->list) {
        struct succession *one = handover->list;

        handover->list = one->next;
        if (!handover->failed && xvs_read(one->fresh->kept)) {
            task_own(one->fresh, &plain);
        }
        free(one);
    }
    handover->done(handover->arg);
}

/* Takes all predecessors, or all successors, off. */
static void
take_off(struct handover *handover, bool fresh)
{
    handover->n_waiting = 1;
    for (struct succession *one = handover->list; one; one = one->next) {
        struct stage *stage = fresh ? one->fresh : one->old;

        if (stage) {
            handover->n_waiting++;
            extensions_remove(handover->driver, stage, left, handover);
        }
    }
    left(handover);
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
    one->fresh->partner = one->old->partner;
    one->fresh->sharing = one->old->sharing;
    one->fresh->told_away = one->old->told_away;
    one->fresh->active = true;
    *at = one->fresh;
    one->old->next = NULL;
    vswitch_publish_chain(one->vswitch);
}

/* All of the successors' tasks have been told. */
static void
prepared(struct handover *handover)
{
    if (handover->failed) {
        take_off(handover, true);
        return;
    }
    if (handover->accepted) {
        handover->accepted(handover->arg);
    }
    for (struct succession *one = handover->list; one; one = one->next) {
        replace_stage(one);
    }
    take_off(handover, false);
}

/* ---- Successors --------------------------------------------------------- */

static void
fail(struct handover *handover, const struct outcome *outcome)
{
    if (handover->failed) {
        return;
    }
    handover->failed = true;
    handover->failure = *outcome;
    for (struct succession *one = handover->list; one; one = one->next) {
        if (one->fresh) {
            stage_fail(one->fresh);
        }
    }
}

static void
told(struct handover *handover)
{
    if (--handover->n_waiting == 0) {
        prepared(handover);
    }
}

static void
on_step(void *arg, struct task *task, const struct outcome *outcome)
{
    struct handover *handover = arg;

    (void) task;
    if (outcome->result != XVS_SUCCESS) {
        fail(handover, outcome);
    }
    told(handover);
}

/* What was in force must stay so: a refusal ends the handover. */
static void
on_setting(void *arg, struct task *task, const struct outcome *outcome)
{
    struct replay *replay = arg;
    struct handover *handover = replay->handover;

    if (outcome->result == XVS_SUCCESS) {
        inforce_add(replay->stage->settings, &replay->setting->head,
                    replay->setting->block);
    }
    free(replay);
    on_step(handover, task, outcome);
}

static void
queue_settings(struct handover *handover, const struct succession *one)
{
    struct task_options options = {
        .timeout_ms = handover->timeout_ms, .call = on_setting };

    for (const struct setting *setting = inforce_first(one->old->settings);
         setting; setting = setting->next) {
        struct replay *replay = mem_zalloc(sizeof *replay);

        *replay = (struct replay) { handover, one->fresh, setting };
        options.arg = replay;
        handover->n_waiting++;
        task_setting(one->fresh, &setting->head, setting->block,
                     plugin_layout(one->fresh->plugin, &setting->head.uuid),
                     &options);
    }
}

static void
queue_all(struct handover *handover, const struct succession *one)
{
    const struct task_options options = {
        .timeout_ms = handover->timeout_ms, .call = on_step,
        .arg = handover };
    struct xvs_port port;

    handover->n_waiting += 2;
    task_init(one->fresh, &options);
    for (struct vport *vport = one->vswitch->ports; vport;
         vport = vport->next) {
        stages_describe_port(vport, &port);
        handover->n_waiting += 2;
        task_port(one->fresh, XVS_PORT_CREATED, &port, &options);
        task_port(one->fresh, XVS_PORT_CONNECTED, &port, &options);
    }
    queue_settings(handover, one);
    task_state(one->fresh, XVS_ACTIVATE, &options);
}

/* ---- The start ---------------------------------------------------------- */

bool
handover_add(struct handover *handover, struct vswitch *vswitch,
             struct stage *old, struct plugin *plugin,
             enum partition partition, uint32_t time_share)
{
    struct driver *driver = handover->driver;
    struct succession *one = mem_zalloc(sizeof *one);
    struct outcome outcome;
    struct error error;

    one->vswitch = vswitch;
    one->old = old;
    one->next = handover->list;
    handover->list = one;
    one->fresh = stage_create(plugin, partition, vswitch->name, vswitch->id,
                              &stages_owner, driver, driver->loop, &error);
    if (!one->fresh) {
        outcome_fail(&outcome, XVS_RESOURCES, &error);
        fail(handover, &outcome);
        return false;
    }
    one->fresh->time_share = time_share;
    one->fresh->site = vswitch;
    one->fresh->place = &driver->place;
    if (!order_fits(vswitch, old, one->fresh, &outcome)) {
        fail(handover, &outcome);
        return false;
    }
    return true;
}

void
handover_start(struct handover *handover)
{
    handover->n_waiting = 1;
    for (struct succession *one = handover->list;
         one && !handover->failed; one = one->next) {
        queue_all(handover, one);
    }
    told(handover);
}
