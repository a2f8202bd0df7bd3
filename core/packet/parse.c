/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Ethernet, stacked VLAN tags, ARP, IPv4, IPv6 with its extension headers,
 * and the size of the transport header.  'end' is where the IP datagram ends,
 * which is before the frame's end when the frame was padded.
 */

#include <config.h>

#include "packet/parse.h"

#include <stdbool.h>

#define MAX_TAGS 8          /* VLAN tags of one frame */
#define MAX_HEADERS 16      /* IPv6 extension headers of one datagram */

enum ethertype { TYPE_IPV4 = 0x0800, TYPE_ARP = 0x0806, TYPE_VLAN = 0x8100,
                 TYPE_IPV6 = 0x86dd, TYPE_QINQ = 0x88a8, TYPE_QINQ2 = 0x9100 };

enum protocol { HOP_BY_HOP = 0, ICMP = 1, TCP = 6, UDP = 17, ROUTING = 43,
                FRAGMENT = 44, AUTHENTICATION = 51, ICMPV6 = 58,
                DESTINATION = 60, SCTP = 132, MOBILITY = 135, HIP = 139,
                SHIM6 = 140 };

static void
broken(struct xvs_packet *packet)
{
    packet->flags |= XVS_PACKET_BROKEN;
}

/* Bytes of the transport header at 'at', 0 when it is not whole. */
static uint32_t
transport_size(const struct xvs_packet *packet, uint32_t at, uint32_t left)
{
    uint32_t size;

    switch (packet->protocol) {
    case TCP:
        if (left < 20) {
            return 0;
        }
        size = (uint32_t) (packet->data[at + 12] >> 4) * 4;
        return size >= 20 && size <= left ? size : 0;
    case UDP:
    case ICMP:
        return left >= 8 ? 8 : 0;
    case SCTP:
        return left >= 12 ? 12 : 0;
    case ICMPV6:
        return left >= 4 ? 4 : 0;
    default:
        return 0;
    }
}

/* Notes the transport header at 'at' of a datagram that ends at 'end'; the
 * whole header is in the first buffer. */
static void
parse_transport(struct xvs_packet *packet, uint32_t at, uint32_t end)
{
    if (packet->flags & XVS_PACKET_LATER) {
        return;
    }
    end = end < packet->length ? end : packet->length;
    if (at > end) {
        broken(packet);
        return;
    }
    if (transport_size(packet, at, end - at) != 0) {
        packet->l4 = (uint16_t) at;
        packet->flags |= XVS_PACKET_L4;
    } else if (packet->protocol == TCP || packet->protocol == UDP
               || packet->protocol == ICMP || packet->protocol == ICMPV6
               || packet->protocol == SCTP) {
        broken(packet);
    }
}

static void
parse_ipv4(struct xvs_packet *packet)
{
    const uint8_t *ip = xvs_packet_at(packet, packet->l3, 20);
    uint32_t header, total, fragment;

    if (!ip) {
        broken(packet);
        return;
    }
    packet->flags |= XVS_PACKET_IPV4;
    packet->protocol = ip[9];
    header = (uint32_t) (ip[0] & 15) * 4;
    total = xvs_be16(ip + 2);
    if (ip[0] >> 4 != 4 || header < 20 || total < header
        || total > packet->total - packet->l3) {
        broken(packet);
        return;
    }
    fragment = xvs_be16(ip + 6);
    if (fragment & 0x3fff) {
        packet->flags |= XVS_PACKET_FRAGMENT;
    }
    if (fragment & 0x1fff) {
        packet->flags |= XVS_PACKET_LATER;
    }
    parse_transport(packet, packet->l3 + header, packet->l3 + total);
}

static bool
is_extension_header(uint8_t protocol)
{
    switch (protocol) {
    case HOP_BY_HOP:
    case ROUTING:
    case FRAGMENT:
    case AUTHENTICATION:
    case DESTINATION:
    case MOBILITY:
    case HIP:
    case SHIM6:
        return true;
    default:
        return false;
    }
}

static uint32_t
extension_size(uint8_t protocol, const uint8_t *header)
{
    if (protocol == FRAGMENT) {
        return 8;
    }
    if (protocol == AUTHENTICATION) {
        return ((uint32_t) header[1] + 2) * 4;
    }
    return ((uint32_t) header[1] + 1) * 8;
}

/* Steps over extension headers; false when one does not fit or they are too
 * many.  Stops behind the fragment header of a later fragment. */
static bool
skip_headers(struct xvs_packet *packet, uint32_t *at, uint32_t end)
{
    for (int i = 0; is_extension_header(packet->protocol); i++) {
        const uint8_t *header = packet->data + *at;
        uint8_t this = packet->protocol;

        if (i == MAX_HEADERS || end - *at < 8
            || extension_size(this, header) > end - *at) {
            return false;
        }
        packet->protocol = header[0];
        *at += extension_size(this, header);
        if (this != FRAGMENT) {
            continue;
        }
        packet->flags |= XVS_PACKET_FRAGMENT;
        if (xvs_be16(header + 2) & 0xfff8) {
            packet->flags |= XVS_PACKET_LATER;
            return true;
        }
    }
    return true;
}

static void
parse_ipv6(struct xvs_packet *packet)
{
    const uint8_t *ip = xvs_packet_at(packet, packet->l3, 40);
    uint32_t at, end;

    if (!ip) {
        broken(packet);
        return;
    }
    packet->flags |= XVS_PACKET_IPV6;
    packet->protocol = ip[6];
    at = packet->l3 + 40u;
    end = at + xvs_be16(ip + 4);
    if (ip[0] >> 4 != 6 || end > packet->total
        || !skip_headers(packet, &at,
                         end < packet->length ? end : packet->length)) {
        broken(packet);
        return;
    }
    parse_transport(packet, at, end);
}

static void
parse_arp(struct xvs_packet *packet)
{
    const uint8_t *arp = xvs_packet_at(packet, packet->l3, 8);

    if (!arp
        || !xvs_packet_at(packet, packet->l3,
                          8 + 2 * ((uint32_t) arp[4] + arp[5]))) {
        broken(packet);
        return;
    }
    packet->flags |= XVS_PACKET_ARP;
}

/* Steps over VLAN tags; returns where the last ethertype is. */
static uint32_t
parse_tags(struct xvs_packet *packet)
{
    uint32_t at = 12;

    for (int i = 0; i < MAX_TAGS; i++) {
        uint16_t type = xvs_be16(packet->data + at);

        if (type != TYPE_VLAN && type != TYPE_QINQ && type != TYPE_QINQ2) {
            break;
        }
        if (!xvs_packet_at(packet, at, 6)) {
            broken(packet);
            break;
        }
        if (i == 0) {
            packet->vlan = xvs_be16(packet->data + at + 2);
            packet->flags |= XVS_PACKET_VLAN;
        }
        at += 4;
    }
    return at;
}

/* Any frame. */
static void
parse_any(struct xvs_packet *packet)
{
    uint32_t at;

    packet->flags = 0;
    packet->protocol = 0;
    packet->ethertype = 0;
    packet->vlan = 0;
    packet->l3 = 0;
    packet->l4 = 0;
    packet->hash = 0;
    if (packet->length < 14) {
        broken(packet);
        return;
    }
    at = parse_tags(packet);
    packet->ethertype = xvs_be16(packet->data + at);
    packet->l3 = (uint16_t) (at + 2);
    switch (packet->ethertype) {
    case TYPE_IPV4:
        parse_ipv4(packet);
        break;
    case TYPE_IPV6:
        parse_ipv6(packet);
        break;
    case TYPE_ARP:
        parse_arp(packet);
        break;
    default:
        break;
    }
}

/* ---- The usual frame ---------------------------------------------------- */

/* The transport header at 'at' is whole, in an IP datagram that ends at 'end',
 * and TCP's or UDP's. */
static inline bool
is_usual(const struct xvs_packet *packet, uint8_t protocol, uint32_t at,
         uint32_t end)
{
    uint32_t left, size;

    end = end < packet->length ? end : packet->length;
    left = end > at ? end - at : 0;
    if (protocol == UDP) {
        return left >= 8;
    }
    if (protocol != TCP || left < 20) {
        return false;
    }
    size = (uint32_t) (packet->data[at + 12] >> 4) * 4;
    return size >= 20 && size <= left;
}

static inline void
note_usual(struct xvs_packet *packet, uint16_t type, uint16_t flags,
           uint8_t protocol, uint16_t l4)
{
    packet->flags = flags | XVS_PACKET_L4;
    packet->protocol = protocol;
    packet->ethertype = type;
    packet->vlan = 0;
    packet->l3 = 14;
    packet->l4 = l4;
    packet->hash = 0;
}

/* TCP or UDP over IP without tags, options and fragments, which are most
 * frames: straight to what parse_any() would find.  False: it is none. */
static inline bool
parse_usual(struct xvs_packet *packet)
{
    const uint8_t *frame = packet->data, *ip = frame + 14;
    uint16_t type;
    uint32_t size;

    if (packet->length < 14 + 20 + 8) {
        return false;
    }
    type = xvs_be16(frame + 12);
    size = type == TYPE_IPV4 ? xvs_be16(ip + 2) : 40u + xvs_be16(ip + 4);
    if (size > packet->total - 14) {
        return false;
    }
    if (type == TYPE_IPV4 && ip[0] == 0x45 && !(xvs_be16(ip + 6) & 0x3fff)
        && is_usual(packet, ip[9], 14 + 20, 14 + size)) {
        note_usual(packet, type, XVS_PACKET_IPV4, ip[9], 14 + 20);
        return true;
    }
    if (type == TYPE_IPV6 && ip[0] >> 4 == 6
        && is_usual(packet, ip[6], 14 + 40, 14 + size)) {
        note_usual(packet, type, XVS_PACKET_IPV6, ip[6], 14 + 40);
        return true;
    }
    return false;
}

void
parse_packet(struct xvs_packet *packet)
{
    if (!parse_usual(packet)) {
        parse_any(packet);
    }
}

void
parse_burst(struct xvs_packet *const *packets, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (!parse_usual(packets[i])) {
            parse_any(packets[i]);
        }
    }
}
