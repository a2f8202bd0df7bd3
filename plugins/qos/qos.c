/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The extension qos: life, ports, and the descriptor that the core reads.
 */
#include "qos.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xvs_qos.h"

struct qos_port *
qos_port_find(const struct qos *self, uint32_t id)
{
    struct qos_port *port = self->ports;

    while (port && port->id != id) {
        port = port->next;
    }
    return port;
}

static void
free_settings(struct qos_settings *of[QOS_KINDS])
{
    for (uint32_t i = 0; i < QOS_KINDS; i++) {
        free(of[i]);
    }
}

static int
add_port(struct qos *self, const struct xvs_port *port)
{
    struct qos_port *fresh = calloc(1, sizeof(*fresh));

    if (!fresh) {
        return XVS_RESOURCES;
    }
    fresh->id = port->id;
    memcpy(fresh->name, port->name, sizeof(fresh->name));
    fresh->next = self->ports;
    self->ports = fresh;
    /* The switch has the port when all extensions know it. */
    self->host->timer(self->host, QOS_TELL_MS);
    return XVS_SUCCESS;
}

/* The switch forgets its policies by itself. */
static void
remove_port(struct qos *self, struct qos_port *port)
{
    struct qos_port **link = &self->ports;

    while (*link != port) {
        link = &(*link)->next;
    }
    *link = port->next;
    free_settings(port->of);
    free(port);
}

static int
port_event(void *arg, enum xvs_port_event event, const struct xvs_port *port)
{
    struct qos *self = arg;
    struct qos_port *known = qos_port_find(self, port->id);

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

/* ---- Ports that are new ------------------------------------------------- */

static void
warn(struct qos *self, struct qos_port *port)
{
    char text[192];

    if (!port->is_refused) {
        port->is_refused = true;
        snprintf(text, sizeof(text), "qos: the settings of the switch are "
                 "not in force at port %s: another extension has set the "
                 "same there", port->name);
        self->host->log(self->host, XVS_LOG_WARNING, text);
    }
}

/* Gives a port what it gets from the switch; true: it is not there yet. */
static bool
catch_up(struct qos *self, struct qos_port *port)
{
    bool waits = false;

    for (uint32_t i = 0; i < QOS_KINDS; i++) {
        int result = XVS_SUCCESS;

        if (!port->in_force[i]) {
            result = qos_apply(self, port, (enum qos_kind) i);
        }
        if (result == XVS_NOT_ACCEPTED) {
            warn(self, port);
        }
        waits = waits || result == XVS_INVALID_PARAMETER;
    }
    return waits;
}

static void
tell(void *arg)
{
    struct qos *self = arg;
    bool waits = false;

    for (struct qos_port *port = self->ports; port && self->switching;
         port = port->next) {
        waits = catch_up(self, port) || waits;
    }
    self->host->timer(self->host, waits ? QOS_TELL_MS : 0);
}

/* ---- Life --------------------------------------------------------------- */

static void
end(void *arg)
{
    struct qos *self = arg;

    while (self && self->ports) {
        remove_port(self, self->ports);
    }
    if (self) {
        free_settings(self->of);
    }
    free(self);
}

static int
begin(const struct xvs_host *host, void **out)
{
    struct qos *self = calloc(1, sizeof(*self));

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
    .id = { 0xc7b1f3a4, 0x2e0d, 0x4c59,
            { 0x9e, 0x57, 0x6a, 0x0b, 0x4d, 0x8f, 0x1e, 0x25 } },
    .version = 0x0100,
    .mandatory = XVS_HOOK_SETTING | XVS_HOOK_STATUS | XVS_HOOK_PORT
                 | XVS_HOOK_TIMER,
    .extension_class = XVS_CLASS_SERVICE,
    .on_failure = XVS_FAIL_OPEN,
    .name = "qos",
    .vendor = "xvs",
    .description = "Queues, rates and priorities of ports; limits of frames "
                   "to many.",
    .features = features,
    .n_features = sizeof(features) / sizeof(features[0]),
    .init = begin,
    .fini = end,
    .port = port_event,
    .setting = qos_setting,
    .status = qos_status,
    .timer = tell,
};
