/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_HEADERS_H
#define XVS_HEADERS_H

/*
 * The headers in a packet, and how to change them.  Called from packet hooks;
 * nothing here allocates or fails in any other way than by NULL, 0 or false.
 *
 *     struct xvs_tcp *tcp = xvs_packet_tcp(packet);
 *
 *     if (tcp && xvs_be16(tcp->destination) == 25) { ... }
 *
 * A view is NULL unless the parser found all of the header's fixed part in
 * the packet's first buffer.  Views are bytes in network order: read numbers
 * with xvs_be16() and xvs_be32(), write them with xvs_packet_write(), which
 * keeps checksums right.
 *
 * The core places frames so that data is a multiple of XVS_HEADROOM and as
 * many bytes before it are free; a program that makes packets of its own for
 * xvs_packet_push() does the same.
 */

#include <string.h>
#include <xvs/packet.h>

#define XVS_HEADROOM 128u       /* bytes in front of a frame, at first */
#define XVS_FRAME 2048u         /* room of a frame in one buffer */

enum xvs_protocol { XVS_ICMP = 1, XVS_TCP = 6, XVS_UDP = 17, XVS_ICMP6 = 58,
                    XVS_SCTP = 132 };

struct xvs_ethernet { uint8_t destination[6], source[6], type[2]; };
struct xvs_vlan { uint8_t type[2], control[2]; };
struct xvs_arp {                /* of IPv4 over Ethernet */
    uint8_t hardware[2], protocol[2], hardware_size, protocol_size;
    uint8_t operation[2], source_mac[6], source[4], target_mac[6], target[4];
};
struct xvs_ipv4 {
    uint8_t version_size, service, size[2], id[2], fragment[2];
    uint8_t ttl, protocol, checksum[2], source[4], destination[4];
};
struct xvs_ipv6 {
    uint8_t version_class_flow[4], size[2], next, hops;
    uint8_t source[16], destination[16];
};
struct xvs_tcp {
    uint8_t source[2], destination[2], sequence[4], acknowledged[4];
    uint8_t offset, flags, window[2], checksum[2], urgent[2];
};
struct xvs_udp { uint8_t source[2], destination[2], size[2], checksum[2]; };
struct xvs_sctp { uint8_t source[2], destination[2], tag[4], checksum[4]; };
struct xvs_icmp { uint8_t type, code, checksum[2]; };   /* ICMPv6, too */

/* True when the whole transport header of this protocol is there. */
static inline int
xvs_packet_is(const struct xvs_packet *packet, enum xvs_protocol protocol)
{
    return (packet->flags & XVS_PACKET_L4) && packet->protocol == protocol;
}

/* xvs_packet_NAME(packet): the header, or NULL. */
#define XVS_VIEW(name, is_there, at) \
    static inline struct xvs_##name * \
    xvs_packet_##name(const struct xvs_packet *packet) \
    { \
        return (is_there) ? (struct xvs_##name *) xvs_packet_at( \
            packet, at, sizeof(struct xvs_##name)) : NULL; \
    }
XVS_VIEW(ethernet, 1, 0)
XVS_VIEW(arp, (packet->flags & XVS_PACKET_ARP)
         && xvs_be16(packet->data + packet->l3 + 4) == 0x0604, packet->l3)
XVS_VIEW(ipv4, packet->flags & XVS_PACKET_IPV4, packet->l3)
XVS_VIEW(ipv6, packet->flags & XVS_PACKET_IPV6, packet->l3)
XVS_VIEW(tcp, xvs_packet_is(packet, XVS_TCP), packet->l4)
XVS_VIEW(udp, xvs_packet_is(packet, XVS_UDP), packet->l4)
XVS_VIEW(sctp, xvs_packet_is(packet, XVS_SCTP), packet->l4)
XVS_VIEW(icmp, xvs_packet_is(packet, XVS_ICMP)
         || xvs_packet_is(packet, XVS_ICMP6), packet->l4)
#undef XVS_VIEW

/* The n-th VLAN tag, the outer one first, or NULL. */
static inline struct xvs_vlan *
xvs_packet_vlan(const struct xvs_packet *packet, uint32_t n)
{
    return n < 8 && 18 + 4 * n <= packet->l3 ? (struct xvs_vlan *)
        xvs_packet_at(packet, 12 + 4 * n, sizeof(struct xvs_vlan)) : NULL;
}

/* Where the EtherType is, behind all VLAN tags; 0: the first buffer ends
 * before. */
static inline uint32_t
xvs_packet_type(const struct xvs_packet *packet)
{
    return packet->l3 >= 14 && packet->l3 <= packet->length
        && xvs_be16(packet->data + packet->l3 - 2) == packet->ethertype
        ? packet->l3 - 2u : 0;
}

/* Where the datagram's payload begins, behind the transport header, and how
 * many bytes it has, which may lie in several buffers; 0: there is none. */
static inline uint32_t
xvs_packet_payload(const struct xvs_packet *packet, uint32_t *size)
{
    const struct xvs_tcp *tcp = xvs_packet_tcp(packet);
    uint32_t is4 = packet->flags & XVS_PACKET_IPV4, at = packet->l4, end;

    *size = 0;
    if (!(packet->flags & XVS_PACKET_L4)) {
        return 0;
    }
    end = packet->l3 + (is4 ? 0u : 40u)
        + xvs_be16(packet->data + packet->l3 + (is4 ? 2 : 4));
    at += tcp ? (tcp->offset >> 4) * 4u
        : packet->protocol == XVS_SCTP ? 12u
        : packet->protocol == XVS_ICMP6 ? 4u : 8u;
    end = end < packet->total ? end : packet->total;
    *size = end > at ? end - at : 0;
    return *size ? at : 0;
}

/* Copies up to 'size' bytes from 'offset', whatever buffers they are in;
 * returns how many there were. */
static inline uint32_t
xvs_packet_read(const struct xvs_packet *packet, uint32_t offset, void *out,
                uint32_t size)
{
    uint32_t done = 0, part;

    for (; packet && done < size; packet = packet->next) {
        part = offset < packet->length ? packet->length - offset : 0;
        part = part < size - done ? part : size - done;
        if (part) {
            memcpy((uint8_t *) out + done, packet->data + offset, part);
        }
        done += part;
        offset -= offset < packet->length ? offset : packet->length;
    }
    return done;
}

/* Takes a change of bytes into a checksum (RFC 1624); 'at' counts from an
 * even place in what it covers.  'open': not finished, and so not inverted. */
static inline void
xvs_checksum_change(uint8_t *checksum, uint32_t at, const uint8_t *from,
                    const uint8_t *to, uint32_t size, int open)
{
    uint32_t invert = open ? 0 : 0xffff, sum = xvs_be16(checksum) ^ invert;

    for (uint32_t i = 0; i < size; i++, at++) {
        sum += ((uint32_t) to[i] << (at & 1 ? 0 : 8))
            + (0xffff ^ ((uint32_t) from[i] << (at & 1 ? 0 : 8)));
        sum = (sum & 0xffff) + (sum >> 16);
    }
    sum = ((sum & 0xffff) + (sum >> 16)) ^ invert;
    checksum[0] = (uint8_t) (sum >> 8);
    checksum[1] = (uint8_t) sum;
}

/* The transport header's checksum, or NULL when nothing has to be kept. */
static inline uint8_t *
xvs_packet_checksum(const struct xvs_packet *packet)
{
    struct xvs_tcp *tcp = xvs_packet_tcp(packet);
    struct xvs_udp *udp = xvs_packet_udp(packet);
    struct xvs_icmp *icmp = xvs_packet_icmp(packet);

    return tcp ? tcp->checksum : icmp ? icmp->checksum
        : udp && (xvs_be16(udp->checksum)
                  || packet->offload & XVS_OFFLOAD_CHECKSUM)
        ? udp->checksum : NULL;
}

/*
 * Writes bytes of one header, or of the payload, and keeps the checksums of
 * IPv4, TCP, UDP, ICMP and ICMPv6 right, whether finished or open; not that
 * of SCTP.  Not for sizes, fragment fields and checksums themselves.  0: the
 * first buffer ends before.
 */
static inline int
xvs_packet_write(struct xvs_packet *packet, uint32_t offset,
                 const void *bytes, uint32_t size)
{
    uint8_t *at = xvs_packet_at(packet, offset, size);
    uint8_t *checksum = xvs_packet_checksum(packet);
    const uint8_t *to = (const uint8_t *) bytes;
    struct xvs_ipv4 *ipv4 = xvs_packet_ipv4(packet);
    uint32_t in_ip = offset - packet->l3, first = ipv4 ? 12 : 8;
    uint32_t end = ipv4 ? 20 : 40;
    int open = (packet->offload & XVS_OFFLOAD_CHECKSUM)
        && packet->csum_start == packet->l4;

    if (!at) {
        return 0;
    }
    if (ipv4 && in_ip < (ipv4->version_size & 15u) * 4u) {
        xvs_checksum_change(ipv4->checksum, in_ip, at, to, size, 0);
    }
    if (checksum && (offset >= packet->l4 ? !open
                     : in_ip >= first && in_ip < end
                           && packet->protocol != XVS_ICMP)) {
        xvs_checksum_change(checksum, in_ip, at, to, size, open);
        if (packet->protocol == XVS_UDP && !open && !xvs_be16(checksum)) {
            checksum[0] = checksum[1] = 0xff;
        }
    }
    memcpy(at, to, size);
    packet->hash = 0;
    return 1;
}

/* Moves the front by 'size' bytes, and offsets with it. */
static inline uint8_t *
xvs_packet_shift(struct xvs_packet *packet, uint32_t size)
{
    packet->length += size;
    packet->total += size;
    packet->csum_start = (uint16_t) (packet->csum_start + size);
    packet->l3 = (uint16_t) (packet->l3 + size);
    packet->l4 = (uint16_t) (packet->l4 + size);
    return packet->data -= (int32_t) size;
}

/* Adds bytes in front of the frame; the new front, or NULL: no room. */
static inline uint8_t *
xvs_packet_push(struct xvs_packet *packet, uint32_t size)
{
    uint32_t room = (uint32_t) ((uintptr_t) packet->data % XVS_HEADROOM);

    /* The last one is kept, so that 0 always means all of it. */
    return size >= (room ? room : XVS_HEADROOM) ? NULL
        : xvs_packet_shift(packet, size);
}

/* Takes bytes off the front; the new front, or NULL when no frame would be
 * left.  The core parses what is left anew, behind the hook. */
static inline uint8_t *
xvs_packet_pull(struct xvs_packet *packet, uint32_t size)
{
    if (size > packet->length || packet->length - size < 14
        || ((packet->offload & XVS_OFFLOAD_CHECKSUM)
            && packet->csum_start < size)) {
        return NULL;
    }
    if (packet->l3 < size + 14) {       /* headers are cut */
        packet->flags &= XVS_PACKET_FLOOD;
        packet->l3 = packet->l4 = (uint16_t) size;
    }
    return xvs_packet_shift(packet, 0u - size);
}

/* By how many bytes a frame in one buffer may grow at its end, as long as
 * fewer than XVS_HEADROOM were pulled off its front. */
static inline uint32_t
xvs_packet_room(const struct xvs_packet *packet)
{
    uint32_t used = (uint32_t) ((uintptr_t) packet->data % XVS_HEADROOM)
        + packet->length;

    return packet->next || used > XVS_FRAME ? 0 : XVS_FRAME - used;
}

static inline uint32_t
xvs_mix(uint32_t word)
{
    word = (word ^ word >> 16) * 0x7feb352du;
    word = (word ^ word >> 15) * 0x846ca68bu;
    return word ^ word >> 16;
}

/*
 * A hash of the flow, never 0: of addresses, protocol and ports (addresses
 * alone in fragments; MAC addresses of what is not IP).  Both directions of a
 * connection have the same.  Computed when first asked for, and kept.
 */
static inline uint32_t
xvs_packet_hash(struct xvs_packet *packet)
{
    int is_ip = packet->flags & (XVS_PACKET_IPV4 | XVS_PACKET_IPV6);
    uint32_t is6 = packet->flags & XVS_PACKET_IPV6, hash = packet->protocol;
    /* Of MAC addresses, the low 32 bits. */
    uint32_t at = is_ip ? packet->l3 + (is6 ? 8u : 12u) : 2u;

    if (packet->hash || packet->length < 14) {
        return packet->hash;
    }
    for (uint32_t i = 0; i < (is6 ? 8u : 2u); i++, at += is_ip ? 4 : 6) {
        hash += xvs_mix(xvs_be32(packet->data + at));
    }
    at = packet->l4;
    if ((packet->flags & XVS_PACKET_L4) && !xvs_packet_icmp(packet)
        && !(packet->flags & XVS_PACKET_FRAGMENT)) {
        hash += xvs_mix(xvs_be16(packet->data + at))
            + xvs_mix(xvs_be16(packet->data + at + 2));
    }
    return packet->hash = xvs_mix(hash) | 0x80000000u;
}

#endif
