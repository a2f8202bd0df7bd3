/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef ACL_KEY_H
#define ACL_KEY_H

/*
 * What of a packet rules look at, read once per packet.
 */

#include <stdbool.h>
#include <stdint.h>

struct xvs_packet;

#define ACL_IN 0                /* from the port into the switch */
#define ACL_OUT 1               /* from the switch out of the port */

/* Packets of one kind are compared with the rules of that kind only. */
enum acl_kind {
    ACL_KIND_OTHER,             /* neither IP nor ARP */
    ACL_KIND_ARP,
    ACL_KIND_IPV4_TCP,
    ACL_KIND_IPV4_UDP,
    ACL_KIND_IPV4_REST,
    ACL_KIND_IPV6_TCP,
    ACL_KIND_IPV6_UDP,
    ACL_KIND_IPV6_REST,
    ACL_KIND_NEIGHBOUR,         /* ICMPv6 neighbour solicitation, advert. */
    ACL_N_KINDS,
    ACL_KIND_FRAGMENT = ACL_N_KINDS     /* only in acl_key_fragment() */
};

enum acl_protocol {
    ACL_PROTOCOL_ICMP = 1, ACL_PROTOCOL_TCP = 6, ACL_PROTOCOL_UDP = 17,
    ACL_PROTOCOL_ICMP6 = 58
};

#define ACL_TCP_FIN 0x01u
#define ACL_TCP_SYN 0x02u
#define ACL_TCP_RST 0x04u
#define ACL_TCP_ACK 0x10u
#define ACL_TCP_SPECIAL (ACL_TCP_FIN | ACL_TCP_SYN | ACL_TCP_RST)

struct acl_key {
    uint64_t source[2];         /* see address.h; 0 when there is none */
    uint64_t destination[2];
    uint64_t source_mac;
    uint64_t destination_mac;
    uint16_t source_port;       /* for an ICMP echo its identifier */
    uint16_t destination_port;  /* for an ICMP echo its identifier */
    uint16_t ethertype;
    uint8_t protocol;           /* of IP */
    uint8_t kind;               /* enum acl_kind */
    uint8_t tcp_flags;
    uint8_t icmp_type;
    bool is_first;              /* fragment with ports, others follow */
    bool is_later;              /* fragment without ports */
    bool is_broken;             /* cannot be judged: a header is cut */
    bool is_error;              /* ICMP error, with ... */
    uint16_t quoted;            /* ... the IP packet at this offset */
    uint32_t datagram;          /* identifies it in fragments */
};

/* True for protocols whose ports rules can name. */
static inline bool
acl_has_ports(uint8_t protocol)
{
    return protocol == ACL_PROTOCOL_TCP || protocol == ACL_PROTOCOL_UDP;
}

void acl_key_read(struct acl_key *key, const struct xvs_packet *packet);
/* The packet that an ICMP error quotes; false when it cannot be read. */
bool acl_key_read_quoted(struct acl_key *key, const struct acl_key *error,
                         const struct xvs_packet *packet);
/* What all fragments of a datagram have in common, instead of ports. */
void acl_key_fragment(struct acl_key *common, const struct acl_key *key);
/* The same packet as if it went the other way. */
void acl_key_reverse(struct acl_key *reversed, const struct acl_key *key);
/*
 * A hash of what tells flows apart, the same for both directions: addresses,
 * ports and protocol, or MACs without IP.  'seed' is secret, so that nobody
 * can choose packets with equal ones, and has the port's serial number in it.
 */
uint64_t acl_key_hash(const struct acl_key *key, uint64_t seed);
/* True for an ICMP echo (of either family). */
bool acl_key_is_echo(const struct acl_key *key);
/*
 * True for a packet that is never an answer and asks for a new connection:
 * a TCP segment with SYN alone, an echo request.
 */
bool acl_key_is_opening(const struct acl_key *key);

/* True when the packet can be part of a connection. */
static inline bool
acl_key_is_trackable(const struct acl_key *key)
{
    return key->kind != ACL_KIND_OTHER && key->kind != ACL_KIND_ARP
           && key->kind != ACL_KIND_NEIGHBOUR && !key->is_later;
}

#endif
