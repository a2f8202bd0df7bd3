/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Changing a port in place: MTU, address, where it enters the chain, and
 * whether it carries anything.
 * The stages are told, and cannot refuse it.
 */

#include <config.h>

#include <string.h>
#include <xvs/extension.h>

#include "base/error.h"
#include "port/port.h"
#include "stage/task.h"
#include "switch/driver.h"
#include "switch/entries.h"
#include "switch/ports.h"
#include "switch/request/port-change.h"
#include "switch/request/request.h"
#include "switch/stages.h"
#include "switch/vswitch.h"

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
    entries_change(port);
    ports_set_enabled(port);
    return true;
}

static void
update_told(void *arg, struct task *task, const struct outcome *outcome)
{
    (void) task;
    (void) outcome;
    port_change_returned(arg);
}

static void
start_update(struct operation *operation)
{
    struct port_change *change = port_change_of(operation);
    const struct task_options options = { .must_run = true,
                                          .call = update_told,
                                          .arg = change };
    struct vport *port = port_change_port(change);
    struct error error;

    if (!port) {
        return;
    }
    if (!is_same(port, &change->wanted, &error)
        || !entries_judge(port->vswitch, &change->wanted, &error)
        || !update_interface(port, &change->wanted, &error)) {
        port_change_fail(change, &error);
        return;
    }
    stages_describe_port(port, &change->description);
    port_change_stages(change, port->vswitch);
    change->n_waiting = change->n_stages + 1;
    for (uint32_t i = 0; i < change->n_stages; i++) {
        task_port(change->stages[i], XVS_PORT_UPDATED, &change->description,
                  &options);
    }
    port_change_returned(change);
}

void
ports_update(struct driver *driver, struct request *request,
             const struct control_header *message)
{
    const struct control_port *wanted = control_body(message);

    port_change_queue(driver, request, message, wanted->switch_id,
                      start_update);
}
