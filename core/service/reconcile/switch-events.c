/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Events of xvs-switch as events for operators, with names instead of
 * numbers.
 */

#include <config.h>

#include "service/reconcile/switch-events.h"

#include <stdio.h>

#include "base/log.h"
#include "base/text.h"
#include "control/message.h"
#include "service/events.h"
#include "service/internal.h"
#include "service/quarantine/quarantine.h"
#include "service/reconcile/reconcile.h"

static const char *const kind_names[] = {
    [EVENT_EXTENSION] = "extension", [EVENT_STUCK] = "stuck",
    [EVENT_RECOVERED] = "recovered", [EVENT_PORT_UP] = "port-up",
    [EVENT_PORT_DOWN] = "port-down", [EVENT_PORT_GONE] = "port-gone",
    [EVENT_FAILED] = "extension-failed", [EVENT_SHORTAGE] = "shortage",
    [EVENT_PORT_LOOP] = "port-loop", [EVENT_PARTNER] = "partner",
    [EVENT_POISON] = "poison",
};

static void
note_port(struct vport *port, uint32_t kind)
{
    if (kind == EVENT_PORT_UP) {
        port->link = LINK_UP;
    } else if (kind == EVENT_PORT_DOWN) {
        port->link = LINK_DOWN;
    } else if (kind == EVENT_PORT_GONE) {
        port->link = LINK_GONE;
    }
}

static void
note_stage(struct stage *stage, uint32_t kind)
{
    if (kind == EVENT_STUCK) {
        stage->state = STAGE_STUCK;
    } else if (kind == EVENT_RECOVERED) {
        stage->state = STAGE_RUNNING;
    } else if (kind == EVENT_FAILED) {
        stage->state = STAGE_FAILED;
    }
}

static void
switch_said(void *arg, const struct control_event *event)
{
    static const char *const severities[] = { "error", "warning", "info" };
    struct service *service = arg;
    const struct state *state = &service->state;
    const struct vswitch *vswitch = state_switch_by_id(state,
                                                       event->switch_id);
    struct vport *port = state_port_by_id(state, event->port_id);
    const struct extension *extension =
        state_extension_by_id(state, &event->extension);
    struct stage *stage = vswitch
        ? state_stage_of(vswitch, &event->extension) : NULL;

    if (port) {
        note_port(port, event->kind);
        vswitch = port->vswitch;
    }
    if (stage) {
        note_stage(stage, event->kind);
    }
    events_add(service, &(struct event) {
        .severity = severities[event->severity],
        .kind = kind_names[event->kind],
        .switch_name = vswitch ? vswitch->name : NULL,
        .port_name = port ? port->name : NULL,
        .extension_name = extension ? extension->name : NULL,
        .text = event->text,
    });
    if (event->kind == EVENT_POISON) {
        quarantine_fetch(service->quarantine);
    }
}

static void
switch_up(void *arg, const struct xvs_guid *boot, const char *version)
{
    char text[GUID_TEXT_SIZE];

    log_debug("connected to xvs-switch %s, start %s", version,
              guid_format(boot, text));
    reconcile_start(arg);
}

static void
switch_down(void *arg, const char *why)
{
    struct service *service = arg;
    char text[400];

    service->peer_state = PEER_ABSENT;
    quarantine_forget(service->quarantine);
    snprintf(text, sizeof text, "xvs-switch is gone (%s); what is "
             "configured will be given to the next one", why);
    events_add(service, &(struct event) {
        .severity = "error", .kind = "switch-lost", .text = text,
    });
}

const struct peer_calls switch_calls = {
    .up = switch_up, .down = switch_down, .event = switch_said,
};
