/*
 * @name@: sends what comes from a port to another one that an admin names;
 * of the other ports, the switch chooses the way by its MAC table.
 *
 * An extension has a descriptor (at the end of this file) with its hooks.
 * Control hooks run one at a time on a thread of the extension's own.  Packet
 * hooks run on the switch's workers at the same time: they walk a list whose
 * links are published, and what is taken out is freed by host->retire().
 * @name@.h is made from @name@.mof by xvs-mofc.
 */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <xvs/extension.h>

#include "@name@.h"

struct port {
    struct port *next;          /* published */
    uint32_t id;                /* the switch's */
    char name[XVS_NAME_SIZE];
    char peer[XVS_NAME_SIZE];   /* what the setting says, or "" */
    _Atomic uint32_t to;        /* id of that port; XVS_PORT_NONE: none */
};

struct plugin {
    const struct xvs_host *host;
    struct port *ports;         /* published */
    _Atomic uint64_t packets;   /* sent by a setting */
};

static int
init(const struct xvs_host *host, void **self)
{
    struct plugin *plugin = calloc(1, sizeof(*plugin));

    if (!plugin) {
        return XVS_RESOURCES;
    }
    plugin->host = host;
    *self = plugin;
    return XVS_SUCCESS;
}

static void
fini(void *self)
{
    struct plugin *plugin = self;

    while (plugin->ports) {
        struct port *next = plugin->ports->next;

        free(plugin->ports);
        plugin->ports = next;
    }
    free(plugin);
}

/* The link that leads to the port, or to NULL. */
static struct port **
find(struct plugin *plugin, uint32_t id)
{
    struct port **link = &plugin->ports;

    while (*link && (*link)->id != id) {
        link = &(*link)->next;
    }
    return link;
}

/* Looks up all peers anew: ports come and go. */
static void
connect_ports(struct plugin *plugin)
{
    for (struct port *port = plugin->ports; port; port = port->next) {
        uint32_t to = XVS_PORT_NONE;

        for (struct port *peer = plugin->ports; peer; peer = peer->next) {
            if (port->peer[0] && strcmp(peer->name, port->peer) == 0) {
                to = peer->id;
            }
        }
        port->to = to;
    }
}

static int
port_event(void *self, enum xvs_port_event event, const struct xvs_port *info)
{
    struct plugin *plugin = self;
    struct port **link = find(plugin, info->id), *port = *link;

    if (info->is_validation) {
        return XVS_SUCCESS;
    }
    if (event == XVS_PORT_CREATED && !port) {
        port = calloc(1, sizeof(*port));
        if (!port) {
            return XVS_RESOURCES;
        }
        port->id = info->id;
        port->to = XVS_PORT_NONE;
        memcpy(port->name, info->name, sizeof(port->name));
        port->next = plugin->ports;
        (void) xvs_publish(plugin->ports, port);
    } else if (event == XVS_PORT_DELETED && port) {
        (void) xvs_publish(*link, port->next);
        plugin->host->retire(plugin->host, port, free);
    }
    connect_ports(plugin);
    return XVS_SUCCESS;
}

/* An admin changes the settings, or (XVS_VALIDATE) asks whether he could. */
static int
setting(void *self, const struct xvs_setting *setting,
        struct xvs_answer *answer)
{
    struct plugin *plugin = self;
    const struct @prefix@_settings *values;
    struct port *port = *find(plugin, setting->port_id);
    const char *peer = "";

    if (setting->op != XVS_DELETE) {
        values = @prefix@_settings_get(setting);
        if (!values) {
            return XVS_NOT_SUPPORTED;
        }
        peer = @prefix@_settings_peer(&setting->view, values);
    }
    if (!port) {
        return XVS_INVALID_PARAMETER;
    }
    if (strcmp(peer, port->name) == 0) {
        return plugin->host->refuse(answer, XVS_NOT_ACCEPTED,
                                    "Peer: a port cannot send to itself");
    }
    if (setting->op != XVS_VALIDATE) {
        strncpy(port->peer, peer, sizeof(port->peer) - 1);
        connect_ports(plugin);
    }
    return XVS_SUCCESS;
}

/* Somebody wants to know how we do. */
static int
status(void *self, const struct xvs_query *query, struct xvs_answer *answer)
{
    struct plugin *plugin = self;
    struct @prefix@_status_writer writer;
    struct @prefix@_status *values, memory;

    if (!@prefix@_status_is(query)) {
        return XVS_NOT_SUPPORTED;
    }
    values = @prefix@_status_start(&writer, &memory, sizeof(memory));
    if (!values) {
        return XVS_RESOURCES;
    }
    values->packets = plugin->packets;
    return @prefix@_status_answer(&writer, plugin->host, answer,
                                  &query->uuid);
}

/* Packets that came from a port, up to 256 at once.  They are the switch's
 * again when this returns. */
static void
ingress(void *self, struct xvs_burst *burst)
{
    struct plugin *plugin = self;

    for (uint32_t i = 0; i < burst->n; i++) {
        struct xvs_packet *packet = burst->packets[i];
        struct port *port = xvs_read(plugin->ports);

        while (port && port->id != packet->in_port) {
            port = xvs_read(port->next);
        }
        if (port && port->to != XVS_PORT_NONE) {
            packet->out_port = port->to;
            plugin->packets++;
        }
    }
}

static const struct xvs_feature features[] = XVS_FEATURES;

XVS_EXTENSION = {
    XVS_EXTENSION_HEAD,
    .version = 0x0100,
    .id = @id_c@,
    .extension_class = XVS_CLASS_FORWARD,
    .on_failure = XVS_FAIL_OPEN,
    .name = "@name@",
    .vendor = "@vendor@",
    .description = "Sends packets where an admin says.",
    .features = features,
    .n_features = sizeof(features) / sizeof(features[0]),
    .init = init,
    .fini = fini,
    .port = port_event,
    .setting = setting,
    .status = status,
    .ingress = ingress,
};
