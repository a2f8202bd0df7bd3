/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Creating a port.  The stages of the switch are asked one after the other
 * whether it may be; a refusal undoes those before it, in reverse order.
 * Frames flow when all of them know of it.
 */

#include <config.h>

#include <stdlib.h>
#include <string.h>
#include <xvs/extension.h>

#include "base/error.h"
#include "base/memory.h"
#include "stage/task.h"
#include "switch/driver.h"
#include "switch/entries.h"
#include "switch/ports.h"
#include "switch/request/port-change.h"
#include "switch/request/request.h"
#include "switch/server.h"
#include "switch/stages.h"
#include "switch/vswitch.h"

static void ask_next(struct port_change *change);
static void undo_next(struct port_change *change);

/* One interface carries the frames of one port. */
static bool
check_device(const struct driver *driver, const struct control_port *wanted,
             struct error *error)
{
    for (const struct vswitch *vswitch = driver->switches; vswitch;
         vswitch = vswitch->next) {
        for (const struct vport *port = vswitch->ports; port;
             port = port->next) {
            if (strcmp(port->made.device, wanted->device) == 0) {
                return error_set(error, ERROR_IN_USE, "interface %s belongs to"
                                 " port %s of switch %s", wanted->device,
                                 port->made.name, vswitch->name);
            }
        }
    }
    return true;
}

static bool
check_new(const struct driver *driver, const struct control_port *wanted,
          struct error *error)
{
    const struct vswitch *vswitch = driver_switch(driver, wanted->switch_id);

    if (!vswitch) {
        return error_set(error, ERROR_NOT_FOUND,
                         "there is no switch number %u", wanted->switch_id);
    }
    if (driver_port(driver, wanted->port_id)) {
        return error_set(error, ERROR_EXISTS,
                         "there is a port number %u already",
                         wanted->port_id);
    }
    for (const struct vport *port = vswitch->ports; port; port = port->next) {
        if (strcmp(port->made.name, wanted->name) == 0) {
            return error_set(error, ERROR_EXISTS,
                             "switch %s has a port %s already",
                             vswitch->name, wanted->name);
        }
    }
    return entries_judge(vswitch, wanted, error)
        && check_device(driver, wanted, error);
}

/* The switch knows the port: packets may come back from stages to it. */
static void
join_switch(struct vport *port)
{
    struct vport **last;

    entries_begin(port);
    for (last = &port->vswitch->ports; *last; last = &(*last)->next) {
    }
    *last = port;
    vswitch_publish_ports(port->vswitch);
}

static void
go_live(struct port_change *change)
{
    struct driver *driver = change->operation.driver;
    struct vport *port = change->port;
    struct port *opened = change->opened;
    struct error error;

    change->opened = NULL;
    change->port = NULL;
    /* Before a worker has packets of it. */
    join_switch(port);
    if (!ports_attach(driver, port, opened, &error)) {
        ports_forget(driver, port, NULL, NULL);
        port_change_fail(change, &error);
        return;
    }
    request_succeed(change->request);
    port_change_end(change);
}

static void
connected(void *arg, struct task *task, const struct outcome *outcome)
{
    struct port_change *change = arg;

    (void) task;
    (void) outcome;
    if (--change->n_waiting == 0) {
        go_live(change);
    }
}

static void
connect_all(struct port_change *change)
{
    const struct task_options options = { .must_run = true,
                                          .call = connected, .arg = change };

    change->n_waiting = change->n_stages;
    for (uint32_t i = 0; i < change->n_stages; i++) {
        task_port(change->stages[i], XVS_PORT_CONNECTED,
                  &change->description, &options);
    }
    if (change->n_stages == 0) {
        go_live(change);
    }
}

static void
undone(void *arg, struct task *task, const struct outcome *outcome)
{
    (void) task;
    (void) outcome;
    undo_next(arg);
}

static void
undo_next(struct port_change *change)
{
    const struct task_options options = { .must_run = true, .call = undone,
                                          .arg = change };

    if (change->at > 0) {
        change->at--;
        task_port(change->stages[change->at], XVS_PORT_DELETED,
                  &change->description, &options);
        return;
    }
    extensions_answer(change->request, &change->failure,
                      change->stages[change->n_waiting], UINT32_MAX);
    port_close(change->opened);
    free(change->port);
    port_change_end(change);
}

static void
asked(void *arg, struct task *task, const struct outcome *outcome)
{
    struct port_change *change = arg;

    (void) task;
    if (outcome->result == XVS_SUCCESS) {
        change->at++;
        ask_next(change);
        return;
    }
    change->failure = *outcome;
    change->n_waiting = change->at;     /* who it was, for the answer */
    undo_next(change);
}

static void
ask_next(struct port_change *change)
{
    const struct task_options options = { .call = asked, .arg = change };

    if (change->at == change->n_stages) {
        connect_all(change);
        return;
    }
    task_port(change->stages[change->at], XVS_PORT_CREATED,
              &change->description, &options);
}

static void
start_create(struct operation *operation)
{
    struct port_change *change = port_change_of(operation);
    struct driver *driver = operation->driver;
    struct vport *port;
    struct error error;

    if (!check_new(driver, &change->wanted, &error)) {
        port_change_fail(change, &error);
        return;
    }
    port = mem_zalloc(sizeof *port);
    loop_start(&port->loop);
    port->id = change->wanted.port_id;
    port->made = change->wanted;
    port->vswitch = driver_switch(driver, change->wanted.switch_id);
    change->port = port;
    change->opened = ports_open(driver, port, &error);
    if (!change->opened) {
        port_change_fail(change, &error);
        return;
    }
    memcpy(port->mac, change->opened->config.mac, sizeof port->mac);
    port->mtu = change->opened->config.mtu;
    stages_describe_port(port, &change->description);
    port_change_stages(change, port->vswitch);
    ask_next(change);
}

void
ports_create(struct driver *driver, struct request *request,
             const struct control_header *message)
{
    const struct control_port *wanted = control_body(message);

    port_change_queue(driver, request, message, wanted->switch_id,
                      start_create);
}
