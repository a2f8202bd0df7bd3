/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The packet parser, frame by frame.  Each frame is written as its headers;
 * "+n " stands for n zero bytes.
 */

#include <config.h>

#include "packet/parse.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#define MACS "020000000001020000000002"
#define V4 XVS_PACKET_IPV4
#define V6 XVS_PACKET_IPV6
#define L4 XVS_PACKET_L4
#define VLAN XVS_PACKET_VLAN
#define ARP XVS_PACKET_ARP
#define FRAG XVS_PACKET_FRAGMENT
#define LATER XVS_PACKET_LATER
#define BAD XVS_PACKET_BROKEN
#define ADDRESSES4 "c0000201c0000202"

static const struct {
    const char *name;
    const char *frame;
    uint8_t flags;
    uint8_t protocol;
    uint16_t ethertype;
    uint16_t vlan;
    uint16_t l3;
    uint16_t l4;
} cases[] = {
    { "empty", "", BAD, 0, 0, 0, 0, 0 },
    { "13 bytes", MACS "08", BAD, 0, 0, 0, 0, 0 },
    { "no payload", MACS "88b5", 0, 0, 0x88b5, 0, 14, 0 },
    { "udp", MACS "0800" "4500001c00000000" "40110000" ADDRESSES4 "+8 ",
      V4 | L4, 17, 0x800, 0, 14, 34 },
    { "sctp", MACS "0800" "4500002000000000" "40840000" ADDRESSES4 "+12 ",
      V4 | L4, 132, 0x800, 0, 14, 34 },
    { "sctp cut", MACS "0800" "4500001f00000000" "40840000" ADDRESSES4 "+11 ",
      V4 | BAD, 132, 0x800, 0, 14, 0 },
    { "padded udp", MACS "0800" "4500001c00000000" "40110000" ADDRESSES4
      "+26 ", V4 | L4, 17, 0x800, 0, 14, 34 },
    { "tcp with options", MACS "0800" "4500003000000000" "40060000" ADDRESSES4
      "+12 " "7002" "+14 ", V4 | L4, 6, 0x800, 0, 14, 34 },
    { "tcp header beyond the datagram", MACS "0800" "4500002800000000"
      "40060000" ADDRESSES4 "+12 " "7002" "+20 ", V4 | BAD, 6, 0x800, 0, 14,
      0 },
    { "udp cut", MACS "0800" "4500001800000000" "40110000" ADDRESSES4 "+4 ",
      V4 | BAD, 17, 0x800, 0, 14, 0 },
    { "total beyond the frame", MACS "0800" "4500001d00000000" "40110000"
      ADDRESSES4 "+8 ", V4 | BAD, 17, 0x800, 0, 14, 0 },
    { "total below the header", MACS "0800" "4500001300000000" "40110000"
      ADDRESSES4 "+8 ", V4 | BAD, 17, 0x800, 0, 14, 0 },
    { "header of 16 bytes", MACS "0800" "4400001c00000000" "40110000"
      ADDRESSES4 "+8 ", V4 | BAD, 17, 0x800, 0, 14, 0 },
    { "version 5", MACS "0800" "5500001c00000000" "40110000" ADDRESSES4 "+8 ",
      V4 | BAD, 17, 0x800, 0, 14, 0 },
    { "ipv4 cut", MACS "0800" "4500001c00000000" "40110000" "c0000201",
      BAD, 0, 0x800, 0, 14, 0 },
    { "ip options", MACS "0800" "4600002000000000" "40010000" ADDRESSES4
      "01010101" "+8 ", V4 | L4, 1, 0x800, 0, 14, 38 },
    { "first fragment", MACS "0800" "4500001c00002000" "40110000" ADDRESSES4
      "+8 ", V4 | L4 | FRAG, 17, 0x800, 0, 14, 34 },
    { "later fragment", MACS "0800" "4500001c00002001" "40110000" ADDRESSES4
      "+8 ", V4 | FRAG | LATER, 17, 0x800, 0, 14, 0 },
    { "unknown protocol", MACS "0800" "4500001400000000" "40fd0000"
      ADDRESSES4, V4, 253, 0x800, 0, 14, 0 },
    { "one tag", MACS "8100" "2064" "0800" "4500001c00000000" "40110000"
      ADDRESSES4 "+8 ", V4 | L4 | VLAN, 17, 0x800, 0x2064, 18, 38 },
    { "two tags", MACS "88a8" "0001" "8100" "0002" "88b5", VLAN, 0, 0x88b5,
      1, 22, 0 },
    { "tag cut", MACS "8100" "0001" "08", BAD, 0, 0x8100, 0, 14,
      0 },
    { "nine tags", MACS "8100000181000001810000018100000181000001"
      "8100000181000001" "8100000181000001" "0800", VLAN, 0, 0x8100, 1, 46,
      0 },
    { "arp", MACS "0806" "0001080006040001" "+20 ", ARP, 0, 0x806, 0, 14, 0 },
    { "arp cut", MACS "0806" "0001080006040001" "+19 ", BAD, 0, 0x806, 0, 14,
      0 },
    { "arp of huge addresses", MACS "0806" "00010800ffff0001" "+40 ", BAD, 0,
      0x806, 0, 14, 0 },
    { "icmpv6", MACS "86dd" "60000000" "00043a40" "+32 " "80000000", V6 | L4,
      58, 0x86dd, 0, 14, 54 },
    { "ipv6 cut", MACS "86dd" "60000000" "00043a40" "+31 ", BAD, 0, 0x86dd, 0,
      14, 0 },
    { "ipv6 payload beyond the frame", MACS "86dd" "60000000" "00053a40"
      "+32 " "80000000", V6 | BAD, 58, 0x86dd, 0, 14, 0 },
    { "hop by hop, then udp", MACS "86dd" "60000000" "00100040" "+32 "
      "1100" "+6 " "+8 ", V6 | L4, 17, 0x86dd, 0, 14, 62 },
    { "first fragment, v6", MACS "86dd" "60000000" "00102c40" "+32 "
      "11000001" "+4 " "+8 ", V6 | L4 | FRAG, 17, 0x86dd, 0, 14, 62 },
    { "later fragment, v6", MACS "86dd" "60000000" "00102c40" "+32 "
      "11000008" "+4 " "+8 ", V6 | FRAG | LATER, 17, 0x86dd, 0, 14, 0 },
    { "authentication, then tcp", MACS "86dd" "60000000" "00203340" "+32 "
      "06010000" "+8 " "+12 " "5000" "+6 ", V6 | L4, 6, 0x86dd, 0, 14, 66 },
    { "extension beyond the datagram", MACS "86dd" "60000000" "00080040"
      "+32 " "1101" "+14 ", V6 | BAD, 0, 0x86dd, 0, 14, 0 },
    { "no next header", MACS "86dd" "60000000" "00003b40" "+32 ", V6, 59,
      0x86dd, 0, 14, 0 },
};

/* Bytes of the frame in exactly as much memory, for the sanitizer. */
static uint8_t *
make_frame(const char *text, uint32_t *size)
{
    uint8_t bytes[256] = { 0 };
    uint8_t *frame;

    *size = 0;
    while (*text) {
        char pair[3] = { text[0], text[1], 0 };
        char *end;

        if (*text == '+') {
            *size += (uint32_t) strtoul(text + 1, &end, 10);
            text = end + 1;
            continue;
        }
        bytes[(*size)++] = (uint8_t) strtoul(pair, NULL, 16);
        text += 2;
    }
    frame = malloc(*size + !*size);
    memcpy(frame, bytes, *size);
    return frame;
}

static void
test_cases(void)
{
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct xvs_packet packet = { 0 };

        memset(&packet, 0xff, sizeof packet);
        packet.data = make_frame(cases[i].frame, &packet.length);
        packet.total = packet.length;
        parse_packet(&packet);
        if (packet.flags != cases[i].flags
            || packet.protocol != cases[i].protocol
            || packet.ethertype != cases[i].ethertype
            || packet.vlan != cases[i].vlan || packet.l3 != cases[i].l3
            || packet.l4 != cases[i].l4) {
            printf("\n%s: flags %02x protocol %u type %04x vlan %04x l3 %u"
                   " l4 %u\n", cases[i].name, packet.flags, packet.protocol,
                   packet.ethertype, packet.vlan, packet.l3, packet.l4);
            CU_FAIL("parsed otherwise");
        }
        free(packet.data);
    }
}

/* Every prefix of every frame is parsed without reading behind it. */
static void
test_prefixes(void)
{
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint32_t size;
        uint8_t *whole = make_frame(cases[i].frame, &size);

        for (uint32_t n = 0; n < size; n++) {
            struct xvs_packet packet = { .length = n, .total = n };

            packet.data = malloc(n + !n);
            memcpy(packet.data, whole, n);
            parse_packet(&packet);
            CU_ASSERT(packet.l4 <= n);
            free(packet.data);
        }
        free(whole);
    }
}

/* Parses a frame of 'size' bytes with a tag or without, from memory that ends
 * with it. */
static struct xvs_packet
parse_copy(const uint8_t *frame, uint32_t size, bool tagged)
{
    static const uint8_t tag[] = { 0x81, 0, 0, 5 };
    uint32_t more = tagged ? sizeof tag : 0;
    struct xvs_packet packet = { .length = size + more,
                                 .total = size + more };
    uint8_t *copy = malloc(size + more);

    memcpy(copy, frame, 12);
    memcpy(copy + 12, tag, more);
    memcpy(copy + 12 + more, frame + 12, size - 12);
    packet.data = copy;
    parse_packet(&packet);
    free(copy);
    return packet;
}

/* Usual frames take a short way through the parser, tagged ones never do:
 * but for the tag both find the same, whatever byte of a frame is wrong. */
static void
test_short_way(void)
{
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint32_t size;
        uint8_t *frame = make_frame(cases[i].frame, &size);

        for (uint32_t at = 13; at < size; at++) {
            for (unsigned int bit = 0; bit < 8 && !cases[i].vlan; bit++) {
                struct xvs_packet plain, tagged;

                frame[at] ^= (uint8_t) (1u << bit);
                plain = parse_copy(frame, size, false);
                tagged = parse_copy(frame, size, true);
                CU_ASSERT_EQUAL(plain.flags | VLAN, tagged.flags | VLAN);
                CU_ASSERT_EQUAL(plain.protocol, tagged.protocol);
                CU_ASSERT_EQUAL(plain.ethertype, tagged.ethertype);
                CU_ASSERT_EQUAL(plain.l3 + 4, tagged.l3);
                CU_ASSERT_EQUAL(plain.l4 ? plain.l4 + 4 : 0, tagged.l4);
                frame[at] ^= (uint8_t) (1u << bit);
            }
        }
        free(frame);
    }
}

static const struct unit_test tests[] = {
    { "cases", test_cases },
    { "prefixes", test_prefixes },
    { "short way", test_short_way },
};

UNIT_MAIN("parse", tests)
