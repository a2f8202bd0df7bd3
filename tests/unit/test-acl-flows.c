/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What is kept of flows: that it is the same in whatever way a packet is read,
 * that it is worth nothing with another set, and that a flood of new flows
 * does not push out those that are in use.  And that packets which are judged
 * together get what each would get alone.
 */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "acl-host.h"
#include "flows.h"
#include "unit.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
enum { ALLOW = 1, DENY = 2, IN = 1, TCP = 6, UDP = 17, ICMP = 1 };

#define V4(...) { .source = "192.0.2.1", .destination = "198.51.100.2", \
                  .protocol = __VA_ARGS__ }
#define V6(...) { .source = "2001:db8::1", .destination = "2001:db8:1::2", \
                  .protocol = __VA_ARGS__ }
#define PORTS(a, b) .source_port = (a), .destination_port = (b)

static const struct acl_test_packet samples[] = {
    V4(UDP, PORTS(7, 9)), V4(UDP, PORTS(9, 7)), V4(TCP, PORTS(7, 9)),
    V6(UDP, PORTS(7, 9)), V6(TCP, PORTS(7, 9)),
    V6(TCP, PORTS(7, 9), .n_tags = 2),
    V4(UDP, PORTS(7, 9), .source_mac = "7"),
    V4(TCP, PORTS(7, 9), .tcp_flags = TEST_SYN),
};

/* Straight from the packet and from its key. */
static void
test_same(void)
{
    const struct acl_asker asker = { .seed = 5, .generation = 77,
                                     .direction = ACL_OUT };

    for (size_t i = 0; i < COUNT(samples); i++) {
        struct acl_asked plain, general;
        struct xvs_packet packet;
        struct acl_key key;
        uint8_t frame[512], flags = 99;

        acl_make_packet(&packet, frame, &samples[i]);
        CU_ASSERT(acl_asked_read(&plain, &asker, &packet, &flags));
        CU_ASSERT_EQUAL(flags, samples[i].tcp_flags);
        acl_key_read(&key, &packet);
        acl_asked_from(&general, &asker, &key);
        CU_ASSERT_EQUAL(memcmp(&plain, &general, sizeof(plain)), 0);
    }
}

/* What has to be read by its key. */
static void
test_not_plain(void)
{
    static const struct acl_test_packet others[] = {
        V4(ICMP, PORTS(8, 9)), V4(47), { .kind = TEST_ARP },
        { .kind = TEST_LLDP }, V4(UDP, PORTS(7, 9), .fragment = 0x2000),
        V4(UDP, .fragment = 3), V6(UDP, PORTS(7, 9), .fragment = 0x2000),
        V4(TCP, PORTS(7, 9), .cut = 12), V4(UDP, PORTS(7, 9), .cut = 17),
    };
    const struct acl_asker asker = { .seed = 5, .generation = 77 };

    for (size_t i = 0; i < COUNT(others); i++) {
        struct acl_asked asked;
        struct xvs_packet packet;
        uint8_t frame[512], flags;

        acl_make_packet(&packet, frame, &others[i]);
        CU_ASSERT_FALSE(acl_asked_read(&asked, &asker, &packet, &flags));
    }
}

/* ---- The memory --------------------------------------------------------- */

static struct acl_flows flows;
static struct acl_memory *memory;

static void
ask(struct acl_asked *asked, uint32_t number, uint64_t generation)
{
    const struct acl_asker asker = { .seed = 0x123456789abcdefu,
                                     .generation = generation };
    struct acl_key key = { .kind = ACL_KIND_IPV4_UDP, .protocol = UDP };

    key.source[0] = (uint64_t) number << 32;
    acl_asked_from(asked, &asker, &key);
}

static void
put(uint32_t number, uint64_t generation)
{
    struct acl_known known = { .index = (int) number, .bucket = number };
    struct acl_asked asked;

    ask(&asked, number, generation);
    acl_memory_put(memory, &asked, &known);
}

static bool
find(uint32_t number, uint64_t generation)
{
    const struct acl_memory_entry *entry;
    struct acl_known known;
    struct acl_asked asked;

    ask(&asked, number, generation);
    entry = acl_memory_place(memory, asked.hash);
    if (!entry || !acl_memory_find(memory, entry, &asked, &known)) {
        return false;
    }
    CU_ASSERT_FALSE(known.is_connection);
    CU_ASSERT_EQUAL(known.index, (int) number);
    CU_ASSERT_EQUAL(known.bucket, number);
    return true;
}

static void
test_memory(void)
{
    memory = acl_flows_take(&flows);
    CU_ASSERT_PTR_NOT_NULL_FATAL(memory);
    CU_ASSERT_FALSE(find(1, 7));
    put(1, 7);
    CU_ASSERT(find(1, 7));
    CU_ASSERT_FALSE(find(2, 7));
    /* Another set knows nothing; the next one takes the place. */
    CU_ASSERT_FALSE(find(1, 8));
    put(1, 8);
    CU_ASSERT(find(1, 8));
    CU_ASSERT_FALSE(find(1, 7));
    /* Taken is taken: another thread gets another one. */
    struct acl_memory *other = acl_flows_take(&flows);

    CU_ASSERT_PTR_NOT_EQUAL(other, memory);
    acl_flows_give(&flows, other);
    acl_flows_give(&flows, memory);
    acl_flows_fini(&flows);
}

/* 10,000 flows in use stay while 4 million new ones come. */
static void
test_flood(void)
{
    uint32_t n_known = 0, n_in_use = 10000;

    memory = acl_flows_take(&flows);
    for (uint32_t i = 0; i < n_in_use; i++) {
        put(i, 1);
        find(i, 1);
    }
    for (uint32_t i = 0; i < 4000000; i++) {
        put(1000000 + i, 1);
        /* Each is in use once in 80,000 new ones. */
        if (i % 8 == 0 && !find(i / 8 % n_in_use, 1)) {
            put(i / 8 % n_in_use, 1);
        }
    }
    for (uint32_t i = 0; i < n_in_use; i++) {
        n_known += find(i, 1);
    }
    CU_ASSERT(n_known > n_in_use * 95 / 100);
    acl_flows_give(&flows, memory);
    acl_flows_fini(&flows);
}

/* ---- The whole ---------------------------------------------------------- */

/* Nothing that is known outlives the rules and connections that it is of. */
static void
test_changes(void)
{
    static const struct acl_test_packet there = V4(UDP, PORTS(7, 9));
    static const struct acl_test_packet back =
        { .source = "198.51.100.2", .destination = "192.0.2.1",
          .protocol = UDP, PORTS(9, 7) };
    struct acl_test_rule out = { .port = 1, .priority = 5, .action = ALLOW,
                                 .direction = IN };
    void *self = acl_begin();

    acl_put_policy(self, 1, DENY, 100);
    acl_put_rule(self, XVS_ADD, 1, &out);
    for (int i = 0; i < 3; i++) {
        CU_ASSERT(acl_run(self, 1, false, &there));
        CU_ASSERT_FALSE(acl_run(self, 1, true, &back));
    }
    CU_ASSERT_EQUAL(acl_rule_packets(self, 1, 1), 3);
    /* Now it remembers: replies are let in although "no" was known. */
    out.stateful = 1;
    acl_put_rule(self, XVS_UPDATE, 1, &out);
    CU_ASSERT_FALSE(acl_run(self, 1, true, &back));
    for (int i = 0; i < 3; i++) {
        CU_ASSERT(acl_run(self, 1, false, &there));
        CU_ASSERT(acl_run(self, 1, true, &back));
    }
    CU_ASSERT_EQUAL(acl_rule_packets(self, 1, 1), 9);
    /* Known connections end like others. */
    acl_now += 181 * 1000000000ull;
    CU_ASSERT_FALSE(acl_run(self, 1, true, &back));
    CU_ASSERT_EQUAL(acl_port_status(self, 1).connections, 0);
    CU_ASSERT(acl_run(self, 1, false, &there));
    CU_ASSERT(acl_run(self, 1, true, &back));
    out.action = DENY;
    out.stateful = 0;
    acl_put_rule(self, XVS_UPDATE, 1, &out);
    CU_ASSERT_FALSE(acl_run(self, 1, true, &back));
    CU_ASSERT_FALSE(acl_run(self, 1, false, &there));
    acl_end(self);
}

/* A connection's place is given to another one: the old one is not it. */
static void
test_reuse(void)
{
    struct acl_test_packet there = V4(UDP, PORTS(7, 9));
    struct acl_test_packet back = { .source = "198.51.100.2",
                                    .destination = "192.0.2.1",
                                    .protocol = UDP, PORTS(9, 7) };
    struct acl_test_rule rule = { .port = 1, .priority = 5, .action = ALLOW,
                                  .direction = IN, .stateful = 1 };
    void *self = acl_begin();

    acl_put_policy(self, 1, DENY, 1);
    acl_put_rule(self, XVS_ADD, 1, &rule);
    for (uint16_t port = 1; port < 50; port++) {
        there.source_port = back.destination_port = port;
        for (int i = 0; i < 3; i++) {
            CU_ASSERT(acl_run(self, 1, false, &there));
            CU_ASSERT(acl_run(self, 1, true, &back));
        }
        acl_now += 200 * 1000000000ull;
        xvs_extension_v1.timer(self);
        CU_ASSERT_FALSE(acl_run(self, 1, true, &back));
    }
    acl_end(self);
}

/* ---- Packets that are alike --------------------------------------------- */

#define MOST 32u                /* packets of a burst */

static struct xvs_packet packets[MOST];
static uint8_t frames[MOST][512];
static struct xvs_burst burst;

static void
add_packet(const struct acl_test_packet *from)
{
    struct xvs_packet *packet = &packets[burst.n];

    acl_make_packet(packet, frames[burst.n], from);
    packet->time = acl_now + burst.n;
    burst.packets[burst.n++] = packet;
}

static void
test_alike(void)
{
    for (size_t i = 0; i < COUNT(samples); i++) {
        for (size_t j = 0; j < COUNT(samples); j++) {
            bool special = samples[i].tcp_flags & TEST_SYN;

            burst.n = 0;
            add_packet(&samples[i]);
            add_packet(&samples[i]);
            add_packet(&samples[j]);
            CU_ASSERT_EQUAL(acl_asked_alike(burst.packets, burst.n),
                            special ? 1 : i == j ? 3 : 2);
        }
    }
}

/* One byte that is different anywhere in what rules look at ends a run. */
static void
test_each_byte(void)
{
    for (size_t i = 0; i < 6; i++) {
        burst.n = 0;
        add_packet(&samples[i]);
        add_packet(&samples[i]);
        for (unsigned int at = 0; at < packets[0].l4 + 4u; at++) {
            bool v4 = packets[0].flags & XVS_PACKET_IPV4;
            unsigned int addresses = packets[0].l3 + (v4 ? 12 : 8);
            bool counts = at < 12 || at >= addresses;

            frames[1][at] ^= 0x10;
            CU_ASSERT_EQUAL(acl_asked_alike(burst.packets, 2),
                            counts ? 1 : 2);
            frames[1][at] ^= 0x10;
        }
        packets[1].length = packets[1].l4 + 7u;
        CU_ASSERT_EQUAL(acl_asked_alike(burst.packets, 2), 1);
    }
}

static void *
make_port(void)
{
    static const struct acl_test_rule rules[] = {
        { .port = 1, .priority = 5, .action = ALLOW, .direction = IN,
          .protocol = TCP, .stateful = 1 },
        { .port = 1, .priority = 6, .action = ALLOW, .direction = IN,
          .protocol = UDP, .source_low = 9, .source_high = 9 },
        { .port = 1, .priority = 7, .action = DENY, .direction = IN,
          .ethertype = 0x86dd },
    };
    void *self = acl_begin();

    acl_put_policy(self, 1, DENY, 1);
    for (uint32_t i = 0; i < COUNT(rules); i++) {
        acl_put_rule(self, XVS_ADD, i + 1, &rules[i]);
    }
    return self;
}

/* The packets of 'burst', one by one and all at once. */
static void
compare(void *together, void *alone, bool out)
{
    void (*hook)(void *, struct xvs_burst *) =
        out ? xvs_extension_v1.egress : xvs_extension_v1.ingress;
    uint8_t verdicts[MOST];

    for (uint32_t i = 0; i < burst.n; i++) {
        struct xvs_burst one = { .n = 1, .packets = { burst.packets[i] } };

        packets[i].in_port = out ? XVS_PORT_NONE : 1;
        packets[i].out_port = out ? 1 : XVS_PORT_NONE;
        hook(alone, &one);
        verdicts[i] = packets[i].verdict;
        packets[i].verdict = XVS_PASS;
    }
    hook(together, &burst);
    for (uint32_t i = 0; i < burst.n; i++) {
        CU_ASSERT_EQUAL(packets[i].verdict, verdicts[i]);
    }
}

static void
test_together(void)
{
    static const uint8_t tcp_flags[] = { TEST_ACK, TEST_ACK, TEST_SYN,
                                         TEST_FIN | TEST_ACK, TEST_RST };
    void *together = make_port(), *alone = make_port();

    srandom(7);
    for (int round = 0; round < 2000; round++) {
        struct acl_test_packet at = samples[0];
        bool out = random() % 3 == 0;

        burst.n = 0;
        while (burst.n < MOST) {
            if (random() % 4 == 0) {
                at = samples[(size_t) random() % COUNT(samples)];
                at.tcp_flags = tcp_flags[random() % 5];
                at.source_port += out ? 2 : 0;
                at.destination_port -= out ? 2 : 0;
            }
            add_packet(&at);
        }
        compare(together, alone, out);
        acl_now += random() % 50 == 0 ? 400000000000u : 1000000u;
    }
    struct xvs_acl_port_status a = acl_port_status(together, 1);
    struct xvs_acl_port_status b = acl_port_status(alone, 1);

    CU_ASSERT_EQUAL(memcmp(&a, &b, sizeof(a)), 0);
    CU_ASSERT(a.allowed_packets > 0 && a.blocked_packets > 0);
    CU_ASSERT(a.blocked_connections > 0 && a.connections_refused > 0);
    for (uint32_t rule = 1; rule <= 3; rule++) {
        CU_ASSERT(acl_rule_packets(together, 1, rule) > 0);
        CU_ASSERT_EQUAL(acl_rule_packets(together, 1, rule),
                        acl_rule_packets(alone, 1, rule));
    }
    acl_end(together);
    acl_end(alone);
}

static const struct unit_test tests[] = {
    { "the same", test_same },
    { "not plain", test_not_plain },
    { "memory", test_memory },
    { "flood", test_flood },
    { "changes", test_changes },
    { "reuse", test_reuse },
    { "alike", test_alike },
    { "each byte", test_each_byte },
    { "together", test_together },
};

UNIT_MAIN("acl flows", tests)
