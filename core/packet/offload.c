/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Checksums and TCP segmentation in software.  The frame comes from a guest:
 * its headers are parsed like any other before they are used.
 */

#include <config.h>

#include "packet/offload.h"

#include <linux/virtio_net.h>
#include <string.h>
#include <xvs/packet.h>

#include "packet/parse.h"

#define TCP_FIN 0x01u
#define TCP_PSH 0x08u
#define TCP_CWR 0x80u

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

bool
offload_checksum(uint8_t *frame, uint32_t size,
                 const struct virtio_net_hdr *head)
{
    uint32_t start = head->csum_start;
    uint32_t field = start + head->csum_offset;
    uint16_t sum;

    if (start > size || field + 2 > size) {
        return false;
    }
    sum = offload_fold(offload_sum(0, frame + start, size - start));
    put_be16(frame + field, sum ? sum : 0xffff);
    return true;
}

bool
offload_cut_start(struct offload_cut *cut, const uint8_t *frame,
                  uint32_t size, const struct virtio_net_hdr *head,
                  uint32_t limit)
{
    struct xvs_packet packet = { .data = (uint8_t *) frame, .length = size };
    unsigned int type = head->gso_type & ~(unsigned) VIRTIO_NET_HDR_GSO_ECN;

    parse_packet(&packet);
    if ((type != VIRTIO_NET_HDR_GSO_TCPV4 && type != VIRTIO_NET_HDR_GSO_TCPV6)
        || !(packet.flags & XVS_PACKET_L4) || packet.protocol != 6
        || (packet.flags & (XVS_PACKET_BROKEN | XVS_PACKET_FRAGMENT))) {
        return false;
    }
    memset(cut, 0, sizeof *cut);
    cut->frame = frame;
    cut->size = size;
    cut->l3 = packet.l3;
    cut->l4 = packet.l4;
    cut->headers = packet.l4 + (uint32_t) (frame[packet.l4 + 12] >> 4) * 4;
    cut->payload = head->gso_size;
    cut->is_ipv6 = packet.flags & XVS_PACKET_IPV6;
    return cut->payload > 0 && cut->headers < size
        && cut->headers + cut->payload <= limit;
}

/* Lengths, and the IPv4 header's number and checksum. */
static void
fix_ip(const struct offload_cut *cut, uint8_t *out, uint32_t size,
       uint32_t index)
{
    uint8_t *ip = out + cut->l3;
    uint32_t header = cut->l4 - cut->l3;

    if (cut->is_ipv6) {
        put_be16(ip + 4, size - cut->l3 - 40);
        return;
    }
    put_be16(ip + 2, size - cut->l3);
    put_be16(ip + 4, xvs_be16(ip + 4) + index);
    put_be16(ip + 10, 0);
    put_be16(ip + 10, offload_fold(offload_sum(0, ip, header)));
}

/* Sequence number, flags, and the checksum with its pseudo header. */
static void
fix_tcp(const struct offload_cut *cut, uint8_t *out, uint32_t size,
        bool first, bool last)
{
    uint8_t *tcp = out + cut->l4;
    uint32_t length = size - cut->l4;
    uint32_t sum;

    put_be32(tcp + 4, xvs_be32(tcp + 4) + cut->next);
    if (!last) {
        tcp[13] &= (uint8_t) ~(TCP_FIN | TCP_PSH);
    }
    if (!first) {
        tcp[13] &= (uint8_t) ~TCP_CWR;
    }
    put_be16(tcp + 16, 0);
    sum = cut->is_ipv6 ? offload_sum(0, out + cut->l3 + 8, 32)
                       : offload_sum(0, out + cut->l3 + 12, 8);
    sum = offload_sum(sum + 6 + length, tcp, length);
    put_be16(tcp + 16, offload_fold(sum));
}

uint32_t
offload_cut_next(struct offload_cut *cut, uint8_t *out)
{
    uint32_t left = cut->size - cut->headers - cut->next;
    uint32_t part = left < cut->payload ? left : cut->payload;
    uint32_t size = cut->headers + part;

    if (part == 0) {
        return 0;
    }
    memcpy(out, cut->frame, cut->headers);
    memcpy(out + cut->headers, cut->frame + cut->headers + cut->next, part);
    fix_ip(cut, out, size, cut->next / cut->payload);
    fix_tcp(cut, out, size, cut->next == 0, part == left);
    cut->next += part;
    return size;
}
