/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What is asked about a packet, in seven words:
 *
 *     0, 1   source address            4   source MAC, source port
 *     2, 3   destination address       5   destination MAC, destination port
 *     6      generation, direction, whether it is a later fragment, kind,
 *            protocol
 *
 * A packet that is not IP has its Ethernet type in place of a source port.
 * The hash is our own, with a secret: one that came with the packet may be
 * chosen by whoever sent it.
 */
#include "flows.h"

#include <endian.h>
#include <string.h>

#include <xvs/headers.h>

#include "address.h"

static inline uint64_t
about(const struct acl_asker *asker, unsigned int kind, uint8_t protocol,
      bool is_later)
{
    return asker->generation << 16
           | (uint64_t) ((unsigned int) asker->direction << 13
                         | (unsigned int) is_later << 12 | kind << 8
                         | protocol);
}

__extension__ typedef unsigned __int128 wide;

/* Both halves of the product. */
static inline uint64_t
fold(uint64_t a, uint64_t b)
{
    wide product = (wide) a * b;

    return (uint64_t) product ^ (uint64_t) (product >> 64);
}

/* All of it but the generation. */
static inline uint64_t
hash(const struct acl_asked *asked, uint64_t seed)
{
    const uint64_t *words = asked->words;
    uint64_t other = (seed ^ seed >> 31) * 0x9e3779b97f4a7c15u;
    uint64_t sum = fold(words[0] ^ seed, words[2] ^ other)
                   + fold(words[4] ^ other, words[5] ^ ~seed);

    if (words[1] | words[3]) {
        sum += fold(words[1] ^ ~other, words[3] ^ seed);
    }
    return fold(sum ^ (words[6] & 0xffff), other | 1);
}

void
acl_asked_from(struct acl_asked *asked, const struct acl_asker *asker,
               const struct acl_key *key)
{
    bool is_ip = key->kind != ACL_KIND_OTHER && key->kind != ACL_KIND_ARP;

    asked->words[0] = key->source[0];
    asked->words[1] = key->source[1];
    asked->words[2] = key->destination[0];
    asked->words[3] = key->destination[1];
    asked->words[4] =
        key->source_mac
        | (uint64_t) (is_ip ? key->source_port : key->ethertype) << 48;
    asked->words[5] = key->destination_mac
                      | (uint64_t) key->destination_port << 48;
    asked->words[6] = about(asker, key->kind, key->protocol, key->is_later);
    asked->hash = hash(asked, asker->seed);
}

static inline uint64_t
load32(const uint8_t *bytes)
{
    uint32_t word;

    memcpy(&word, bytes, sizeof(word));
    return be32toh(word);
}

static inline void
read_addresses(struct acl_asked *asked, const struct xvs_packet *packet)
{
    const uint8_t *ip = packet->data + packet->l3;

    if (packet->flags & XVS_PACKET_IPV4) {
        asked->words[0] = load32(ip + 12) << 32;
        asked->words[1] = 0;
        asked->words[2] = load32(ip + 16) << 32;
        asked->words[3] = 0;
        return;
    }
    asked->words[0] = acl_load64(ip + 8);
    asked->words[1] = acl_load64(ip + 16);
    asked->words[2] = acl_load64(ip + 24);
    asked->words[3] = acl_load64(ip + 32);
}

/* Bytes of the header that a packet has behind 'l4'. */
static inline uint32_t
transport_size(const struct xvs_packet *packet)
{
    return packet->protocol == ACL_PROTOCOL_TCP ? sizeof(struct xvs_tcp)
                                                : sizeof(struct xvs_udp);
}

bool
acl_asked_read(struct acl_asked *asked, const struct acl_asker *asker,
               const struct xvs_packet *packet, uint8_t *tcp_flags)
{
    const uint16_t wanted = XVS_PACKET_L4;
    const uint16_t others = XVS_PACKET_FRAGMENT | XVS_PACKET_LATER
                            | XVS_PACKET_BROKEN | XVS_PACKET_ARP;
    bool v4 = packet->flags & XVS_PACKET_IPV4;
    bool tcp = packet->protocol == ACL_PROTOCOL_TCP;

    if ((packet->flags & (wanted | others)) != wanted
        || !acl_has_ports(packet->protocol)
        || !(packet->flags & (XVS_PACKET_IPV4 | XVS_PACKET_IPV6))
        || packet->l3 < 14 || packet->l4 < packet->l3 + (v4 ? 20 : 40)
        || packet->length < packet->l4 + transport_size(packet)) {
        return false;
    }
    const uint8_t *l4 = packet->data + packet->l4;
    unsigned int first = v4 ? ACL_KIND_IPV4_TCP : ACL_KIND_IPV6_TCP;

    *tcp_flags = tcp ? l4[13] : 0;
    read_addresses(asked, packet);
    asked->words[4] = acl_load48(packet->data + 6)
                      | (uint64_t) xvs_be16(l4) << 48;
    asked->words[5] = acl_load48(packet->data)
                      | (uint64_t) xvs_be16(l4 + 2) << 48;
    asked->words[6] = about(asker, first + !tcp, packet->protocol, false);
    asked->hash = hash(asked, asker->seed);
    return true;
}

/* ---- Packets that are alike --------------------------------------------- */

/* The bits in which 'size' bytes differ, 4 or 8. */
static inline uint64_t
differ(const uint8_t *a, const uint8_t *b, size_t size)
{
    uint64_t left = 0, right = 0;

    memcpy(&left, a, size);
    memcpy(&right, b, size);
    return left ^ right;
}

/* Whether what was found in both, and where, is the same. */
static inline bool
have_same_shape(const struct xvs_packet *a, const struct xvs_packet *b)
{
    return ((a->flags ^ b->flags) | (a->l3 ^ b->l3) | (a->l4 ^ b->l4)
            | (a->protocol ^ b->protocol)) == 0
           && b->length >= b->l4 + transport_size(b);
}

static inline bool
is_special(const struct xvs_packet *packet)
{
    return packet->protocol == ACL_PROTOCOL_TCP
           && packet->data[packet->l4 + 13] & ACL_TCP_SPECIAL;
}

/* Of packets of the same shape. */
static inline bool
have_same_addresses(const struct xvs_packet *a, const struct xvs_packet *b)
{
    const uint8_t *left = a->data + a->l3;
    const uint8_t *right = b->data + b->l3;
    uint64_t differs = differ(a->data, b->data, 8)
                       | differ(a->data + 8, b->data + 8, 4)
                       | differ(a->data + a->l4, b->data + b->l4, 4);

    if (a->flags & XVS_PACKET_IPV4) {
        return (differs | differ(left + 12, right + 12, 8)) == 0;
    }
    for (unsigned int at = 8; at < 40; at += 8) {
        differs |= differ(left + at, right + at, 8);
    }
    return differs == 0;
}

uint32_t
acl_asked_alike(struct xvs_packet *const *packets, uint32_t n)
{
    const struct xvs_packet *first = packets[0];
    uint32_t end = 1;

    if (is_special(first)) {
        return 1;
    }
    while (end < n && have_same_shape(first, packets[end])
           && !is_special(packets[end])
           && have_same_addresses(first, packets[end])) {
        end++;
    }
    return end;
}
