/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Trying missing ports again.  A round walks them in order, one plan at a
 * time, so that many missing ports neither flood xvs-switch nor hold up
 * changes; it is silent about a port that still cannot be made, because the
 * reason was told when it was tried first.
 */

#include <config.h>

#include "service/reconcile/restore.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/loop.h"
#include "base/memory.h"
#include "base/text.h"
#include "control/message.h"
#include "service/change/change.h"
#include "service/events.h"
#include "service/internal.h"
#include "service/peer/request.h"
#include "service/reconcile/reconcile.h"
#include "service/settings.h"

/* One try at one port. */
struct attempt {
    struct service *service;
    char switch_name[XVS_NAME_SIZE];
    char port_name[XVS_NAME_SIZE];
    bool made;                  /* the port is there now */
    size_t first;               /* step of the first setting */
    struct setting **settings;  /* one per step from there on */
    size_t n, capacity;
    size_t n_taken;             /* settings that are in force again */
};

static void restore_next(struct service *service);

/* The port while it is still to be made.  The locks keep it, and all that
 * the attempt points to, from changing under us. */
static struct vport *
attempt_port(const struct attempt *attempt)
{
    struct vport *port = state_port(&attempt->service->state,
                                    attempt->switch_name,
                                    attempt->port_name);

    return port && port->missing ? port : NULL;
}

/* ---- The port's settings ------------------------------------------------ */

static bool
check_setting(struct plan *plan, void *context,
              const struct control_header *answer, size_t step,
              struct error *error)
{
    struct attempt *attempt = context;
    struct setting *setting = attempt->settings[step - attempt->first];

    reconcile_setting(plan_service(plan), setting, answer, error);
    attempt->n_taken += setting->state == SETTING_IN_FORCE;
    return true;
}

/* Where the settings of a port go to while its plan is being made. */
struct adder {
    struct plan *plan;
    struct attempt *attempt;
    const struct vport *port;
};

static void
add_setting(void *arg, struct setting *setting)
{
    struct adder *adder = arg;
    struct attempt *attempt = adder->attempt;
    struct service *service = attempt->service;
    struct buffer message = BUFFER_INIT;
    size_t step;

    if (setting->port != adder->port || !setting_follows_port(setting)) {
        return;
    }
    request_settings(&message, service->timeout_ms);
    if (!request_add_setting(&message, XVS_ADD, setting,
                             setting->held->instance, service->repository,
                             NULL)) {
        buffer_free(&message);
        return;
    }
    step = plan_step(adder->plan, &message, NULL, check_setting);
    plan_forgive(adder->plan, step);
    if (attempt->n == 0) {
        attempt->first = step;
    }
    mem_grow(&attempt->settings, &attempt->capacity, attempt->n,
             sizeof *attempt->settings);
    attempt->settings[attempt->n++] = setting;
}

/* ---- The port ----------------------------------------------------------- */

static bool
check_port(struct plan *plan, void *context,
           const struct control_header *answer, size_t step,
           struct error *error)
{
    struct attempt *attempt = context;
    struct vport *port = attempt_port(attempt);
    struct adder adder = { plan, attempt, port };

    (void) step;
    if (answer->result == XVS_SUCCESS) {
        attempt->made = true;
        settings_each(&attempt->service->state, adder.port->vswitch, NULL,
                      add_setting, &adder);
    } else {
        snprintf(port->why, sizeof port->why, "%.*s",
                 (int) sizeof port->why - 1, error->text);
    }
    return true;
}

static bool
prepare(struct plan *plan, void *context, struct error *error)
{
    struct attempt *attempt = context;
    struct vport *port = attempt_port(attempt);
    struct buffer message = BUFFER_INIT;

    (void) error;
    if (port && attempt->service->peer_state == PEER_RUNNING) {
        request_port(&message, CONTROL_PORT_CREATE, port);
        plan_forgive(plan, plan_step(plan, &message, NULL, check_port));
    }
    return true;
}

static void
apply(struct plan *plan, void *context)
{
    struct attempt *attempt = context;
    struct vport *port = attempt_port(attempt);
    char text[200];

    if (!attempt->made) {
        return;
    }
    port->missing = false;
    port->link = LINK_UNKNOWN;
    snprintf(text, sizeof text, "the port could be made at last: interface "
             "%s, %zu of %zu settings in force", port->device,
             attempt->n_taken, attempt->n);
    events_add(plan_service(plan), &(struct event) {
        .severity = "info", .kind = "port-restored",
        .switch_name = attempt->switch_name,
        .port_name = attempt->port_name, .text = text,
    });
}

static void
finish(void *context, const struct error *error)
{
    struct attempt *attempt = context;
    struct service *service = attempt->service;

    (void) error;
    free(attempt->settings);
    free(attempt);
    restore_next(service);
}

static const struct plan_kind kind = {
    .prepare = prepare, .apply = apply, .finish = finish,
};

static void
restore_port(struct service *service, const struct vport *port)
{
    struct attempt *attempt = mem_zalloc(sizeof *attempt);
    const char *switch_name = port->vswitch->name;
    struct plan *plan;

    attempt->service = service;
    snprintf(attempt->switch_name, sizeof attempt->switch_name, "%s",
             switch_name);
    snprintf(attempt->port_name, sizeof attempt->port_name, "%s",
             port->name);
    plan = plan_create(service, &kind, attempt);
    plan_lock(plan, false, "host");
    plan_lock(plan, false, "switch/%s", switch_name);
    plan_lock(plan, false, "chain/%s", switch_name);
    plan_lock(plan, true, "port/%s/%s", switch_name, port->name);
    plan_start(plan);
}

/* ---- Rounds ------------------------------------------------------------- */

/* The missing port behind the one that was tried last. */
static struct vport *
next_missing(const struct service *service)
{
    const struct restore *restore = &service->restore;
    const struct index *ports = &service->state.ports;
    struct vswitch vswitch = { .name = (char *) restore->switch_name };
    struct vport key = { .vswitch = &vswitch,
                         .name = (char *) restore->port_name };

    for (size_t i = index_lower(ports, &key); i < ports->n; i++) {
        struct vport *port = ports->items[i];

        if (port->missing && ports->compare(port, &key) != 0) {
            return port;
        }
    }
    return NULL;
}

/* Tries the next port, or ends the round. */
static void
restore_next(struct service *service)
{
    struct restore *restore = &service->restore;
    struct vport *port = next_missing(service);

    if (port && service->peer_state == PEER_RUNNING && !service->closing) {
        snprintf(restore->switch_name, sizeof restore->switch_name, "%s",
                 port->vswitch->name);
        snprintf(restore->port_name, sizeof restore->port_name, "%s",
                 port->name);
        restore_port(service, port);
        return;
    }
    restore->running = false;
    restore_plan(service);
}

static void
start_round(void *arg)
{
    struct service *service = arg;

    service->restore.timer = NULL;
    service->restore.running = true;
    restore_next(service);
}

void
restore_plan(struct service *service)
{
    struct restore *restore = &service->restore;

    if (restore->timer || restore->running || service->closing
        || service->peer_state != PEER_RUNNING) {
        return;
    }
    restore->switch_name[0] = restore->port_name[0] = 0;
    if (next_missing(service)) {
        restore->timer = loop_timer_add(service->loop, RESTORE_INTERVAL_MS,
                                        false, start_round, service);
    }
}

void
restore_stop(struct service *service)
{
    loop_timer_remove(service->restore.timer);
    service->restore.timer = NULL;
}
