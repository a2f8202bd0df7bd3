/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Counts the packets of each port: settings, status, a method and the packet
 * path.  sample_counter.h is made from sample_counter.mof by xvs-mofc.
 *
 * Control hooks run one at a time, the packet hook at the same time: what both
 * use is atomic here, and in ports.c a list that grows while it is read.
 */
#include <stdatomic.h>
#include <stdio.h>

#include <xvs/extension.h>

#include "ports.h"
#include "sample_counter.h"

#define FRAME_OVERHEAD 18       /* Ethernet header and a VLAN tag */

/* An admin changes the settings, or (XVS_VALIDATE) asks whether he could. */
static int
setting(void *self, const struct xvs_setting *setting,
        struct xvs_answer *answer)
{
    struct ports *ports = self;
    struct port *port = ports_find(ports, setting->port_id);
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
        return ports->host->refuse(answer, XVS_NOT_ACCEPTED, text);
    }
    if (setting->op != XVS_VALIDATE) {
        port->minimum = values->minimum_size;
    }
    return XVS_SUCCESS;
}

static int
status(void *self, const struct xvs_query *query, struct xvs_answer *answer)
{
    struct ports *ports = self;
    struct port *port = ports_find(ports, query->port_id);
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
    return sample_counter_status_answer(&writer, ports->host, answer,
                                        &query->uuid);
}

/* Declared in sample_counter.h: the method of that name in the schema. */
uint32_t
sample_counter_status_reset(void *self, struct xvs_call *call,
                            uint64_t *packets_out)
{
    struct port *port = ports_find(self, call->port_id);

    if (!port) {
        return XVS_INVALID_PARAMETER;
    }
    *packets_out = atomic_exchange(&port->packets, 0);
    port->bytes = 0;
    return XVS_SUCCESS;
}

/* Packets that came from a port, up to 256 at once.  They are the switch's
 * again when this returns. */
static void
ingress(void *self, struct xvs_burst *burst)
{
    for (uint32_t i = 0; i < burst->n; i++) {
        const struct xvs_packet *packet = burst->packets[i];
        struct port *port = ports_find(self, packet->in_port);

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
    .init = ports_init,
    .fini = ports_fini,
    .port = ports_event,
    .setting = setting,
    .status = status,
    .ingress = ingress,
};
