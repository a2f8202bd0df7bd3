/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * See ports.h.
 */
#include "ports.h"

#include <stdlib.h>

int
ports_init(const struct xvs_host *host, void **self)
{
    struct ports *ports = calloc(1, sizeof(*ports));

    if (!ports) {
        return XVS_RESOURCES;
    }
    ports->host = host;
    *self = ports;
    return XVS_SUCCESS;
}

void
ports_fini(void *self)
{
    struct ports *ports = self;

    while (ports->first) {
        struct port *next = ports->first->next;

        free(ports->first);
        ports->first = next;
    }
    free(ports);
}

struct port *
ports_find(const struct ports *ports, uint32_t id)
{
    struct port *port = xvs_read(ports->first);

    while (port && port->id != id) {
        port = xvs_read(port->next);
    }
    return port;
}

static int
add(struct ports *ports, const struct xvs_port *info)
{
    struct port *port = calloc(1, sizeof(*port));

    if (!port) {
        return XVS_RESOURCES;
    }
    port->id = info->id;
    port->mtu = info->mtu;
    port->next = ports->first;
    (void) xvs_publish(ports->first, port);
    return XVS_SUCCESS;
}

int
ports_event(void *self, enum xvs_port_event event, const struct xvs_port *info)
{
    struct ports *ports = self;
    struct port **link = &ports->first, *port = ports_find(ports, info->id);

    if (info->is_validation) {
        return XVS_SUCCESS;
    }
    if (event == XVS_PORT_CREATED && !port) {
        return add(ports, info);
    }
    if (event == XVS_PORT_DELETED && port) {
        while (*link != port) {
            link = &(*link)->next;
        }
        (void) xvs_publish(*link, port->next);
        ports->host->retire(ports->host, port, free);
    } else if (port) {
        port->mtu = info->mtu;
    }
    return XVS_SUCCESS;
}
