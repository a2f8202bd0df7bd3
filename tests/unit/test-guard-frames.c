/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the extension guard thinks of frames: each rule with its neighbours on
 * both sides, untagged and behind tags.
 */
#include <config.h>

#include <string.h>

#include "guard-host.h"
#include "unit.h"

enum { UDP = 17, TCP = 6, ICMP = 1, IGMP = 2, ICMP6 = 58, FRAGMENT = 44,
       DESTINATION = 60 };
enum { REQUEST = 1, REPLY = 2 };
enum { RS = 133, RA = 134, NS = 135, NA = 136, REDIRECT = 137 };

static void *self;
static struct guard_frame frame;

/* Port 1 has 192.0.2.1, 198.51.100.0/28, 2001:db8::1 and 2001:db8:1::/64. */
static void
set_up(const struct guard_test_settings *settings)
{
    static const char *const all[] = { "192.0.2.1", "198.51.100.0/28",
                                       "2001:db8::1", "2001:db8:1::/64" };

    self = guard_begin();
    for (uint32_t i = 0; i < 4; i++) {
        CU_ASSERT_EQUAL(guard_put_address(self, XVS_ADD, 1, i + 1, all[i]),
                        XVS_SUCCESS);
    }
    CU_ASSERT_EQUAL(guard_put(self, XVS_ADD, 1, 9, settings), XVS_SUCCESS);
}

static void
set_up_all(void)
{
    set_up(&(struct guard_test_settings) { 0 });
}

static enum guard_reason
run(void)
{
    return guard_run(self, 1, &frame);
}

#define IS(reason) CU_ASSERT_EQUAL(run(), reason)

static void
ipv4(const char *source, uint8_t protocol)
{
    frame_start(&frame, MAC_A, 0);
    frame_ipv4(&frame, source, "192.0.2.9", protocol);
}

static void
ipv6(const char *source, uint8_t next)
{
    frame_start(&frame, MAC_A, 0);
    frame_ipv6(&frame, source, "ff02::1", next);
}

static void
test_mac(void)
{
    set_up_all();
    for (uint32_t n_tags = 0; n_tags < 4; n_tags++) {
        frame_start(&frame, MAC_A, n_tags);
        frame_put(&frame, "\x88\xb5xxxxxxxx", 10);
        IS(GUARD_PASS);
        frame_start(&frame, MAC_B, n_tags);
        frame_put(&frame, "\x88\xb5xxxxxxxx", 10);
        IS(GUARD_SPOOFED_MAC);
    }
    frame_start(&frame, "\x02\0\0\0\0\x1a", 0);
    frame_put(&frame, "\x88\xb5xxxxxxxx", 10);
    IS(GUARD_SPOOFED_MAC);
    /* Port 2 has no settings, port 3 no address that is known. */
    CU_ASSERT_EQUAL(guard_run(self, 2, &frame), GUARD_PASS);
    guard_put(self, XVS_ADD, 3, 8, &(struct guard_test_settings) { 0 });
    CU_ASSERT_EQUAL(guard_run(self, 3, &frame), GUARD_PASS);
    frame.bytes[6] |= 1;
    CU_ASSERT_EQUAL(guard_run(self, 3, &frame), GUARD_SPOOFED_MAC);
    /* There, nobody speaks for another than the frame's source. */
    for (int i = 0; i < 2; i++) {
        frame_start(&frame, MAC_A, 0);
        frame_arp(&frame, REQUEST, i ? MAC_A : MAC_B, "0.0.0.0", "192.0.2.7");
        CU_ASSERT_EQUAL(guard_run(self, 3, &frame),
                        i ? GUARD_PASS : GUARD_SPOOFED_ARP);
        ipv6(LOCAL_A, ICMP6);
        frame_icmp6(&frame, NS, "2001:db8::9", 1, i ? MAC_A : MAC_B);
        CU_ASSERT_EQUAL(guard_run(self, 3, &frame),
                        i ? GUARD_PASS : GUARD_SPOOFED_NEIGHBOUR);
        ipv4("0.0.0.0", UDP);
        frame_udp(&frame, 68, 67);
        frame_dhcp(&frame, 1, 3, 5, i ? MAC_A : MAC_B, "0.0.0.0", 0);
        CU_ASSERT_EQUAL(guard_run(self, 3, &frame),
                        i ? GUARD_PASS : GUARD_DHCP_CLIENT);
    }
    guard_end(self);
}

static void
test_ipv4(void)
{
    static const struct { const char *source; enum guard_reason reason; }
    all[] = {
        { "192.0.2.1", GUARD_PASS }, { "192.0.2.2", GUARD_SPOOFED_IPV4 },
        { "192.0.2.0", GUARD_SPOOFED_IPV4 },
        { "198.51.100.0", GUARD_PASS }, { "198.51.100.15", GUARD_PASS },
        { "198.51.100.16", GUARD_SPOOFED_IPV4 },
        { "0.0.0.0", GUARD_SPOOFED_IPV4 },
        { "169.254.1.1", GUARD_SPOOFED_IPV4 },
    };

    set_up_all();
    for (uint32_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        for (uint32_t n_tags = 0; n_tags < 3; n_tags++) {
            frame_start(&frame, MAC_A, n_tags);
            frame_ipv4(&frame, all[i].source, "192.0.2.9", UDP);
            frame_udp(&frame, 1000, 1000);
            IS(all[i].reason);
        }
    }
    /* Fragments have addresses, too. */
    ipv4("192.0.2.2", UDP);
    frame.bytes[21] = 9;
    frame_put(&frame, "12345678", 8);
    IS(GUARD_SPOOFED_IPV4);
    frame.bytes[29] = 1;
    IS(GUARD_PASS);
    /* Nobody, in what nobody may say. */
    ipv4("0.0.0.0", IGMP);
    frame_put(&frame, "\x16\0\0\0\xe0\0\0\x05", 8);
    IS(GUARD_PASS);
    ipv4("0.0.0.0", UDP);
    frame_udp(&frame, 68, 67);
    frame_dhcp(&frame, 1, 1, 5, MAC_A, "0.0.0.0", 0);
    IS(GUARD_PASS);
    ipv4("0.0.0.0", UDP);
    frame_udp(&frame, 68, 53);
    IS(GUARD_SPOOFED_IPV4);
    guard_end(self);
}

/* As many addresses as a port can have, one by one: each is looked at. */
static void
test_many_ipv4(void)
{
    char text[32];

    self = guard_begin();
    guard_put(self, XVS_ADD, 1, 8, &(struct guard_test_settings) { 0 });
    for (uint32_t n = 1; n <= 64; n++) {
        snprintf(text, sizeof text, "10.%u.0.0/30", n);
        CU_ASSERT_EQUAL(guard_put_address(self, XVS_ADD, 1, 100 + n, text),
                        XVS_SUCCESS);
        for (uint32_t i = 0; i <= 65; i++) {
            snprintf(text, sizeof text, "10.%u.0.3", i);
            ipv4(text, UDP);
            frame_udp(&frame, 1000, 1000);
            IS(i > 0 && i <= n ? GUARD_PASS : GUARD_SPOOFED_IPV4);
        }
    }
    guard_end(self);
}

static void
test_ipv6(void)
{
    static const struct { const char *source; enum guard_reason reason; }
    all[] = {
        { "2001:db8::1", GUARD_PASS },
        { "2001:db8::2", GUARD_SPOOFED_IPV6 },
        { "2001:db8:1::77", GUARD_PASS },
        { "2001:db8:2::77", GUARD_SPOOFED_IPV6 },
        { LOCAL_A, GUARD_PASS },
        { "fe80::ff:fe00:b", GUARD_SPOOFED_IPV6 },
        { "fe80::200:ff:fe00:a", GUARD_SPOOFED_IPV6 },
        { "fe80::1", GUARD_SPOOFED_IPV6 },
        { "fe80::1:0:ff:fe00:a", GUARD_SPOOFED_IPV6 },
        { "::", GUARD_SPOOFED_IPV6 },
    };

    set_up_all();
    for (uint32_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        for (uint32_t n_tags = 0; n_tags < 3; n_tags++) {
            frame_start(&frame, MAC_A, n_tags);
            frame_ipv6(&frame, all[i].source, "2001:db8::9", UDP);
            frame_udp(&frame, 1000, 1000);
            IS(all[i].reason);
        }
    }
    /* "::" in a report of multicast groups, and in an echo request. */
    ipv6("::", ICMP6);
    frame_put(&frame, "\x8f\0\0\0\0\0\0\0", 8);
    IS(GUARD_PASS);
    ipv6("::", ICMP6);
    frame_put(&frame, "\x80\0\0\0\0\0\0\0", 8);
    IS(GUARD_SPOOFED_IPV6);
    guard_end(self);
}

static enum guard_reason
arp(uint8_t operation, const char *mac, const char *source,
    const char *target)
{
    frame_start(&frame, MAC_A, operation == REPLY ? 2 : 0);
    frame_arp(&frame, operation, mac, source, target);
    return run();
}

static void
test_arp(void)
{
    set_up_all();
    CU_ASSERT_EQUAL(arp(REQUEST, MAC_A, "192.0.2.1", "192.0.2.7"),
                    GUARD_PASS);
    CU_ASSERT_EQUAL(arp(REPLY, MAC_A, "198.51.100.3", "192.0.2.7"),
                    GUARD_PASS);
    CU_ASSERT_EQUAL(arp(REPLY, MAC_A, "192.0.2.7", "192.0.2.1"),
                    GUARD_SPOOFED_ARP);
    CU_ASSERT_EQUAL(arp(REPLY, MAC_B, "192.0.2.1", "192.0.2.7"),
                    GUARD_SPOOFED_ARP);
    /* Gratuitous: of its own, of another's; a probe; an answer from none. */
    CU_ASSERT_EQUAL(arp(REQUEST, MAC_A, "192.0.2.1", "192.0.2.1"),
                    GUARD_PASS);
    CU_ASSERT_EQUAL(arp(REQUEST, MAC_A, "192.0.2.7", "192.0.2.7"),
                    GUARD_SPOOFED_ARP);
    CU_ASSERT_EQUAL(arp(REQUEST, MAC_A, "0.0.0.0", "192.0.2.7"), GUARD_PASS);
    CU_ASSERT_EQUAL(arp(REPLY, MAC_A, "0.0.0.0", "192.0.2.7"),
                    GUARD_SPOOFED_ARP);
    /* Of another kind of hardware; with another size of addresses. */
    frame_start(&frame, MAC_A, 0);
    frame_arp(&frame, REQUEST, MAC_A, "192.0.2.1", "192.0.2.7");
    frame.bytes[15] = 6;
    IS(GUARD_SPOOFED_ARP);
    frame.bytes[15] = 1;
    IS(GUARD_PASS);
    frame.bytes[18] = 5;
    IS(GUARD_SPOOFED_ARP);
    guard_end(self);
}

static enum guard_reason
neighbour(const char *source, uint8_t type, const char *target,
          uint8_t option, const char *mac)
{
    ipv6(source, ICMP6);
    frame_icmp6(&frame, type, target, option, mac);
    return run();
}

static void
test_neighbour(void)
{
    set_up_all();
    CU_ASSERT_EQUAL(neighbour(LOCAL_A, NS, "2001:db8::9", 1, MAC_A),
                    GUARD_PASS);
    CU_ASSERT_EQUAL(neighbour(LOCAL_A, NS, "2001:db8::9", 1, MAC_B),
                    GUARD_SPOOFED_NEIGHBOUR);
    CU_ASSERT_EQUAL(neighbour("2001:db8::9", NS, "2001:db8::1", 1, MAC_A),
                    GUARD_SPOOFED_IPV6);
    CU_ASSERT_EQUAL(neighbour("2001:db8::1", NA, "2001:db8:1::5", 2, MAC_A),
                    GUARD_PASS);
    CU_ASSERT_EQUAL(neighbour("2001:db8::1", NA, LOCAL_A, 2, MAC_A),
                    GUARD_PASS);
    CU_ASSERT_EQUAL(neighbour("2001:db8::1", NA, "2001:db8::9", 2, MAC_A),
                    GUARD_SPOOFED_NEIGHBOUR);
    CU_ASSERT_EQUAL(neighbour("2001:db8::1", NA, "2001:db8::1", 2, MAC_B),
                    GUARD_SPOOFED_NEIGHBOUR);
    CU_ASSERT_EQUAL(neighbour("2001:db8::1", NA, "2001:db8::1", 0, NULL),
                    GUARD_PASS);
    CU_ASSERT_EQUAL(neighbour(LOCAL_A, RS, NULL, 1, MAC_A), GUARD_PASS);
    CU_ASSERT_EQUAL(neighbour(LOCAL_A, RS, NULL, 1, MAC_B),
                    GUARD_SPOOFED_NEIGHBOUR);
    /* Duplicate address detection: of own addresses only. */
    CU_ASSERT_EQUAL(neighbour("::", NS, LOCAL_A, 0, NULL), GUARD_PASS);
    CU_ASSERT_EQUAL(neighbour("::", NS, "2001:db8::1", 0, NULL), GUARD_PASS);
    CU_ASSERT_EQUAL(neighbour("::", NS, "fe80::ff:fe00:b", 0, NULL),
                    GUARD_SPOOFED_NEIGHBOUR);
    CU_ASSERT_EQUAL(neighbour("::", NS, LOCAL_A, 1, MAC_A),
                    GUARD_SPOOFED_NEIGHBOUR);
    CU_ASSERT_EQUAL(neighbour("::", NA, LOCAL_A, 0, NULL),
                    GUARD_SPOOFED_IPV6);
    guard_end(self);
}

static void
test_neighbour_form(void)
{
    set_up_all();
    /* Cut short, an option of no size, one that goes on behind the end. */
    ipv6(LOCAL_A, ICMP6);
    frame_put(&frame, "\x87\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);
    IS(GUARD_SPOOFED_NEIGHBOUR);
    for (uint8_t size = 0; size < 4; size++) {
        ipv6(LOCAL_A, ICMP6);
        frame_icmp6(&frame, NS, "2001:db8::9", 1, MAC_A);
        frame_put(&frame, "\x0e\x01xxxxxx", 8);
        frame.bytes[frame.size - 7] = size;
        IS(size == 1 ? GUARD_PASS : GUARD_SPOOFED_NEIGHBOUR);
    }
    /* Behind an extension header, whose presence changes nothing. */
    ipv6("2001:db8::1", DESTINATION);
    frame_extension(&frame, ICMP6);
    frame_icmp6(&frame, NA, "2001:db8::9", 0, NULL);
    IS(GUARD_SPOOFED_NEIGHBOUR);
    frame.bytes[14 + 40 + 8 + 8 + 15] = 1;
    IS(GUARD_PASS);
    /* In fragments, even in one alone. */
    ipv6("2001:db8::1", FRAGMENT);
    frame_fragment(&frame, ICMP6, 0, 0);
    frame_icmp6(&frame, NA, "2001:db8::1", 0, NULL);
    IS(GUARD_SPOOFED_NEIGHBOUR);
    /* An echo request in fragments is nobody's business. */
    ipv6("2001:db8::1", FRAGMENT);
    frame_fragment(&frame, ICMP6, 0, 1);
    frame_put(&frame, "\x80\0\0\0\0\0\0\0", 8);
    IS(GUARD_PASS);
    guard_end(self);
}

static void
test_router(void)
{
    set_up_all();
    for (uint32_t n_tags = 0; n_tags < 3; n_tags++) {
        frame_start(&frame, MAC_A, n_tags);
        frame_ipv6(&frame, LOCAL_A, "ff02::1", ICMP6);
        frame_icmp6(&frame, RA, NULL, 0, NULL);
        IS(GUARD_ADVERTISEMENT);
    }
    /* RFC 7113: behind many headers, and in a first fragment. */
    ipv6(LOCAL_A, DESTINATION);
    for (int i = 0; i < 5; i++) {
        frame_extension(&frame, i < 4 ? DESTINATION : ICMP6);
    }
    frame_icmp6(&frame, RA, NULL, 0, NULL);
    IS(GUARD_ADVERTISEMENT);
    ipv6(LOCAL_A, DESTINATION);
    for (int i = 0; i < 17; i++) {
        frame_extension(&frame, i < 16 ? DESTINATION : ICMP6);
    }
    frame_icmp6(&frame, RA, NULL, 0, NULL);
    IS(GUARD_BROKEN);
    ipv6(LOCAL_A, FRAGMENT);
    frame_fragment(&frame, DESTINATION, 0, 1);
    frame_extension(&frame, ICMP6);
    frame_icmp6(&frame, RA, NULL, 0, NULL);
    IS(GUARD_ADVERTISEMENT);
    /* What it is follows in the next fragment. */
    ipv6(LOCAL_A, FRAGMENT);
    frame_fragment(&frame, DESTINATION, 0, 1);
    frame_extension(&frame, ICMP6);
    IS(GUARD_HIDDEN);
    ipv6(LOCAL_A, FRAGMENT);
    frame_fragment(&frame, DESTINATION, 0, 1);
    frame_extension(&frame, DESTINATION);
    frame.bytes[frame.size - 7] = 1;
    IS(GUARD_HIDDEN);
    /* A later fragment says nothing of itself. */
    ipv6("2001:db8::1", FRAGMENT);
    frame_fragment(&frame, ICMP6, 3, 0);
    frame_icmp6(&frame, RA, NULL, 0, NULL);
    IS(GUARD_PASS);
    guard_end(self);
}

static void
test_redirects(void)
{
    set_up_all();
    ipv6(LOCAL_A, ICMP6);
    frame_icmp6(&frame, REDIRECT, "2001:db8::9", 0, NULL);
    frame_put(&frame, "1234567890123456", 16);
    IS(GUARD_REDIRECTS);
    ipv4("192.0.2.1", ICMP);
    frame_put(&frame, "\x05\0\0\0\0\0\0\0", 8);
    IS(GUARD_REDIRECTS);
    frame.bytes[34] = 8;
    IS(GUARD_PASS);
    guard_end(self);
}

static void
test_dhcp_server(void)
{
    static const struct { uint16_t from, to; enum guard_reason reason; }
    all[] = {
        { 67, 68, GUARD_DHCP_SERVER }, { 67, 67, GUARD_DHCP_SERVER },
        { 1067, 68, GUARD_DHCP_SERVER }, { 66, 69, GUARD_PASS },
        { 68, 69, GUARD_PASS },
    };

    set_up_all();
    for (uint32_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        for (uint32_t n_tags = 0; n_tags < 3; n_tags++) {
            frame_start(&frame, MAC_A, n_tags);
            frame_ipv4(&frame, "192.0.2.1", "255.255.255.255", UDP);
            frame_udp(&frame, all[i].from, all[i].to);
            IS(all[i].reason);
        }
    }
    for (uint16_t port = 545; port < 549; port++) {
        ipv6(LOCAL_A, UDP);
        frame_udp(&frame, port, 1546);
        IS(port == 547 ? GUARD_DHCP_SERVER : GUARD_PASS);
        ipv6(LOCAL_A, UDP);
        frame_udp(&frame, 1547, port);
        IS(port == 546 ? GUARD_DHCP_SERVER : GUARD_PASS);
    }
    /* In front of it, an extension header. */
    ipv6(LOCAL_A, DESTINATION);
    frame_extension(&frame, UDP);
    frame_udp(&frame, 547, 546);
    IS(GUARD_DHCP_SERVER);
    guard_end(self);
}

static void
test_dhcp_client(void)
{
    set_up_all();
    for (int i = 0; i < 4; i++) {
        ipv4("0.0.0.0", UDP);
        frame_udp(&frame, 68, 67);
        frame_dhcp(&frame, i == 1 ? 2 : 1, 3, 5, i == 2 ? MAC_B : MAC_A,
                   "0.0.0.0", 0);
        if (i == 3) {
            frame.bytes[14 + 28 + 24] = 10;     /* by a relay */
        }
        IS(i == 0 ? GUARD_PASS : i == 2 ? GUARD_DHCP_CLIENT
           : GUARD_DHCP_SERVER);
    }
    /* Cut short, or in fragments: nobody knows for whom. */
    ipv4("0.0.0.0", UDP);
    frame_udp(&frame, 68, 67);
    frame_put(&frame, "\x01\x01\x06", 3);
    IS(GUARD_DHCP_CLIENT);
    ipv4("0.0.0.0", UDP);
    frame.bytes[20] = 0x20;
    frame_udp(&frame, 68, 67);
    frame_dhcp(&frame, 1, 3, 5, MAC_A, "0.0.0.0", 0);
    IS(GUARD_DHCP_CLIENT);
    guard_end(self);
}

static void
test_hidden(void)
{
    set_up_all();
    /* IP in LLC and SNAP; something else in it. */
    frame_start(&frame, MAC_A, 0);
    frame_put(&frame, "\0\x30\xaa\xaa\x03\0\0\0\x86\xdd", 10);
    frame_put(&frame, "0123456789012345678901234567890123456789", 40);
    IS(GUARD_HIDDEN);
    frame.bytes[21] = 0x9b;
    IS(GUARD_PASS);
    memcpy(frame.bytes + 20, "\x08\x06", 2);
    frame.bytes[19] = 0xf8;
    IS(GUARD_HIDDEN);
    frame.bytes[14] = 0x42;
    IS(GUARD_PASS);
    for (uint32_t n_tags = 8; n_tags < 10; n_tags++) {
        frame_start(&frame, MAC_A, n_tags);
        frame_put(&frame, "\x88\xb5xxxxxxxx", 10);
        IS(n_tags == 8 ? GUARD_PASS : GUARD_HIDDEN);
    }
    /* Headers that lie. */
    ipv4("192.0.2.1", UDP);
    frame_udp(&frame, 1, 1);
    frame.bytes[14] = 0x4f;
    IS(GUARD_BROKEN);
    frame_start(&frame, MAC_A, 0);
    frame.size = 13;
    frame.l3 = 0;
    IS(GUARD_BROKEN);
    guard_end(self);
}

/* Each check alone lets pass what the others would drop. */
static void
test_switched_off(void)
{
    static const uint32_t properties[] = { GUARD_IS_MACS, GUARD_IS_ADDRESSES,
                                           GUARD_IS_DHCP, GUARD_IS_ROUTER,
                                           GUARD_IS_REDIRECTS };

    for (uint32_t i = 0; i < 5; i++) {
        struct guard_test_settings settings = {
            .given = 1u << properties[i] };

        set_up(&settings);
        frame_start(&frame, MAC_B, 0);
        frame_put(&frame, "\x88\xb5xxxxxxxx", 10);
        IS(i == 0 ? GUARD_PASS : GUARD_SPOOFED_MAC);
        ipv4("192.0.2.2", TCP);
        frame_put(&frame, "\0\1\0\1\0\0\0\0\0\0\0\0\x50\0\0\0\0\0\0\0", 20);
        IS(i == 1 ? GUARD_PASS : GUARD_SPOOFED_IPV4);
        ipv4("192.0.2.1", UDP);
        frame_udp(&frame, 67, 68);
        IS(i == 2 ? GUARD_PASS : GUARD_DHCP_SERVER);
        CU_ASSERT_EQUAL(neighbour(LOCAL_A, RA, NULL, 0, NULL),
                        i == 3 ? GUARD_PASS : GUARD_ADVERTISEMENT);
        ipv4("192.0.2.1", ICMP);
        frame_put(&frame, "\x05\0\0\0\0\0\0\0", 8);
        IS(i == 4 ? GUARD_PASS : GUARD_REDIRECTS);
        guard_end(self);
    }
}

static const struct unit_test tests[] = {
    { "MAC addresses", test_mac },
    { "IPv4 addresses", test_ipv4 },
    { "many IPv4 addresses", test_many_ipv4 },
    { "IPv6 addresses", test_ipv6 },
    { "ARP", test_arp },
    { "neighbour discovery", test_neighbour },
    { "its form", test_neighbour_form },
    { "router advertisements", test_router },
    { "redirects", test_redirects },
    { "DHCP servers", test_dhcp_server },
    { "DHCP clients", test_dhcp_client },
    { "hidden headers", test_hidden },
    { "checks that are off", test_switched_off },
};

UNIT_MAIN("guard frames", tests)
