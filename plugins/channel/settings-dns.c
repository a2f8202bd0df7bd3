/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Settings: names of VMs in DNS.
 */

#include "settings.h"

#include <stdlib.h>

#include "dns/dns-serve.h"
#include "xvs_channel.h"

static int
judge_dns(const struct change *change, const struct xvs_channel_dns *wanted)
{
    const struct xvs_view *view = &change->setting->view;
    struct dns_host host = { .n = 0 };

    if (!xvs_channel_dns_udp(view, wanted)[0]
        && !xvs_channel_dns_tcp(view, wanted)[0]) {
        return change_deny(change, "Udp or Tcp is missing: where it is asked,"
                           " such as 192.0.2.1:5353");
    }
    if (wanted->addresses.count > DNS_ADDRESSES) {
        return change_deny(change, "Addresses: %u; a host has %u at most",
                           wanted->addresses.count, DNS_ADDRESSES);
    }
    for (uint32_t i = 0; i < wanted->addresses.count; i++) {
        const char *text = xvs_channel_dns_addresses(view, wanted, i);

        if (!dns_add_address(&host, text)) {
            return change_deny(change, "Addresses: '%.45s' is no address such"
                               " as 192.0.2.1 or 2001:db8::1", text);
        }
    }
    return XVS_SUCCESS;
}

static void
read_dns(const struct change *change, const struct xvs_channel_dns *wanted,
         struct dns_server *server)
{
    const struct xvs_view *view = &change->setting->view;

    server->item.instance = change->setting->instance;
    server->channel = change->self;
    server->has_udp = xvs_channel_dns_udp(view, wanted)[0];
    server->has_tcp = xvs_channel_dns_tcp(view, wanted)[0];
    server->udp = change_grant(change, XVS_CHANNEL_DNS_UDP);
    server->tcp = change_grant(change, XVS_CHANNEL_DNS_TCP);
    server->datagrams.fd = server->connections.fd = -1;
    for (uint32_t i = 0; i < DNS_STREAMS; i++) {
        server->streams[i].server = server;
        server->streams[i].watch.fd = -1;
    }
    for (uint32_t i = 0; i < wanted->addresses.count; i++) {
        dns_add_address(&server->own,
                        xvs_channel_dns_addresses(view, wanted, i));
    }
    server->own.port = xvs_present(view, XVS_CHANNEL_DNS_PORT)
        ? (uint16_t) wanted->port : 3128;
    server->ttl = xvs_present(view, XVS_CHANNEL_DNS_TTL) ? wanted->ttl : 5;
    server->rate = xvs_present(view, XVS_CHANNEL_DNS_RATE) ? wanted->rate
                                                           : 1000;
}

int
setting_dns(const struct change *change, const void *body)
{
    struct channel *self = change->self;
    const struct xvs_channel_dns *wanted = body;
    struct dns_server *server = items_find(self->dns,
                                           &change->setting->instance);
    struct dns_server *fresh;
    int result = wanted ? judge_dns(change, wanted) : XVS_SUCCESS;

    if (result != XVS_SUCCESS || change->setting->op == XVS_VALIDATE) {
        return result;
    }
    fresh = wanted ? calloc(1, sizeof(*fresh)) : NULL;
    if (wanted && !fresh) {
        return XVS_RESOURCES;
    }
    if (server) {
        dns_close(server);
        items_remove(&self->dns, &server->item);
        free(server);
    }
    if (fresh) {
        read_dns(change, wanted, fresh);
        items_add(&self->dns, &fresh->item);
        channel_soon(self);
    }
    return XVS_SUCCESS;
}
