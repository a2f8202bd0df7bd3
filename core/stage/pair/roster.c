/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See roster.h.
 */

#include <config.h>

#include "stage/pair/roster.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "stage/inforce.h"

void
roster_init(struct roster *roster)
{
    *roster = (struct roster) { .settings = inforce_create() };
}

void
roster_destroy(struct roster *roster)
{
    inforce_destroy(roster->settings);
    free(roster->ports);
}

static struct roster_port *
find(const struct roster *roster, uint32_t id)
{
    for (uint32_t i = 0; i < roster->n_ports; i++) {
        if (roster->ports[i].port.id == id) {
            return &roster->ports[i];
        }
    }
    return NULL;
}

static struct roster_port *
find_or_add(struct roster *roster, const struct xvs_port *port)
{
    struct roster_port *one = find(roster, port->id);

    if (!one) {
        mem_grow(&roster->ports, &roster->capacity, roster->n_ports + 1,
                 sizeof *roster->ports);
        one = &roster->ports[roster->n_ports++];
        one->connected = false;
    }
    one->port = *port;
    return one;
}

void
roster_port(struct roster *roster, enum xvs_port_event event,
            const struct xvs_port *port)
{
    struct roster_port *one;

    if (port->is_validation) {
        return;
    }
    if (event == XVS_PORT_DELETED) {
        one = find(roster, port->id);
        if (one) {
            *one = roster->ports[--roster->n_ports];
        }
        return;
    }
    one = find_or_add(roster, port);
    if (event == XVS_PORT_CONNECTED) {
        one->connected = true;
    } else if (event == XVS_PORT_DISCONNECTED) {
        one->connected = false;
    }
}

void
roster_setting(struct roster *roster, const struct control_setting *head,
               const void *block)
{
    struct control_setting added = *head;
    struct setting *old;

    if (head->op == XVS_VALIDATE) {
        return;
    }
    old = inforce_find(roster->settings, &head->uuid, &head->instance);
    if (old) {
        free(inforce_take(roster->settings, old));
    }
    if (head->op != XVS_DELETE) {
        added.op = XVS_ADD;
        inforce_add(roster->settings, &added, block);
    }
}
