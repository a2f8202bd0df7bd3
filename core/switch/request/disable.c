/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Taking an extension off a switch:
 *
 *     out of the list and the chain
 *     -> grace period: no packet hook runs any more
 *     -> PAUSE -> memory released, fini -> destroyed
 *
 * When one of these does not end in time it is abandoned: it stays in
 * driver.leaving, with its thread, until it returns.
 */

#include <config.h>

#include <stdlib.h>

#include "base/loop.h"
#include "base/memory.h"
#include "packet/grace.h"
#include "stage/plugin/plugin.h"
#include "stage/task.h"
#include "switch/driver.h"
#include "switch/operation.h"
#include "switch/request/request.h"
#include "switch/server.h"
#include "switch/services.h"
#include "switch/sharing.h"
#include "switch/stages.h"
#include "switch/vswitch.h"

#define LOOK_MS 1u              /* between two looks at packets in flight */

/* A stage on its way out. */
struct removing {
    struct grace_call grace;
    struct driver *driver;
    struct stage *stage;
    struct loop_timer *timer;   /* of the grace period */
    bool was_active;
    void (*call)(void *arg);    /* NULL once it was made */
    void *arg;
};

static void
destroy(void *arg)
{
    struct removing *removing = arg;
    struct stage **at = &removing->driver->leaving;

    while (*at != removing->stage) {
        at = &(*at)->next;
    }
    *at = removing->stage->next;
    stage_destroy(removing->stage);
    if (removing->call) {
        removing->call(removing->arg);
    }
    free(removing);
}

/* fini has returned; its job is still on the stack. */
static void
fini_ended(void *arg)
{
    struct removing *removing = arg;

    loop_defer(removing->driver->loop, destroy, removing);
}

/* It is off the switch; the rest of its end is nobody's business. */
static void
abandon(struct removing *removing)
{
    void (*call)(void *arg) = removing->call;

    removing->call = NULL;
    if (call) {
        call(removing->arg);
    }
}

static void
fini_done(void *arg, struct task *task, const struct outcome *outcome)
{
    (void) task;
    if (outcome->result == XVS_TIMED_OUT) {
        abandon(arg);
    }
}

/* Some packet hook does not return. */
static void
grace_too_long(void *arg)
{
    struct removing *removing = arg;

    removing->timer = NULL;
    abandon(removing);
}

/* No worker gives it packets any more; those that are in other processes are
 * waited for. */
static void
say_goodbye(void *arg)
{
    struct removing *removing = arg;
    struct stage *stage = removing->stage;
    const struct vswitch *vswitch =
        driver_switch(removing->driver, stage->switch_id);
    const struct task_options plain = { .must_run = true };
    const struct task_options last = { .must_run = true, .call = fini_done,
                                       .ended = fini_ended,
                                       .arg = removing };

    if (vswitch && vswitch_may_enter(vswitch, stage)) {
        loop_timer_add(removing->driver->loop, LOOK_MS, false, say_goodbye,
                       removing);
        return;
    }
    loop_timer_remove(removing->timer);
    removing->timer = NULL;
    __atomic_store_n(&stage->in_chain, false, __ATOMIC_RELEASE);
    if (removing->was_active) {
        task_state(stage, XVS_PAUSE, &plain);
    }
    task_fini(stage, &last);
}

static void
grace_over(struct grace_call *call)
{
    struct removing *removing = (struct removing *) (void *) call;

    loop_post(removing->driver->loop, say_goodbye, removing);
}

void
extensions_remove(struct driver *driver, struct stage *stage,
                  void (*call)(void *arg), void *arg)
{
    struct vswitch *vswitch = driver_switch(driver, stage->switch_id);
    struct removing *removing = mem_zalloc(sizeof *removing);

    removing->driver = driver;
    removing->stage = stage;
    removing->was_active = stage->active;
    removing->call = call;
    removing->arg = arg;
    stage->active = false;
    stages_remove(vswitch, stage);
    if (stages_find(vswitch, &stage->plugin->extension.id)) {
        services_part(vswitch, stage);
    } else {
        services_take_back(vswitch, stage);
        sharing_leave(vswitch, stage);
    }
    stage->next = driver->leaving;
    driver->leaving = stage;
    vswitch_publish_chain(vswitch);
    stage_fail(stage);
    removing->timer = loop_timer_add(driver->loop, STAGE_TIMEOUT_MS, false,
                                     grace_too_long, removing);
    grace_defer(&removing->grace, grace_over);
}

/* A request to disable. */
struct disabling {
    struct operation operation;
    struct operation_use use;
    struct request *request;
    struct control_extension_ref which;
};

static void
disabled(void *arg)
{
    struct disabling *disabling = arg;

    request_succeed(disabling->request);
    operation_end(&disabling->operation);
    free(disabling);
}

static void
start(struct operation *operation)
{
    struct disabling *disabling = (struct disabling *) (void *) operation;
    struct driver *driver = operation->driver;
    struct outcome outcome;
    struct stage *stage =
        stages_expect(driver, disabling->which.switch_id,
                      &disabling->which.extension, &outcome);

    if (stage) {
        extensions_remove(driver, stage, disabled, disabling);
        return;
    }
    extensions_answer(disabling->request, &outcome, NULL, UINT32_MAX);
    operation_end(operation);
    free(disabling);
}

_Static_assert(offsetof(struct disabling, operation) == 0, "start() casts");

void
extensions_disable(struct driver *driver, struct request *request,
                   const struct control_header *message)
{
    struct disabling *disabling = mem_zalloc(sizeof *disabling);

    disabling->request = request;
    disabling->which =
        *(const struct control_extension_ref *) control_body(message);
    disabling->use = (struct operation_use) {
        .switch_id = disabling->which.switch_id, .whole = true };
    disabling->operation.start = start;
    disabling->operation.uses = &disabling->use;
    disabling->operation.n_uses = 1;
    operation_queue(driver, &disabling->operation);
}
