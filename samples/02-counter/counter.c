/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Counts the packets of each port: settings, status, a method and the packet
 * path.  sample_counter.h is made from sample_counter.mof by xvs-mofc.
 *
 * Ports are in a list.  The control hooks change it; the packet hook walks it
 * at the same time.  So links are replaced with xvs_publish() and read with
 * xvs_read(), and a port that was taken out is freed by host->retire(), when
 * nobody can still be looking at it.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include <xvs/extension.h>

#include "sample_counter.h"

#define FRAME_OVERHEAD 18       /* Ethernet header and a VLAN tag */

struct port {
    struct port *next;          /* published */
    uint32_t id;                /* the core's */
    uint32_t mtu;               /* of its interface */
    _Atomic uint32_t minimum;   /* smallest packet that counts */
    _Atomic uint64_t packets;   /* counted */
    _Atomic uint64_t bytes;     /* of them */
};

struct counter {
    const struct xvs_host *host;
    struct port *ports;         /* published */
};

static int
init(const struct xvs_host *host, void **self)
{
    struct counter *counter = calloc(1, sizeof(*counter));

    if (!counter) {
        return XVS_RESOURCES;
    }
    counter->host = host;
    *self = counter;
    return XVS_SUCCESS;
}

static void
fini(void *self)
{
    struct counter *counter = self;

    while (counter->ports) {
        struct port *next = counter->ports->next;

        free(counter->ports);
        counter->ports = next;
    }
    free(counter);
}

/* The link that leads to the port, or to NULL. */
static struct port **
find(struct counter *counter, uint32_t id)
{
    struct port **link = &counter->ports;

    while (*link && (*link)->id != id) {
        link = &(*link)->next;
    }
    return link;
}

static int
add_port(struct counter *counter, const struct xvs_port *info)
{
    struct port *port = calloc(1, sizeof(*port));

    if (!port) {
        return XVS_RESOURCES;
    }
    port->id = info->id;
    port->mtu = info->mtu;
    port->next = counter->ports;
    (void) xvs_publish(counter->ports, port);
    return XVS_SUCCESS;
}

static int
port_event(void *self, enum xvs_port_event event, const struct xvs_port *info)
{
    struct counter *counter = self;
    struct port **link = find(counter, info->id);
    struct port *port = *link;

    if (info->is_validation) {
        return XVS_SUCCESS;
    }
    if (event == XVS_PORT_CREATED && !port) {
        return add_port(counter, info);
    }
    if (event == XVS_PORT_DELETED && port) {
        (void) xvs_publish(*link, port->next);
        counter->host->retire(counter->host, port, free);
    } else if (port) {
        port->mtu = info->mtu;
    }
    return XVS_SUCCESS;
}

static int
setting(void *self, const struct xvs_setting *setting,
        struct xvs_answer *answer)
{
    struct counter *counter = self;
    struct port *port = *find(counter, setting->port_id);
    const struct sample_counter_settings *values;
    char text[100];

    if (!port) {
        return XVS_INVALID_PARAMETER;
    }
    if (setting->op == XVS_DELETE) {
        port->minimum = 0;
        return XVS_SUCCESS;
    }
    values = sample_counter_settings_get(setting);
    if (!values) {
        return XVS_NOT_SUPPORTED;
    }
    if (port->mtu && values->minimum_size > port->mtu + FRAME_OVERHEAD) {
        snprintf(text, sizeof(text), "MinimumSize: %u, but no packet of the "
                 "port has more than %u bytes", values->minimum_size,
                 port->mtu + FRAME_OVERHEAD);
        return counter->host->refuse(answer, XVS_NOT_ACCEPTED, text);
    }
    if (setting->op != XVS_VALIDATE) {
        port->minimum = values->minimum_size;
    }
    return XVS_SUCCESS;
}

static int
status(void *self, const struct xvs_query *query, struct xvs_answer *answer)
{
    struct counter *counter = self;
    struct port *port = *find(counter, query->port_id);
    struct sample_counter_status_writer writer;
    struct sample_counter_status *values, memory;

    if (!sample_counter_status_is(query)) {
        return XVS_NOT_SUPPORTED;
    }
    values = sample_counter_status_start(&writer, &memory, sizeof(memory));
    if (!port || !values) {
        return XVS_INVALID_PARAMETER;
    }
    values->packets = port->packets;
    values->bytes = port->bytes;
    return sample_counter_status_answer(&writer, counter->host, answer,
                                        &query->uuid);
}

/* Declared in sample_counter.h: the method of that name in the schema. */
uint32_t
sample_counter_status_reset(void *self, struct xvs_call *call,
                            uint64_t *packets_out)
{
    struct port *port = *find(self, call->port_id);

    if (!port) {
        return XVS_INVALID_PARAMETER;
    }
    *packets_out = atomic_exchange(&port->packets, 0);
    port->bytes = 0;
    return XVS_SUCCESS;
}

static void
ingress(void *self, struct xvs_burst *burst)
{
    struct counter *counter = self;

    for (uint32_t i = 0; i < burst->n; i++) {
        const struct xvs_packet *packet = burst->packets[i];
        struct port *port = xvs_read(counter->ports);

        while (port && port->id != packet->in_port) {
            port = xvs_read(port->next);
        }
        if (port && packet->total >= port->minimum) {
            port->packets++;
            port->bytes += packet->total;
        }
    }
}

static const struct xvs_feature features[] = XVS_FEATURES;
static const struct xvs_method methods[] = XVS_METHODS;

XVS_EXTENSION = {
    XVS_EXTENSION_HEAD,
    .version = 0x0100,
    .id = { 0x5d1a6e0e, 0x3c35, 0x4c43,
            { 0x9f, 0x5c, 0x0c, 0x7a, 0x8e, 0x1b, 0x7f, 0x20 } },
    .extension_class = XVS_CLASS_CAPTURE,
    .on_failure = XVS_FAIL_OPEN,
    .name = "counter",
    .vendor = "Example",
    .description = "Counts packets per port.",
    .features = features,
    .n_features = sizeof(features) / sizeof(features[0]),
    .methods = methods,
    .n_methods = sizeof(methods) / sizeof(methods[0]),
    .init = init,
    .fini = fini,
    .port = port_event,
    .setting = setting,
    .status = status,
    .ingress = ingress,
};
