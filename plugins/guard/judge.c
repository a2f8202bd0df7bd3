/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Frames, IPv4 and IPv6; see judge.h.
 */
#include "judge.h"

#include <string.h>

#include <xvs/headers.h>

#define NS_PER_SECOND 1000000000u
#define IGMP 2
#define ICMP_REDIRECT 5
#define ETHERTYPE_MIN 0x600     /* below: a length, and LLC follows */

enum { BOOTP_SERVER = 67, BOOTP_CLIENT = 68, DHCP6_CLIENT = 546,
       DHCP6_SERVER = 547 };

enum { TYPE_IPV4 = 0x0800, TYPE_ARP = 0x0806, TYPE_VLAN = 0x8100,
       TYPE_IPV6 = 0x86dd, TYPE_QINQ = 0x88a8, TYPE_QINQ2 = 0x9100 };

bool
guard_is_own_mac(const struct guard_set *set, const struct xvs_packet *packet,
                 const uint8_t *bytes)
{
    return memcmp(bytes, packet->data + 6, 6) == 0
        || (set->n_macs && guard_has_mac(set, bytes));
}

bool
guard_is_own_ipv4(const struct guard_set *set, const struct guard_port *port,
                  const struct xvs_packet *packet, const uint8_t *bytes)
{
    uint32_t address = guard_word(bytes);

    return guard_has_ipv4(set, address)
        || (set->checks & GUARD_SNOOP
            && guard_leases_have(&port->leases, address,
                                 (uint32_t) (packet->time / NS_PER_SECOND)));
}

static bool
is_link_local_of(const uint8_t *bytes, const uint8_t *mac)
{
    return memcmp(bytes, "\xfe\x80\0\0\0\0\0", 8) == 0
        && bytes[8] == (mac[0] ^ 2) && memcmp(bytes + 9, mac + 1, 2) == 0
        && memcmp(bytes + 11, "\xff\xfe", 2) == 0
        && memcmp(bytes + 13, mac + 3, 3) == 0;
}

bool
guard_is_own_ipv6(const struct guard_set *set,
                  const struct xvs_packet *packet, const uint8_t *bytes)
{
    return guard_has_ipv6(set, bytes)
        || is_link_local_of(bytes, packet->data + 6);
}

/* What a guest without an address may send from 0.0.0.0. */
static bool
is_unaddressed(const struct xvs_packet *packet, const uint8_t *ip)
{
    const struct xvs_udp *udp = xvs_packet_udp(packet);

    return guard_word(ip + 12) == 0
        && (packet->protocol == IGMP
            || (udp && xvs_be16(udp->source) == BOOTP_CLIENT
                && xvs_be16(udp->destination) == BOOTP_SERVER));
}

static enum guard_reason
judge_ipv4(const struct guard_set *set, struct guard_port *port,
           const struct xvs_packet *packet, const struct xvs_burst *burst)
{
    const uint8_t *ip = packet->data + packet->l3;
    const struct xvs_udp *udp = xvs_packet_udp(packet);

    if (set->checks & GUARD_ADDRESS
        && !guard_is_own_ipv4(set, port, packet, ip + 12)
        && !is_unaddressed(packet, ip)) {
        return GUARD_SPOOFED_IPV4;
    }
    if (udp) {
        uint16_t from = xvs_be16(udp->source);
        uint16_t to = xvs_be16(udp->destination);

        /* Clients hear what comes to their port, from wherever. */
        if (set->checks & GUARD_DHCP
            && (from == BOOTP_SERVER || to == BOOTP_CLIENT)) {
            return GUARD_DHCP_SERVER;
        }
        return to == BOOTP_SERVER
            ? guard_judge_client(set, port, packet, burst) : GUARD_PASS;
    }
    return set->checks & GUARD_REDIRECT && xvs_packet_is(packet, XVS_ICMP)
        && packet->data[packet->l4] == ICMP_REDIRECT
        ? GUARD_REDIRECTS : GUARD_PASS;
}

static enum guard_reason
judge_ipv6(const struct guard_set *set, const struct xvs_packet *packet)
{
    static const uint8_t unspecified[16];
    const uint8_t *source = packet->data + packet->l3 + 8;
    const struct xvs_udp *udp = xvs_packet_udp(packet);

    if (set->checks & GUARD_ADDRESS
        && !guard_is_own_ipv6(set, packet, source)
        && !(memcmp(source, unspecified, 16) == 0
             && guard_is_unaddressed(packet))) {
        return GUARD_SPOOFED_IPV6;
    }
    if (udp) {
        return set->checks & GUARD_DHCP
            && (xvs_be16(udp->source) == DHCP6_SERVER
                || xvs_be16(udp->destination) == DHCP6_CLIENT)
            ? GUARD_DHCP_SERVER : GUARD_PASS;
    }
    return xvs_packet_is(packet, XVS_ICMP6) ? guard_judge_icmp6(set, packet)
                                            : GUARD_PASS;
}

/* Types that the parser would have looked into, had they been a frame's. */
static bool
is_known(uint16_t type)
{
    return type == TYPE_IPV4 || type == TYPE_IPV6 || type == TYPE_ARP
        || type == TYPE_VLAN || type == TYPE_QINQ || type == TYPE_QINQ2;
}

/* Some hosts take IP from LLC and SNAP (RFC 1042), too; and frames of more
 * tags than the parser reads are IP for whoever takes these off. */
static bool
is_hidden(const struct xvs_packet *packet)
{
    const uint8_t *llc;

    if (packet->ethertype >= ETHERTYPE_MIN) {
        return is_known(packet->ethertype);
    }
    llc = xvs_packet_at(packet, packet->l3, 8);
    return llc && memcmp(llc, "\xaa\xaa\x03\0\0", 5) == 0
        && (llc[5] == 0 || llc[5] == 0xf8) && is_known(xvs_be16(llc + 6));
}

/* A first fragment that leaves headers to the next one (RFC 7112) is what
 * hides a message from those who look at packets (RFC 7113). */
static enum guard_reason
judge_broken(const struct xvs_packet *packet)
{
    uint16_t first = XVS_PACKET_IPV6 | XVS_PACKET_FRAGMENT;

    return (packet->flags & (first | XVS_PACKET_LATER)) == first
        ? GUARD_HIDDEN : GUARD_BROKEN;
}

enum guard_reason
guard_judge(const struct guard_set *set, struct guard_port *port,
            const struct xvs_packet *packet, const struct xvs_burst *burst)
{
    if (packet->flags & XVS_PACKET_BROKEN) {
        return judge_broken(packet);
    }
    if (set->checks & GUARD_MAC && !guard_has_mac(set, packet->data + 6)) {
        return GUARD_SPOOFED_MAC;
    }
    if (packet->flags & XVS_PACKET_IPV4) {
        return judge_ipv4(set, port, packet, burst);
    }
    if (packet->flags & XVS_PACKET_IPV6) {
        return judge_ipv6(set, packet);
    }
    if (packet->flags & XVS_PACKET_ARP) {
        return guard_judge_arp(set, port, packet);
    }
    return is_hidden(packet) ? GUARD_HIDDEN : GUARD_PASS;
}
