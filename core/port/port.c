/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Opens a port by its driver's number.
 */

#include <config.h>

#include "port/port.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "control/names.h"
#include "port/interface.h"

static const struct port_ops *const drivers[DRIVER_END] = {
    [DRIVER_TAP] = &tap_ops,
    [DRIVER_PACKET] = &packet_ops,
    [DRIVER_VHOST_USER] = &vhost_ops,
    [DRIVER_PCAP] = &pcap_ops,
    [DRIVER_PIPE] = &pipe_ops,
    [DRIVER_XDP] = &xdp_ops,
};

static bool
check_mtu(const struct port_config *config, struct error *error)
{
    return config->mtu <= PORT_MTU_MAX
        || error_set(error, ERROR_LIMIT, "MTU %u: ports carry at most %u"
                     " bytes behind the Ethernet header", config->mtu,
                     PORT_MTU_MAX);
}

/* What holds for every driver. */
static bool
check_config(const struct port_config *config, struct error *error)
{
    if (config->driver >= DRIVER_END || !drivers[config->driver]) {
        return error_set(error, ERROR_UNSUPPORTED,
                         "there is no port driver %u here", config->driver);
    }
    if (control_driver_has_interface(config->driver)
        && !interface_name_valid(config->device, error)) {
        return false;
    }
    return check_mtu(config, error);
}

struct port *
port_open(const struct port_config *config, const struct port_owner *owner,
          struct error *error)
{
    struct port *port;

    if (!check_config(config, error)) {
        return NULL;
    }
    port = mem_zalloc(sizeof *port);
    port->ops = drivers[config->driver];
    port->config = *config;
    port->owner = *owner;
    port->n_queues = 1;
    for (uint32_t i = 0; i < PORT_QUEUES; i++) {
        port->queues[i] = (struct port_queue) { .port = port, .index = i,
                                                .fd = -1 };
    }
    if (!port->ops->open(port, error)) {
        port_close(port);
        return NULL;
    }
    return port;
}

bool
port_update(struct port *port, const struct port_config *config,
            struct error *error)
{
    if (!port->ops->update) {
        return error_set(error, ERROR_UNSUPPORTED, "a port of driver %s"
                         " cannot be changed while it is there; remove it"
                         " and add it again", port->ops->name);
    }
    return check_mtu(config, error)
        && port->ops->update(port, config, error);
}

void
port_close(struct port *port)
{
    if (port) {
        if (port->ops->close) {
            port->ops->close(port);
        }
        free(port);
    }
}

void
port_part(struct port *port)
{
    port->owner.news = NULL;
    port->owner.watch = NULL;
}

void
port_news(struct port *port, enum port_news news, const char *text)
{
    if (port->owner.news) {
        port->owner.news(port->owner.arg, port, news, text);
    }
}

void
port_watch(struct port_queue *queue)
{
    if (queue->port->owner.watch) {
        queue->port->owner.watch(queue->port->owner.arg, queue);
    }
}

void
port_describe(struct port *port, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(port->usual, sizeof port->usual, format, args);
    va_end(args);
    memcpy(port->text, port->usual, sizeof port->usual);
}

void
port_complain(struct port *port, const char *format, ...)
{
    char text[sizeof port->text];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (strcmp(port->text, text) != 0) {
        memcpy(port->text, text, sizeof text);
        port_news(port, PORT_SAME, text);
    }
}

void
port_compare_mtu(struct port *port, uint32_t mtu)
{
    if (mtu && mtu < port->config.mtu) {
        port_complain(port, "has MTU %u now, its port %u: larger frames are"
                      " lost; set one of them to the other", mtu,
                      port->config.mtu);
    } else if (strcmp(port->text, port->usual) != 0) {
        memcpy(port->text, port->usual, sizeof port->usual);
    }
}

void
port_set_can(struct port *port, uint32_t can)
{
    __atomic_store_n(&port->can, can, __ATOMIC_RELEASE);
}

uint32_t
port_can(const struct port *port)
{
    return __atomic_load_n(&port->can, __ATOMIC_ACQUIRE);
}
