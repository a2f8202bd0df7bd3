/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The switch's addresses and counters as objects.
 */
#include "ethernet.h"

#include <string.h>

#include "xvs_ethernet.h"

#define CHUNK 64u               /* addresses asked for at once */

/* An address's own identity: nothing else has the same. */
static struct xvs_guid
instance_of(const struct xvs_address *address)
{
    struct xvs_guid guid = { .b = address->vlan };

    memcpy(&guid.a, address->mac, 4);
    memcpy(&guid.c, address->mac + 4, 2);
    memcpy(guid.d, &address->port_id, 4);
    memcpy(guid.d + 4, "XVSA", 4);
    return guid;
}

static int
answer_address(const struct ethernet *self, const struct xvs_address *address,
               const struct xvs_guid *instance, struct xvs_answer *answer)
{
    const struct ethernet_port *port =
        ethernet_port_find(self, address->port_id);
    struct xvs_address_entry_writer writer;
    char memory[XVS_ADDRESS_ENTRY_SIZE + ETHERNET_MAC_TEXT + XVS_NAME_SIZE
                + 64] __attribute__((aligned(8)));
    struct xvs_address_entry *entry =
        xvs_address_entry_start(&writer, memory, sizeof(memory));
    char mac[ETHERNET_MAC_TEXT];

    if (!entry) {
        return XVS_RESOURCES;
    }
    ethernet_mac_text(address->mac, mac);
    xvs_address_entry_set_mac_address(&writer, mac);
    xvs_address_entry_set_port(&writer, port ? port->name : "");
    entry->vlan = address->vlan;
    entry->age = address->age;
    entry->kind = address->flags & XVS_ADDRESS_GROUP
        ? XVS_ADDRESS_ENTRY_KIND_GROUP
        : address->flags & XVS_ADDRESS_FIXED
            ? XVS_ADDRESS_ENTRY_KIND_FIXED : XVS_ADDRESS_ENTRY_KIND_LEARNED;
    return xvs_address_entry_answer(&writer, self->host, answer, instance);
}

static int
answer_addresses(const struct ethernet *self, const struct xvs_query *query,
                 struct xvs_answer *answer)
{
    struct xvs_address addresses[CHUNK];
    uint64_t position = 0;
    int result = XVS_SUCCESS;
    uint32_t n;

    while (result == XVS_SUCCESS
           && (n = self->switching->addresses(self->host, &position,
                                              addresses, CHUNK)) > 0) {
        for (uint32_t i = 0; i < n && result == XVS_SUCCESS; i++) {
            struct xvs_guid instance = instance_of(&addresses[i]);

            if (xvs_asks_for(query, &instance)) {
                result = answer_address(self, &addresses[i], &instance,
                                        answer);
            }
        }
    }
    return result;
}

/* There is one such object per port; its instance is the class's own GUID. */
static int
answer_port(const struct ethernet *self, const struct xvs_query *query,
            struct xvs_answer *answer)
{
    struct xvs_port_drops drops = { .size = sizeof(drops) };
    struct xvs_port_ethernet_status status;
    struct xvs_view view = { &status, sizeof(status), 0, NULL };

    if (self->switching->port_drops(self->host, query->port_id, &drops)
        != XVS_SUCCESS) {
        return self->host->refuse(answer, XVS_INVALID_PARAMETER,
                                  "no such port");
    }
    status = (struct xvs_port_ethernet_status) {
        .addresses = drops.addresses,
        .dropped_vlan = drops.vlan,
        .dropped_isolation = drops.isolation,
        .dropped_broadcast = drops.storm[XVS_STORM_BROADCAST],
        .dropped_multicast = drops.storm[XVS_STORM_MULTICAST],
        .dropped_unknown_unicast = drops.storm[XVS_STORM_UNKNOWN],
        .dropped_in_rate = drops.rate_in,
        .dropped_out_rate = drops.rate_out,
        .dropped_address_limit = drops.address_limit,
        .dropped_spoofed = drops.spoofed,
        .dropped_loop = drops.loop,
        .dropped_no_members = drops.multicast,
        .moves = drops.moves,
        .loops = drops.loops,
    };
    return xvs_asks_for(query, &query->uuid)
        ? self->host->answer(answer, &query->uuid, &view) : XVS_SUCCESS;
}

int
ethernet_status(void *arg, const struct xvs_query *query,
                struct xvs_answer *answer)
{
    struct ethernet *self = arg;

    if (!self->switching) {
        return XVS_NOT_SUPPORTED;
    }
    if (query->scope == XVS_SCOPE_SWITCH && xvs_address_entry_is(query)) {
        return answer_addresses(self, query, answer);
    }
    if (query->scope == XVS_SCOPE_PORT
        && xvs_port_ethernet_status_is(query)) {
        return answer_port(self, query, answer);
    }
    return XVS_NOT_SUPPORTED;
}
