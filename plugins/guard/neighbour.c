/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ARP (RFC 826, RFC 5227) and neighbour discovery (RFC 4861, RFC 6980): who
 * says that an address is where must have the address.
 */
#include "judge.h"

#include <string.h>

#include <xvs/headers.h>

enum { ARP_REQUEST = 1 };

/* ICMPv6; listener reports come from "::" while an address is tried. */
enum { LISTENER_REPORT = 131, LISTENER_DONE = 132, ROUTER_SOLICITATION = 133,
       ROUTER_ADVERTISEMENT = 134, SOLICITATION = 135, ADVERTISEMENT = 136,
       REDIRECT = 137, LISTENER_REPORT2 = 143 };

enum { OPTION_SOURCE = 1, OPTION_TARGET = 2 };  /* link-layer addresses */

/* Whether it comes in time; one that does moves the time of the next. */
static bool
is_in_time(const struct guard_set *set, struct guard_port *port, uint64_t now)
{
    uint64_t next = atomic_load_explicit(&port->arp_next,
                                         memory_order_relaxed);
    uint64_t after;

    do {
        after = (next > now ? next : now) + set->arp_interval;
        if (after - now > set->arp_burst + set->arp_interval) {
            return false;
        }
    } while (!atomic_compare_exchange_weak_explicit(
                 &port->arp_next, &next, after, memory_order_relaxed,
                 memory_order_relaxed));
    return true;
}

static bool
is_own_arp(const struct guard_set *set, const struct guard_port *port,
           const struct xvs_packet *packet, const struct xvs_arp *arp)
{
    if (set->checks & GUARD_MAC
        && !guard_is_own_mac(set, packet, arp->source_mac)) {
        return false;
    }
    /* A probe asks whether anybody has the address, from none. */
    return !(set->checks & GUARD_ADDRESS)
        || (guard_word(arp->source) == 0
            && xvs_be16(arp->operation) == ARP_REQUEST)
        || guard_is_own_ipv4(set, port, packet, arp->source);
}

enum guard_reason
guard_judge_arp(const struct guard_set *set, struct guard_port *port,
                const struct xvs_packet *packet)
{
    const struct xvs_arp *arp = xvs_packet_arp(packet);

    if (set->checks & (GUARD_MAC | GUARD_ADDRESS)
        && (!arp || xvs_be16(arp->hardware) != 1
            || xvs_be16(arp->protocol) != 0x0800
            || !is_own_arp(set, port, packet, arp))) {
        return GUARD_SPOOFED_ARP;
    }
    return set->arp_interval && !is_in_time(set, port, packet->time)
        ? GUARD_ARP_RATE : GUARD_PASS;
}

static uint8_t
type_of(const struct xvs_packet *packet)
{
    return xvs_packet_is(packet, XVS_ICMP6) ? packet->data[packet->l4] : 0;
}

bool
guard_is_unaddressed(const struct xvs_packet *packet)
{
    uint8_t type = type_of(packet);

    return type == LISTENER_REPORT || type == LISTENER_DONE
        || type == ROUTER_SOLICITATION || type == SOLICITATION
        || type == LISTENER_REPORT2;
}

/* Bytes of a message before its options. */
static uint32_t
fixed_size(uint8_t type)
{
    return type == ROUTER_SOLICITATION ? 8
        : type == ROUTER_ADVERTISEMENT ? 16 : type == REDIRECT ? 40 : 24;
}

/* Whether link-layer addresses among the options are the port's; 'at' to
 * 'end' is in the first buffer. */
static bool
are_own_options(const struct guard_set *set, const struct xvs_packet *packet,
                uint32_t at, uint32_t end, bool is_from_none)
{
    while (at < end) {
        const uint8_t *option = packet->data + at;
        uint32_t size = end - at < 8 ? 0 : option[1] * 8u;

        if (size == 0 || size > end - at
            || (option[0] == OPTION_SOURCE && is_from_none)
            || ((option[0] == OPTION_SOURCE || option[0] == OPTION_TARGET)
                && set->checks & GUARD_MAC
                && !guard_is_own_mac(set, packet, option + 2))) {
            return false;
        }
        at += size;
    }
    return true;
}

static bool
is_own_message(const struct guard_set *set, const struct xvs_packet *packet,
               uint8_t type)
{
    static const uint8_t unspecified[16];
    const uint8_t *ip = packet->data + packet->l3;
    bool is_from_none = memcmp(ip + 8, unspecified, 16) == 0;
    uint32_t at = packet->l4 + fixed_size(type);
    uint32_t end = packet->l3 + 40u + xvs_be16(ip + 4);

    /* Nodes must not take them in fragments. */
    if (packet->flags & XVS_PACKET_FRAGMENT || end > packet->length
        || at > end) {
        return false;
    }
    if (set->checks & GUARD_ADDRESS
        && (type == ADVERTISEMENT || (type == SOLICITATION && is_from_none))
        && !guard_is_own_ipv6(set, packet, packet->data + packet->l4 + 8)) {
        return false;
    }
    /* The addresses in a redirect are those of others. */
    return type == REDIRECT
        || are_own_options(set, packet, at, end, is_from_none);
}

enum guard_reason
guard_judge_icmp6(const struct guard_set *set,
                  const struct xvs_packet *packet)
{
    uint8_t type = type_of(packet);

    if (type < ROUTER_SOLICITATION || type > REDIRECT) {
        return GUARD_PASS;
    }
    if (type == ROUTER_ADVERTISEMENT && set->checks & GUARD_ROUTER) {
        return GUARD_ADVERTISEMENT;
    }
    if (type == REDIRECT && set->checks & GUARD_REDIRECT) {
        return GUARD_REDIRECTS;
    }
    return set->checks & (GUARD_MAC | GUARD_ADDRESS)
        && !is_own_message(set, packet, type)
        ? GUARD_SPOOFED_NEIGHBOUR : GUARD_PASS;
}
