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

static void
check_cut(int v6)
{
    static uint8_t frame[8192], out[2048], joined[PAYLOAD];
    uint32_t size = make(frame, v6), l4 = v6 ? 54 : 34, at = 0, part, n = 0;
    struct virtio_net_hdr head = {
        .gso_type = v6 ? VIRTIO_NET_HDR_GSO_TCPV6 : VIRTIO_NET_HDR_GSO_TCPV4,
        .gso_size = 1400 };
    struct offload_cut cut;

    CU_ASSERT_FATAL(offload_cut_start(&cut, frame, size, &head, 2000));
    while ((part = offload_cut_next(&cut, out)) != 0) {
        struct xvs_packet packet = { .data = out, .length = part };

        parse_packet(&packet);
        CU_ASSERT_EQUAL(packet.flags & (XVS_PACKET_L4 | XVS_PACKET_BROKEN),
                        XVS_PACKET_L4);
        CU_ASSERT_EQUAL(offload_fold(tcp_sum(out, part, l4, v6)), 0);
        CU_ASSERT(v6
                  || offload_fold(offload_sum(0, out + 14, 20)) == 0);
        CU_ASSERT_EQUAL(xvs_be32(out + l4 + 4), 100 + at);
        CU_ASSERT_EQUAL(out[l4 + 13] & 0x80, n == 0 ? 0x80 : 0);
        memcpy(joined + at, out + l4 + 20, part - l4 - 20);
        at += part - l4 - 20;
        CU_ASSERT_EQUAL(out[l4 + 13] & 0x09, at == PAYLOAD ? 0x09 : 0);
        n++;
    }
    CU_ASSERT_EQUAL(n, 4);
    CU_ASSERT_EQUAL(at, PAYLOAD);
    CU_ASSERT_EQUAL(memcmp(joined, frame + l4 + 20, PAYLOAD), 0);
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
    struct virtio_net_hdr head = { .gso_type = VIRTIO_NET_HDR_GSO_TCPV4,
                                   .gso_size = 1400 };
    struct offload_cut cut;

    CU_ASSERT_FALSE(offload_cut_start(&cut, frame, size, &head, 1400));
    CU_ASSERT_FALSE(offload_cut_start(&cut, frame, 40, &head, 2000));
    head.gso_size = 0;
    CU_ASSERT_FALSE(offload_cut_start(&cut, frame, size, &head, 2000));
    head.gso_size = 1400;
    head.gso_type = VIRTIO_NET_HDR_GSO_UDP;
    CU_ASSERT_FALSE(offload_cut_start(&cut, frame, size, &head, 2000));
    head.gso_type = VIRTIO_NET_HDR_GSO_TCPV4;
    frame[23] = 17;
    CU_ASSERT_FALSE(offload_cut_start(&cut, frame, size, &head, 2000));
}

static void
test_checksum(void)
{
    uint8_t frame[] = { 0, 0, 0x12, 0x34, 0, 0, 0xab };
    struct virtio_net_hdr head = { .csum_start = 2, .csum_offset = 2 };

    CU_ASSERT(offload_checksum(frame, sizeof frame, &head));
    CU_ASSERT_EQUAL(offload_fold(offload_sum(0, frame + 2, 5)), 0);
    head.csum_offset = 4;
    CU_ASSERT_FALSE(offload_checksum(frame, sizeof frame, &head));
    head.csum_start = 8;
    head.csum_offset = 0;
    CU_ASSERT_FALSE(offload_checksum(frame, sizeof frame, &head));
}

static const struct unit_test tests[] = {
    { "cut", test_cut },
    { "refused", test_refused },
    { "checksum", test_checksum },
};

UNIT_MAIN("offload", tests)
