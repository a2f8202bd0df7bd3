/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sends a copy of what passes one port to another one.  It sees no packet: it
 * tells the switch what to do (xvs/switch.h), which goes on doing it when
 * this extension hangs, and stops when it is disabled.
 */
#include <stdlib.h>
#include <string.h>

#include <xvs/extension.h>
#include <xvs/switch.h>

#include "sample_mirror.h"

#define PORTS 256

struct port {
    uint32_t id;                /* the switch's; 0: free */
    char name[XVS_NAME_SIZE];
};

struct mirror {
    const struct xvs_host *host;
    struct port ports[PORTS];
};

static int
init(const struct xvs_host *host, void **self)
{
    struct mirror *mirror = calloc(1, sizeof(*mirror));

    if (!mirror) {
        return XVS_RESOURCES;
    }
    mirror->host = host;
    *self = mirror;
    return XVS_SUCCESS;
}

/* The port of that id, or a free place (0); NULL: there is none. */
static struct port *
find(struct mirror *mirror, uint32_t id)
{
    for (int i = 0; i < PORTS; i++) {
        if (mirror->ports[i].id == id) {
            return &mirror->ports[i];
        }
    }
    return NULL;
}

static int
port_event(void *self, enum xvs_port_event event, const struct xvs_port *info)
{
    struct port *port = find(self, info->id);

    if (info->is_validation) {
        return XVS_SUCCESS;
    }
    if (event == XVS_PORT_CREATED && !port) {
        port = find(self, 0);
        if (!port) {
            return XVS_RESOURCES;
        }
        port->id = info->id;
        memcpy(port->name, info->name, sizeof(port->name));
    } else if (event == XVS_PORT_DELETED && port) {
        port->id = 0;
    }
    return XVS_SUCCESS;
}

static uint32_t
find_name(const struct mirror *mirror, const char *name)
{
    for (int i = 0; i < PORTS; i++) {
        if (mirror->ports[i].id && strcmp(mirror->ports[i].name, name) == 0) {
            return mirror->ports[i].id;
        }
    }
    return XVS_PORT_NONE;
}

static int
setting(void *self, const struct xvs_setting *setting,
        struct xvs_answer *answer)
{
    struct mirror *mirror = self;
    const struct xvs_host *host = mirror->host;
    const struct xvs_switching *switching = xvs_switching(host);
    struct xvs_port_policy policy = { .size = sizeof(policy) };
    const struct sample_mirror_settings *values;
    int result;

    if (!switching) {
        return XVS_NOT_SUPPORTED;
    }
    if (setting->op == XVS_DELETE) {
        return switching->port_policy(host, setting->port_id,
                                      XVS_POLICY_MIRROR, NULL);
    }
    values = sample_mirror_settings_get(setting);
    if (!values) {
        return XVS_NOT_SUPPORTED;
    }
    policy.mirror_directions = XVS_MIRROR_IN | XVS_MIRROR_OUT;
    policy.mirror_port =
        find_name(mirror, sample_mirror_settings_target(&setting->view,
                                                        values));
    if (policy.mirror_port == XVS_PORT_NONE
        || policy.mirror_port == setting->port_id) {
        return host->refuse(answer, XVS_NOT_ACCEPTED, "Target: the switch has"
                            " no other port of that name");
    }
    if (setting->op == XVS_VALIDATE) {
        return XVS_SUCCESS;
    }
    result = switching->port_policy(host, setting->port_id,
                                    XVS_POLICY_MIRROR, &policy);
    return result == XVS_SUCCESS ? result
        : host->refuse(answer, result, "the switch does not mirror the port:"
                       " another extension does");
}

static const struct xvs_feature features[] = XVS_FEATURES;

XVS_EXTENSION = {
    XVS_EXTENSION_HEAD,
    .version = 0x0100,
    .id = { 0x84b1f8ce, 0x6f4b, 0x4b0e,
            { 0x9a, 0x53, 0x6c, 0x0e, 0x2d, 0x71, 0x5f, 0x03 } },
    .extension_class = XVS_CLASS_CAPTURE,
    .on_failure = XVS_FAIL_OPEN,
    .name = "mirror",
    .vendor = "Example",
    .description = "Copies a port's packets to another port.",
    .features = features,
    .n_features = sizeof(features) / sizeof(features[0]),
    .init = init,
    .fini = free,
    .port = port_event,
    .setting = setting,
};
