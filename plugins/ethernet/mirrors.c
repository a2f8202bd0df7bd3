/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Mirrors name their target; here the names are made ports, again when a port
 * comes back under its name.
 */
#include "judgement.h"

#include <stdio.h>

#include "xvs_ethernet.h"

/* Whether some port's mirror wants the target for itself. */
static bool
is_exclusive_target(const struct ethernet *self, uint32_t id)
{
    for (const struct ethernet_port *port = self->ports; port;
         port = port->next) {
        if (port->is_exclusive && port->target_id == id) {
            return true;
        }
    }
    return false;
}

static void
set_target(const struct ethernet *self, uint32_t id)
{
    const struct xvs_port_policy only = { .size = sizeof(only),
                                          .flags = XVS_PORT_MIRROR_ONLY };

    if (id != XVS_PORT_NONE) {
        self->switching->port_policy(
            self->host, id, XVS_POLICY_TARGET,
            is_exclusive_target(self, id) ? &only : NULL);
    }
}

/* The port's mirror goes to 'id' from now on; XVS_PORT_NONE: nowhere. */
static void
note_target(struct ethernet *self, struct ethernet_port *port, uint32_t id)
{
    uint32_t old = port->target_id;

    port->target_id = id;
    if (old != id) {
        set_target(self, old);
    }
    set_target(self, id);
}

bool
ethernet_aim_mirrors(struct ethernet *self)
{
    bool all = true;

    for (struct ethernet_port *port = self->ports; port; port = port->next) {
        const struct ethernet_port *target =
            *port->target ? ethernet_port_named(self, port->target) : NULL;

        if (!*port->target || (target && target->id == port->target_id)) {
            continue;
        }
        port->mirror.mirror_port = target ? target->id : 0;
        if (target && self->switching
            && self->switching->port_policy(self->host, port->id,
                                            XVS_POLICY_MIRROR, &port->mirror)
               == XVS_SUCCESS) {
            note_target(self, port, target->id);
        } else {
            all = false;
        }
    }
    return all;
}

void
eth_keep_mirror(struct judgement *judgement,
                const struct xvs_port_policy *policy)
{
    const struct xvs_mirror *body = judgement->view->body;
    struct ethernet_port *port = judgement->port;

    if (!policy) {
        port->is_exclusive = false;
        port->target[0] = '\0';
        note_target(judgement->self, port, XVS_PORT_NONE);
        return;
    }
    port->mirror = *policy;
    port->is_exclusive = VALUE(exclusive, XVS_MIRROR_EXCLUSIVE, 1);
    snprintf(port->target, sizeof(port->target), "%s",
             xvs_mirror_target_port(judgement->view, body));
    note_target(judgement->self, port, policy->mirror_port);
}
