/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the extension guard keeps: settings of ports and switch, addresses
 * that DHCP servers gave, counters, events.
 */
#include <config.h>

#include <string.h>

#include "guard-host.h"
#include "unit.h"

enum { UDP = 17, ENFORCE = 1, AUDIT = 2 };
enum { DISCOVER = 1, OFFER = 2, ASK = 3, ACK = 5, RELEASE = 7 };

#define SECOND UINT64_C(1000000000)
#define BIT(property) (1u << (property))

static void *self;
static struct guard_frame frame;

static enum guard_reason
from(uint32_t port, const char *mac, const char *source)
{
    frame_start(&frame, mac, 0);
    frame_ipv4(&frame, source, "192.0.2.9", UDP);
    frame_udp(&frame, 1000, 1000);
    return guard_run(self, port, &frame);
}

static void
test_inheritance(void)
{
    struct guard_test_settings all = { .given = 0x1ff, .mode = ENFORCE,
                                       .macs = 1 };
    struct guard_test_settings own = {
        .given = BIT(GUARD_IS_ADDRESSES) | BIT(GUARD_PROPERTIES),
        .addresses = 1, .allowed = "02:00:00:00:00:0C,02:00:00:00:00:0b" };

    self = guard_begin();
    CU_ASSERT_EQUAL(from(1, MAC_B, "192.0.2.1"), GUARD_PASS);
    CU_ASSERT_EQUAL(guard_port_status(self, 1).state, 0);
    CU_ASSERT_EQUAL(guard_put(self, XVS_ADD, 0, 1, &all), XVS_SUCCESS);
    CU_ASSERT_EQUAL(from(1, MAC_B, "192.0.2.1"), GUARD_SPOOFED_MAC);
    CU_ASSERT_EQUAL(from(2, MAC_B, "192.0.2.1"), GUARD_PASS);
    CU_ASSERT_EQUAL(guard_port_status(self, 1).state, ENFORCE);
    CU_ASSERT_STRING_EQUAL(guard_texts[3], "02:00:00:00:00:0a");
    /* The port's: what is not given is still as the switch says. */
    CU_ASSERT_EQUAL(guard_put(self, XVS_ADD, 1, 2, &own), XVS_SUCCESS);
    CU_ASSERT_EQUAL(from(1, MAC_A, "192.0.2.1"), GUARD_SPOOFED_MAC);
    CU_ASSERT_EQUAL(from(1, MAC_B, "192.0.2.1"), GUARD_SPOOFED_IPV4);
    guard_port_status(self, 1);
    CU_ASSERT_STRING_EQUAL(guard_texts[3],
                           "02:00:00:00:00:0c,02:00:00:00:00:0b");
    CU_ASSERT_EQUAL(guard_put_address(self, XVS_ADD, 1, 3, "192.0.2.1"),
                    XVS_SUCCESS);
    CU_ASSERT_EQUAL(from(1, MAC_B, "192.0.2.1"), GUARD_PASS);
    all.mode = AUDIT;
    CU_ASSERT_EQUAL(guard_put(self, XVS_UPDATE, 0, 1, &all), XVS_SUCCESS);
    CU_ASSERT_EQUAL(from(1, MAC_A, "192.0.2.1"), GUARD_PASS);
    CU_ASSERT_EQUAL(guard_port_status(self, 1).state, AUDIT);
    CU_ASSERT_EQUAL(guard_put(self, XVS_DELETE, 0, 1, &all), XVS_SUCCESS);
    CU_ASSERT_EQUAL(from(1, MAC_A, "192.0.2.1"), GUARD_SPOOFED_MAC);
    CU_ASSERT_EQUAL(from(2, MAC_A, "192.0.2.1"), GUARD_PASS);
    CU_ASSERT_EQUAL(guard_put(self, XVS_DELETE, 1, 2, &own), XVS_SUCCESS);
    CU_ASSERT_EQUAL(from(1, MAC_A, "192.0.2.1"), GUARD_PASS);
    guard_end(self);
}

/* A port gets another address. */
static void
test_new_mac(void)
{
    struct xvs_port port = { .size = sizeof(port), .id = 1, .mac = MAC_B };
    struct guard_test_settings own = { .given = BIT(GUARD_IS_ADDRESSES) };

    self = guard_begin();
    guard_put(self, XVS_ADD, 1, 1, &own);
    CU_ASSERT_EQUAL(from(1, MAC_B, "192.0.2.1"), GUARD_SPOOFED_MAC);
    xvs_extension_v1.port(self, XVS_PORT_UPDATED, &port);
    CU_ASSERT_EQUAL(from(1, MAC_B, "192.0.2.1"), GUARD_PASS);
    xvs_extension_v1.port(self, XVS_PORT_DELETED, &port);
    CU_ASSERT_EQUAL(from(1, MAC_A, "192.0.2.1"), GUARD_PASS);
    CU_ASSERT_EQUAL(guard_put(self, XVS_ADD, 1, 1, &own),
                    XVS_INVALID_PARAMETER);
    guard_end(self);
}

static void
refused(int result, const char *text)
{
    CU_ASSERT_EQUAL(result, XVS_NOT_ACCEPTED);
    CU_ASSERT(strstr(guard_refusal, text) != NULL);
}

static void
test_refusals(void)
{
    static const struct { const char *address, *text; } all[] = {
        { "", "Address: not given" },
        { "10.0.0.1/8", "has address bits behind the prefix" },
        { "2001:db8::1/64", "has address bits behind the prefix" },
        { "10.0.0.0/33", "expected 0 to 32" },
        { "10.0.0.0/", "expected 0 to 32" },
        { "10.0.0.0/08", "expected 0 to 32" },
        { "2001:db8::/129", "expected 0 to 128" },
        { "10.0.0", "\"10.0.0\" is no address" },
        { "224.0.0.5", "is a multicast address" },
        { "ff02::1", "is a multicast address" },
    };
    static const struct { const char *macs, *text; } lists[] = {
        { "02:00:00:00:00", "is no list of MAC addresses" },
        { "02:00:00:00:00:01,", "is no list of MAC addresses" },
        { "02:00:00:00:00:01;02:00:00:00:00:02", "is no list" },
        { "01:00:00:00:00:01", "that no card has" },
    };
    struct guard_test_settings own = { .given = BIT(GUARD_PROPERTIES) };

    self = guard_begin();
    for (uint32_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        refused(guard_put_address(self, XVS_ADD, 1, 1, all[i].address),
                all[i].text);
    }
    for (uint32_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        own.allowed = lists[i].macs;
        refused(guard_put(self, XVS_VALIDATE, 1, 1, &own), lists[i].text);
    }
    own = (struct guard_test_settings) { .given = BIT(GUARD_IS_MODE),
                                         .mode = 3 };
    refused(guard_put(self, XVS_ADD, 1, 1, &own), "Mode: 3: expected 1");
    own.given = 0;
    CU_ASSERT_EQUAL(guard_put(self, XVS_VALIDATE, 1, 1, &own), XVS_SUCCESS);
    CU_ASSERT_EQUAL(guard_port_status(self, 1).state, 0);
    CU_ASSERT_EQUAL(guard_put(self, XVS_ADD, 1, 1, &own), XVS_SUCCESS);
    refused(guard_put(self, XVS_ADD, 1, 2, &own), "the port has such");
    for (uint32_t i = 0; i < GUARD_ADDRESSES; i++) {
        CU_ASSERT_EQUAL(guard_put_address(self, XVS_ADD, 1, 100 + i,
                                          "192.0.2.1"), XVS_SUCCESS);
    }
    refused(guard_put_address(self, XVS_ADD, 1, 99, "192.0.2.2"),
            "64 addresses already");
    CU_ASSERT_EQUAL(guard_put_address(self, XVS_UPDATE, 1, 100, "::/0"),
                    XVS_SUCCESS);
    CU_ASSERT_EQUAL(guard_put_address(self, XVS_DELETE, 1, 101, ""),
                    XVS_SUCCESS);
    CU_ASSERT_EQUAL(guard_put_address(self, XVS_DELETE, 1, 101, ""),
                    XVS_INVALID_PARAMETER);
    CU_ASSERT_EQUAL(guard_put_address(self, XVS_ADD, 1, 99, "192.0.2.2"),
                    XVS_SUCCESS);
    guard_end(self);
}

/* ---- DHCP --------------------------------------------------------------- */

static enum guard_reason
ask(uint8_t type, uint32_t number, uint32_t n_tags, const char *address)
{
    frame_start(&frame, MAC_A, n_tags);
    frame_ipv4(&frame, type == RELEASE ? address : "0.0.0.0",
               "255.255.255.255", UDP);
    frame_udp(&frame, 68, 67);
    frame_dhcp(&frame, 1, type, number, MAC_A, address, 0);
    return guard_run(self, 1, &frame);
}

static void
answer(uint8_t type, uint32_t port, const char *client, uint32_t number,
       uint32_t n_tags, const char *address, uint32_t seconds)
{
    frame_start(&frame, "\x02\0\0\0\0\x99", n_tags);
    frame_ipv4(&frame, "192.0.2.254", "255.255.255.255", UDP);
    frame_udp(&frame, 67, 68);
    frame_dhcp(&frame, 2, type, number, client, address, seconds);
    guard_run(self, port, &frame);
}

static void
acknowledge(uint32_t port, const char *client, uint32_t number,
            uint32_t n_tags, const char *address, uint32_t seconds)
{
    answer(ACK, port, client, number, n_tags, address, seconds);
}

/* Port 1 learns from port 3. */
static void
set_up(void)
{
    struct guard_test_settings trusted = {
        .given = BIT(GUARD_IS_TRUSTED), .trusted = 1 };
    struct guard_test_settings learns = {
        .given = BIT(GUARD_IS_SNOOPING), .snooping = 1 };

    self = guard_begin();
    CU_ASSERT_EQUAL(guard_put(self, XVS_ADD, 3, 1, &trusted), XVS_SUCCESS);
    CU_ASSERT_EQUAL(guard_put(self, XVS_ADD, 1, 2, &learns), XVS_SUCCESS);
    CU_ASSERT_EQUAL(guard_put(self, XVS_ADD, 2, 3, &learns), XVS_SUCCESS);
}

static void
test_lease(void)
{
    char text[80];

    set_up();
    CU_ASSERT_EQUAL(from(1, MAC_A, "192.0.2.50"), GUARD_SPOOFED_IPV4);
    CU_ASSERT_EQUAL(ask(ASK, 77, 0, "0.0.0.0"), GUARD_PASS);
    acknowledge(3, MAC_A, 77, 0, "192.0.2.50", 100);
    CU_ASSERT_EQUAL(from(1, MAC_A, "192.0.2.50"), GUARD_PASS);
    CU_ASSERT_EQUAL(from(1, MAC_A, "192.0.2.51"), GUARD_SPOOFED_IPV4);
    CU_ASSERT_EQUAL(from(2, MAC_B, "192.0.2.50"), GUARD_SPOOFED_IPV4);
    CU_ASSERT_EQUAL(guard_port_status(self, 1).leases, 1);
    CU_ASSERT_EQUAL(guard_port_leases(self, 1, text), 1);
    CU_ASSERT_STRING_EQUAL(text, "192.0.2.50 02:00:00:00:00:0a 0 100");
    frame_start(&frame, MAC_A, 0);
    frame_arp(&frame, 1, MAC_A, "192.0.2.50", "192.0.2.50");
    CU_ASSERT_EQUAL(guard_run(self, 1, &frame), GUARD_PASS);
    guard_now += 99 * SECOND;
    CU_ASSERT_EQUAL(from(1, MAC_A, "192.0.2.50"), GUARD_PASS);
    guard_now += SECOND;
    CU_ASSERT_EQUAL(from(1, MAC_A, "192.0.2.50"), GUARD_SPOOFED_IPV4);
    CU_ASSERT_EQUAL(guard_port_leases(self, 1, text), 0);
    /* Renewed, for ever; then given back. */
    ask(ASK, 78, 0, "0.0.0.0");
    acknowledge(3, MAC_A, 78, 0, "192.0.2.50", UINT32_MAX);
    guard_now += 1000000 * SECOND;
    CU_ASSERT_EQUAL(from(1, MAC_A, "192.0.2.50"), GUARD_PASS);
    CU_ASSERT_EQUAL(ask(RELEASE, 79, 0, "192.0.2.50"), GUARD_PASS);
    CU_ASSERT_EQUAL(from(1, MAC_A, "192.0.2.50"), GUARD_SPOOFED_IPV4);
    guard_end(self);
}

static void
test_not_learned(void)
{
    char text[80];

    set_up();
    /* Not asked; another number, client, VLAN; an offer; from a port that is
     * not trusted, as any server's answer is dropped there. */
    acknowledge(3, MAC_A, 77, 0, "192.0.2.50", 100);
    ask(DISCOVER, 77, 1, "0.0.0.0");
    acknowledge(3, MAC_A, 76, 1, "192.0.2.50", 100);
    acknowledge(3, MAC_B, 77, 1, "192.0.2.50", 100);
    acknowledge(3, MAC_A, 77, 0, "192.0.2.50", 100);
    answer(OFFER, 3, MAC_A, 77, 1, "192.0.2.50", 100);
    acknowledge(2, MAC_A, 77, 1, "192.0.2.50", 100);
    acknowledge(3, MAC_A, 77, 1, "192.0.2.50", 0);
    acknowledge(3, MAC_A, 77, 1, "0.0.0.0", 100);
    CU_ASSERT_EQUAL(guard_port_leases(self, 1, text), 0);
    acknowledge(3, MAC_A, 77, 1, "192.0.2.50", 100);
    CU_ASSERT_EQUAL(guard_port_leases(self, 1, text), 1);
    CU_ASSERT_STRING_EQUAL(text, "192.0.2.50 02:00:00:00:00:0a 42 100");
    /* The server gives it to somebody else. */
    acknowledge(3, MAC_B, 1, 0, "192.0.2.50", 100);
    CU_ASSERT_EQUAL(guard_port_leases(self, 1, text), 1);
    acknowledge(3, MAC_B, 1, 1, "192.0.2.50", 100);
    CU_ASSERT_EQUAL(guard_port_leases(self, 1, text), 0);
    guard_end(self);
}

static void
test_many_leases(void)
{
    char address[16], text[80];

    set_up();
    for (uint32_t i = 1; i <= 2 * GUARD_LEASES; i++) {
        ask(ASK, i, 0, "0.0.0.0");
        snprintf(address, sizeof(address), "192.0.2.%u", i);
        acknowledge(3, MAC_A, i, 0, address, 1000 + i);
        CU_ASSERT_EQUAL(from(1, MAC_A, address), GUARD_PASS);
    }
    CU_ASSERT_EQUAL(guard_port_leases(self, 1, text), GUARD_LEASES);
    CU_ASSERT_EQUAL(from(1, MAC_A, "192.0.2.16"), GUARD_SPOOFED_IPV4);
    CU_ASSERT_EQUAL(from(1, MAC_A, "192.0.2.17"), GUARD_PASS);
    guard_end(self);
}

/* ---- Counters, events, rates -------------------------------------------- */

static void
test_counters(void)
{
    struct guard_test_settings own = { 0 };
    struct xvs_guard_port_status status;

    self = guard_begin();
    guard_put(self, XVS_ADD, 1, 1, &own);
    status = guard_port_status(self, 1);
    CU_ASSERT_EQUAL(status.last_time.microseconds, 0);
    xvs_extension_v1.timer(self);
    CU_ASSERT_STRING_EQUAL(guard_event, "");
    for (int i = 0; i < 3; i++) {
        from(1, MAC_B, "192.0.2.1");
    }
    from(1, MAC_A, "192.0.2.7");
    status = guard_port_status(self, 1);
    CU_ASSERT_EQUAL(status.spoofed_mac, 3);
    CU_ASSERT_EQUAL(status.spoofed_ipv4, 1);
    CU_ASSERT_EQUAL(status.spoofed_ipv6, 0);
    CU_ASSERT(status.last_time.microseconds > 0);
    CU_ASSERT_STRING_EQUAL(guard_texts[0], "spoofed IPv4 address");
    CU_ASSERT_STRING_EQUAL(guard_texts[1], "02:00:00:00:00:0a");
    CU_ASSERT_STRING_EQUAL(guard_texts[2], "192.0.2.7");
    /* An event at once, and the next one for all that came in between. */
    xvs_extension_v1.timer(self);
    CU_ASSERT_STRING_EQUAL(guard_event, "port p1: spoofed IPv4 address from "
                           "02:00:00:00:00:0a, 192.0.2.7; 4 dropped");
    guard_event[0] = 0;
    for (int i = 0; i < 11; i++) {
        from(1, MAC_B, "192.0.2.1");
        xvs_extension_v1.timer(self);
        CU_ASSERT_EQUAL(guard_event[0] != 0, i == 10);
        guard_now += SECOND;
    }
    CU_ASSERT(strstr(guard_event, "; 11 dropped") != NULL);
    guard_end(self);
}

static uint32_t
arps(uint32_t n, uint64_t every)
{
    uint32_t passed = 0;

    for (uint32_t i = 0; i < n; i++) {
        frame_start(&frame, MAC_A, 0);
        frame_arp(&frame, 1, MAC_A, "192.0.2.1", "192.0.2.7");
        passed += guard_run(self, 1, &frame) == GUARD_PASS;
        guard_now += every;
    }
    return passed;
}

static void
test_arp_rate(void)
{
    struct guard_test_settings own = {
        .given = BIT(GUARD_IS_ARP_RATE) | BIT(GUARD_IS_ADDRESSES),
        .arp_rate = 10 };

    self = guard_begin();
    guard_put(self, XVS_ADD, 1, 1, &own);
    CU_ASSERT_EQUAL(arps(100, 0), 8);
    CU_ASSERT_EQUAL(guard_port_status(self, 1).arp_rate, 92);
    guard_now += 10 * SECOND;
    CU_ASSERT_EQUAL(arps(100, SECOND / 10), 100);
    guard_now += 10 * SECOND;
    CU_ASSERT_EQUAL(arps(100, SECOND / 20), 57);
    guard_end(self);
}

static const struct unit_test tests[] = {
    { "port and switch", test_inheritance },
    { "another MAC address", test_new_mac },
    { "refusals", test_refusals },
    { "a lease", test_lease },
    { "what is no lease", test_not_learned },
    { "more leases than there is room for", test_many_leases },
    { "counters and events", test_counters },
    { "ARP rate", test_arp_rate },
};

UNIT_MAIN("guard state", tests)
