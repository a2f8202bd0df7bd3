/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Messages about groups: what is read in them, and what is not believed.
 */
#include <config.h>

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "parse.h"
#include "snoop-host.h"
#include "unit.h"

enum { HEAD = 14 };             /* Ethernet, without a tag */

static uint8_t body[16384], frame[16384 + 128];
static struct snoop_message message;

/* Parses the body in that wrapping, from memory of exactly its size. */
static enum snoop_kind
parse(const struct snoop_wrap *wrap, size_t size)
{
    static uint8_t *copy;
    size_t whole = snoop_wrap(frame, wrap, body, size) - HEAD;

    free(copy);
    copy = malloc(whole ? whole : 1);
    memcpy(copy, frame + HEAD, whole);
    snoop_parse(&message, copy, whole, wrap->is_ipv6, false);
    return message.kind;
}

static bool
is_address(const uint8_t *address, const char *text)
{
    uint8_t wanted[16] = { 0 };

    inet_pton(strchr(text, ':') ? AF_INET6 : AF_INET, text, wanted);
    return memcmp(address, wanted, sizeof(wanted)) == 0;
}

static void
test_igmp(void)
{
    const struct snoop_wrap wrap = { .source = "192.0.2.7" };
    struct snoop_record record;

    CU_ASSERT_EQUAL(parse(&wrap, snoop_one(body, 0x16, 0, "239.1.2.3")),
                    SNOOP_REPORT);
    CU_ASSERT_EQUAL(message.version, 2);
    CU_ASSERT(is_address(message.source, "192.0.2.7"));
    CU_ASSERT(snoop_next(&message, &record));
    CU_ASSERT(record.joins && is_address(record.group, "239.1.2.3"));
    CU_ASSERT(!snoop_next(&message, &record));
    CU_ASSERT_EQUAL(parse(&wrap, snoop_one(body, 0x12, 0, "239.1.2.3")),
                    SNOOP_REPORT);
    CU_ASSERT_EQUAL(message.version, 1);
    CU_ASSERT_EQUAL(parse(&wrap, snoop_one(body, 0x17, 0, "239.1.2.3")),
                    SNOOP_LEAVE);
    CU_ASSERT(snoop_next(&message, &record) && !record.joins);
    CU_ASSERT_EQUAL(parse(&wrap, snoop_one(body, 0x11, 0, "")), SNOOP_QUERY);
    CU_ASSERT_EQUAL(message.version, 1);
    CU_ASSERT_EQUAL(message.response_ms, 10000);
    CU_ASSERT_EQUAL(parse(&wrap, snoop_one(body, 0x11, 25, "239.9.9.9")),
                    SNOOP_QUERY);
    CU_ASSERT_EQUAL(message.version, 2);
    CU_ASSERT_EQUAL(message.response_ms, 2500);
    CU_ASSERT(is_address(message.group, "239.9.9.9"));
    /* Version 3: 0x8f is (0x1f << 3) tenths of a second. */
    snoop_one(body, 0x11, 0x8f, "");
    memset(body + 8, 0, 4);
    CU_ASSERT_EQUAL(parse(&wrap, 12), SNOOP_QUERY);
    CU_ASSERT_EQUAL(message.version, 3);
    CU_ASSERT_EQUAL(message.response_ms, 24800);
    /* What is not known passes, whatever it looks like. */
    CU_ASSERT_EQUAL(parse(&wrap, snoop_one(body, 0x30, 0, "10.0.0.1")),
                    SNOOP_OTHER);
}

static void
test_mld(void)
{
    const struct snoop_wrap wrap = { .is_ipv6 = true, .source = "fe80::7" };
    const struct snoop_wrap unset = { .is_ipv6 = true, .source = "::" };
    struct snoop_record record;

    CU_ASSERT_EQUAL(parse(&wrap, snoop_one(body, 131, 0, "ff3e::9")),
                    SNOOP_REPORT);
    CU_ASSERT_EQUAL(message.version, 1);
    CU_ASSERT(is_address(message.source, "fe80::7"));
    CU_ASSERT(snoop_next(&message, &record));
    CU_ASSERT(record.joins && is_address(record.group, "ff3e::9"));
    CU_ASSERT_EQUAL(parse(&wrap, snoop_one(body, 132, 0, "ff3e::9")),
                    SNOOP_LEAVE);
    CU_ASSERT_EQUAL(parse(&unset, snoop_one(body, 131, 0, "ff3e::9")),
                    SNOOP_REPORT);
    CU_ASSERT_EQUAL(parse(&wrap, snoop_one(body, 130, 1234, "")),
                    SNOOP_QUERY);
    CU_ASSERT_EQUAL(message.response_ms, 1234);
    CU_ASSERT_EQUAL(message.version, 1);
    CU_ASSERT_EQUAL(parse(&unset, snoop_one(body, 130, 1234, "")),
                    SNOOP_MALFORMED);
    /* Version 2: 0x8001 is 0x1001 << 3 milliseconds. */
    snoop_one(body, 130, 0x8001, "ff3e::9");
    memset(body + 24, 0, 4);
    CU_ASSERT_EQUAL(parse(&wrap, 28), SNOOP_QUERY);
    CU_ASSERT_EQUAL(message.version, 2);
    CU_ASSERT_EQUAL(message.response_ms, 32776);
    /* Other ICMPv6 is none of ours. */
    CU_ASSERT_EQUAL(parse(&wrap, snoop_one(body, 135, 0, "ff3e::9")),
                    SNOOP_OTHER);
}

/* What each type of record means, without and with sources. */
static void
test_records(void)
{
    static const struct {
        uint8_t record;
        uint16_t n_sources;
        int says;               /* 1: joins, 0: leaves, -1: nothing */
    } cases[] = {
        { 1, 0, 0 }, { 1, 2, 1 }, { 2, 0, 1 }, { 2, 2, 1 }, { 3, 0, 0 },
        { 3, 1, 1 }, { 4, 0, 1 }, { 4, 3, 1 }, { 5, 0, -1 }, { 5, 1, 1 },
        { 6, 1, -1 }, { 0, 0, -1 }, { 7, 0, -1 }, { 255, 0, -1 },
    };

    for (size_t i = 0; i < 2 * sizeof(cases) / sizeof(cases[0]); i++) {
        bool is_ipv6 = i & 1;
        const struct snoop_wrap wrap = { .is_ipv6 = is_ipv6 };
        const char *group = is_ipv6 ? "ff3e::10" : "239.0.1.16";
        size_t size = snoop_list(body, is_ipv6, 3, cases[i / 2].record,
                                 cases[i / 2].n_sources, group);
        struct snoop_record record;
        int n = 0;

        CU_ASSERT_EQUAL(parse(&wrap, size), SNOOP_REPORT);
        CU_ASSERT_EQUAL(message.version, is_ipv6 ? 2 : 3);
        while (snoop_next(&message, &record)) {
            CU_ASSERT_EQUAL(record.joins, cases[i / 2].says);
            CU_ASSERT_EQUAL(record.group[is_ipv6 ? 15 : 3], 16 + n);
            n++;
        }
        CU_ASSERT_EQUAL(n, cases[i / 2].says < 0 ? 0 : 3);
    }
}

/* Every message cut at every byte: never read behind its end, and never
 * taken for a shorter one that is whole. */
static void
test_cut(void)
{
    for (int is_ipv6 = 0; is_ipv6 < 2; is_ipv6++) {
        const struct snoop_wrap wrap = { .is_ipv6 = is_ipv6 };
        const char *group = is_ipv6 ? "ff3e::10" : "239.0.1.16";
        size_t size = snoop_list(body, is_ipv6, 4, 2, 1, group);

        for (size_t cut = 4; cut < size; cut++) {
            CU_ASSERT_EQUAL(parse(&wrap, cut), SNOOP_MALFORMED);
        }
        CU_ASSERT_EQUAL(parse(&wrap, size), SNOOP_REPORT);
        size = snoop_wrap(frame, &wrap, body, size) - HEAD;
        for (size_t cut = 0; cut < size; cut++) {
            uint8_t *copy = malloc(cut ? cut : 1);

            memcpy(copy, frame + HEAD, cut);
            snoop_parse(&message, copy, cut, is_ipv6, false);
            CU_ASSERT_EQUAL(message.kind, SNOOP_MALFORMED);
            free(copy);
        }
    }
}

static void
test_distrust(void)
{
    for (int is_ipv6 = 0; is_ipv6 < 2; is_ipv6++) {
        const struct snoop_wrap sum = { .is_ipv6 = is_ipv6,
                                        .wrong_sum = true };
        const struct snoop_wrap far = { .is_ipv6 = is_ipv6, .hops = 2 };
        const struct snoop_wrap bare = { .is_ipv6 = is_ipv6,
                                         .no_alert = true };
        const struct snoop_wrap good = { .is_ipv6 = is_ipv6 };
        const char *group = is_ipv6 ? "ff3e::10" : "239.0.1.16";
        uint8_t type = is_ipv6 ? 131 : 0x16;
        size_t size = snoop_one(body, type, 0, group);

        CU_ASSERT_EQUAL(parse(&good, size), SNOOP_REPORT);
        CU_ASSERT_EQUAL(parse(&sum, size), SNOOP_MALFORMED);
        CU_ASSERT_EQUAL(parse(&far, size), SNOOP_MALFORMED);
        CU_ASSERT_EQUAL(parse(&bare, size), SNOOP_MALFORMED);
        /* What a card is still to finish cannot be wrong. */
        size = snoop_wrap(frame, &sum, body, size) - HEAD;
        snoop_parse(&message, frame + HEAD, size, is_ipv6, true);
        CU_ASSERT_EQUAL(message.kind, SNOOP_REPORT);
        snoop_parse(&message, frame + HEAD, SNOOP_DATAGRAM + 1, is_ipv6,
                    true);
        CU_ASSERT_EQUAL(message.kind, SNOOP_MALFORMED);
        /* No group at all. */
        size = snoop_one(body, type, 0, is_ipv6 ? "2001:db8::1"
                                                : "192.0.2.1");
        CU_ASSERT_EQUAL(parse(&good, size), SNOOP_MALFORMED);
        size = snoop_list(body, is_ipv6, 2, 2, 0, is_ipv6 ? "2001:db8::1"
                                                          : "192.0.2.1");
        CU_ASSERT_EQUAL(parse(&good, size), SNOOP_MALFORMED);
    }
    /* IGMPv1 is older than the option; MLD from afar. */
    {
        const struct snoop_wrap bare = { .no_alert = true };
        const struct snoop_wrap global = { .is_ipv6 = true,
                                           .source = "2001:db8::1" };

        CU_ASSERT_EQUAL(parse(&bare, snoop_one(body, 0x12, 0, "239.1.1.1")),
                        SNOOP_REPORT);
        CU_ASSERT_EQUAL(parse(&global, snoop_one(body, 131, 0, "ff3e::1")),
                        SNOOP_MALFORMED);
    }
}

static void
test_pim(void)
{
    for (int is_ipv6 = 0; is_ipv6 < 2; is_ipv6++) {
        struct snoop_wrap wrap = { .is_ipv6 = is_ipv6, .no_alert = true,
                                   .protocol = 103 };

        memset(body, 0, 8);
        body[0] = 0x20;
        CU_ASSERT_EQUAL(parse(&wrap, 8), SNOOP_HELLO);
        body[0] = 0x21;
        CU_ASSERT_EQUAL(parse(&wrap, 8), SNOOP_OTHER);
        body[0] = 0x20;
        wrap.hops = 64;
        CU_ASSERT_EQUAL(parse(&wrap, 8), SNOOP_OTHER);
    }
}

static void
test_groups(void)
{
    static const struct { const char *group; bool is_flooded; } cases[] = {
        { "224.0.0.1", true }, { "224.0.0.251", true },
        { "225.0.0.9", true },  /* the Ethernet address of 224.0.0.9 */
        { "224.128.0.9", true }, { "192.0.2.1", true },
        { "224.0.1.1", false }, { "239.1.2.3", false },
        { "ff02::1", true }, { "ff02::fb", true },
        { "ff02::1:ff00:1", true }, { "ff02::1:3", false },
        { "ff3e::12", true }, { "ff3e::1234", false },
        { "ff3e::8000:1", false },
        { "2001:db8::8000:1", true },
    };
    uint8_t mac[6], address[16];

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        bool is_ipv6 = strchr(cases[i].group, ':');

        inet_pton(is_ipv6 ? AF_INET6 : AF_INET, cases[i].group, address);
        CU_ASSERT_EQUAL(snoop_is_flooded(is_ipv6, address),
                        cases[i].is_flooded);
    }
    inet_pton(AF_INET, "239.129.2.3", address);
    snoop_mac(false, address, mac);
    CU_ASSERT_EQUAL(memcmp(mac, "\x01\0\x5e\x01\x02\x03", 6), 0);
    inet_pton(AF_INET6, "ff3e::8000:1", address);
    snoop_mac(true, address, mac);
    CU_ASSERT_EQUAL(memcmp(mac, "\x33\x33\x80\0\0\x01", 6), 0);
}

static const struct unit_test tests[] = {
    { "IGMP", test_igmp },
    { "MLD", test_mld },
    { "records", test_records },
    { "cut at every byte", test_cut },
    { "what is not believed", test_distrust },
    { "PIM", test_pim },
    { "groups", test_groups },
};

UNIT_MAIN("snoop parse", tests)
