/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sends what comes from a port to another one that an admin names; of others
 * the switch chooses the way.  A switch has one forwarder at most.
 */
#include <stdlib.h>
#include <string.h>

#include <xvs/extension.h>

#include "sample_cross.h"

struct port {
    struct port *next;          /* published */
    uint32_t id;                /* the switch's */
    char name[XVS_NAME_SIZE];
    char peer[XVS_NAME_SIZE];   /* what the setting says, or "" */
    _Atomic uint32_t to;        /* id of that port, or XVS_PORT_NONE */
};

struct cross {
    const struct xvs_host *host;
    struct port *ports;         /* published */
};

static int
init(const struct xvs_host *host, void **self)
{
    struct cross *cross = calloc(1, sizeof(*cross));

    if (!cross) {
        return XVS_RESOURCES;
    }
    cross->host = host;
    *self = cross;
    return XVS_SUCCESS;
}

static void
fini(void *self)
{
    struct cross *cross = self;

    for (struct port *port = cross->ports, *next; port; port = next) {
        next = port->next;
        free(port);
    }
    free(cross);
}

/* For all hooks: control hooks change the list meanwhile. */
static struct port *
find(const struct cross *cross, uint32_t id)
{
    struct port *port = xvs_read(cross->ports);

    while (port && port->id != id) {
        port = xvs_read(port->next);
    }
    return port;
}

/* Looks up all peers anew: ports come and go. */
static void
connect_ports(struct cross *cross)
{
    for (struct port *port = cross->ports; port; port = port->next) {
        const struct port *peer = cross->ports;

        while (peer && strcmp(peer->name, port->peer) != 0) {
            peer = peer->next;
        }
        port->to = peer ? peer->id : XVS_PORT_NONE;
    }
}

static int
port_event(void *self, enum xvs_port_event event, const struct xvs_port *info)
{
    struct cross *cross = self;
    struct port **link = &cross->ports, *port = find(cross, info->id);

    if (event == XVS_PORT_CREATED && !port && !info->is_validation) {
        port = calloc(1, sizeof(*port));
        if (!port) {
            return XVS_RESOURCES;
        }
        port->id = info->id;
        port->to = XVS_PORT_NONE;
        memcpy(port->name, info->name, sizeof(port->name));
        port->next = cross->ports;
        (void) xvs_publish(cross->ports, port);
    } else if (event == XVS_PORT_DELETED && port) {
        while (*link != port) {
            link = &(*link)->next;
        }
        (void) xvs_publish(*link, port->next);
        cross->host->retire(cross->host, port, free);
    }
    connect_ports(cross);
    return XVS_SUCCESS;
}

static int
setting(void *self, const struct xvs_setting *setting,
        struct xvs_answer *answer)
{
    struct cross *cross = self;
    const struct sample_cross *values = sample_cross_get(setting);
    const char *peer = values ? sample_cross_peer(&setting->view, values) : "";
    struct port *port = find(cross, setting->port_id);

    if (!values && setting->op != XVS_DELETE) {
        return XVS_NOT_SUPPORTED;
    }
    if (!port || strcmp(peer, port->name) == 0) {
        return cross->host->refuse(answer, XVS_NOT_ACCEPTED,
                                   "Peer: it must be another port");
    }
    if (setting->op != XVS_VALIDATE) {
        strncpy(port->peer, peer, sizeof(port->peer) - 1);
        connect_ports(cross);
    }
    return XVS_SUCCESS;
}

static void
ingress(void *self, struct xvs_burst *burst)
{
    for (uint32_t i = 0; i < burst->n; i++) {
        const struct port *port = find(self, burst->packets[i]->in_port);

        burst->packets[i]->out_port = port ? port->to : XVS_PORT_NONE;
    }
}

static const struct xvs_feature features[] = XVS_FEATURES;

XVS_EXTENSION = {
    XVS_EXTENSION_HEAD,
    .id = { 0x7b21e0d4, 0x1a3c, 0x4f58,
            { 0x8d, 0x72, 0x3e, 0x95, 0xc0, 0x4b, 0x61, 0x05 } },
    .extension_class = XVS_CLASS_FORWARD, .on_failure = XVS_FAIL_OPEN,
    .version = 0x0100, .name = "cross", .vendor = "Example",
    .description = "Sends what comes from a port to another one.",
    .features = features,
    .n_features = sizeof(features) / sizeof(features[0]),
    .init = init, .fini = fini,
    .port = port_event, .setting = setting, .ingress = ingress,
};
