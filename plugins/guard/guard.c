/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The extension guard: life, ports, events, and the descriptor that the core
 * reads.
 */
#include "guard.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"
#include "xvs_guard.h"

#define LOOK_MS 500             /* offences become events so soon */
#define QUIET_NS 10000000000u   /* between events of a port */

struct guard_port *
guard_port_find(const struct guard *self, uint32_t id)
{
    struct guard_port *port = self->all_ports;

    while (port && port->id != id) {
        port = port->next;
    }
    return port;
}

static void
free_port(void *data)
{
    struct guard_port *port = data;

    if (!port) {
        return;
    }
    while (port->addresses) {
        struct guard_address *one = port->addresses;

        port->addresses = one->next;
        free(one);
    }
    pthread_mutex_destroy(&port->lock);
    guard_leases_destroy(&port->leases);
    free(port->set);
    free(port);
}

/* ---- Sets and ports for the packet hook --------------------------------- */

/* Somebody has to look for offences while a port is guarded. */
static void
set_timer(struct guard *self)
{
    bool wanted = self->values.are_set;

    for (struct guard_port *port = self->all_ports; port && !wanted;
         port = port->next) {
        wanted = port->values.are_set;
    }
    if (wanted != self->has_timer) {
        self->has_timer = wanted;
        self->host->timer(self->host, wanted ? LOOK_MS : 0);
    }
}

static void
publish_set(struct guard *self, struct guard_port *port)
{
    struct guard_set *old = xvs_publish(port->set, port->next_set);

    port->next_set = NULL;
    if (old) {
        self->host->retire(self->host, old, free);
    }
}

bool
guard_publish(struct guard *self, struct guard_port *only)
{
    bool ok = true;

    for (struct guard_port *port = self->all_ports; port && ok;
         port = port->next) {
        if (!only || port == only) {
            port->next_set = guard_set_build(self, port);
            ok = port->next_set != NULL;
        }
    }
    for (struct guard_port *port = self->all_ports; port; port = port->next) {
        if (port->next_set && ok) {
            publish_set(self, port);
        }
        free(port->next_set);
        port->next_set = NULL;
    }
    if (ok) {
        set_timer(self);
    }
    return ok;
}

/* Publishes the table of all ports, see filter.c. */
static bool
publish_ports(struct guard *self)
{
    uint32_t n_slots = 16, n = 0;
    struct guard_ports *ports, *old;

    for (struct guard_port *port = self->all_ports; port; port = port->next) {
        n++;
    }
    while (n_slots < n * 2) {
        n_slots *= 2;
    }
    ports = calloc(1, sizeof(*ports) + n_slots * sizeof(ports->slots[0]));
    if (!ports) {
        return false;
    }
    ports->mask = n_slots - 1;
    for (struct guard_port *port = self->all_ports; port; port = port->next) {
        uint32_t at = guard_port_hash(port->id);

        while (ports->slots[at & ports->mask]) {
            at++;
        }
        ports->slots[at & ports->mask] = port;
    }
    old = xvs_publish(self->ports, ports);
    if (old) {
        self->host->retire(self->host, old, free);
    }
    return true;
}

static int
add_port(struct guard *self, const struct xvs_port *from)
{
    struct guard_port *port = calloc(1, sizeof(*port));

    if (!port) {
        return XVS_RESOURCES;
    }
    port->id = from->id;
    port->guard = self;
    memcpy(port->name, from->name, sizeof(port->name));
    memcpy(port->mac, from->mac, sizeof(port->mac));
    pthread_mutex_init(&port->lock, NULL);
    guard_leases_init(&port->leases);
    guard_keep_restore(self, port);
    port->next = self->all_ports;
    self->all_ports = port;
    if (!guard_publish(self, port) || !publish_ports(self)) {
        self->all_ports = port->next;
        free_port(port);
        return XVS_RESOURCES;
    }
    return XVS_SUCCESS;
}

static int
remove_port(struct guard *self, struct guard_port *port)
{
    struct guard_port **link = &self->all_ports;

    while (*link != port) {
        link = &(*link)->next;
    }
    *link = port->next;
    if (!publish_ports(self)) {
        /* Still known to the packet hook, so it has to stay. */
        port->next = self->all_ports;
        self->all_ports = port;
        return XVS_RESOURCES;
    }
    self->host->retire(self->host, port, free_port);
    set_timer(self);
    return XVS_SUCCESS;
}

/* The port may have got another MAC address. */
static int
update_port(struct guard *self, struct guard_port *port,
            const struct xvs_port *from)
{
    if (memcmp(port->mac, from->mac, sizeof(port->mac)) == 0) {
        return XVS_SUCCESS;
    }
    memcpy(port->mac, from->mac, sizeof(port->mac));
    return guard_publish(self, port) ? XVS_SUCCESS : XVS_RESOURCES;
}

static int
port_event(void *arg, enum xvs_port_event event, const struct xvs_port *port)
{
    struct guard *self = arg;
    struct guard_port *known = guard_port_find(self, port->id);

    if (port->is_validation) {
        return XVS_SUCCESS;
    }
    if (event == XVS_PORT_CREATED && !known) {
        return add_port(self, port);
    }
    if (event == XVS_PORT_DELETED && known) {
        return remove_port(self, known);
    }
    return known ? update_port(self, known, port) : XVS_SUCCESS;
}

/* ---- Events ------------------------------------------------------------- */

static void
tell(const struct guard *self, const struct guard_port *port,
     const struct guard_offence *last, uint64_t n)
{
    char text[256], mac[GUARD_MAC_TEXT], address[INET6_ADDRSTRLEN] = "";

    guard_mac_text(last->mac, mac);
    if (last->family) {
        inet_ntop(last->family == 4 ? AF_INET : AF_INET6, last->address,
                  address, sizeof(address));
    }
    snprintf(text, sizeof(text), "port %s: %s from %s%s%s; %llu %s",
             port->name, guard_reasons[last->reason], mac,
             *address ? ", " : "", address, (unsigned long long) n,
             port->set->checks & GUARD_AUDIT ? "passed (audit)" : "dropped");
    self->host->event(self->host, XVS_LOG_WARNING, text);
}

/* One event for the first offence, and one later for all that follow. */
static void
look(void *arg)
{
    struct guard *self = arg;
    uint64_t now = self->host->now(self->host);

    for (struct guard_port *port = self->all_ports; port; port = port->next) {
        uint64_t total = guard_total(port);
        struct guard_offence last;

        if (total == port->n_told
            || (port->told_at && now - port->told_at < QUIET_NS)) {
            continue;
        }
        last = guard_last(port);
        if (last.time) {
            tell(self, port, &last, total - port->n_told);
            port->n_told = total;
            port->told_at = now;
        }
    }
}

/* ---- Life --------------------------------------------------------------- */

static void
end(void *arg)
{
    struct guard *self = arg;

    if (!self) {
        return;
    }
    while (self->all_ports) {
        struct guard_port *port = self->all_ports;

        self->all_ports = port->next;
        free_port(port);
    }
    pthread_mutex_destroy(&self->keep_lock);
    free(self->ports);
    free(self);
}

static int
begin(const struct xvs_host *host, void **out)
{
    struct guard *self = calloc(1, sizeof(*self));

    if (!self) {
        return XVS_RESOURCES;
    }
    self->host = host;
    guard_keep_begin(self, host);
    if (!publish_ports(self)) {
        end(self);
        return XVS_RESOURCES;
    }
    *out = self;
    return XVS_SUCCESS;
}

static const struct xvs_feature features[] = XVS_FEATURES;
const char *const guard_reasons[GUARD_REASONS] = {
    [GUARD_SPOOFED_MAC] = "spoofed MAC address",
    [GUARD_SPOOFED_IPV4] = "spoofed IPv4 address",
    [GUARD_SPOOFED_IPV6] = "spoofed IPv6 address",
    [GUARD_SPOOFED_ARP] = "spoofed ARP",
    [GUARD_SPOOFED_NEIGHBOUR] = "spoofed neighbour discovery",
    [GUARD_DHCP_SERVER] = "rogue DHCP server",
    [GUARD_DHCP_CLIENT] = "DHCP for another client",
    [GUARD_ADVERTISEMENT] = "rogue router advertisement",
    [GUARD_REDIRECTS] = "redirect",
    [GUARD_ARP_RATE] = "too many ARP packets",
    [GUARD_BROKEN] = "broken headers",
    [GUARD_HIDDEN] = "hidden headers",
};

XVS_EXTENSION = {
    XVS_EXTENSION_HEAD,
    .id = { 0xf160be0b, 0x7066, 0x48a7,
            { 0xa5, 0xdb, 0x01, 0xdb, 0x9e, 0xfd, 0xb6, 0xc3 } },
    .version = 0x0100,
    .mandatory = XVS_HOOK_PACKETS | XVS_HOOK_SETTING | XVS_HOOK_STATUS
                 | XVS_HOOK_PORT | XVS_HOOK_TIMER | XVS_HOOK_TRAITS,
    .traits = XVS_TRAIT_HEAD,
    .extension_class = XVS_CLASS_FILTER,
    .on_failure = XVS_FAIL_CLOSED,
    .name = "guard",
    .vendor = "xvs",
    .description = "Drops what guests send in the name of others.",
    .before = "acl",
    .features = features,
    .n_features = sizeof(features) / sizeof(features[0]),
    .init = begin,
    .fini = end,
    .port = port_event,
    .setting = guard_setting,
    .status = guard_status,
    .timer = look,
    .ingress = guard_ingress,
    .reasons = guard_reasons,
    .n_reasons = sizeof(guard_reasons) / sizeof(guard_reasons[0]),
};
