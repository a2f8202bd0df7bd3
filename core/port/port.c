/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Opens a port by its driver's number.
 */

#include <config.h>

#include "port/port.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"
#include "port/interface.h"

static const struct port_ops *const drivers[] = {
    [1] = &tap_ops,
    [2] = &packet_ops,
};

#define N_DRIVERS (sizeof drivers / sizeof drivers[0])

struct port *
port_open(const struct port_config *config, struct error *error)
{
    struct port *port;

    if (config->driver == 0 || config->driver >= N_DRIVERS) {
        error_set(error, ERROR_UNSUPPORTED, "there is no port driver %u",
                  config->driver);
        return NULL;
    }
    if (!interface_name_valid(config->device, error)) {
        return NULL;
    }
    if (config->mtu > PORT_MTU_MAX) {
        error_set(error, ERROR_LIMIT, "MTU %u: ports carry at most %u bytes"
                  " behind the Ethernet header", config->mtu, PORT_MTU_MAX);
        return NULL;
    }
    port = mem_zalloc(sizeof *port);
    port->ops = drivers[config->driver];
    port->config = *config;
    port->fd = -1;
    if (!port->ops->open(port, error)) {
        port_close(port);
        return NULL;
    }
    return port;
}

void
port_close(struct port *port)
{
    if (port) {
        if (port->ops->close) {
            port->ops->close(port);
        }
        if (port->fd >= 0) {
            close(port->fd);
        }
        free(port->large);
        free(port);
    }
}
