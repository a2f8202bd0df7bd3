/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Creating, changing and deleting ports.  The stages of the switch are asked one after
 * the other whether a port may be; a refusal undoes those before it, in
 * reverse order.  Frames flow when all of them know of it, and no longer when
 * they are told that it goes.  A port is deleted when its interface is closed,
 * so that it can be opened again at once.
 */

#include <config.h>

#include <stdlib.h>
#include <string.h>
#include <xvs/extension.h>

#include "base/error.h"
#include "base/memory.h"
#include "stage/inforce.h"
#include "stage/plugin.h"
#include "stage/task.h"
#include "switch/driver.h"
#include "switch/operation.h"
#include "switch/ports.h"
#include "switch/request/request.h"
#include "switch/server.h"
#include "switch/stages.h"
#include "switch/vswitch.h"

struct change {
    struct operation operation;
    struct operation_use use;
    struct request *request;
    struct control_port wanted;
    struct vport *port;             /* being created */
    struct port *opened;            /* its interface, until attached */
    struct xvs_port description;    /* for the stages */
    struct stage **stages;          /* of the switch, in chain order */
    uint32_t n_stages;
    uint32_t at;                    /* stage that is asked */
    uint32_t n_waiting;             /* that were told and have not returned */
    struct outcome failure;
};

static void ask_next(struct change *change);
static void undo_next(struct change *change);

static void
finish(struct change *change)
{
    operation_end(&change->operation);
    free(change->stages);
    free(change);
}

static void
fail(struct change *change, const struct error *error)
{
    port_close(change->opened);
    free(change->port);
    request_fail(change->request, error);
    finish(change);
}

/* The stages cannot change while the operation has the switch. */
static void
note_stages(struct change *change, const struct vswitch *vswitch)
{
    struct stage *stage;

    for (stage = vswitch->stages; stage; stage = stage->next) {
        change->n_stages++;
    }
    change->stages = mem_array(change->n_stages + 1u, sizeof stage);
    change->n_stages = 0;
    for (stage = vswitch->stages; stage; stage = stage->next) {
        change->stages[change->n_stages++] = stage;
    }
}

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
    return check_device(driver, wanted, error);
}

static void
go_live(struct change *change)
{
    struct driver *driver = change->operation.driver;
    struct vport *port = change->port, **last;
    struct port *opened = change->opened;
    struct error error;

    change->opened = NULL;
    if (!ports_attach(driver, port, opened, &error)) {
        fail(change, &error);
        return;
    }
    for (last = &port->vswitch->ports; *last; last = &(*last)->next) {
    }
    *last = port;
    vswitch_publish_ports(port->vswitch);
    request_succeed(change->request);
    finish(change);
}

static void
connected(void *arg, struct task *task, const struct outcome *outcome)
{
    struct change *change = arg;

    (void) task;
    (void) outcome;
    if (--change->n_waiting == 0) {
        go_live(change);
    }
}

static void
connect_all(struct change *change)
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
undo_next(struct change *change)
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
    finish(change);
}

static void
asked(void *arg, struct task *task, const struct outcome *outcome)
{
    struct change *change = arg;

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
ask_next(struct change *change)
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
    struct change *change = (struct change *) (void *) operation;
    struct driver *driver = operation->driver;
    struct vport *port;
    struct error error;

    if (!check_new(driver, &change->wanted, &error)) {
        fail(change, &error);
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
        fail(change, &error);
        return;
    }
    memcpy(port->mac, change->opened->config.mac, sizeof port->mac);
    port->mtu = change->opened->config.mtu;
    stages_describe_port(port, &change->description);
    note_stages(change, port->vswitch);
    ask_next(change);
}

_Static_assert(offsetof(struct change, operation) == 0, "start casts");

/* Once per stage that was told, and once for the interface. */
static void
left(void *arg)
{
    struct change *change = arg;

    if (--change->n_waiting == 0) {
        request_succeed(change->request);
        finish(change);
    }
}

static void
farewell_said(void *arg, struct task *task, const struct outcome *outcome)
{
    (void) task;
    (void) outcome;
    left(arg);
}

/* Disconnected; its settings deleted; deleted. */
static void
say_farewell(struct change *change, struct stage *stage)
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
    struct change *change = (struct change *) (void *) operation;
    struct driver *driver = operation->driver;
    struct vport *port = driver_port(driver, change->wanted.port_id);
    struct error error;

    if (!port) {
        error_set(&error, ERROR_NOT_FOUND, "there is no port number %u",
                  change->wanted.port_id);
        fail(change, &error);
        return;
    }
    stages_describe_port(port, &change->description);
    note_stages(change, port->vswitch);
    change->n_waiting = change->n_stages + 1;
    ports_forget(driver, port, left, change);
    for (uint32_t i = 0; i < change->n_stages; i++) {
        say_farewell(change, change->stages[i]);
    }
}

/* ---- In place ----------------------------------------------------------- */

static bool
is_same(const struct vport *port, const struct control_port *wanted,
        struct error *error)
{
    if (port->made.switch_id != wanted->switch_id
        || port->made.driver != wanted->driver
        || port->made.mode != wanted->mode
        || port->made.queues != wanted->queues
        || strcmp(port->made.name, wanted->name) != 0
        || strcmp(port->made.device, wanted->device) != 0) {
        return error_set(error, ERROR_INVALID, "port number %u is port %s "
                         "with interface %s: only MTU and address can be "
                         "changed in place", port->id, port->made.name,
                         port->made.device);
    }
    return true;
}

/* The interface gets what is wanted; one that is gone will when it is back. */
static bool
update_interface(struct vport *port, const struct control_port *wanted,
                 struct error *error)
{
    static const uint8_t none[6];
    struct port_config config = { .driver = wanted->driver,
                                  .mtu = wanted->mtu };

    if (memcmp(port->made.mac, none, sizeof none) == 0) {
        memcpy(port->own_mac, port->mac, sizeof port->own_mac);
    }
    memcpy(config.mac, memcmp(wanted->mac, none, sizeof none) == 0
           ? port->own_mac : wanted->mac, sizeof config.mac);
    memcpy(config.device, wanted->device, sizeof config.device);
    if (port->port && (wanted->mtu != port->made.mtu
                       || memcmp(wanted->mac, port->made.mac,
                                 sizeof wanted->mac) != 0)) {
        if (!port_update(port->port, &config, error)) {
            return false;
        }
        memcpy(port->mac, port->port->config.mac, sizeof port->mac);
        __atomic_store_n(&port->mtu, port->port->config.mtu, __ATOMIC_RELAXED);
    }
    port->made = *wanted;
    ports_set_enabled(port);
    return true;
}

static void
update_told(void *arg, struct task *task, const struct outcome *outcome)
{
    (void) task;
    (void) outcome;
    left(arg);
}

static void
start_update(struct operation *operation)
{
    struct change *change = (struct change *) (void *) operation;
    const struct task_options options = { .must_run = true,
                                          .call = update_told,
                                          .arg = change };
    struct vport *port = driver_port(operation->driver,
                                     change->wanted.port_id);
    struct error error;

    if (!port) {
        error_set(&error, ERROR_NOT_FOUND, "there is no port number %u",
                  change->wanted.port_id);
        fail(change, &error);
        return;
    }
    if (!is_same(port, &change->wanted, &error)
        || !update_interface(port, &change->wanted, &error)) {
        fail(change, &error);
        return;
    }
    stages_describe_port(port, &change->description);
    note_stages(change, port->vswitch);
    change->n_waiting = change->n_stages + 1;
    for (uint32_t i = 0; i < change->n_stages; i++) {
        task_port(change->stages[i], XVS_PORT_UPDATED, &change->description,
                  &options);
    }
    left(change);
}

/* ---- Waiting for the switch --------------------------------------------- */

static void
queue(struct driver *driver, struct request *request,
      const struct control_header *message, uint32_t switch_id,
      void (*start)(struct operation *operation))
{
    struct change *change = mem_zalloc(sizeof *change);

    change->request = request;
    change->wanted = *(const struct control_port *) control_body(message);
    change->use = (struct operation_use) { .switch_id = switch_id,
                                           .whole = true };
    change->operation.start = start;
    change->operation.uses = &change->use;
    change->operation.n_uses = 1;
    operation_queue(driver, &change->operation);
}

void
ports_create(struct driver *driver, struct request *request,
             const struct control_header *message)
{
    const struct control_port *wanted = control_body(message);

    queue(driver, request, message, wanted->switch_id, start_create);
}

/* The switch is known when the operation starts: until then, all of them. */
void
ports_delete(struct driver *driver, struct request *request,
             const struct control_header *message)
{
    const struct control_port *wanted = control_body(message);
    const struct vport *port = driver_port(driver, wanted->port_id);

    queue(driver, request, message, port ? port->vswitch->id : 0,
          start_delete);
}

void
ports_update(struct driver *driver, struct request *request,
             const struct control_header *message)
{
    const struct control_port *wanted = control_body(message);

    queue(driver, request, message, wanted->switch_id, start_update);
}
