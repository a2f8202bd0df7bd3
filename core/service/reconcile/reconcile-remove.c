/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Reconciliation: what xvs-switch has and should not have.
 */

#include <config.h>

#include <string.h>

#include "base/buffer.h"
#include "base/text.h"
#include "control/message.h"
#include "control/names.h"
#include "service/internal.h"
#include "service/peer/request.h"
#include "service/reconcile/reconcile.h"

/* The snapshot's stage of a switch behind '*at' that is configured. */
static const struct control_stage *
next_enabled(const struct reconcile *reconcile,
             const struct vswitch *vswitch, size_t *at)
{
    while (*at < reconcile->snapshot.enabled.n) {
        const struct control_stage *one =
            reconcile->snapshot.enabled.items[(*at)++];

        if (one->switch_id == vswitch->id
            && state_stage_of(vswitch, &one->extension)) {
            return one;
        }
    }
    return NULL;
}

static bool
is_enabled(const struct reconcile *reconcile, const struct stage *stage)
{
    const struct control_stage *one;
    size_t at = 0;

    do {
        one = next_enabled(reconcile, stage->vswitch, &at);
    } while (one && !guid_equal(&one->extension, &stage->extension->id));
    return one != NULL;
}

/* Both chains without what the other lacks: a stage that waits for its
 * plugin does not displace those behind it. */
bool
reconcile_stage_there(const struct reconcile *reconcile,
                      const struct stage *stage)
{
    const struct vswitch *vswitch = stage->vswitch;
    const struct control_stage *one = NULL;
    size_t at = 0;

    if (!is_enabled(reconcile, stage)) {
        return false;
    }
    for (size_t i = 0; i == 0 || vswitch->chain[i - 1] != stage; i++) {
        if (is_enabled(reconcile, vswitch->chain[i])) {
            one = next_enabled(reconcile, vswitch, &at);
        }
    }
    return one && guid_equal(&one->extension, &stage->extension->id);
}

static void
remove_stages(struct plan *plan, struct reconcile *reconcile)
{
    struct service *service = reconcile->service;

    for (size_t i = 0; i < reconcile->snapshot.enabled.n; i++) {
        const struct control_stage *one =
            reconcile->snapshot.enabled.items[i];
        struct vswitch *vswitch = state_switch_by_id(&service->state,
                                                     one->switch_id);
        struct stage *stage = vswitch
            ? state_stage_of(vswitch, &one->extension) : NULL;
        struct buffer message = BUFFER_INIT;

        if (stage && reconcile_stage_there(reconcile, stage)) {
            continue;
        }
        reconcile_tell(reconcile, vswitch ? vswitch->name : NULL, NULL,
                       stage ? stage->extension->name : NULL, stage
                       ? "the extension was at another place of the chain"
                       : "an extension was enabled that is not configured");
        request_extension(&message, CONTROL_EXT_DISABLE, &one->extension,
                          one->switch_id, service->timeout_ms);
        reconcile_step(plan, &message, reconcile_told);
    }
}

static bool
same_values(const struct vport *port, const struct control_port *one)
{
    return one->mtu == port->mtu
        && memcmp(port->mac, one->mac, sizeof one->mac) == 0;
}

/* What has no interface of the host cannot be changed where it is. */
bool
reconcile_port_there(const struct vport *port, const struct control_port *one)
{
    return one->switch_id == port->vswitch->id
        && strcmp(one->name, port->name) == 0
        && strcmp(one->device, port->device) == 0
        && one->driver == port->driver && one->mode == port->mode
        && one->queues == port->queues
        && (control_driver_has_interface(port->driver)
            || same_values(port, one));
}

bool
reconcile_port_same(const struct vport *port, const struct control_port *one)
{
    return reconcile_port_there(port, one) && same_values(port, one)
        && one->disabled == port->disabled
        && guid_equal(&one->entry, &port->entry);
}

static void
remove_ports(struct plan *plan, struct reconcile *reconcile)
{
    struct state *state = &reconcile->service->state;

    for (size_t i = 0; i < reconcile->snapshot.ports.n; i++) {
        const struct control_port *one = reconcile->snapshot.ports.items[i];
        struct vport *port = state_port_by_id(state, one->port_id);
        struct vswitch vswitch = { .id = one->switch_id };
        struct vport gone = { .vswitch = &vswitch, .id = one->port_id,
                              .driver = DRIVER_TAP,
                              .name = (char *) one->name };
        struct buffer message = BUFFER_INIT;

        if (port && reconcile_port_there(port, one)) {
            continue;
        }
        reconcile_tell(reconcile, NULL, one->name, NULL, port
                       ? "the port had another interface"
                       : "there was a port that is not configured");
        memcpy(gone.device, one->device, sizeof gone.device);
        request_port(&message, CONTROL_PORT_DELETE, &gone);
        reconcile_step(plan, &message, reconcile_told);
    }
}

static void
remove_switches(struct plan *plan, struct reconcile *reconcile)
{
    struct state *state = &reconcile->service->state;

    for (size_t i = 0; i < reconcile->snapshot.switches.n; i++) {
        const struct control_switch *one =
            reconcile->snapshot.switches.items[i];
        struct vswitch *vswitch = state_switch_by_id(state, one->switch_id);
        struct buffer message = BUFFER_INIT;

        if (vswitch && strcmp(vswitch->name, one->name) == 0) {
            continue;
        }
        reconcile_tell(reconcile, one->name, NULL, NULL,
                       "there was a switch that is not configured");
        request_switch(&message, CONTROL_SWITCH_DELETE, one->switch_id,
                       one->name);
        reconcile_step(plan, &message, reconcile_told);
    }
}

static void
remove_extensions(struct plan *plan, struct reconcile *reconcile)
{
    struct service *service = reconcile->service;

    for (size_t i = 0; i < reconcile->snapshot.extensions.n; i++) {
        const struct control_extension *one =
            reconcile->snapshot.extensions.items[i];
        struct buffer message = BUFFER_INIT;

        if (state_extension_by_id(&service->state, &one->id)) {
            continue;
        }
        reconcile_tell(reconcile, NULL, NULL, one->name,
                       "an extension was loaded that is not installed");
        request_extension(&message, CONTROL_EXT_UNLOAD, &one->id, 0,
                          service->timeout_ms);
        reconcile_step(plan, &message, reconcile_told);
    }
}

void
reconcile_remove(struct plan *plan, struct reconcile *reconcile)
{
    remove_stages(plan, reconcile);
    remove_ports(plan, reconcile);
    remove_switches(plan, reconcile);
    remove_extensions(plan, reconcile);
}
