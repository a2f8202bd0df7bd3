/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * From a packet, whose layers the core has found, to a key.  What the core
 * did not vouch for is checked here: a packet whose ports cannot be read is
 * marked broken, because a rule about ports could not be applied to it.
 */
#include "key.h"

#include <stddef.h>
#include <string.h>

#include <xvs/headers.h>

#include "address.h"

#define ETHERTYPE_IPV4 0x0800
#define ETHERTYPE_IPV6 0x86dd
#define FRAGMENT_HEADER 44

/* Types of ICMP and ICMPv6. */
enum {
    ECHO_REPLY = 0, UNREACHABLE = 3, ECHO_REQUEST = 8, TIME_EXCEEDED = 11,
    PARAMETER_PROBLEM = 12, ERRORS6_END = 127, ECHO_REQUEST6 = 128,
    ECHO_REPLY6 = 129, NEIGHBOUR_SOLICITATION = 135,
    NEIGHBOUR_ADVERTISEMENT = 136
};

static void
read_icmp(struct acl_key *key, const struct xvs_packet *packet)
{
    const uint8_t *icmp = xvs_packet_at(packet, packet->l4, 8);
    bool is_v6 = key->protocol == ACL_PROTOCOL_ICMP6;

    if (!icmp) {
        return;
    }
    key->icmp_type = icmp[0];
    if (acl_key_is_echo(key)) {
        key->source_port = key->destination_port = xvs_be16(icmp + 4);
    }
    if (is_v6 && (icmp[0] == NEIGHBOUR_SOLICITATION
                  || icmp[0] == NEIGHBOUR_ADVERTISEMENT)) {
        key->kind = ACL_KIND_NEIGHBOUR;
    }
    key->is_error = is_v6 ? icmp[0] <= ERRORS6_END
                          : icmp[0] == UNREACHABLE || icmp[0] == TIME_EXCEEDED
                                || icmp[0] == PARAMETER_PROBLEM;
    key->quoted = (uint16_t) (packet->l4 + 8);
}

static void
read_transport(struct acl_key *key, const struct xvs_packet *packet)
{
    const struct xvs_tcp *tcp = xvs_packet_tcp(packet);
    const struct xvs_udp *udp = xvs_packet_udp(packet);

    if (key->is_later) {
        return;
    }
    if (tcp) {
        key->source_port = xvs_be16(tcp->source);
        key->destination_port = xvs_be16(tcp->destination);
        key->tcp_flags = tcp->flags;
    } else if (udp) {
        key->source_port = xvs_be16(udp->source);
        key->destination_port = xvs_be16(udp->destination);
    } else if (xvs_packet_icmp(packet)) {
        read_icmp(key, packet);
    } else {
        key->is_broken = acl_has_ports(key->protocol);
    }
}

static void
set_ipv4(struct acl_key *key, const uint8_t *ip)
{
    key->source[0] = (uint64_t) xvs_be32(ip + 12) << 32;
    key->destination[0] = (uint64_t) xvs_be32(ip + 16) << 32;
    key->kind = key->protocol == ACL_PROTOCOL_TCP   ? ACL_KIND_IPV4_TCP
                : key->protocol == ACL_PROTOCOL_UDP ? ACL_KIND_IPV4_UDP
                                                    : ACL_KIND_IPV4_REST;
}

static void
set_ipv6(struct acl_key *key, const uint8_t *ip)
{
    key->source[0] = acl_load64(ip + 8);
    key->source[1] = acl_load64(ip + 16);
    key->destination[0] = acl_load64(ip + 24);
    key->destination[1] = acl_load64(ip + 32);
    key->kind = key->protocol == ACL_PROTOCOL_TCP   ? ACL_KIND_IPV6_TCP
                : key->protocol == ACL_PROTOCOL_UDP ? ACL_KIND_IPV6_UDP
                                                    : ACL_KIND_IPV6_REST;
}

/* Finds the fragment header among the extension headers of IPv6. */
static uint32_t
datagram_of_ipv6(const struct xvs_packet *packet)
{
    uint32_t at = packet->l3 + 40u;
    const uint8_t *header = xvs_packet_at(packet, at, 8);
    uint8_t type = packet->data[packet->l3 + 6u];

    while (header && type != FRAGMENT_HEADER && at < packet->length) {
        type = header[0];
        at += (header[1] + 1u) * 8u;
        header = xvs_packet_at(packet, at, 8);
    }
    return header ? xvs_be32(header + 4) : 0;
}

static void
read_fragment(struct acl_key *key, const struct xvs_packet *packet,
              const uint8_t *ip)
{
    if (!(packet->flags & XVS_PACKET_FRAGMENT)) {
        return;
    }
    key->is_later = packet->flags & XVS_PACKET_LATER;
    key->is_first = !key->is_later;
    key->datagram = packet->flags & XVS_PACKET_IPV4
                        ? xvs_be16(ip + 4)
                        : datagram_of_ipv6(packet);
}

static void
read_network(struct acl_key *key, const struct xvs_packet *packet)
{
    bool is_v4 = packet->flags & XVS_PACKET_IPV4;
    const uint8_t *ip = xvs_packet_at(packet, packet->l3, is_v4 ? 20 : 40);

    if (!ip) {
        key->is_broken = true;
        return;
    }
    key->protocol = packet->protocol;
    read_fragment(key, packet, ip);
    if (is_v4) {
        set_ipv4(key, ip);
    } else {
        set_ipv6(key, ip);
    }
    read_transport(key, packet);
}

void
acl_key_read(struct acl_key *key, const struct xvs_packet *packet)
{
    const uint8_t *ethernet = xvs_packet_at(packet, 0, 14);

    memset(key, 0, sizeof(*key));
    key->kind = ACL_KIND_OTHER;
    key->ethertype = packet->ethertype;
    key->is_broken = !ethernet || (packet->flags & XVS_PACKET_BROKEN);
    if (key->is_broken) {
        return;
    }
    key->destination_mac = acl_load48(ethernet);
    key->source_mac = acl_load48(ethernet + 6);
    if (packet->flags & XVS_PACKET_ARP) {
        key->kind = ACL_KIND_ARP;
    } else if (packet->flags & (XVS_PACKET_IPV4 | XVS_PACKET_IPV6)) {
        read_network(key, packet);
    } else {
        /* An IP packet that the core cannot read is no "other" packet. */
        key->is_broken = key->ethertype == ETHERTYPE_IPV4
                         || key->ethertype == ETHERTYPE_IPV6;
    }
}

bool
acl_key_read_quoted(struct acl_key *key, const struct acl_key *error,
                    const struct xvs_packet *packet)
{
    bool is_v4 = error->protocol == ACL_PROTOCOL_ICMP;
    uint32_t size = is_v4 ? 20 : 40;
    const uint8_t *ip = xvs_packet_at(packet, error->quoted, size);

    memset(key, 0, sizeof(*key));
    if (!ip || ip[0] >> 4 != (is_v4 ? 4 : 6)) {
        return false;
    }
    size = is_v4 ? (ip[0] & 15u) * 4u : size;
    key->protocol = ip[is_v4 ? 9 : 6];
    if (is_v4) {
        set_ipv4(key, ip);
    } else {
        set_ipv6(key, ip);
    }
    const uint8_t *l4 = xvs_packet_at(packet, error->quoted + size, 8);

    if (!l4 || size < 20 || (is_v4 && (xvs_be16(ip + 6) & 0x1fff))) {
        return false;
    }
    key->icmp_type = l4[0];
    if (acl_has_ports(key->protocol)) {
        key->source_port = xvs_be16(l4);
        key->destination_port = xvs_be16(l4 + 2);
    } else if (acl_key_is_echo(key)) {
        key->source_port = key->destination_port = xvs_be16(l4 + 4);
    }
    return true;
}

void
acl_key_fragment(struct acl_key *common, const struct acl_key *key)
{
    *common = *key;
    common->kind = ACL_KIND_FRAGMENT;
    common->source_port = (uint16_t) (key->datagram >> 16);
    common->destination_port = (uint16_t) key->datagram;
    common->tcp_flags = 0;
    common->is_later = common->is_first = common->is_error = false;
}

void
acl_key_reverse(struct acl_key *reversed, const struct acl_key *key)
{
    *reversed = *key;
    memcpy(reversed->source, key->destination, sizeof(key->source));
    memcpy(reversed->destination, key->source, sizeof(key->source));
    reversed->source_mac = key->destination_mac;
    reversed->destination_mac = key->source_mac;
    reversed->source_port = key->destination_port;
    reversed->destination_port = key->source_port;
}

static inline uint64_t
mix(uint64_t word)
{
    word = (word ^ word >> 32) * 0x9e3779b97f4a7c15u;
    return (word ^ word >> 29) * 0xbf58476d1ce4e5b9u;
}

/* One end of a flow.  Each part is mixed in on its own: what could be made
 * up for by another part would be a way to choose packets with one hash. */
static inline uint64_t
hash_end(uint64_t high, uint64_t low, uint16_t port, uint64_t seed)
{
    uint64_t hash = mix(high ^ seed);

    if (low) {
        hash = mix(hash ^ low);
    }
    return mix(hash ^ port);
}

uint64_t
acl_key_hash(const struct acl_key *key, uint64_t seed)
{
    uint64_t source = key->source[0];
    uint64_t destination = key->destination[0];

    if (key->kind == ACL_KIND_OTHER || key->kind == ACL_KIND_ARP) {
        source = key->source_mac;
        destination = key->destination_mac;
    }
    source = hash_end(source, key->source[1], key->source_port, seed);
    destination = hash_end(destination, key->destination[1],
                           key->destination_port, seed);
    uint64_t hash = mix((source + destination) ^ key->protocol);

    return hash ^ hash >> 32;
}

bool
acl_key_is_echo(const struct acl_key *key)
{
    if (key->protocol == ACL_PROTOCOL_ICMP) {
        return key->icmp_type == ECHO_REQUEST
               || key->icmp_type == ECHO_REPLY;
    }
    return key->protocol == ACL_PROTOCOL_ICMP6
           && (key->icmp_type == ECHO_REQUEST6
               || key->icmp_type == ECHO_REPLY6);
}

bool
acl_key_is_opening(const struct acl_key *key)
{
    if (key->protocol == ACL_PROTOCOL_TCP) {
        return (key->tcp_flags & (ACL_TCP_SYN | ACL_TCP_ACK)) == ACL_TCP_SYN;
    }
    return key->protocol == ACL_PROTOCOL_ICMP
               ? key->icmp_type == ECHO_REQUEST
               : key->protocol == ACL_PROTOCOL_ICMP6
                     && key->icmp_type == ECHO_REQUEST6;
}
