/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Deleting a port.  Frames do not flow any more when the stages are told that
 * it goes.  It is deleted when its interface is closed, so that it can be
 * opened again at once.
 */

#include <config.h>

#include <stdlib.h>

#include "stage/inforce.h"
#include "stage/plugin/plugin.h"
#include "stage/task.h"
#include "switch/driver.h"
#include "switch/ports.h"
#include "switch/request/port-change.h"
#include "switch/request/request.h"
#include "switch/stages.h"
#include "switch/vswitch.h"

/* The interface is closed. */
static void
closed(void *arg)
{
    port_change_returned(arg);
}

static void
farewell_said(void *arg, struct task *task, const struct outcome *outcome)
{
    (void) task;
    (void) outcome;
    port_change_returned(arg);
}

/* Disconnected; its settings deleted; deleted. */
static void
say_farewell(struct port_change *change, struct stage *stage)
{
    const struct task_options plain = { .must_run = true };
    const struct task_options last = { .must_run = true,
                                       .call = farewell_said,
                                       .arg = change };
    struct setting *next;

    task_port(stage, XVS_PORT_DISCONNECTED, &change->description, &plain);
    for (struct setting *one = inforce_first(stage->settings); one;
         one = next) {
        struct feature_layout *layout =
            plugin_layout(stage->plugin, &one->head.uuid);

        next = one->next;
        if (one->head.port_id == change->description.id) {
            if (layout) {
                task_undo(stage, &one->head, NULL, layout, &plain);
            }
            free(inforce_take(stage->settings, one));
        }
    }
    task_port(stage, XVS_PORT_DELETED, &change->description, &last);
}

static void
start_delete(struct operation *operation)
{
    struct port_change *change = port_change_of(operation);
    struct driver *driver = operation->driver;
    struct vport *port = port_change_port(change);

    if (!port) {
        return;
    }
    stages_describe_port(port, &change->description);
    port_change_stages(change, port->vswitch);
    change->n_waiting = change->n_stages + 1;
    ports_forget(driver, port, closed, change);
    for (uint32_t i = 0; i < change->n_stages; i++) {
        say_farewell(change, change->stages[i]);
    }
}

/* The switch is known when the operation starts: until then, all of them. */
void
ports_delete(struct driver *driver, struct request *request,
             const struct control_header *message)
{
    const struct control_port *wanted = control_body(message);
    const struct vport *port = driver_port(driver, wanted->port_id);

    port_change_queue(driver, request, message, port ? port->vswitch->id : 0,
                      start_delete);
}
