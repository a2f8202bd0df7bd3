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
#include "control/names.h"
#include "stage/stage.h"
#include "switch/driver.h"
#include "switch/entries.h"
#include "switch/forward/egress.h"
#include "switch/forward/mac.h"
#include "switch/forward/workers.h"
#include "switch/ports.h"
#include "switch/services.h"
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
    port_part(old);
    port->lost += old->lost;
    workers_remove(driver->workers, old);
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

static void
tell(struct driver *driver, const struct vport *port,
     enum control_event_kind kind, enum xvs_log_level severity,
     const char *what)
{
    char text[CONTROL_TEXT];

    snprintf(text, sizeof text, "port %s of switch %s: %s %s %s",
             port->made.name, port->vswitch->name,
             control_driver_has_interface(port->made.driver) ? "interface"
                 : control_driver_name(port->made.driver),
             port->made.device, what);
    driver_event(driver, kind, severity, port->vswitch->id, port->id, NULL,
                 text);
}

/* Says why a port is not up, as an event and in its state. */
static void
tell_why(struct driver *driver, struct vport *port,
         enum control_event_kind kind, const char *text)
{
    snprintf(port->text, sizeof port->text, "%s %s %s",
             control_driver_has_interface(port->made.driver) ? "interface"
                 : control_driver_name(port->made.driver),
             port->made.device, text);
    tell(driver, port, kind, XVS_LOG_WARNING, text);
}

static void
changed(struct driver *driver, struct vport *port, enum port_news news,
        const char *text)
{
    if (news == PORT_GONE) {
        ports_detach(driver, port, NULL, NULL);
        port->state = VPORT_GONE;
        tell_why(driver, port, EVENT_PORT_GONE, text ? text : "is gone");
    } else if (news == PORT_DOWN
               && (port->state == VPORT_UP
                   || (port->state == VPORT_DOWN && text
                       && !strstr(port->text, text)))) {
        port->state = VPORT_DOWN;
        tell_why(driver, port, EVENT_PORT_DOWN, text ? text : "is down");
    } else if (news == PORT_SAME && port->state == VPORT_DOWN) {
        port->state = VPORT_UP;
        tell(driver, port, EVENT_PORT_UP, XVS_LOG_INFO,
             text ? text : "is up");
    } else if (news == PORT_SAME && text) {
        tell(driver, port, EVENT_PORT_UP, XVS_LOG_WARNING, text);
    }
}

/* The driver of a port noticed something. */
static void
on_news(void *arg, struct port *opened, enum port_news news, const char *text)
{
    struct vport *port = arg;

    if (port->port == opened) {
        changed(port->driver, port, news, text);
    }
}

static void
on_watch(void *arg, struct port_queue *queue)
{
    struct vport *port = arg;

    workers_watch(port->driver->workers, queue);
}

struct port *
ports_open(struct driver *driver, struct vport *port, struct error *error)
{
    struct port_config config = { .driver = port->made.driver,
                                  .mtu = port->made.mtu,
                                  .mode = port->made.mode,
                                  .queues = port->made.queues,
                                  .disabled = port->made.disabled };
    struct port_owner owner = { driver->loop, on_news, on_watch, port,
                                workers_count(driver->workers) };

    port->driver = driver;
    memcpy(config.device, port->made.device, sizeof config.device);
    memcpy(config.mac, port->made.mac, sizeof config.mac);
    return port_open(&config, &owner, error);
}

void
ports_set_enabled(struct vport *port)
{
    if (port->made.disabled) {
        __atomic_or_fetch(&port->special, VPORT_DISABLED, __ATOMIC_RELEASE);
    } else {
        __atomic_and_fetch(&port->special, ~VPORT_DISABLED,
                           __ATOMIC_RELEASE);
    }
    if (port->port && port->port->ops->link) {
        port->port->ops->link(port->port, !port->made.disabled);
    }
}

bool
ports_attach(struct driver *driver, struct vport *port, struct port *opened,
             struct error *error)
{
    (void) xvs_publish(port->port, opened);
    /* Before a worker is in it: what that finds out is news. */
    port->state = opened->ops->look(opened) == PORT_SAME ? VPORT_UP
                                                         : VPORT_DOWN;
    snprintf(port->text, sizeof port->text, "%s",
             port->state == VPORT_UP ? ""
                 : opened->text[0] ? opened->text : "not up yet");
    if (port->made.disabled) {
        ports_set_enabled(port);
    }
    if (!workers_add(driver->workers, port, opened, error)) {
        ports_detach(driver, port, NULL, NULL);
        return false;
    }
    return true;
}

static void
release(struct grace_call *call)
{
    struct vport *port = (struct vport *) (void *) call;

    entries_end(port);
    egress_release(port);
    free(port->policy);
    free(port);
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
    /* It counts what waits, which workers throw away once the port has no
     * driver. */
    services_forget_port(vswitch, port);
    ports_detach(driver, port, closed, arg);
    vswitch_publish_ports(vswitch);
    mac_forget(vswitch->path.macs, port->id);
    grace_defer(&port->grace, release);
}

void
ports_news(void *arg, uint32_t port_id, enum port_news news)
{
    struct driver *driver = arg;
    struct vport *port = driver_port(driver, port_id);

    if (port && port->port) {
        changed(driver, port, news == PORT_GONE
                ? news : port->port->ops->look(port->port), NULL);
    }
}

/* What is there again cannot be used; says so once. */
static void
still_gone(struct driver *driver, struct vport *port,
           const struct error *error)
{
    char text[CONTROL_STATE];

    error_format(error, text, sizeof text);
    if (strcmp(text, port->text) != 0) {
        memcpy(port->text, text, sizeof text);
        tell(driver, port, EVENT_PORT_GONE, XVS_LOG_WARNING, text);
    }
}

static void
look_after(struct driver *driver, struct vport *port)
{
    struct port *opened;
    struct error error;

    if (port->port) {
        if (port->port->ops->tick) {
            port->port->ops->tick(port->port);
        }
        changed(driver, port, port->port->ops->look(port->port), NULL);
        return;
    }
    opened = ports_open(driver, port, &error);
    if (opened && ports_attach(driver, port, opened, &error)) {
        tell(driver, port, EVENT_PORT_UP, XVS_LOG_INFO, "is back");
    } else if (error.code != ERROR_NOT_FOUND) {
        still_gone(driver, port, &error);
    }
}

/* A worker has blocked the port since we looked last. */
static void
watch_loop(struct driver *driver, struct vport *port)
{
    uint32_t loops = __atomic_load_n(&port->loop.loops, __ATOMIC_RELAXED);
    uint32_t id = __atomic_load_n(&port->loop.from, __ATOMIC_RELAXED);
    const struct vport *from = vswitch_port(port->vswitch, id);
    char text[CONTROL_TEXT];

    if (loops == port->told_loops) {
        return;
    }
    port->told_loops = loops;
    snprintf(text, sizeof text, "port %s of switch %s is looped: what goes"
             " out of port %s comes back in; it is blocked for %u s (take"
             " the loop out, or turn LoopProtection off)", port->made.name,
             port->vswitch->name, from ? from->made.name : "?",
             __atomic_load_n(&port->loop.seconds, __ATOMIC_RELAXED));
    driver_event(driver, EVENT_PORT_LOOP, XVS_LOG_ERROR, port->vswitch->id,
                 port->id, NULL, text);
}

void
ports_rescan(struct driver *driver)
{
    for (struct vswitch *vswitch = driver->switches; vswitch;
         vswitch = vswitch->next) {
        for (struct vport *port = vswitch->ports; port; port = port->next) {
            look_after(driver, port);
            watch_loop(driver, port);
        }
        vswitch_sweep(vswitch);
    }
}
