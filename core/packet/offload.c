/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Checksums and segmentation in software, and the two ways between a virtio
 * header and a packet's metadata.  Both header and frame come from a guest:
 * nothing in them is believed before it was compared with the frame.
 */

#include <config.h>

#include "packet/offload.h"

#include <linux/virtio_net.h>
#include <string.h>
#include <xvs/packet.h>

#include "packet/pool.h"

#define TCP 6u
#define UDP 17u
#define TCP_FIN 0x01u
#define TCP_PSH 0x08u
#define TCP_CWR 0x80u
#define GSO_UDP_L4 5            /* newer kernels' VIRTIO_NET_HDR_GSO_UDP_L4 */

uint32_t
offload_sum(uint32_t sum, const uint8_t *data, size_t size)
{
    uint64_t wide = sum;

    for (; size >= 2; size -= 2, data += 2) {
        wide += xvs_be16(data);
    }
    if (size) {
        wide += (uint32_t) data[0] << 8;
    }
    while (wide >> 32) {
        wide = (wide & 0xffffffffu) + (wide >> 32);
    }
    return (uint32_t) wide;
}

uint16_t
offload_fold(uint32_t sum)
{
    while (sum >> 16) {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return (uint16_t) ~sum;
}

static void
put_be16(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t) (value >> 8);
    at[1] = (uint8_t) value;
}

static void
put_be32(uint8_t *at, uint32_t value)
{
    put_be16(at, value >> 16);
    put_be16(at + 2, value);
}

static uint8_t
gso_type(uint8_t type)
{
    switch (type & ~VIRTIO_NET_HDR_GSO_ECN) {
    case VIRTIO_NET_HDR_GSO_TCPV4:
        return XVS_GSO_TCP4;
    case VIRTIO_NET_HDR_GSO_TCPV6:
        return XVS_GSO_TCP6;
    case GSO_UDP_L4:
        return XVS_GSO_UDP;
    default:
        return XVS_GSO_NONE;
    }
}

bool
offload_take(struct xvs_packet *packet, const struct virtio_net_hdr *head)
{
    packet->offload = 0;
    packet->gso_type = XVS_GSO_NONE;
    if (head->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) {
        packet->offload |= XVS_OFFLOAD_CHECKSUM;
        packet->csum_start = head->csum_start;
        packet->csum_offset = (uint8_t) head->csum_offset;
        if ((uint32_t) head->csum_start + head->csum_offset + 2
                > packet->length
            || head->csum_offset > UINT8_MAX) {
            return false;
        }
    } else if (head->flags & VIRTIO_NET_HDR_F_DATA_VALID) {
        packet->offload |= XVS_OFFLOAD_VALID;
    }
    if (head->gso_type == VIRTIO_NET_HDR_GSO_NONE) {
        return true;
    }
    packet->gso_type = gso_type(head->gso_type);
    packet->gso_size = head->gso_size;
    if (head->gso_type & VIRTIO_NET_HDR_GSO_ECN) {
        packet->offload |= XVS_OFFLOAD_ECN;
    }
    return packet->gso_type != XVS_GSO_NONE && head->gso_size > 0
        && (packet->offload & XVS_OFFLOAD_CHECKSUM);
}

/* Bytes up to the payload of a super frame. */
static uint32_t
headers_of(const struct xvs_packet *packet)
{
    const uint8_t *l4 = packet->data + packet->l4;

    return packet->l4
        + (packet->protocol == TCP ? (uint32_t) (l4[12] >> 4) * 4 : 8);
}

void
offload_give(const struct xvs_packet *packet, struct virtio_net_hdr *head)
{
    static const uint8_t types[] = {
        [XVS_GSO_TCP4] = VIRTIO_NET_HDR_GSO_TCPV4,
        [XVS_GSO_TCP6] = VIRTIO_NET_HDR_GSO_TCPV6,
        [XVS_GSO_UDP] = GSO_UDP_L4,
    };

    memset(head, 0, sizeof *head);
    if (packet->offload & XVS_OFFLOAD_CHECKSUM) {
        head->flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
        head->csum_start = packet->csum_start;
        head->csum_offset = packet->csum_offset;
    } else if (packet->offload & XVS_OFFLOAD_VALID) {
        head->flags = VIRTIO_NET_HDR_F_DATA_VALID;
    }
    if (packet->gso_type != XVS_GSO_NONE) {
        head->gso_type = types[packet->gso_type];
        head->gso_size = packet->gso_size;
        head->hdr_len = (uint16_t) (packet->flags & XVS_PACKET_L4
                                    ? headers_of(packet) : packet->length);
        if (packet->offload & XVS_OFFLOAD_ECN) {
            head->gso_type |= VIRTIO_NET_HDR_GSO_ECN;
        }
    }
}

/* The sum from 'offset' to the end of the frame; a buffer with an odd number
 * of bytes shifts those behind it by one. */
static uint32_t
sum_chain(const struct xvs_packet *packet, uint32_t offset)
{
    uint32_t sum = 0;
    bool odd = false;

    for (; packet; packet = packet->next) {
        uint32_t size = packet->length - offset;
        uint32_t part = offload_sum(0, packet->data + offset, size);

        part = (part & 0xffff) + (part >> 16);
        part = (part & 0xffff) + (part >> 16);
        sum += odd ? (part << 8 & 0xff00) | part >> 8 : part;
        odd ^= size & 1;
        offset = 0;
    }
    return sum;
}

bool
offload_finish(struct xvs_packet *packet)
{
    uint32_t field = (uint32_t) packet->csum_start + packet->csum_offset;
    uint16_t sum;

    if (!(packet->offload & XVS_OFFLOAD_CHECKSUM)) {
        return true;
    }
    if (field + 2 > packet->length) {
        return false;
    }
    sum = offload_fold(sum_chain(packet, packet->csum_start));
    put_be16(packet->data + field, sum ? sum : 0xffff);
    packet->offload &= (uint8_t) ~XVS_OFFLOAD_CHECKSUM;
    return true;
}

bool
offload_cut_start(struct offload_cut *cut, const struct xvs_packet *packet)
{
    bool is_udp = packet->gso_type == XVS_GSO_UDP;

    if (packet->gso_type == XVS_GSO_NONE || !(packet->flags & XVS_PACKET_L4)
        || (packet->flags & (XVS_PACKET_BROKEN | XVS_PACKET_FRAGMENT))
        || packet->protocol != (is_udp ? UDP : TCP)) {
        return false;
    }
    memset(cut, 0, sizeof *cut);
    cut->packet = packet;
    cut->l3 = packet->l3;
    cut->l4 = packet->l4;
    cut->headers = headers_of(packet);
    cut->payload = packet->gso_size;
    cut->is_ipv6 = packet->flags & XVS_PACKET_IPV6;
    cut->is_udp = is_udp;
    return cut->payload > 0 && cut->headers < packet->total
        && cut->headers <= packet->length
        && cut->headers + cut->payload <= POOL_FRAME_MAX;
}

/* Lengths, and the IPv4 header's number and checksum. */
static void
fix_ip(const struct offload_cut *cut, uint8_t *out, uint32_t size)
{
    uint8_t *ip = out + cut->l3;
    uint32_t header = cut->l4 - cut->l3;

    if (cut->is_ipv6) {
        put_be16(ip + 4, size - cut->l3 - 40);
        return;
    }
    put_be16(ip + 2, size - cut->l3);
    put_be16(ip + 4, xvs_be16(ip + 4) + cut->index);
    put_be16(ip + 10, 0);
    put_be16(ip + 10, offload_fold(offload_sum(0, ip, header)));
}

/* Sequence number, flags, and the sum over the pseudo header. */
static void
fix_tcp(const struct offload_cut *cut, uint8_t *tcp, bool last)
{
    put_be32(tcp + 4, xvs_be32(tcp + 4) + cut->next);
    if (!last) {
        tcp[13] &= (uint8_t) ~(TCP_FIN | TCP_PSH);
    }
    if (cut->next > 0) {
        tcp[13] &= (uint8_t) ~TCP_CWR;
    }
}

/* Leaves the checksum open, as the super frame had it. */
static void
open_checksum(const struct offload_cut *cut, struct xvs_packet *out)
{
    const uint8_t *ip = out->data + cut->l3;
    uint32_t length = out->total - cut->l4;
    uint32_t sum = cut->is_ipv6 ? offload_sum(0, ip + 8, 32)
                                : offload_sum(0, ip + 12, 8);

    out->csum_start = (uint16_t) cut->l4;
    out->csum_offset = cut->is_udp ? 6 : 16;
    out->offload = XVS_OFFLOAD_CHECKSUM;
    sum += (cut->is_udp ? UDP : TCP) + length;
    put_be16(out->data + cut->l4 + out->csum_offset,
             (uint16_t) ~offload_fold(sum));
}

/* Copies headers and a part of the payload into 'out', a chain if need be. */
static bool
fill(const struct offload_cut *cut, struct pool_cache *cache,
     struct xvs_packet *out, uint32_t part)
{
    const struct xvs_packet *from = cut->packet;
    uint32_t at = cut->headers + cut->next, room;

    if (!pool_extend(cache, out, cut->headers + part)) {
        return false;
    }
    memcpy(out->data, from->data, cut->headers);
    room = out->length - cut->headers;
    pool_copy(from, at, out->data + cut->headers, room);
    at += room;
    for (struct xvs_packet *more = out->next; more; more = more->next) {
        pool_copy(from, at, more->data, more->length);
        at += more->length;
    }
    return true;
}

struct xvs_packet *
offload_cut_next(struct offload_cut *cut, struct pool_cache *cache)
{
    uint32_t left = cut->packet->total - cut->headers - cut->next;
    uint32_t part = left < cut->payload ? left : cut->payload;
    const struct xvs_packet *from = cut->packet;
    struct xvs_packet *out;

    if (part == 0 || pool_get(cache, &out, 1) == 0) {
        return NULL;
    }
    if (!fill(cut, cache, out, part)) {
        pool_put(cache, &out, 1);
        return NULL;
    }
    out->in_port = from->in_port;
    out->out_port = from->out_port;
    out->flags = from->flags;
    out->protocol = from->protocol;
    out->ethertype = from->ethertype;
    out->vlan = from->vlan;
    out->l3 = from->l3;
    out->l4 = from->l4;
    out->hash = from->hash;
    out->time = from->time;
    fix_ip(cut, out->data, out->total);
    if (cut->is_udp) {
        put_be16(out->data + cut->l4 + 4, out->total - cut->l4);
    } else {
        fix_tcp(cut, out->data + cut->l4, part == left);
    }
    open_checksum(cut, out);
    cut->next += part;
    cut->index++;
    return out;
}

bool
offload_cut_done(const struct offload_cut *cut)
{
    return cut->next == cut->packet->total - cut->headers;
}
