/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Ports: creating, deleting, and what becomes of one whose interface went
 * away and came back.
 */

#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xvs/extension.h>

#include "base/error.h"
#include "base/log.h"
#include "base/memory.h"
#include "switch/driver.h"
#include "switch/mac.h"
#include "switch/server.h"
#include "switch/vswitch.h"
#include "switch/worker.h"

/* A driver on its way out. */
struct closing {
    struct grace_call grace;
    struct port *port;
};

static void
close_now(struct grace_call *call)
{
    struct closing *closing = (struct closing *) (void *) call;

    port_close(closing->port);
    free(closing);
}

/* Closes the port's driver when no worker uses it any more. */
static void
detach(struct driver *driver, struct vport *port)
{
    struct closing *closing;
    struct port *old = xvs_publish(port->port, NULL);

    if (old) {
        worker_remove(driver->worker, old);
        closing = mem_zalloc(sizeof *closing);
        closing->port = old;
        grace_defer(&closing->grace, close_now);
    }
}

/* Opens the port's interface and starts to carry its frames. */
static bool
attach(struct driver *driver, struct vport *port, struct error *error)
{
    struct port_config config = { .driver = port->made.driver,
                                  .mtu = port->made.mtu };
    struct port *opened;

    memcpy(config.device, port->made.device, sizeof config.device);
    memcpy(config.mac, port->made.mac, sizeof config.mac);
    opened = port_open(&config, error);
    if (!opened) {
        return false;
    }
    (void) xvs_publish(port->port, opened);
    if (!worker_add(driver->worker, port, error)) {
        detach(driver, port);
        return false;
    }
    port->state = VPORT_UP;
    return true;
}

static bool
check_new(struct driver *driver, const struct control_port *wanted,
          struct error *error)
{
    struct vswitch *vswitch = driver_switch(driver, wanted->switch_id);

    if (!vswitch) {
        return error_set(error, ERROR_NOT_FOUND,
                         "there is no switch number %u", wanted->switch_id);
    }
    if (driver_port(driver, wanted->port_id)) {
        return error_set(error, ERROR_EXISTS,
                         "there is a port number %u already",
                         wanted->port_id);
    }
    for (struct vport *port = vswitch->ports; port; port = port->next) {
        if (strcmp(port->made.name, wanted->name) == 0) {
            return error_set(error, ERROR_EXISTS,
                             "switch %s has a port %s already",
                             vswitch->name, wanted->name);
        }
    }
    return true;
}

void
ports_create(struct driver *driver, struct request *request,
             const struct control_header *message)
{
    const struct control_port *wanted = control_body(message);
    struct vport *port, **last;
    struct error error;

    if (!check_new(driver, wanted, &error)) {
        request_fail(request, &error);
        return;
    }
    port = mem_zalloc(sizeof *port);
    port->id = wanted->port_id;
    port->made = *wanted;
    port->vswitch = driver_switch(driver, wanted->switch_id);
    for (last = &port->vswitch->ports; *last; last = &(*last)->next) {
    }
    if (!attach(driver, port, &error)) {
        free(port);
        request_fail(request, &error);
        return;
    }
    *last = port;
    vswitch_publish_ports(port->vswitch);
    request_succeed(request);
}

static void
release(struct grace_call *call)
{
    free(call);
}

_Static_assert(offsetof(struct vport, grace) == 0, "release() frees it");

void
ports_delete(struct driver *driver, struct request *request,
             const struct control_header *message)
{
    const struct control_port *wanted = control_body(message);
    struct vport *port = driver_port(driver, wanted->port_id);
    struct vport **at;
    struct error error;

    if (!port) {
        error_set(&error, ERROR_NOT_FOUND, "there is no port number %u",
                  wanted->port_id);
        request_fail(request, &error);
        return;
    }
    for (at = &port->vswitch->ports; *at != port; at = &(*at)->next) {
    }
    *at = port->next;
    detach(driver, port);
    vswitch_publish_ports(port->vswitch);
    mac_forget(port->vswitch->path.macs, port->id);
    grace_defer(&port->grace, release);
    request_succeed(request);
}

static void
tell(struct driver *driver, const struct vport *port,
     enum control_event_kind kind, enum xvs_log_level severity,
     const char *what)
{
    char text[CONTROL_TEXT];

    snprintf(text, sizeof text, "port %s of switch %s: interface %s %s",
             port->made.name, port->vswitch->name, port->made.device, what);
    driver_event(driver, kind, severity, port->vswitch->id, port->id, NULL,
                 text);
}

static void
changed(struct driver *driver, struct vport *port, enum port_news news)
{
    if (news == PORT_GONE) {
        detach(driver, port);
        port->state = VPORT_GONE;
        tell(driver, port, EVENT_PORT_GONE, XVS_LOG_WARNING, "is gone");
    } else if (news == PORT_DOWN && port->state == VPORT_UP) {
        port->state = VPORT_DOWN;
        tell(driver, port, EVENT_PORT_DOWN, XVS_LOG_WARNING, "is down");
    } else if (news == PORT_SAME && port->state == VPORT_DOWN) {
        port->state = VPORT_UP;
        tell(driver, port, EVENT_PORT_UP, XVS_LOG_INFO, "is up");
    }
}

void
ports_news(void *arg, uint32_t port_id, enum port_news news)
{
    struct driver *driver = arg;
    struct vport *port = driver_port(driver, port_id);

    if (port && port->port) {
        changed(driver, port, news == PORT_GONE
                ? news : port->port->ops->look(port->port));
    }
}

static void
look_after(struct driver *driver, struct vport *port)
{
    struct error error;

    if (port->port) {
        changed(driver, port, port->port->ops->look(port->port));
    } else if (attach(driver, port, &error)) {
        tell(driver, port, EVENT_PORT_UP, XVS_LOG_INFO, "is back");
    }
}

void
ports_rescan(struct driver *driver)
{
    for (struct vswitch *vswitch = driver->switches; vswitch;
         vswitch = vswitch->next) {
        for (struct vport *port = vswitch->ports; port; port = port->next) {
            look_after(driver, port);
        }
    }
}
