/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Reconciliation: switches, ports, extensions.  Runs as a plan that has the
 * host to itself; no refusal ends it, because the other half must be brought
 * back all the same.
 */

#include <config.h>

#include "service/reconcile/reconcile.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "control/link.h"
#include "control/message.h"
#include "service/change/change.h"
#include "service/events.h"
#include "service/internal.h"
#include "service/peer/request.h"
#include "service/quarantine/quarantine.h"
#include "service/settings.h"

void
reconcile_tell(struct reconcile *reconcile, const char *switch_name,
               const char *port_name, const char *extension_name,
               const char *format, ...)
{
    char text[400];
    va_list args;

    if (reconcile->fresh) {
        return;
    }
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    reconcile->n_mended++;
    events_add(reconcile->service, &(struct event) {
        .severity = "warning", .kind = "reconcile",
        .switch_name = switch_name, .port_name = port_name,
        .extension_name = extension_name, .text = text,
    });
}

void
reconcile_step(struct plan *plan, struct buffer *message, plan_check check)
{
    plan_forgive(plan, plan_step(plan, message, NULL, check));
}

bool
reconcile_told(struct plan *plan, void *context,
               const struct control_header *answer, size_t number,
               struct error *error)
{
    (void) context;
    (void) number;
    if (answer->result != XVS_SUCCESS) {
        events_add(plan_service(plan), &(struct event) {
            .severity = "error", .kind = "restore-failed",
            .text = error->text,
        });
    }
    return true;
}

/* ---- What is missing ---------------------------------------------------- */

static void
add_switches(struct plan *plan, struct reconcile *reconcile)
{
    struct state *state = &reconcile->service->state;

    for (size_t i = 0; i < state->switches.n; i++) {
        struct vswitch *vswitch = state->switches.items[i];
        const struct control_switch *one =
            snapshot_switch(&reconcile->snapshot, vswitch->id);
        struct buffer message = BUFFER_INIT;

        if (one && strcmp(one->name, vswitch->name) == 0) {
            continue;
        }
        reconcile_tell(reconcile, vswitch->name, NULL, NULL,
                       "the switch was missing");
        request_switch(&message, CONTROL_SWITCH_CREATE, vswitch->id,
                       vswitch->name);
        reconcile_step(plan, &message, reconcile_told);
    }
}

static bool
check_port(struct plan *plan, void *context,
           const struct control_header *answer, size_t number,
           struct error *error)
{
    struct reconcile *reconcile = context;
    struct vport *port = reconcile->ports[number - reconcile->first_port];
    char text[600];

    (void) plan;
    port->missing = answer->result != XVS_SUCCESS;
    if (port->missing) {
        snprintf(port->why, sizeof port->why, "%.*s",
                 (int) sizeof port->why - 1, error->text);
        snprintf(text, sizeof text, "the port cannot be made: %s; it will "
                 "be tried again", error->text);
        events_add(reconcile->service, &(struct event) {
            .severity = "error", .kind = "restore-failed",
            .switch_name = port->vswitch->name, .port_name = port->name,
            .text = text,
        });
    }
    return true;
}

static void
add_port(struct plan *plan, struct reconcile *reconcile, struct vport *port)
{
    struct buffer message = BUFFER_INIT;
    size_t step;

    request_port(&message, CONTROL_PORT_CREATE, port);
    step = plan_step(plan, &message, NULL, check_port);
    plan_forgive(plan, step);
    if (reconcile->n_ports == 0) {
        reconcile->first_port = step;
    }
    mem_grow(&reconcile->ports, &reconcile->ports_capacity,
             reconcile->n_ports, sizeof *reconcile->ports);
    reconcile->ports[reconcile->n_ports++] = port;
}

/* Before any is made, whose steps follow each other. */
static void
update_ports(struct plan *plan, struct reconcile *reconcile)
{
    struct state *state = &reconcile->service->state;

    for (size_t i = 0; i < state->ports.n; i++) {
        const struct vport *port = state->ports.items[i];
        const struct control_port *one = snapshot_port(&reconcile->snapshot,
                                                       port->id);
        struct buffer message = BUFFER_INIT;

        if (!one || !reconcile_port_there(port, one)
            || reconcile_port_same(port, one)) {
            continue;
        }
        reconcile_tell(reconcile, port->vswitch->name, port->name, NULL,
                       "the port had another MTU, address or entry");
        request_port(&message, CONTROL_PORT_UPDATE, port);
        reconcile_step(plan, &message, reconcile_told);
    }
}

static void
add_ports(struct plan *plan, struct reconcile *reconcile)
{
    struct state *state = &reconcile->service->state;

    for (size_t i = 0; i < state->ports.n; i++) {
        struct vport *port = state->ports.items[i];
        const struct control_port *one = snapshot_port(&reconcile->snapshot,
                                                       port->id);

        port->missing = false;
        if (one && reconcile_port_there(port, one)) {
            continue;
        }
        reconcile_tell(reconcile, port->vswitch->name, port->name, NULL,
                       "the port was missing");
        port->link = LINK_UNKNOWN;
        add_port(plan, reconcile, port);
    }
}

/* What the plugin says may have changed since it was installed. */
static bool
extension_loaded(struct plan *plan, struct reconcile *reconcile,
                 struct extension *extension,
                 const struct control_extension *one, struct error *error)
{
    bool differs;

    if (!revive_loaded(plan, extension, one, &differs, error)) {
        return false;
    }
    if (differs) {
        reconcile_tell(reconcile, NULL, NULL, extension->name,
                       "the plugin is another version than was installed");
    }
    return true;
}

static bool
check_load(struct plan *plan, void *context,
           const struct control_header *answer, size_t number,
           struct error *error)
{
    struct state *state = &plan_service(plan)->state;
    struct reconcile *reconcile = context;
    struct extension *extension = NULL;

    (void) number;
    for (size_t i = 0; i < state->extensions.n && !extension; i++) {
        extension = state->extensions.items[i];
        extension = extension->state == EXTENSION_ABSENT ? extension : NULL;
    }
    if (!extension) {
        return true;
    }
    if (answer->result == XVS_SUCCESS
        && extension_loaded(plan, reconcile, extension,
                            control_after(answer_result(answer),
                                          sizeof(struct control_result)),
                            error)) {
        return true;
    }
    extension->state = error->code == ERROR_NOT_FOUND ? EXTENSION_MISSING
        : EXTENSION_FAILED;
    events_add(plan_service(plan), &(struct event) {
        .severity = "error", .kind = "restore-failed",
        .extension_name = extension->name, .text = error->text,
    });
    return true;
}

static void
add_extensions(struct plan *plan, struct reconcile *reconcile)
{
    struct state *state = &reconcile->service->state;

    for (size_t i = 0; i < state->extensions.n; i++) {
        struct extension *extension = state->extensions.items[i];
        const struct control_extension *one =
            snapshot_extension(&reconcile->snapshot, &extension->id);
        struct buffer message = BUFFER_INIT;

        if (one) {
            extension_loaded(plan, reconcile, extension, one, NULL);
            continue;
        }
        reconcile_tell(reconcile, NULL, NULL, extension->name,
                       "the extension was not loaded");
        extension->state = EXTENSION_ABSENT;
        request_load(&message, extension->file);
        reconcile_step(plan, &message, check_load);
    }
}

/* ---- The plan ----------------------------------------------------------- */

static bool
check_snapshot(struct plan *plan, void *context,
               const struct control_header *answer, size_t number,
               struct error *error)
{
    struct reconcile *reconcile = context;

    (void) plan;
    (void) number;
    (void) error;
    snapshot_read(&reconcile->snapshot, answer);
    reconcile->fresh = reconcile->snapshot.switches.n == 0
        && reconcile->snapshot.extensions.n == 0;
    return true;
}

static bool
prepare(struct plan *plan, void *context, struct error *error)
{
    struct buffer message = BUFFER_INIT;

    (void) context;
    (void) error;
    message_start(&message, CONTROL_SNAPSHOT, 0);
    plan_step(plan, &message, NULL, check_snapshot);
    return true;
}

static bool
more(struct plan *plan, void *context)
{
    struct reconcile *reconcile = context;

    switch (reconcile->phase++) {
    case 0:
        reconcile_remove(plan, reconcile);
        add_switches(plan, reconcile);
        update_ports(plan, reconcile);
        add_ports(plan, reconcile);
        add_extensions(plan, reconcile);
        return true;
    case 1:
        reconcile_stages(plan, reconcile);
        return true;
    default:
        return false;
    }
}

static void
apply(struct plan *plan, void *context)
{
    struct reconcile *reconcile = context;
    struct service *service = plan_service(plan);
    const struct state *state = &service->state;
    char text[200];

    service->peer_state = PEER_RUNNING;
    if (reconcile->fresh) {
        snprintf(text, sizeof text, "a new xvs-switch has been given %zu "
                 "switches, %zu ports, %zu extensions, %zu settings",
                 state->switches.n, state->ports.n, state->extensions.n,
                 state->settings.n);
    } else if (reconcile->n_mended) {
        snprintf(text, sizeof text, "the running xvs-switch was adopted; %u "
                 "differences were mended", reconcile->n_mended);
    } else {
        snprintf(text, sizeof text, "the running xvs-switch was adopted; "
                 "nothing differed");
    }
    events_add(service, &(struct event) {
        .severity = "info", .kind = "switch-found", .text = text,
    });
    quarantine_fetch(service->quarantine);
    restore_plan(service);
    revive_plan(service);
}

static void
finish(void *context, const struct error *error)
{
    struct reconcile *reconcile = context;

    if (error && !reconcile->service->closing) {
        log_error_at(LOG_LEVEL_WARNING, error);
    }
    snapshot_free(&reconcile->snapshot);
    free(reconcile->ports);
    free(reconcile->work);
    free(reconcile);
}

static const struct plan_kind kind = {
    .prepare = prepare, .more = more, .apply = apply, .finish = finish,
};

void
reconcile_start(struct service *service)
{
    struct reconcile *reconcile = mem_zalloc(sizeof *reconcile);
    struct plan *plan;

    service->peer_state = PEER_RECONCILING;
    reconcile->service = service;
    plan = plan_create(service, &kind, reconcile);
    plan_lock(plan, true, "host");
    plan_start_first(plan);
}
