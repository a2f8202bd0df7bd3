/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the tables hold, told to the switch.  Frames must never be kept from
 * somebody who listens, so the order is: routers first; VLANs that are
 * flooded again; groups; VLANs that are not flooded any more.
 */
#include "snoop.h"

#include <string.h>

#define AGE_MS 1000u            /* how often something may expire */
#define MS_NS 1000000u
#define CHUNK 64u               /* addresses asked for at once */

_Static_assert(SNOOP_MEMBERS <= XVS_GROUP_PORTS, "ports of a group");

/* The switch did not take something: says so once, until all is well. */
static void
complain(struct snoop *self, int result)
{
    self->is_behind = true;
    /* A port that is just going is no news. */
    if (self->has_complained || result == XVS_INVALID_PARAMETER
        || result == XVS_NOT_SUPPORTED) {
        return;
    }
    self->has_complained = true;
    self->host->event(self->host, XVS_LOG_ERROR, result == XVS_NOT_ACCEPTED
                      ? "another extension says where multicast goes: "
                        "disable one of the two"
                      : "the switch has as many groups as it can hold: "
                        "lower MaxGroups of XVS_SwitchSnooping");
}

/* ---- Routers ------------------------------------------------------------ */

static void
tell_routers(struct snoop *self)
{
    const struct xvs_port_policy router = { .size = sizeof(router),
                                            .flags = XVS_PORT_ALL_MULTICAST };

    for (struct snoop_port *port = self->ports; port; port = port->next) {
        port->is_heard = port->mode == SNOOP_ALWAYS
            && (self->config.is_on[0] || self->config.is_on[1]);
    }
    for (struct snoop_vlan *vlan = self->vlans->first; vlan;
         vlan = vlan->next) {
        for (struct snoop_router *at = vlan->routers; at; at = at->next) {
            struct snoop_port *port = snoop_port_find(self, at->port_id);

            if (port) {
                port->is_heard = true;
            }
        }
    }
    for (struct snoop_port *port = self->ports; port; port = port->next) {
        int result;

        if (port->is_heard == port->is_router) {
            continue;
        }
        result = self->switching->port_policy(
            self->host, port->owner.id, XVS_POLICY_MULTICAST,
            port->is_heard ? &router : NULL);
        if (result == XVS_SUCCESS) {
            port->is_router = port->is_heard;
        } else {
            complain(self, result);
        }
    }
}

/* ---- VLANs -------------------------------------------------------------- */

/* None at all: another extension may say where multicast goes. */
static int
set_bound(const struct snoop *self, uint8_t bound[2][XVS_VLAN_BYTES])
{
    struct xvs_switch_policy policy = { .size = sizeof(policy) };
    bool is_none = memcmp(bound, policy.members_only,
                          sizeof(policy.members_only)) == 0;

    memcpy(policy.members_only, bound, sizeof(policy.members_only));
    return self->switching->switch_policy(self->host, XVS_SWITCH_MULTICAST,
                                          is_none ? NULL : &policy);
}

/* The switch binds exactly these VLANs. */
static void
tell_bound(struct snoop *self, uint8_t bound[2][XVS_VLAN_BYTES])
{
    int result;

    if (memcmp(self->bound, bound, sizeof(self->bound)) == 0) {
        return;
    }
    result = set_bound(self, bound);
    if (result == XVS_SUCCESS) {
        memcpy(self->bound, bound, sizeof(self->bound));
    } else {
        complain(self, result);
    }
}

/* Which VLANs are to be bound; entries of those that change are told. */
static void
find_bound(struct snoop *self, uint8_t bound[2][XVS_VLAN_BYTES])
{
    memset(bound, 0, 2 * XVS_VLAN_BYTES);
    for (struct snoop_vlan *vlan = self->vlans->first; vlan;
         vlan = vlan->next) {
        if (vlan->is_bound) {
            snoop_add_vlan(bound[vlan->is_ipv6], vlan->vlan);
        }
    }
    for (int is_ipv6 = 0; is_ipv6 < 2; is_ipv6++) {
        for (uint32_t i = 0; i < XVS_VLAN_BYTES; i++) {
            uint8_t change = bound[is_ipv6][i] ^ self->bound[is_ipv6][i];

            for (uint16_t bit = 0; change; bit++, change >>= 1) {
                if (change & 1) {
                    snoop_table_change_vlan(self->table, is_ipv6,
                                            (uint16_t) (i * 8 + bit));
                }
            }
        }
    }
}

/* ---- Groups ------------------------------------------------------------- */

/* False: the switch did not take it. */
static bool
tell_entry(struct snoop *self, struct snoop_entry *entry,
           uint8_t bound[2][XVS_VLAN_BYTES])
{
    static _Thread_local uint32_t ids[SNOOP_MEMBERS];
    bool wanted = entry->groups
        && snoop_has_vlan(bound[entry->is_ipv6], entry->vlan);
    uint32_t n = wanted ? snoop_entry_ports(entry, ids, SNOOP_MEMBERS) : 0;
    int result;

    if (!wanted && !entry->is_told) {
        return true;
    }
    result = self->switching->group(self->host, entry->mac, entry->vlan,
                                    wanted ? ids : NULL, n);
    if (result == XVS_SUCCESS || !wanted) {
        entry->is_told = wanted;
        return true;
    }
    complain(self, result);
    return false;
}

static void
tell_groups(struct snoop *self, uint8_t bound[2][XVS_VLAN_BYTES])
{
    struct snoop_entry *entry, *again = NULL;

    while ((entry = snoop_table_changed(self->table)) != NULL) {
        if (tell_entry(self, entry, bound)) {
            snoop_table_told(self->table, entry);
        } else {
            entry->next_change = again;
            again = entry;
        }
    }
    while ((entry = again) != NULL) {
        again = entry->next_change;
        snoop_table_change(self->table, entry);
    }
}

/* ---- All of it ---------------------------------------------------------- */

/* Sets the timer to what is to be done next. */
static void
set_timer(struct snoop *self, uint64_t settle_ns)
{
    uint32_t wanted = 0;

    if (snoop_table_groups(self->table) || self->vlans->first
        || self->is_behind || self->is_stale || self->checks) {
        wanted = (uint32_t) (settle_ns / MS_NS) + 1;
        wanted = wanted < AGE_MS ? wanted : AGE_MS;
    }
    if (wanted != self->period_ms) {
        self->period_ms = wanted;
        self->host->timer(self->host, wanted);
    }
}

static void
tell(struct snoop *self)
{
    uint8_t bound[2][XVS_VLAN_BYTES], kept[2][XVS_VLAN_BYTES];

    if (!self->switching) {
        return;
    }
    self->is_behind = false;
    tell_routers(self);
    find_bound(self, bound);
    for (uint32_t i = 0; i < 2 * XVS_VLAN_BYTES; i++) {
        kept[i / XVS_VLAN_BYTES][i % XVS_VLAN_BYTES] =
            bound[i / XVS_VLAN_BYTES][i % XVS_VLAN_BYTES]
            & self->bound[i / XVS_VLAN_BYTES][i % XVS_VLAN_BYTES];
    }
    tell_bound(self, kept);
    tell_groups(self, bound);
    tell_bound(self, bound);
    self->has_complained &= self->is_behind;
}

void
snoop_tell(struct snoop *self)
{
    uint64_t now = self->host->now(self->host), settle = AGE_MS * MS_NS;

    settle = snoop_vlans_age(self->vlans, now, settle);
    if (now >= self->ages) {
        self->ages = now + AGE_MS * MS_NS / 2;
        snoop_table_age(self->table, now);
    }
    if (self->checks && now >= self->checks) {
        self->checks = 0;
        snoop_tell_all(self);
    }
    if (self->vlans->is_changed) {
        self->vlans->is_changed = false;
        self->is_stale = true;
    }
    if (self->is_stale) {
        snoop_view_publish(self);
    }
    tell(self);
    set_timer(self, settle);
}

/* Takes groups from the switch that our table does not have; those of other
 * extensions stay, because the switch does not let us. */
static void
remove_strays(struct snoop *self)
{
    struct xvs_address addresses[CHUNK];
    uint64_t position = 0;
    uint32_t n;

    while ((n = self->switching->addresses(self->host, &position, addresses,
                                           CHUNK)) > 0) {
        for (uint32_t i = 0; i < n; i++) {
            if (addresses[i].flags & XVS_ADDRESS_GROUP
                && !snoop_table_has(self->table, addresses[i].vlan,
                                    addresses[i].mac)) {
                self->switching->group(self->host, addresses[i].mac,
                                       addresses[i].vlan, NULL, 0);
            }
        }
    }
}

void
snoop_tell_all(struct snoop *self)
{
    if (!self->switching) {
        return;
    }
    set_bound(self, self->bound);
    for (struct snoop_port *port = self->ports; port; port = port->next) {
        /* As if the opposite had been told. */
        if (!port->is_router) {
            self->switching->port_policy(self->host, port->owner.id,
                                         XVS_POLICY_MULTICAST, NULL);
        }
        port->is_router = false;
    }
    tell_routers(self);
    remove_strays(self);
    for (struct snoop_vlan *vlan = self->vlans->first; vlan;
         vlan = vlan->next) {
        snoop_table_change_vlan(self->table, vlan->is_ipv6, vlan->vlan);
    }
}
