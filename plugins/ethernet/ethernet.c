/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The extension ethernet: life, ports, and the descriptor that the core reads.
 */
#include "ethernet.h"

#include <stdlib.h>
#include <string.h>

#include "xvs_ethernet.h"

#define AIM_MS 500              /* until mirrors look for their targets */

struct ethernet_port *
ethernet_port_find(const struct ethernet *self, uint32_t id)
{
    struct ethernet_port *port = self->ports;

    while (port && port->id != id) {
        port = port->next;
    }
    return port;
}

struct ethernet_port *
ethernet_port_named(const struct ethernet *self, const char *name)
{
    struct ethernet_port *port = self->ports;

    while (port && strcmp(port->name, name) != 0) {
        port = port->next;
    }
    return port;
}

static void
free_port(struct ethernet_port *port)
{
    while (port->statics) {
        struct ethernet_static *one = port->statics;

        port->statics = one->next;
        free(one);
    }
    free(port);
}

static int
add_port(struct ethernet *self, const struct xvs_port *port)
{
    struct ethernet_port *fresh = calloc(1, sizeof(*fresh));

    if (!fresh) {
        return XVS_RESOURCES;
    }
    fresh->id = port->id;
    fresh->target_id = XVS_PORT_NONE;
    memcpy(fresh->name, port->name, sizeof(fresh->name));
    fresh->next = self->ports;
    self->ports = fresh;
    /* The switch has the port when all extensions know it. */
    self->host->timer(self->host, AIM_MS);
    return XVS_SUCCESS;
}

/* The switch forgets its policies by itself. */
static void
remove_port(struct ethernet *self, struct ethernet_port *port)
{
    struct ethernet_port **link = &self->ports;

    while (*link != port) {
        link = &(*link)->next;
    }
    *link = port->next;
    free_port(port);
}

static int
port_event(void *arg, enum xvs_port_event event, const struct xvs_port *port)
{
    struct ethernet *self = arg;
    struct ethernet_port *known = ethernet_port_find(self, port->id);

    if (port->is_validation) {
        return XVS_SUCCESS;
    }
    if (event == XVS_PORT_CREATED && !known) {
        return add_port(self, port);
    }
    if (event == XVS_PORT_DELETED && known) {
        remove_port(self, known);
    }
    return XVS_SUCCESS;
}

static void
aim(void *arg)
{
    struct ethernet *self = arg;

    if (ethernet_aim_mirrors(self)) {
        self->host->timer(self->host, 0);
    }
}

static void
end(void *arg)
{
    struct ethernet *self = arg;

    while (self && self->ports) {
        remove_port(self, self->ports);
    }
    free(self);
}

static int
begin(const struct xvs_host *host, void **out)
{
    struct ethernet *self = calloc(1, sizeof(*self));

    if (!self) {
        return XVS_RESOURCES;
    }
    self->host = host;
    self->switching = xvs_switching(host);
    *out = self;
    return XVS_SUCCESS;
}

static const struct xvs_feature features[] = XVS_FEATURES;

XVS_EXTENSION = {
    XVS_EXTENSION_HEAD,
    .id = { 0x7aabcfa0, 0xc55f, 0x4011,
            { 0x97, 0xa9, 0x30, 0xed, 0x74, 0x86, 0xbf, 0xf5 } },
    .version = 0x0100,
    .mandatory = XVS_HOOK_SETTING | XVS_HOOK_STATUS | XVS_HOOK_PORT
                 | XVS_HOOK_TIMER,
    .extension_class = XVS_CLASS_SERVICE,
    .on_failure = XVS_FAIL_OPEN,
    .name = "ethernet",
    .vendor = "xvs",
    .description = "VLANs, limits, mirrors and addresses of the switch.",
    .features = features,
    .n_features = sizeof(features) / sizeof(features[0]),
    .init = begin,
    .fini = end,
    .port = port_event,
    .setting = ethernet_setting,
    .status = ethernet_status,
    .timer = aim,
};
