/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A frame is addresses, tags, a packet and what is wrong with it; its number
 * says which of each.  The long ones come behind those.
 */

#include <config.h>

#include "corpus.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* A packet: where it is in the frame, and what it needs to be broken. */
struct writing {
    uint8_t *out;
    uint32_t at;                /* bytes so far */
    uint32_t l3, l4;            /* where these begin */
};

enum { BAD_NOTHING, BAD_CUT_L3, BAD_CUT_L4, BAD_LONG, BAD_SHORT, BAD_HEADER,
       BAD_VERSION, N_BAD };
enum { N_TAGS = 3, N_MACS = 4 };

static const char *const bad_names[N_BAD] = {
    "", ", cut in its header", ", cut behind its header",
    ", says it is longer", ", says it is shorter",
    ", lies about its header", ", of no version",
};

struct kind {
    const char *name;
    uint16_t type;              /* Ethernet */
    uint8_t protocol;           /* of IP; 0: none */
    uint16_t fragment;          /* IPv4's field; IPv6: 1 first, 2 later */
    uint8_t options;            /* bytes of IPv4 options or IPv6 extension */
};

static const struct kind kinds[] = {
    { "TCP", 0x0800, 6, 0, 0 },
    { "UDP", 0x0800, 17, 0, 0 },
    { "ICMP", 0x0800, 1, 0, 0 },
    { "IGMP", 0x0800, 2, 0, 4 },
    { "SCTP", 0x0800, 132, 0, 0 },
    { "GRE", 0x0800, 47, 0, 0 },
    { "ESP", 0x0800, 50, 0, 0 },
    { "IP with options", 0x0800, 17, 0, 40 },
    { "first fragment", 0x0800, 17, 0x2000, 0 },
    { "later fragment", 0x0800, 17, 0x00b9, 0 },
    { "TCP over IPv6", 0x86dd, 6, 0, 0 },
    { "UDP over IPv6", 0x86dd, 17, 0, 0 },
    { "neighbour solicitation", 0x86dd, 58, 0, 0 },
    { "IPv6 with an extension", 0x86dd, 6, 0, 8 },
    { "first fragment of IPv6", 0x86dd, 17, 1, 0 },
    { "later fragment of IPv6", 0x86dd, 17, 2, 0 },
    { "MLD", 0x86dd, 58, 0, 16 },
    { "ARP", 0x0806, 0, 0, 0 },
    { "LLDP", 0x88cc, 0, 0, 0 },
    { "802.3 length", 0x0026, 0, 0, 0 },
    { "experimental", 0x88b5, 0, 0, 0 },
};

#define N_KINDS (sizeof kinds / sizeof kinds[0])
#define N_SHORT ((uint32_t) (N_MACS * N_TAGS * N_KINDS * N_BAD))

/* Sizes of frames behind them: tiny, the usual ones, and in many buffers. */
static const uint32_t sizes[] = { 14, 15, 17, 33, 34, 41, 59, 60, 64, 127,
                                  128, 129, 1514, 1518, 2047, 2048, 2049,
                                  4096, 9014, 32768, 65535 };

#define N_SIZES (sizeof sizes / sizeof sizes[0])

uint64_t
corpus_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static void
put(struct writing *writing, const void *bytes, uint32_t size)
{
    memcpy(writing->out + writing->at, bytes, size);
    writing->at += size;
}

static void
put16(struct writing *writing, uint16_t number)
{
    put(writing, (uint8_t[]) { (uint8_t) (number >> 8), (uint8_t) number },
        2);
}

static void
put_macs(struct writing *writing, uint32_t which)
{
    static const uint8_t to[N_MACS][6] = {
        { 2, 0, 0, 0, 0, 2 }, { 255, 255, 255, 255, 255, 255 },
        { 1, 0, 0x5e, 1, 2, 3 }, { 0x33, 0x33, 0, 0, 0, 0x16 } };
    static const uint8_t from[N_MACS][6] = {
        { 2, 0, 0, 0, 0, 1 }, { 2, 0, 0, 0, 0, 1 },
        { 1, 0, 0, 0, 0, 1 }, { 0 } };

    put(writing, to[which], 6);
    put(writing, from[which], 6);
}

static void
put_tags(struct writing *writing, uint32_t n)
{
    if (n == 2) {
        put(writing, "\x88\xa8\x00\x07", 4);
    }
    if (n) {
        put(writing, "\x81\x00\xa0\x05", 4);
    }
}

static void
put_l4(struct writing *writing, const struct kind *kind)
{
    static const uint8_t tcp[20] = { 0x30, 0x39, 0, 80, 0, 0, 0, 1, 0, 0, 0,
                                     0, 0x50, 2, 0xff, 0xff };
    static const uint8_t udp[8] = { 0x30, 0x39, 0, 53, 0, 34 };
    static const uint8_t icmp[8] = { 8, 0, 0, 0, 0, 1, 0, 1 };
    static const uint8_t solicit[24] = { 135, 0, 0, 0, 0, 0, 0, 0, 0xfe, 0x80,
                                         [23] = 2 };
    static const uint8_t igmp[8] = { 0x16, 0, 0, 0, 239, 1, 2, 3 };

    writing->l4 = writing->at;
    switch (kind->protocol) {
    case 6:
        put(writing, tcp, sizeof tcp);
        break;
    case 58:
        put(writing, solicit, sizeof solicit);
        break;
    case 1:
        put(writing, icmp, sizeof icmp);
        break;
    case 2:
        put(writing, igmp, sizeof igmp);
        break;
    default:
        put(writing, udp, sizeof udp);
        break;
    }
}

static void
put_ip4(struct writing *writing, const struct kind *kind)
{
    uint8_t head[60] = { (uint8_t) (0x45 + kind->options / 4), 0, 0, 0, 0, 1,
                         0, 0, 64, kind->protocol, 0, 0, 192, 0, 2, 1, 192,
                         0, 2, 2 };

    head[6] = (uint8_t) (kind->fragment >> 8);
    head[7] = (uint8_t) kind->fragment;
    memset(head + 20, 1, kind->options);
    if (kind->options == 4) {
        memcpy(head + 20, "\x94\x04\0\0", 4);   /* router alert */
    }
    put(writing, head, 20u + kind->options);
}

static void
put_ip6(struct writing *writing, const struct kind *kind)
{
    uint8_t head[40] = { 0x60, [6] = kind->protocol, 255, 0x20, 1, 0xd, 0xb8,
                         [23] = 1, 0x20, 1, 0xd, 0xb8, [39] = 2 };
    uint8_t extension[16] = { kind->protocol,
                              (uint8_t) (kind->options / 8 - 1) };

    if (kind->options || kind->fragment) {
        head[6] = kind->fragment ? 44 : 0;
    }
    put(writing, head, sizeof head);
    if (kind->fragment) {
        extension[1] = 0;
        extension[3] = kind->fragment == 1 ? 1 : 0x40;
        put(writing, extension, 8);
    } else {
        put(writing, extension, kind->options);
    }
}

/* Lengths as they are, and the checksum of IPv4. */
static void
finish(struct writing *writing, const struct kind *kind)
{
    uint8_t *head = writing->out + writing->l3;
    uint32_t length = writing->at - writing->l3, sum = 0;

    if (kind->type == 0x86dd) {
        length -= 40;
        head[4] = (uint8_t) (length >> 8);
        head[5] = (uint8_t) length;
    } else if (kind->type == 0x0800) {
        head[2] = (uint8_t) (length >> 8);
        head[3] = (uint8_t) length;
        head[10] = head[11] = 0;
        for (uint32_t i = 0; i < 20u + kind->options; i += 2) {
            sum += (uint32_t) head[i] << 8 | head[i + 1];
        }
        sum = (sum & 0xffff) + (sum >> 16);
        sum = ~((sum & 0xffff) + (sum >> 16));
        head[10] = (uint8_t) (sum >> 8);
        head[11] = (uint8_t) sum;
    }
}

static void
spoil(struct writing *writing, const struct kind *kind, uint32_t bad)
{
    uint8_t *head = writing->out + writing->l3;
    uint32_t length_at = kind->type == 0x86dd ? 4 : 2;

    switch (bad) {
    case BAD_CUT_L3:
        writing->at = writing->l3 + (writing->l4 - writing->l3) / 2;
        break;
    case BAD_CUT_L4:
        writing->at = writing->l4 + 3;
        break;
    case BAD_LONG:
        head[length_at] = 0xff;
        break;
    case BAD_SHORT:
        head[length_at] = 0;
        head[length_at + 1] = 3;
        break;
    case BAD_HEADER:
        head[0] |= 0x0f;
        head[12] ^= 0xff;
        break;
    case BAD_VERSION:
        head[0] ^= 0xf0;
        break;
    default:
        break;
    }
}

static uint32_t
write_short(uint32_t i, uint8_t *out)
{
    const struct kind *kind = &kinds[i / N_BAD % N_KINDS];
    struct writing writing = { .out = out };

    put_macs(&writing, (uint32_t) (i / (N_BAD * N_KINDS * N_TAGS)));
    put_tags(&writing, (uint32_t) (i / (N_BAD * N_KINDS) % N_TAGS));
    put16(&writing, kind->type);
    writing.l3 = writing.l4 = writing.at;
    if (kind->type == 0x0806) {
        put(&writing, "\0\1\x08\0\6\4\0\1\2\0\0\0\0\1\xc0\0\2\1\0\0\0\0\0\0"
            "\xc0\0\2\2", 28);
    } else if (kind->type == 0x86dd) {
        put_ip6(&writing, kind);
    } else if (kind->protocol) {
        put_ip4(&writing, kind);
    }
    put_l4(&writing, kind);
    memset(out + writing.at, 0x5a, 26);
    writing.at += 26;
    finish(&writing, kind);
    spoil(&writing, kind, i % N_BAD);
    return writing.at;
}

static uint32_t
write_sized(uint32_t size, uint8_t *out)
{
    static const struct kind udp = { "UDP", 0x0800, 17, 0, 0 };
    struct writing writing = { .out = out };

    memset(out, 0xa5, size);
    put_macs(&writing, 0);
    put16(&writing, 0x0800);
    if (size >= 42) {
        writing.l3 = writing.at;
        put_ip4(&writing, &udp);
        put_l4(&writing, &udp);
        writing.at = size;
        finish(&writing, &udp);
    }
    return size;
}

uint32_t
corpus_count(void)
{
    return N_SHORT + (uint32_t) N_SIZES;
}

uint32_t
corpus_frame(uint32_t i, uint8_t *out)
{
    return i < N_SHORT ? write_short(i, out)
                       : write_sized(sizes[i - N_SHORT], out);
}

const char *
corpus_name(uint32_t i)
{
    static char text[96];

    if (i < N_SHORT) {
        snprintf(text, sizeof text, "%s%s%s",
                 kinds[i / N_BAD % N_KINDS].name, bad_names[i % N_BAD],
                 i / (N_BAD * N_KINDS) % N_TAGS ? ", tagged" : "");
    } else {
        snprintf(text, sizeof text, "UDP of %u bytes", sizes[i - N_SHORT]);
    }
    return text;
}

uint32_t
corpus_mutate(uint32_t i, uint64_t *seed, uint8_t *out)
{
    uint32_t size = corpus_frame(i, out);
    uint32_t n = (uint32_t) (corpus_random(seed) % 8);

    for (uint32_t j = 0; j < n; j++) {
        uint64_t at = corpus_random(seed) % (size < 128 ? size : 128);

        out[at] = (uint8_t) corpus_random(seed);
    }
    if (corpus_random(seed) % 4 == 0 && size > 14) {
        size = 14 + (uint32_t) (corpus_random(seed) % (size - 14));
    }
    return size;
}

uint32_t
corpus_type(uint16_t type, uint8_t first, uint8_t *out)
{
    struct writing writing = { .out = out };

    memset(out, 0, 60);
    put_macs(&writing, 0);
    put16(&writing, type);
    out[14] = first;
    return 60;
}
