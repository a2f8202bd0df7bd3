/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The packet hook, and what it notes of packets that are not honest.
 */
#include <string.h>

#include <xvs/headers.h>

#include "judge.h"

/* The address that somebody claims to have. */
static void
read_address(const struct xvs_packet *packet, struct guard_offence *offence)
{
    const struct xvs_ipv4 *ipv4 = xvs_packet_ipv4(packet);
    const struct xvs_ipv6 *ipv6 = xvs_packet_ipv6(packet);
    const struct xvs_arp *arp = xvs_packet_arp(packet);

    if (ipv4 || arp) {
        offence->family = 4;
        memcpy(offence->address, arp ? arp->source : ipv4->source, 4);
    } else if (ipv6) {
        offence->family = 6;
        memcpy(offence->address, ipv6->source, 16);
    }
}

/* Somebody else may have just written, or be reading: then it is lost. */
static void
note(struct guard_port *port, const struct xvs_packet *packet,
     enum guard_reason reason)
{
    struct guard_offence offence = { .time = packet->time,
                                     .reason = (uint8_t) reason };

    if (pthread_mutex_trylock(&port->lock) != 0) {
        return;
    }
    if (packet->length >= 14) {
        memcpy(offence.mac, packet->data + 6, sizeof(offence.mac));
        read_address(packet, &offence);
    }
    port->last = offence;
    pthread_mutex_unlock(&port->lock);
}

static void
accuse(const struct guard_set *set, struct guard_port *port,
       struct xvs_packet *packet, enum guard_reason reason)
{
    atomic_fetch_add_explicit(&port->counts[reason], 1,
                              memory_order_relaxed);
    note(port, packet, reason);
    if (!(set->checks & GUARD_AUDIT)) {
        xvs_drop(packet, (uint8_t) reason);
    }
}

void
guard_ingress(void *arg, struct xvs_burst *burst)
{
    struct guard *self = arg;
    const struct guard_ports *ports = xvs_read(self->ports);
    const struct guard_set *set = NULL;
    struct guard_port *port = NULL;
    uint32_t id = XVS_PORT_NONE;

    for (uint32_t i = 0; i < burst->n; i++) {
        struct xvs_packet *packet = burst->packets[i];
        enum guard_reason reason;

        if (packet->in_port != id) {
            id = packet->in_port;
            port = guard_port_lookup(ports, id);
            set = port ? xvs_read(port->set) : NULL;
        }
        if (!set || !(set->checks & GUARD_ON)) {
            continue;
        }
        if (set->checks & GUARD_TRUSTED) {
            guard_learn(ports, packet, burst);
            continue;
        }
        reason = guard_judge(set, port, packet, burst);
        if (__builtin_expect(reason != GUARD_PASS, 0)) {
            accuse(set, port, packet, reason);
        }
    }
}

struct guard_offence
guard_last(struct guard_port *port)
{
    struct guard_offence last;

    pthread_mutex_lock(&port->lock);
    last = port->last;
    pthread_mutex_unlock(&port->lock);
    return last;
}

uint64_t
guard_total(const struct guard_port *port)
{
    uint64_t total = 0;

    for (uint32_t i = 0; i < GUARD_REASONS; i++) {
        total += atomic_load_explicit(&port->counts[i],
                                      memory_order_relaxed);
    }
    return total;
}
