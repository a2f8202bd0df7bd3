/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Checksums and segmentation: the segments of a super frame carry its bytes
 * in order, and each has headers and checksums that a receiver accepts.
 */

#include <config.h>

#include "packet/offload.h"

#include <linux/virtio_net.h>
#include <stdlib.h>
#include <string.h>
#include <xvs/packet.h>

#include "packet/parse.h"
#include "packet/pool.h"
#include "unit.h"

#define PAYLOAD 5000u

/* A TCP frame with PAYLOAD bytes; returns its size. */
static uint32_t
make(uint8_t *frame, int v6)
{
    uint32_t ip = v6 ? 40 : 20, size = 14 + ip + 20 + PAYLOAD;
    uint8_t *tcp = frame + 14 + ip;

    memset(frame, 0, size);
    frame[12] = v6 ? 0x86 : 0x08;
    frame[13] = v6 ? 0xdd : 0x00;
    frame[14] = v6 ? 0x60 : 0x45;
    if (v6) {
        frame[18] = (uint8_t) ((size - 54) >> 8);
        frame[19] = (uint8_t) (size - 54);
        frame[20] = 6;
    } else {
        frame[16] = (uint8_t) ((size - 14) >> 8);
        frame[17] = (uint8_t) (size - 14);
        frame[23] = 6;
        frame[19] = 5;
    }
    memset(frame + 14 + ip - 8, 0x11, 8);
    tcp[7] = 100;
    tcp[12] = 0x50;
    tcp[13] = 0x80 | 0x10 | 0x08 | 0x01;
    for (uint32_t i = 0; i < PAYLOAD; i++) {
        tcp[20 + i] = (uint8_t) (i * 7);
    }
    return size;
}

static uint32_t
tcp_sum(const uint8_t *frame, uint32_t size, uint32_t l4, int v6)
{
    uint32_t addresses = v6 ? 32 : 8;
    uint32_t sum = offload_sum(0, frame + l4 - addresses, addresses);

    return offload_sum(sum + 6 + size - l4, frame + l4, size - l4);
}

static struct pool *pool;
static struct pool_cache *cache;

static void
setup(void)
{
    pool = pool_create(64, NULL);
    cache = pool_cache_create(pool);
}

static void
teardown(void)
{
    pool_cache_destroy(cache);
    CU_ASSERT_EQUAL(pool_available(pool), 64);
    pool_destroy(pool);
}

/* The frame as a packet of several buffers. */
static struct xvs_packet *
make_packet(const uint8_t *frame, uint32_t size)
{
    struct xvs_packet *packet;
    uint32_t at = 0;

    CU_ASSERT_EQUAL_FATAL(pool_get(cache, &packet, 1), 1);
    CU_ASSERT_FATAL(pool_extend(cache, packet, size));
    for (struct xvs_packet *one = packet; one; one = one->next) {
        memcpy(one->data, frame + at, one->length);
        at += one->length;
    }
    parse_packet(packet);
    return packet;
}

static struct virtio_net_hdr
make_head(int v6)
{
    return (struct virtio_net_hdr) {
        .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
        .gso_type = v6 ? VIRTIO_NET_HDR_GSO_TCPV6 : VIRTIO_NET_HDR_GSO_TCPV4,
        .gso_size = 1400, .csum_start = v6 ? 54 : 34, .csum_offset = 16 };
}

/* A segment is whole, and what it carries is added to 'joined' at 'at'. */
static uint32_t
check_part(struct xvs_packet *part, uint8_t *joined, uint32_t at, int v6)
{
    uint32_t l4 = v6 ? 54 : 34, payload = part->total - l4 - 20;
    const uint8_t *out = part->data;

    CU_ASSERT(offload_finish(part));
    parse_packet(part);
    CU_ASSERT_EQUAL(part->flags & (XVS_PACKET_L4 | XVS_PACKET_BROKEN),
                    XVS_PACKET_L4);
    CU_ASSERT_EQUAL(offload_fold(tcp_sum(out, part->total, l4, v6)), 0);
    CU_ASSERT(v6 || offload_fold(offload_sum(0, out + 14, 20)) == 0);
    CU_ASSERT_EQUAL(xvs_be32(out + l4 + 4), 100 + at);
    CU_ASSERT_EQUAL(out[l4 + 13] & 0x80, at == 0 ? 0x80 : 0);
    memcpy(joined + at, out + l4 + 20, payload);
    CU_ASSERT_EQUAL(out[l4 + 13] & 0x09,
                    at + payload == PAYLOAD ? 0x09 : 0);
    return at + payload;
}

static void
check_cut(int v6)
{
    static uint8_t frame[8192], joined[PAYLOAD];
    uint32_t size = make(frame, v6), l4 = v6 ? 54 : 34, at = 0, n = 0;
    struct virtio_net_hdr head = make_head(v6), again;
    struct xvs_packet *packet, *part;
    struct offload_cut cut;

    setup();
    packet = make_packet(frame, size);
    CU_ASSERT_FATAL(offload_take(packet, &head));
    offload_give(packet, &again);
    CU_ASSERT_EQUAL(again.hdr_len, l4 + 20);
    again.hdr_len = 0;
    CU_ASSERT_EQUAL(memcmp(&again, &head, sizeof head), 0);
    CU_ASSERT_FATAL(offload_cut_start(&cut, packet));
    while ((part = offload_cut_next(&cut, cache)) != NULL) {
        at = check_part(part, joined, at, v6);
        pool_put(cache, &part, 1);
        n++;
    }
    CU_ASSERT(offload_cut_done(&cut));
    CU_ASSERT_EQUAL(n, 4);
    CU_ASSERT_EQUAL(at, PAYLOAD);
    CU_ASSERT_EQUAL(memcmp(joined, frame + l4 + 20, PAYLOAD), 0);
    pool_put(cache, &packet, 1);
    teardown();
}

static void
test_cut(void)
{
    check_cut(0);
    check_cut(1);
}

static void
test_refused(void)
{
    static uint8_t frame[8192];
    uint32_t size = make(frame, 0);
    struct virtio_net_hdr head = make_head(0);
    struct xvs_packet *packet;
    struct offload_cut cut;

    setup();
    packet = make_packet(frame, size);
    CU_ASSERT(offload_take(packet, &head));
    packet->gso_size = 0;
    CU_ASSERT_FALSE(offload_cut_start(&cut, packet));
    packet->gso_size = 1400;
    packet->protocol = 17;
    CU_ASSERT_FALSE(offload_cut_start(&cut, packet));
    head.gso_size = 0;
    CU_ASSERT_FALSE(offload_take(packet, &head));
    head = make_head(0);
    head.gso_type = VIRTIO_NET_HDR_GSO_UDP;
    CU_ASSERT_FALSE(offload_take(packet, &head));
    head = make_head(0);
    head.flags = 0;
    CU_ASSERT_FALSE(offload_take(packet, &head));
    head = make_head(0);
    head.csum_start = POOL_FRAME - 17;
    CU_ASSERT_FALSE(offload_take(packet, &head));
    head = make_head(0);
    head.csum_offset = 256;
    CU_ASSERT_FALSE(offload_take(packet, &head));
    pool_put(cache, &packet, 1);
    teardown();
}

/* Without a packet left, cutting stops and says so. */
static void
test_exhausted(void)
{
    static uint8_t frame[8192];
    uint32_t size = make(frame, 0), n;
    struct virtio_net_hdr head = make_head(0);
    struct xvs_packet *packet, *rest[64];
    struct offload_cut cut;

    setup();
    packet = make_packet(frame, size);
    CU_ASSERT(offload_take(packet, &head));
    n = pool_get(cache, rest, 64);
    CU_ASSERT_FATAL(offload_cut_start(&cut, packet));
    CU_ASSERT_PTR_NULL(offload_cut_next(&cut, cache));
    CU_ASSERT_FALSE(offload_cut_done(&cut));
    pool_put(cache, rest, n);
    pool_put(cache, &packet, 1);
    teardown();
}

static void
test_checksum(void)
{
    uint8_t frame[] = { 0, 0, 0x12, 0x34, 0, 0, 0xab }, more[] = { 0xcd, 1 };
    struct xvs_packet second = { .data = more, .length = 2 };
    struct xvs_packet packet = { .data = frame, .next = &second, .length = 7,
                                 .total = 9, .csum_start = 2,
                                 .csum_offset = 2,
                                 .offload = XVS_OFFLOAD_CHECKSUM };
    uint8_t flat[9];

    CU_ASSERT(offload_finish(&packet));
    CU_ASSERT_EQUAL(packet.offload, 0);
    memcpy(flat, frame, 7);
    memcpy(flat + 7, more, 2);
    CU_ASSERT_EQUAL(offload_fold(offload_sum(0, flat + 2, 7)), 0);
    packet.offload = XVS_OFFLOAD_CHECKSUM;
    packet.csum_offset = 4;
    CU_ASSERT_FALSE(offload_finish(&packet));
}

/* The frame of make() behind a VLAN tag, with the sum over its pseudo header
 * where the checksum belongs. */
static void
leave_open(uint8_t *frame, struct xvs_packet *packet, int v6)
{
    static uint8_t untagged[16384];
    uint32_t size = make(untagged, v6), ip = v6 ? 40 : 20;
    uint32_t field = 14 + ip + 16;
    uint32_t sum = offload_sum(0, untagged + 14 + ip - (v6 ? 32 : 8),
                               v6 ? 32 : 8) + 6 + size - 14 - ip;
    uint16_t folded = (uint16_t) ~offload_fold(sum);

    untagged[field] = (uint8_t) (folded >> 8);
    untagged[field + 1] = (uint8_t) folded;
    memcpy(frame, untagged, 12);
    memcpy(frame + 12, (const uint8_t[]) { 0x81, 0, 0, 5 }, 4);
    memcpy(frame + 16, untagged + 12, size - 12);
    *packet = (struct xvs_packet) { .data = frame, .length = size + 4,
                                    .total = size + 4 };
}

static void
test_guess(void)
{
    static uint8_t frame[16384];
    struct xvs_packet packet;

    for (int v6 = 0; v6 < 2; v6++) {
        uint32_t l4 = 18 + (v6 ? 40 : 20);

        leave_open(frame, &packet, v6);
        offload_guess(&packet);
        CU_ASSERT_EQUAL(packet.offload, XVS_OFFLOAD_CHECKSUM);
        CU_ASSERT_EQUAL(packet.csum_start, l4);
        CU_ASSERT_EQUAL(packet.csum_offset, 16);
        CU_ASSERT(offload_finish(&packet));
        CU_ASSERT_EQUAL(offload_fold(tcp_sum(frame, packet.total, l4, v6)), 0);
        /* It is finished now. */
        offload_guess(&packet);
        CU_ASSERT_EQUAL(packet.offload, 0);
        /* Every frame that ends early is left alone. */
        for (uint32_t size = 0; size < l4 + 18; size++) {
            leave_open(frame, &packet, v6);
            packet.length = packet.total = size;
            offload_guess(&packet);
            CU_ASSERT_EQUAL(packet.offload, 0);
        }
    }
    leave_open(frame, &packet, 0);
    frame[18 + 6] = 0x20;       /* a fragment */
    offload_guess(&packet);
    CU_ASSERT_EQUAL(packet.offload, 0);
}

static const struct unit_test tests[] = {
    { "cut", test_cut },
    { "refused", test_refused },
    { "exhausted", test_exhausted },
    { "checksum", test_checksum },
    { "guess", test_guess },
};

UNIT_MAIN("offload", tests)
