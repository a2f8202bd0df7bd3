/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A port's interface: opened, attached to the worker, lost and found again.
 * port-change.c creates and deletes ports.
 */

#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xvs/extension.h>

#include "base/error.h"
#include "base/loop.h"
#include "base/memory.h"
#include "stage/stage.h"
#include "switch/driver.h"
#include "switch/forward/mac.h"
#include "switch/forward/worker.h"
#include "switch/ports.h"
#include "switch/vswitch.h"

/* An interface on its way out. */
struct closing {
    struct grace_call grace;
    struct loop *loop;
    struct port *port;
    struct loop_timer *patience;    /* until its end 'closed' waits, or NULL */
    loop_call closed;               /* or NULL */
    void *arg;
};

static void
say_closed(struct closing *closing)
{
    loop_call closed = closing->closed;

    closing->closed = NULL;
    if (closed) {
        closed(closing->arg);
    }
}

/* A worker that hangs may hold the interface for ever. */
static void
out_of_patience(void *arg)
{
    struct closing *closing = arg;

    closing->patience = NULL;
    say_closed(closing);
}

/* On the main thread, because drivers' open and close are for it alone. */
static void
close_now(void *arg)
{
    struct closing *closing = arg;

    loop_timer_remove(closing->patience);
    port_close(closing->port);
    say_closed(closing);
    free(closing);
}

static void
unused(struct grace_call *call)
{
    struct closing *closing = (struct closing *) (void *) call;

    loop_post(closing->loop, close_now, closing);
}

void
ports_detach(struct driver *driver, struct vport *port, loop_call closed,
             void *arg)
{
    struct closing *closing;
    struct port *old = xvs_publish(port->port, NULL);

    if (!old) {
        if (closed) {
            loop_defer(driver->loop, closed, arg);
        }
        return;
    }
    worker_remove(driver->worker, old);
    closing = mem_zalloc(sizeof *closing);
    closing->loop = driver->loop;
    closing->port = old;
    closing->closed = closed;
    closing->arg = arg;
    if (closed) {
        closing->patience = loop_timer_add(driver->loop, STAGE_TIMEOUT_MS,
                                           false, out_of_patience, closing);
    }
    grace_defer(&closing->grace, unused);
}

struct port *
ports_open(const struct vport *port, struct error *error)
{
    struct port_config config = { .driver = port->made.driver,
                                  .mtu = port->made.mtu };

    memcpy(config.device, port->made.device, sizeof config.device);
    memcpy(config.mac, port->made.mac, sizeof config.mac);
    return port_open(&config, error);
}

bool
ports_attach(struct driver *driver, struct vport *port, struct port *opened,
             struct error *error)
{
    (void) xvs_publish(port->port, opened);
    if (!worker_add(driver->worker, port, error)) {
        ports_detach(driver, port, NULL, NULL);
        return false;
    }
    port->state = VPORT_UP;
    return true;
}

static void
release(struct grace_call *call)
{
    free(call);
}

_Static_assert(offsetof(struct vport, grace) == 0, "release() frees it");

void
ports_forget(struct driver *driver, struct vport *port, loop_call closed,
             void *arg)
{
    struct vswitch *vswitch = port->vswitch;
    struct vport **at;

    for (at = &vswitch->ports; *at != port; at = &(*at)->next) {
    }
    *at = port->next;
    ports_detach(driver, port, closed, arg);
    vswitch_publish_ports(vswitch);
    mac_forget(vswitch->path.macs, port->id);
    grace_defer(&port->grace, release);
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
        ports_detach(driver, port, NULL, NULL);
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
    struct port *opened;
    struct error error;

    if (port->port) {
        changed(driver, port, port->port->ops->look(port->port));
        return;
    }
    opened = ports_open(port, &error);
    if (opened && ports_attach(driver, port, opened, &error)) {
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
