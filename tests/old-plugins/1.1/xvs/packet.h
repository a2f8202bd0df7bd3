/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_PACKET_H
#define XVS_PACKET_H

/*
 * A packet as a stage sees it.  The core has parsed it once; the offsets
 * are in the metadata (one cache line).  Packets belong to the core: they
 * are valid until the hook returns and must not be kept.  Only extensions of
 * class filter and forward may drop, only forward may choose the way out,
 * and only filter and forward may change bytes, on ingress.
 *
 * A frame of more than about 2,000 bytes lies in several buffers:
 *
 *     packet             -> next               -> next
 *     data, length          data, length          data, length
 *     |<-------------------- total ----------------------->|
 *
 * The first one has all the metadata and, of a frame that is long enough, at
 * least XVS_HEAD bytes.  Such a frame may be a "super frame" that a guest left
 * to its card to cut ('gso_type'), and a checksum may be left to be finished
 * (XVS_OFFLOAD_CHECKSUM): the field then holds the sum over the pseudo header.
 */

#include <xvs/types.h>

#define XVS_BURST 256           /* packets in one call, at most */
#define XVS_HEAD 1024           /* contiguous bytes of a long frame, at least */

/* Bits of 'flags': what the parser found. */
#define XVS_PACKET_VLAN 0x01u       /* 'vlan' holds the outer tag */
#define XVS_PACKET_IPV4 0x02u
#define XVS_PACKET_IPV6 0x04u
#define XVS_PACKET_ARP 0x08u
#define XVS_PACKET_L4 0x10u         /* 'l4' starts a whole TCP/UDP/ICMP head */
#define XVS_PACKET_FRAGMENT 0x20u   /* of an IP datagram */
#define XVS_PACKET_LATER 0x40u      /* a fragment that is not the first */
#define XVS_PACKET_BROKEN 0x80u     /* a header lies about its length */
#define XVS_PACKET_FLOOD 0x100u     /* egress: goes to all, for want of a way */

/* Bits of 'offload'. */
#define XVS_OFFLOAD_CHECKSUM 0x01u  /* to be finished, see csum_start */
#define XVS_OFFLOAD_VALID 0x02u     /* the sender's card has checked it */
#define XVS_OFFLOAD_ECN 0x04u       /* a super frame with CWR set */

/* What a super frame is cut to. */
enum xvs_gso { XVS_GSO_NONE = 0, XVS_GSO_TCP4, XVS_GSO_TCP6, XVS_GSO_UDP };

enum xvs_verdict { XVS_PASS = 0, XVS_DROP = 1 };

struct xvs_packet {
    uint8_t *data;          /* first byte of the Ethernet header */
    struct xvs_packet *next;    /* the frame goes on there, or NULL */
    uint32_t length;        /* bytes from 'data' in this buffer */
    uint32_t total;         /* bytes of the frame, in all its buffers */
    uint32_t in_port;
    uint32_t out_port;      /* egress: where it goes; ingress: the choice of
                             * the forwarder, XVS_PORT_NONE: by MAC table */
    uint8_t verdict;        /* enum xvs_verdict, written by the stage */
    uint8_t drop_reason;    /* the stage's own number, counted by the core */
    uint8_t protocol;       /* IP protocol after extension headers */
    uint8_t csum_offset;    /* of the checksum, from csum_start */
    uint16_t flags;         /* XVS_PACKET_... */
    uint16_t ethertype;     /* after all VLAN tags, host order */
    uint16_t vlan;          /* outer tag control word, host order */
    uint16_t l3;            /* offset of ARP, IPv4 or IPv6 */
    uint16_t l4;            /* offset behind IP; valid with XVS_PACKET_L4 */
    uint16_t csum_start;    /* first byte that the open checksum covers */
    uint32_t hash;          /* of the flow; 0: not computed */
    uint16_t gso_size;      /* payload of each frame that it is cut to */
    uint8_t gso_type;       /* enum xvs_gso */
    uint8_t offload;        /* XVS_OFFLOAD_... */
    uint64_t time;          /* of arrival, nanoseconds, monotonic */
};

/* What one call of a packet hook gets. */
struct xvs_burst {
    uint32_t n, reserved;
    struct xvs_packet *packets[XVS_BURST];
};

/* 'size' bytes at 'offset', or NULL when the first buffer ends before. */
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
