/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The SDK's view of packets: accessors, reading over buffers, bytes added and
 * removed in front, and checksums that are kept right while bytes change,
 * compared with those computed from nothing.
 */

#include <config.h>

#include <stdlib.h>
#include <string.h>
#include <xvs/headers.h>

#include "packet/offload.h"
#include "packet/parse.h"
#include "unit.h"

#define MACS "020000000001" "060000000002"
#define IP4(protocol, size) "4500" size "12340000" "40" protocol "0000" \
    "c0000201" "c6336402"
#define IP6(next, size) "60000000" size next "40" \
    "20010db8000000000000000000000001" "20010db8000000000000000000000002"
#define TCP "c00101bb" "00000001" "00000002" "50180100" "00000000"
#define UDP4 MACS "0800" IP4("11", "0024") "14e90035" "00100000" \
    "0102030405060708"
#define TCP4 MACS "0800" IP4("06", "002d") TCP "6162636465"
#define TCP6 MACS "86dd" IP6("06", "0019") TCP "6162636465"
#define UDP6 MACS "86dd" IP6("11", "000b") "14e90035" "000b0000" "010203"
#define ECHO4 MACS "0800" IP4("01", "001e") "08000000" "00070001" "6162"
#define ECHO6 MACS "86dd" IP6("3a", "000a") "80000000" "00070001" "6162"
#define SCTP4 MACS "0800" IP4("84", "0020") "0b590b5a" "11223344" "00000000"
#define ARP MACS "0806" "0001080006040001" "020000000001" "c0000201" \
    "000000000000" "c0000202"

static const char *const summed[] = { TCP4, TCP6, UDP4, UDP6, ECHO4, ECHO6 };

/* A view that has to be there. */
#define MUST(view) \
    ({ \
        __typeof__(view) found = (view); \
        if (!found) { \
            abort(); \
        } \
        found; \
    })

/* A packet as the core places it. */
struct frame {
    uint8_t memory[1024] __attribute__((aligned(128)));
    struct xvs_packet packet;
};

static struct xvs_packet *
make(struct frame *frame, const char *hex)
{
    struct xvs_packet *packet = &frame->packet;

    memset(frame, 0, sizeof *frame);
    packet->data = frame->memory + XVS_HEADROOM;
    for (; *hex; hex += 2) {
        char pair[3] = { hex[0], hex[1], 0 };

        packet->data[packet->length++] = (uint8_t) strtoul(pair, NULL, 16);
    }
    packet->total = packet->length;
    parse_packet(packet);
    return packet;
}

/* The pseudo header's part of a transport checksum. */
static uint32_t
pseudo_sum(const struct xvs_packet *packet)
{
    const uint8_t *ip = packet->data + packet->l3;
    bool is4 = packet->flags & XVS_PACKET_IPV4;

    if (packet->protocol == XVS_ICMP) {
        return 0;
    }
    return offload_sum(packet->protocol + packet->total - packet->l4,
                       ip + (is4 ? 12 : 8), is4 ? 8 : 32);
}

static uint8_t *
field_of(struct xvs_packet *packet)
{
    static const uint8_t offsets[256] = {
        [XVS_ICMP] = 2, [XVS_ICMP6] = 2, [XVS_TCP] = 16, [XVS_UDP] = 6 };

    return packet->data + packet->l4 + offsets[packet->protocol];
}

static void
put(uint8_t *field, uint16_t value)
{
    field[0] = (uint8_t) (value >> 8);
    field[1] = (uint8_t) value;
}

/* Computes all checksums; 'open' leaves the transport's to be finished. */
static void
seal(struct xvs_packet *packet, bool open)
{
    uint8_t *ip = packet->data + packet->l3, *field = field_of(packet);

    if (packet->flags & XVS_PACKET_IPV4) {
        put(ip + 10, 0);
        put(ip + 10, offload_fold(offload_sum(0, ip, 20)));
    }
    put(field, (uint16_t) ~offload_fold(pseudo_sum(packet)));
    packet->csum_start = packet->l4;
    packet->csum_offset = (uint8_t) (field - packet->data - packet->l4);
    packet->offload = XVS_OFFLOAD_CHECKSUM;
    if (!open) {
        CU_ASSERT(offload_finish(packet));
    }
}

static bool
is_right(struct xvs_packet *packet)
{
    const uint8_t *ip = packet->data + packet->l3;
    uint32_t sum = offload_sum(pseudo_sum(packet), packet->data + packet->l4,
                               packet->length - packet->l4);

    return offload_fold(sum) == 0
        && (!(packet->flags & XVS_PACKET_IPV4)
            || offload_fold(offload_sum(0, ip, 20)) == 0);
}

static void
test_views(void)
{
    struct frame frame;
    struct xvs_packet *packet = make(&frame, TCP4);

    CU_ASSERT(MUST(xvs_packet_ethernet(packet))->source[0] == 6);
    CU_ASSERT(xvs_be32(MUST(xvs_packet_ipv4(packet))->source) == 0xc0000201);
    CU_ASSERT(xvs_be16(MUST(xvs_packet_tcp(packet))->destination) == 443);
    CU_ASSERT(MUST(xvs_packet_tcp(packet))->flags == 0x18);
    CU_ASSERT(!xvs_packet_ipv6(packet) && !xvs_packet_udp(packet)
              && !xvs_packet_arp(packet) && !xvs_packet_icmp(packet));
    packet = make(&frame, UDP6);
    CU_ASSERT(MUST(xvs_packet_ipv6(packet))->hops == 0x40);
    CU_ASSERT(xvs_be16(MUST(xvs_packet_udp(packet))->source) == 0x14e9);
    packet = make(&frame, SCTP4);
    CU_ASSERT(xvs_be32(MUST(xvs_packet_sctp(packet))->tag) == 0x11223344);
    packet = make(&frame, ECHO6);
    CU_ASSERT(MUST(xvs_packet_icmp(packet))->type == 128);
    packet = make(&frame, ARP);
    CU_ASSERT(xvs_be32(MUST(xvs_packet_arp(packet))->target) == 0xc0000202);
    packet->data[packet->l3 + 4] = 8;
    CU_ASSERT(!xvs_packet_arp(packet));
}

/* No view of what is cut: every prefix of a frame, in as much memory. */
static void
test_cut(void)
{
    static const char *const all[] = { TCP4, TCP6, UDP6, ECHO6, SCTP4, ARP };
    struct frame frame;

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        uint32_t whole = make(&frame, all[i])->length, size;

        for (uint32_t n = 0; n < whole; n++) {
            uint8_t *copy = malloc(n + !n);
            struct xvs_packet packet = { .data = copy, .length = n,
                                         .total = n };

            memcpy(copy, frame.packet.data, n);
            parse_packet(&packet);
            CU_ASSERT(!xvs_packet_tcp(&packet) && !xvs_packet_udp(&packet)
                      && !xvs_packet_sctp(&packet));
            CU_ASSERT(!xvs_packet_arp(&packet));
            CU_ASSERT(xvs_packet_payload(&packet, &size) == 0 && size == 0);
            (void) xvs_packet_hash(&packet);
            free(copy);
        }
    }
}

static void
test_tags(void)
{
    struct frame frame;
    struct xvs_packet *packet = make(&frame, MACS "88a8" "0001" "8100" "6002"
                                     "88b5" "0102");

    CU_ASSERT(xvs_be16(MUST(xvs_packet_vlan(packet, 0))->type) == 0x88a8);
    CU_ASSERT(xvs_be16(MUST(xvs_packet_vlan(packet, 1))->control) == 0x6002);
    CU_ASSERT(!xvs_packet_vlan(packet, 2)
              && !xvs_packet_vlan(packet, UINT32_MAX));
    CU_ASSERT(!xvs_packet_vlan(make(&frame, TCP4), 0));
}

static void
test_payload(void)
{
    struct frame frame;
    uint32_t size;

    CU_ASSERT(xvs_packet_payload(make(&frame, TCP4), &size) == 54
              && size == 5);
    CU_ASSERT(xvs_packet_payload(make(&frame, TCP6 "0000"), &size) == 74
              && size == 5);    /* padding is none of it */
    CU_ASSERT(xvs_packet_payload(make(&frame, ECHO6), &size) == 58
              && size == 6);
    CU_ASSERT(xvs_packet_payload(make(&frame, ARP), &size) == 0);
}

static void
test_read(void)
{
    uint8_t bytes[30], out[32];
    struct xvs_packet last = { .data = bytes + 20, .length = 10 };
    struct xvs_packet middle = { .data = bytes + 14, .length = 6,
                                 .next = &last };
    struct xvs_packet packet = { .data = bytes, .length = 14, .total = 30,
                                 .next = &middle };

    for (uint8_t i = 0; i < 30; i++) {
        bytes[i] = i;
    }
    CU_ASSERT(xvs_packet_read(&packet, 10, out, 15) == 15
              && memcmp(out, bytes + 10, 15) == 0);
    CU_ASSERT(xvs_packet_read(&packet, 25, out, 32) == 5
              && memcmp(out, bytes + 25, 5) == 0);
    CU_ASSERT(xvs_packet_read(&packet, 30, out, 1) == 0);
    CU_ASSERT(xvs_packet_read(&packet, UINT32_MAX, out, 1) == 0);
}

/* Many changes of any bytes but the checksums and sizes; see is_right(). */
static void
change_at_random(struct xvs_packet *packet)
{
    uint8_t *field = field_of(packet);

    for (int i = 0; i < 300; i++) {
        bool is4 = packet->flags & XVS_PACKET_IPV4;
        /* Addresses, or the transport header's ports and what follows. */
        uint32_t where = (uint32_t) rand() % 3, size, offset, word;

        size = 1 + (uint32_t) rand() % 4;
        offset = where == 0 ? packet->l4 - 8u
            : where == 1 ? packet->length - 4u : packet->l4;
        if (where == 2 && (!packet->protocol
                           || packet->protocol == XVS_ICMP
                           || packet->protocol == XVS_ICMP6)) {
            size = 2;
        }
        if (is4 && i % 7 == 0) {
            offset = packet->l3 + 8u;   /* ttl alone */
            size = 1;
        }
        word = (uint32_t) rand();
        if (packet->data + offset + size > field
            && packet->data + offset < field + 2) {
            continue;
        }
        CU_ASSERT(xvs_packet_write(packet, offset, &word, size));
    }
}

static void
test_write(void)
{
    struct frame frame;

    for (size_t i = 0; i < sizeof summed / sizeof summed[0]; i++) {
        for (int open = 0; open < 2; open++) {
            struct xvs_packet *packet = make(&frame, summed[i]);

            seal(packet, open);
            CU_ASSERT(open || is_right(packet));
            change_at_random(packet);
            CU_ASSERT(offload_finish(packet));
            if (!is_right(packet)) {
                printf("\n%s %s\n", summed[i], open ? "open" : "finished");
                CU_FAIL("checksum is wrong");
            }
        }
    }
}

/* A UDP checksum that is not there stays so; 0 is written as ffff. */
static void
test_udp_zero(void)
{
    struct frame frame;
    struct xvs_packet *packet = make(&frame, UDP4);
    uint8_t value[2];

    CU_ASSERT(xvs_packet_write(packet, packet->l4, "\1\2", 2));
    CU_ASSERT(xvs_be16(MUST(xvs_packet_udp(packet))->checksum) == 0);
    seal(packet, false);
    /* The source port that makes the sum nothing. */
    put(value, (uint16_t) (xvs_be16(packet->data + packet->l4)
                           + xvs_be16(field_of(packet))));
    if (value[0] << 8 < packet->data[packet->l4] << 8) {
        put(value, (uint16_t) (xvs_be16(value) + 1));
    }
    CU_ASSERT(xvs_packet_write(packet, packet->l4, value, 2));
    CU_ASSERT(xvs_be16(MUST(xvs_packet_udp(packet))->checksum) == 0xffff);
    CU_ASSERT(is_right(packet));
    CU_ASSERT(!xvs_packet_write(packet, packet->length - 1, value, 2));
}

static void
test_front(void)
{
    struct frame frame;
    struct xvs_packet *packet = make(&frame, TCP4), before;
    uint8_t *data = packet->data;

    seal(packet, true);
    before = *packet;
    CU_ASSERT_EQUAL(xvs_packet_room(packet), XVS_FRAME - packet->length);
    CU_ASSERT(xvs_packet_push(packet, 4) == data - 4);
    CU_ASSERT(xvs_packet_room(packet) <= XVS_FRAME - packet->length + 4);
    CU_ASSERT(packet->total == before.total + 4
              && packet->length == before.length + 4
              && packet->l3 == 18 && packet->l4 == 38
              && packet->csum_start == 38);
    memmove(packet->data, packet->data + 4, 12);
    memcpy(packet->data + 12, "\x81\0\0\7", 4);
    CU_ASSERT(xvs_be16(MUST(xvs_packet_vlan(packet, 0))->control) == 7);
    CU_ASSERT(xvs_be16(MUST(xvs_packet_tcp(packet))->destination) == 443);
    CU_ASSERT(offload_finish(packet) && is_right(packet));
    CU_ASSERT(!xvs_packet_push(packet, 124));
    CU_ASSERT(xvs_packet_push(packet, 123) == frame.memory + 1);
    CU_ASSERT(!xvs_packet_push(packet, 1) && packet->l3 == 141);
    CU_ASSERT(xvs_packet_pull(packet, 127) == data);
    CU_ASSERT(packet->l3 == 14 && xvs_packet_tcp(packet));
    /* Of a tunnel: nothing of the outer headers is believed any more. */
    CU_ASSERT(xvs_packet_pull(packet, 20) && packet->l3 == 0
              && packet->flags == 0 && !xvs_packet_ipv4(packet));
    CU_ASSERT(!xvs_packet_pull(packet, packet->length - 13));
    packet->offload = XVS_OFFLOAD_CHECKSUM;
    packet->csum_start = 1;
    CU_ASSERT(!xvs_packet_pull(packet, 2));
}

static uint32_t
hash_of(const char *hex)
{
    struct frame frame;
    struct xvs_packet *packet = make(&frame, hex);
    uint32_t hash = xvs_packet_hash(packet);

    CU_ASSERT(hash != 0 && packet->hash == hash);
    return hash;
}

static void
test_hash(void)
{
    static const char there[] = MACS "0800" "4500001c12340000" "40110000"
        "c0000201" "c6336402" "14e90035" "00080000";
    static const char back[] = MACS "0800" "4500001c00000000" "01110000"
        "c6336402" "c0000201" "003514e9" "00080000";
    static const char other[] = MACS "0800" "4500001c12340000" "40110000"
        "c0000201" "c6336402" "14ea0035" "00080000";
    static const char first[] = MACS "0800" "4500001c12342000" "40110000"
        "c0000201" "c6336402" "14e90035" "00080000";
    static const char later[] = MACS "0800" "4500001c12340001" "40110000"
        "c0000201" "c6336402" "99999999" "99999999";
    struct frame frame;
    struct xvs_packet *packet = make(&frame, TCP4);
    uint32_t hash = xvs_packet_hash(packet);

    CU_ASSERT(hash_of(there) == hash_of(back));
    CU_ASSERT(hash_of(there) != hash_of(other));
    CU_ASSERT(hash_of(first) == hash_of(later));
    CU_ASSERT(hash_of(TCP6) != hash_of(UDP6));
    CU_ASSERT(hash_of(MACS "88b5") == hash_of("060000000002" "020000000001"
                                              "88b5"));
    CU_ASSERT(hash_of(MACS "88b5") != hash_of("060000000003" "020000000001"
                                              "88b5"));
    CU_ASSERT(xvs_packet_write(packet, packet->l4, "\1\2", 2));
    CU_ASSERT(xvs_packet_hash(packet) != hash);
}

/* Ports that count up meet in no few of 64 queues. */
static void
test_spread(void)
{
    struct frame frame;
    struct xvs_packet *packet = make(&frame, TCP4);
    uint32_t counts[64] = { 0 };

    for (uint32_t i = 0; i < 6400; i++) {
        put(packet->data + packet->l4, (uint16_t) (32768 + i));
        packet->hash = 0;
        counts[xvs_packet_hash(packet) % 64]++;
    }
    for (int i = 0; i < 64; i++) {
        CU_ASSERT(counts[i] > 50 && counts[i] < 170);
    }
}

static const struct unit_test tests[] = {
    { "views", test_views },     { "cut", test_cut },
    { "tags", test_tags },       { "payload", test_payload },
    { "read", test_read },       { "write", test_write },
    { "udp zero", test_udp_zero }, { "front", test_front },
    { "hash", test_hash },       { "spread", test_spread },
};

UNIT_MAIN("headers", tests)
