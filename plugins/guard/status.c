/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Counters and leases as objects.
 */
#include "guard.h"

#include <arpa/inet.h>
#include <string.h>
#include <time.h>

#include "text.h"
#include "xvs_guard.h"

#define NS_PER_SECOND 1000000000u

/* Wall clock time of a moment on the monotonic clock. */
static struct xvs_datetime
datetime_of(const struct guard *self, uint64_t moment)
{
    struct xvs_datetime datetime = { 0, 0, 0, 0, 0 };
    struct timespec wall;

    clock_gettime(CLOCK_REALTIME, &wall);
    int64_t age = (int64_t) (self->host->now(self->host) - moment);

    datetime.microseconds = (int64_t) wall.tv_sec * 1000000
        + wall.tv_nsec / 1000 - age / 1000;
    return datetime;
}

static uint8_t
state_of(const struct guard_set *set)
{
    return !(set->checks & GUARD_ON) ? XVS_GUARD_PORT_STATUS_STATE_OFF
        : set->checks & GUARD_TRUSTED ? XVS_GUARD_PORT_STATUS_STATE_TRUSTED
        : set->checks & GUARD_AUDIT ? XVS_GUARD_PORT_STATUS_STATE_AUDIT
        : XVS_GUARD_PORT_STATUS_STATE_ENFORCE;
}

static uint32_t
now_of(const struct guard *self)
{
    return (uint32_t) (self->host->now(self->host) / NS_PER_SECOND);
}

static uint32_t
count_leases(const struct guard *self, const struct guard_port *port)
{
    uint32_t n = 0, address, end;
    uint64_t client;

    for (uint32_t i = 0; i < GUARD_LEASES; i++) {
        n += guard_leases_get(&port->leases, i, now_of(self), &client,
                              &address, &end);
    }
    return n;
}

static void
fill_last(const struct guard *self, struct guard_port *port,
          struct xvs_guard_port_status *status,
          struct xvs_guard_port_status_writer *writer)
{
    struct guard_offence last = guard_last(port);
    char mac[GUARD_MAC_TEXT], address[INET6_ADDRSTRLEN] = "";

    if (!last.time) {
        xvs_guard_port_status_null(writer, XVS_GUARD_PORT_STATUS_LAST_TIME);
        return;
    }
    guard_mac_text(last.mac, mac);
    if (last.family) {
        inet_ntop(last.family == 4 ? AF_INET : AF_INET6, last.address,
                  address, sizeof(address));
    }
    status->last_time = datetime_of(self, last.time);
    xvs_guard_port_status_set_last_reason(writer,
                                          guard_reasons[last.reason]);
    xvs_guard_port_status_set_last_mac(writer, mac);
    xvs_guard_port_status_set_last_address(writer, address);
}

static void
fill_counts(const struct guard_port *port,
            struct xvs_guard_port_status *status)
{
    uint64_t counts[GUARD_REASONS];

    for (uint32_t i = 0; i < GUARD_REASONS; i++) {
        counts[i] = atomic_load_explicit(&port->counts[i],
                                         memory_order_relaxed);
    }
    status->spoofed_mac = counts[GUARD_SPOOFED_MAC];
    status->spoofed_ipv4 = counts[GUARD_SPOOFED_IPV4];
    status->spoofed_ipv6 = counts[GUARD_SPOOFED_IPV6];
    status->spoofed_arp = counts[GUARD_SPOOFED_ARP];
    status->spoofed_neighbour = counts[GUARD_SPOOFED_NEIGHBOUR];
    status->dhcp_server = counts[GUARD_DHCP_SERVER];
    status->dhcp_client = counts[GUARD_DHCP_CLIENT];
    status->router_advertisement = counts[GUARD_ADVERTISEMENT];
    status->redirect = counts[GUARD_REDIRECTS];
    status->arp_rate = counts[GUARD_ARP_RATE];
    status->broken = counts[GUARD_BROKEN];
    status->hidden = counts[GUARD_HIDDEN];
}

/* There is one such object per port; its instance is the class's own GUID. */
static int
answer_port(const struct guard *self, struct guard_port *port,
            const struct xvs_query *query, struct xvs_answer *answer)
{
    struct xvs_guard_port_status_writer writer;
    char memory[XVS_GUARD_PORT_STATUS_SIZE + GUARD_MACS_TEXT + 256]
        __attribute__((aligned(8)));
    struct xvs_guard_port_status *status =
        xvs_guard_port_status_start(&writer, memory, sizeof(memory));
    char macs[GUARD_MACS_TEXT];

    if (!status) {
        return XVS_RESOURCES;
    }
    if (!xvs_asks_for(query, &query->uuid)) {
        return XVS_SUCCESS;
    }
    status->state = state_of(port->set);
    status->leases = count_leases(self, port);
    fill_counts(port, status);
    fill_last(self, port, status, &writer);
    guard_macs_text(port->set, macs);
    xvs_guard_port_status_set_macs(&writer, macs);
    return xvs_guard_port_status_answer(&writer, self->host, answer,
                                        &query->uuid);
}

/* A lease's own identity: nothing else of its port has the same. */
static struct xvs_guid
instance_of(uint64_t client, uint32_t address)
{
    struct xvs_guid guid = { .a = address };

    memcpy(guid.d, &client, sizeof(client));
    return guid;
}

static int
answer_lease(const struct guard *self, uint64_t client, uint32_t address,
             uint32_t left, const struct xvs_guid *instance,
             struct xvs_answer *answer)
{
    struct xvs_guard_lease_writer writer;
    char memory[XVS_GUARD_LEASE_SIZE + 64] __attribute__((aligned(8)));
    struct xvs_guard_lease *lease =
        xvs_guard_lease_start(&writer, memory, sizeof(memory));
    char text[INET_ADDRSTRLEN] = "", mac_text[GUARD_MAC_TEXT];
    uint8_t mac[6];

    if (!lease) {
        return XVS_RESOURCES;
    }
    guard_client_read(client, mac, &lease->vlan);
    guard_mac_text(mac, mac_text);
    inet_ntop(AF_INET, &address, text, sizeof(text));
    xvs_guard_lease_set_address(&writer, text);
    xvs_guard_lease_set_mac_address(&writer, mac_text);
    if (left == GUARD_FOR_EVER) {
        xvs_guard_lease_null(&writer, XVS_GUARD_LEASE_LEFT);
    } else {
        lease->left = left;
    }
    return xvs_guard_lease_answer(&writer, self->host, answer, instance);
}

static int
answer_leases(const struct guard *self, const struct guard_port *port,
              const struct xvs_query *query, struct xvs_answer *answer)
{
    uint32_t now = now_of(self), address, end;
    int result = XVS_SUCCESS;
    uint64_t client;

    for (uint32_t i = 0; i < GUARD_LEASES && result == XVS_SUCCESS; i++) {
        struct xvs_guid instance;

        if (!guard_leases_get(&port->leases, i, now, &client, &address,
                              &end)) {
            continue;
        }
        instance = instance_of(client, address);
        if (xvs_asks_for(query, &instance)) {
            result = answer_lease(self, client, address,
                                  end == GUARD_FOR_EVER ? end : end - now,
                                  &instance, answer);
        }
    }
    return result;
}

int
guard_status(void *arg, const struct xvs_query *query,
             struct xvs_answer *answer)
{
    struct guard *self = arg;
    struct guard_port *port;

    if (query->scope != XVS_SCOPE_PORT) {
        return XVS_NOT_SUPPORTED;
    }
    port = guard_port_find(self, query->port_id);
    if (!port) {
        return self->host->refuse(answer, XVS_INVALID_PARAMETER,
                                  "no such port");
    }
    if (xvs_guard_port_status_is(query)) {
        return answer_port(self, port, query, answer);
    }
    if (xvs_guard_lease_is(query)) {
        return answer_leases(self, port, query, answer);
    }
    return XVS_NOT_SUPPORTED;
}
