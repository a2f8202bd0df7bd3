/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The extension acl: life, ports, and the descriptor that the core reads.
 */
#include "acl.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "xvs_acl.h"

struct acl_port *
acl_port_find(const struct acl *self, uint32_t id)
{
    struct acl_port *port = self->all_ports;

    while (port && port->id != id) {
        port = port->next;
    }
    return port;
}

static void
free_port(void *data)
{
    struct acl_port *port = data;

    if (port) {
        acl_book_fini(&port->book);
        acl_set_release(port->set);
        free(port->allowed);
        free(port->blocked);
        free(port);
    }
}

/* Publishes the table of all ports, see filter.c. */
static bool
publish_ports(struct acl *self)
{
    uint32_t n_slots = 16;
    uint32_t n = 0;

    for (struct acl_port *port = self->all_ports; port; port = port->next) {
        n++;
    }
    while (n_slots < n * 2) {
        n_slots *= 2;
    }
    struct acl_ports *ports = calloc(1, sizeof(*ports)
                                     + n_slots * sizeof(ports->slots[0]));

    if (!ports) {
        return false;
    }
    ports->mask = n_slots - 1;
    for (struct acl_port *port = self->all_ports; port; port = port->next) {
        uint32_t at = acl_port_hash(port->id);

        while (ports->slots[at & ports->mask]) {
            at++;
        }
        ports->slots[at & ports->mask] = port;
    }
    struct acl_ports *old = xvs_publish(self->ports, ports);

    if (old) {
        self->host->retire(self->host, old, free);
    }
    return true;
}

static int
add_port(struct acl *self, uint32_t id)
{
    struct acl_port *port = calloc(1, sizeof(*port));

    if (!port) {
        return XVS_RESOURCES;
    }
    port->id = id;
    port->serial = ++self->serial;
    port->default_action = ACL_ALLOW;
    port->max_connections = ACL_DEFAULT_MAX_CONNECTIONS;
    port->allowed = acl_counter_create();
    port->blocked = acl_counter_create();
    port->next = self->all_ports;
    self->all_ports = port;
    if (!port->allowed || !port->blocked || !acl_book_init(&port->book)
        || !acl_publish(self, port, port->book.view)
        || !publish_ports(self)) {
        self->all_ports = port->next;
        free_port(port);
        return XVS_RESOURCES;
    }
    return XVS_SUCCESS;
}

static bool
is_over(void *arg, uint32_t serial, bool has_expired)
{
    (void) has_expired;
    return serial == *(const uint32_t *) arg;
}

static int
remove_port(struct acl *self, struct acl_port *port)
{
    struct acl_port **link = &self->all_ports;

    while (*link != port) {
        link = &(*link)->next;
    }
    *link = port->next;
    if (!publish_ports(self)) {
        /* Still known to the packet hooks, so it has to stay. */
        port->next = self->all_ports;
        self->all_ports = port;
        return XVS_RESOURCES;
    }
    acl_connections_sweep(self->connections, 0, is_over, &port->serial);
    self->n_rules -= port->book.view->n_rules;
    self->n_stateful -= port->book.view->n_stateful;
    self->host->retire(self->host, port, free_port);
    return XVS_SUCCESS;
}

static int
port_event(void *arg, enum xvs_port_event event, const struct xvs_port *port)
{
    struct acl *self = arg;
    struct acl_port *known = acl_port_find(self, port->id);

    if (port->is_validation) {
        return XVS_SUCCESS;
    }
    if (event == XVS_PORT_CREATED && !known) {
        return add_port(self, port->id);
    }
    if (event == XVS_PORT_DELETED && known) {
        return remove_port(self, known);
    }
    return XVS_SUCCESS;
}

static void
end(void *arg)
{
    struct acl *self = arg;

    if (!self) {
        return;
    }
    while (self->all_ports) {
        struct acl_port *port = self->all_ports;

        self->all_ports = port->next;
        free_port(port);
    }
    acl_book_fini(&self->book);
    acl_flows_fini(&self->flows);
    acl_connections_destroy(self->connections);
    free(self->ports);
    free(self);
}

static int
begin(const struct xvs_host *host, void **out)
{
    struct acl *self = calloc(1, sizeof(*self));

    if (!self) {
        return XVS_RESOURCES;
    }
    if (getrandom(&self->seed, sizeof(self->seed), 0)
        != (ssize_t) sizeof(self->seed)) {
        host->log(host, XVS_LOG_WARNING,
                  "no random numbers: the connection table can be guessed");
    }
    self->host = host;
    self->connections = acl_connections_create(ACL_CONNECTIONS);
    if (!self->connections || !acl_book_init(&self->book)
        || !publish_ports(self)) {
        end(self);
        return XVS_RESOURCES;
    }
    *out = self;
    return XVS_SUCCESS;
}

static const struct xvs_feature features[] = XVS_FEATURES;
static const struct xvs_method methods[] = XVS_METHODS;
static const char *const reasons[] = {
    [ACL_BY_RULE] = "denied by a rule",
    [ACL_BY_DEFAULT] = "denied by default",
    [ACL_NO_ROOM] = "too many connections",
    [ACL_BROKEN] = "broken headers",
};

XVS_EXTENSION = {
    XVS_EXTENSION_HEAD,
    .id = { 0xbbaa55b7, 0xe5ec, 0x43a8,
            { 0xa6, 0x77, 0xc9, 0xd4, 0xdf, 0xaa, 0x80, 0x2d } },
    .version = 0x0100,
    .mandatory = XVS_HOOK_PACKETS | XVS_HOOK_SETTING | XVS_HOOK_STATUS
                 | XVS_HOOK_PORT | XVS_HOOK_TIMER | XVS_HOOK_METHODS
                 | XVS_HOOK_TRAITS,
    .traits = XVS_TRAIT_HEAD,
    .extension_class = XVS_CLASS_FILTER,
    .on_failure = XVS_FAIL_CLOSED,
    .name = "acl",
    .vendor = "xvs",
    .description = "Allows and denies packets by rules, per port and switch.",
    .features = features,
    .n_features = sizeof(features) / sizeof(features[0]),
    .methods = methods,
    .n_methods = sizeof(methods) / sizeof(methods[0]),
    .init = begin,
    .fini = end,
    .port = port_event,
    .setting = acl_setting,
    .status = acl_status,
    .timer = acl_tick,
    .ingress = acl_ingress,
    .egress = acl_egress,
    .reasons = reasons,
    .n_reasons = sizeof(reasons) / sizeof(reasons[0]),
};
