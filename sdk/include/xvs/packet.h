/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_PACKET_H
#define XVS_PACKET_H

/*
 * A packet as a stage sees it.  The core has parsed it once; the offsets
 * are in the metadata (one cache line).  Packets belong to the core: they
 * are valid until the hook returns and must not be kept.  Only extensions of
 * class filter and forward may drop, only forward may choose the way out,
 * and only filter and forward may change bytes, on ingress.
 */

#include <xvs/types.h>

#define XVS_BURST 256           /* packets in one call, at most */

/* Bits of 'flags': what the parser found. */
#define XVS_PACKET_VLAN 0x01u       /* 'vlan' holds the outer tag */
#define XVS_PACKET_IPV4 0x02u
#define XVS_PACKET_IPV6 0x04u
#define XVS_PACKET_ARP 0x08u
#define XVS_PACKET_L4 0x10u         /* 'l4' starts a whole TCP/UDP/ICMP head */
#define XVS_PACKET_FRAGMENT 0x20u   /* of an IP datagram */
#define XVS_PACKET_LATER 0x40u      /* a fragment that is not the first */
#define XVS_PACKET_BROKEN 0x80u     /* a header lies about its length */

enum xvs_verdict { XVS_PASS = 0, XVS_DROP = 1 };

struct xvs_packet {
    uint8_t *data;          /* first byte of the Ethernet header */
    uint32_t length;        /* bytes from 'data' */
    uint32_t in_port;
    uint32_t out_port;      /* egress: where it goes; ingress: the choice of
                             * the forwarder, XVS_PORT_NONE: by MAC table */
    uint8_t verdict;        /* enum xvs_verdict, written by the stage */
    uint8_t drop_reason;    /* the stage's own number, counted by the core */
    uint8_t flags;          /* XVS_PACKET_... */
    uint8_t protocol;       /* IP protocol after extension headers */
    uint16_t ethertype;     /* after all VLAN tags, host order */
    uint16_t vlan;          /* outer tag control word, host order */
    uint16_t l3;            /* offset of ARP, IPv4 or IPv6 */
    uint16_t l4;            /* offset behind IP; valid with XVS_PACKET_L4 */
    uint32_t hash;          /* of the flow; 0: not computed */
    uint64_t time;          /* of arrival, nanoseconds, monotonic */
    uint8_t reserved[16];   /* the core's */
};

/* What one call of a packet hook gets. */
struct xvs_burst {
    uint32_t n, reserved;
    struct xvs_packet *packets[XVS_BURST];
};

/* 'size' bytes at 'offset', or NULL when the packet is shorter. */
static inline uint8_t *
xvs_packet_at(const struct xvs_packet *packet, uint32_t offset, uint32_t size)
{
    if (offset > packet->length || packet->length - offset < size) {
        return NULL;
    }
    return packet->data + offset;
}

static inline uint16_t
xvs_be16(const uint8_t *bytes)
{
    return (uint16_t) (bytes[0] << 8 | bytes[1]);
}

static inline uint32_t
xvs_be32(const uint8_t *bytes)
{
    return (uint32_t) xvs_be16(bytes) << 16 | xvs_be16(bytes + 2);
}

static inline void
xvs_drop(struct xvs_packet *packet, uint8_t reason)
{
    packet->verdict = XVS_DROP;
    packet->drop_reason = reason;
}

#endif
