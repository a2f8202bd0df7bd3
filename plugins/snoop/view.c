/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What packet hooks see: a copy that is never changed, made anew whenever a
 * port, a router or a setting changes.  None of that happens often.
 */
#include "snoop.h"

#include <stdlib.h>
#include <string.h>

#define EVERY_VLAN 4095u        /* no VLAN has this number */

static uint32_t
hash_of(uint32_t id)
{
    return id * 0x9e3779b1u >> 16;
}

static uint64_t
router_key(uint32_t port_id, bool is_ipv6, uint16_t vlan)
{
    return (uint64_t) port_id << 16 | (uint64_t) is_ipv6 << 12 | vlan;
}

/* ---- Packet hooks ------------------------------------------------------- */

struct snoop_port *
snoop_view_port(const struct snoop_view *view, uint32_t id)
{
    for (uint32_t at = hash_of(id);; at++) {
        struct snoop_port *port = view->slots[at & view->mask];

        if (!port || port->owner.id == id) {
            return port;
        }
    }
}

static bool
has_router(const struct snoop_view *view, uint64_t key)
{
    uint32_t low = 0, high = view->n_routers;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (view->routers[middle] == key) {
            return true;
        }
        if (view->routers[middle] < key) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return false;
}

bool
snoop_view_is_router(const struct snoop_view *view, uint32_t port_id,
                     bool is_ipv6, uint16_t vlan)
{
    return has_router(view, router_key(port_id, is_ipv6, vlan))
        || has_router(view, router_key(port_id, false, EVERY_VLAN));
}

static bool
is_in(const struct snoop_filter *filter, const uint8_t *group)
{
    uint8_t whole = filter->length / 8, rest = filter->length % 8;

    return memcmp(filter->group, group, whole) == 0
        && (rest == 0 || (filter->group[whole] ^ group[whole])
                >> (8 - rest) == 0);
}

bool
snoop_blocks(const struct snoop_filters *filters, bool is_ipv6,
             const uint8_t *group)
{
    int longest = -1;
    bool blocks = false;

    for (uint32_t i = 0; filters && i < filters->n; i++) {
        const struct snoop_filter *filter = &filters->filters[i];

        if (filter->is_ipv6 == is_ipv6 && filter->length > longest
            && is_in(filter, group)) {
            longest = filter->length;
            blocks = filter->blocks;
        }
    }
    return blocks;
}

/* ---- Publishing --------------------------------------------------------- */

static int
compare_keys(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *) a, right = *(const uint64_t *) b;

    return left < right ? -1 : left > right;
}

/* Ports, and the most routers that there can be in the view. */
static void
count(const struct snoop *self, uint32_t *ports, uint32_t *routers)
{
    *ports = *routers = 0;
    for (const struct snoop_port *port = self->ports; port;
         port = port->next) {
        ++*ports;
        *routers += port->mode == SNOOP_ALWAYS;
    }
    for (const struct snoop_vlan *vlan = self->vlans->first; vlan;
         vlan = vlan->next) {
        for (const struct snoop_router *router = vlan->routers; router;
             router = router->next) {
            ++*routers;
        }
    }
}

static void
fill(const struct snoop *self, struct snoop_view *view)
{
    for (struct snoop_port *port = self->ports; port; port = port->next) {
        uint32_t at = hash_of(port->owner.id);

        while (view->slots[at & view->mask]) {
            at++;
        }
        view->slots[at & view->mask] = port;
        if (port->mode == SNOOP_ALWAYS) {
            view->routers[view->n_routers++] =
                router_key(port->owner.id, false, EVERY_VLAN);
        }
    }
    for (const struct snoop_vlan *vlan = self->vlans->first; vlan;
         vlan = vlan->next) {
        if (vlan->has_querier) {
            snoop_add_vlan(view->asked[vlan->is_ipv6], vlan->vlan);
        }
        for (const struct snoop_router *router = vlan->routers; router;
             router = router->next) {
            view->routers[view->n_routers++] =
                router_key(router->port_id, vlan->is_ipv6, vlan->vlan);
        }
    }
    if (view->n_routers) {
        qsort(view->routers, view->n_routers, sizeof(view->routers[0]),
              compare_keys);
    }
}

bool
snoop_view_publish(struct snoop *self)
{
    uint32_t n_ports, n_routers, n_slots = 16;
    struct snoop_view *view, *old;

    count(self, &n_ports, &n_routers);
    while (n_slots < n_ports * 2) {
        n_slots *= 2;
    }
    view = calloc(1, sizeof(*view) + n_slots * sizeof(view->slots[0])
                  + n_routers * sizeof(view->routers[0]));
    if (!view) {
        return false;
    }
    view->mask = n_slots - 1;
    view->routers = (uint64_t *) (void *) &view->slots[n_slots];
    for (int i = 0; i < 2; i++) {
        if (self->config.is_on[i]) {
            memcpy(view->snooped[i], self->config.vlans, XVS_VLAN_BYTES);
        }
    }
    fill(self, view);
    old = xvs_publish(self->view, view);
    if (old) {
        self->host->retire(self->host, old, free);
    }
    self->is_stale = false;
    return true;
}

bool
snoop_publish_filters(struct snoop *self, struct snoop_port *port)
{
    struct snoop_filters *filters = NULL, *old;
    uint32_t n = 0;

    for (const struct snoop_rule *rule = port->rules; rule;
         rule = rule->next) {
        n += rule->is_filter;
    }
    if (n) {
        filters = calloc(1, sizeof(*filters)
                         + n * sizeof(filters->filters[0]));
        if (!filters) {
            return false;
        }
    }
    for (const struct snoop_rule *rule = port->rules; rule;
         rule = rule->next) {
        if (rule->is_filter) {
            filters->filters[filters->n++] = rule->filter;
        }
    }
    old = xvs_publish(port->filters, filters);
    if (old) {
        self->host->retire(self->host, old, free);
    }
    return true;
}
