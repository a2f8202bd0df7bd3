/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The extension snoop as a whole, through its descriptor: frames and settings
 * in, and what it tells the switch.
 */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include "snoop-host.h"
#include "unit.h"

#define MAC "01:00:5e:01:01:01"     /* of 239.1.1.1 */
#define MAC6 "33:33:00:00:12:34"    /* of ff3e::1234 */

enum { NOT_ROUTER = 1, MALFORMED = 2, NO_ROUTER_HERE = 3, BLOCKED = 4,
       BLOCK = 2, ALLOW = 1 };

static void *self;

static bool
has_ports(const char *mac, uint16_t vlan, uint32_t n, uint32_t first)
{
    const struct snoop_fake_group *group = snoop_told(mac, vlan);

    return group && group->n == n && (n == 0 || group->ports[0] == first);
}

/* A querier at port 4, and hosts have had their time. */
static void
begin(void)
{
    self = snoop_begin();
    CU_ASSERT_EQUAL(snoop_query(self, 4, "192.0.2.254"), 0);
    CU_ASSERT_EQUAL(snoop_query(self, 4, "fe80::fe"), 0);
    snoop_pass(self, 2000);
}

static void
test_querier(void)
{
    self = snoop_begin();
    CU_ASSERT_EQUAL(snoop_fake.timer_ms, 0);
    snoop_join(self, 1, "239.1.1.1");
    CU_ASSERT(!snoop_bound(false, 0));
    CU_ASSERT_PTR_NULL(snoop_told(MAC, 0));
    /* A stand-in without an address is no querier. */
    snoop_query(self, 4, "0.0.0.0");
    snoop_pass(self, 5000);
    CU_ASSERT(!snoop_bound(false, 0) && !snoop_fake.is_router[4]);
    snoop_query(self, 4, "192.0.2.254");
    CU_ASSERT(snoop_fake.is_router[4] && !snoop_bound(false, 0));
    snoop_pass(self, 1400);
    CU_ASSERT(!snoop_bound(false, 0));
    snoop_pass(self, 200);
    CU_ASSERT(snoop_bound(false, 0) && !snoop_bound(true, 0));
    CU_ASSERT(!snoop_bound(false, 1));
    CU_ASSERT(has_ports(MAC, 0, 1, 1));
    /* Silent for long: everything is flooded again. */
    snoop_pass(self, 240000);
    snoop_join(self, 1, "239.1.1.1");
    CU_ASSERT(snoop_bound(false, 0));
    snoop_pass(self, 15000);
    CU_ASSERT(!snoop_bound(false, 0) && !snoop_fake.is_router[4]);
    CU_ASSERT_PTR_NULL(snoop_told(MAC, 0));
    snoop_end(self);
}

static void
test_members(void)
{
    begin();
    snoop_join(self, 1, "239.1.1.1");
    snoop_join(self, 2, "239.1.1.1");
    snoop_join(self, 3, "225.1.1.1");
    snoop_join(self, 2, "ff3e::1234");
    CU_ASSERT(has_ports(MAC, 0, 3, 1));
    CU_ASSERT(has_ports(MAC6, 0, 1, 2));
    snoop_leave(self, 1, "239.1.1.1");
    CU_ASSERT(has_ports(MAC, 0, 3, 1));
    /* Somebody else is there still: says so in time. */
    snoop_pass(self, 1000);
    snoop_join(self, 1, "239.1.1.1");
    snoop_leave(self, 2, "ff3e::1234");
    snoop_pass(self, 3100);
    CU_ASSERT(has_ports(MAC, 0, 3, 1));
    CU_ASSERT_PTR_NULL(snoop_told(MAC6, 0));
    snoop_leave(self, 1, "239.1.1.1");
    snoop_pass(self, 3100);
    CU_ASSERT(has_ports(MAC, 0, 2, 2));
    /* 260 s later the rest, while the querier is kept alive. */
    for (int i = 0; i < 3; i++) {
        snoop_query(self, 4, "192.0.2.254");
        snoop_pass(self, 100000);
    }
    CU_ASSERT(snoop_bound(false, 0));
    CU_ASSERT_PTR_NULL(snoop_told(MAC, 0));
    CU_ASSERT_EQUAL(snoop_port_status(self, 1).reports, 2);
    CU_ASSERT_EQUAL(snoop_port_status(self, 1).leaves, 2);
    CU_ASSERT_EQUAL(snoop_port_status(self, 4).queries, 5);
    CU_ASSERT_EQUAL(snoop_port_status(self, 1).groups, 0);
    snoop_end(self);
}

/* What all hosts must get has no members: it would only take room. */
static void
test_flooded(void)
{
    static const struct xvs_guid members = XVS_SNOOP_MEMBER_UUID;

    begin();
    snoop_join(self, 1, "224.0.0.251");
    snoop_join(self, 1, "ff02::1:ff00:9");
    snoop_join(self, 1, "225.0.0.5");
    CU_ASSERT_EQUAL(snoop_count(self, &members), 0);
    CU_ASSERT_EQUAL(snoop_fake.n_groups, 0);
    CU_ASSERT_EQUAL(snoop_port_status(self, 1).reports, 3);
    snoop_end(self);
}

/* Reports are for routers; queries and the rest are for all. */
static void
test_way_out(void)
{
    const struct snoop_wrap wrap4 = { 0 };
    const struct snoop_wrap wrap6 = { .is_ipv6 = true };
    uint8_t frame[256], body[64];
    size_t size;

    begin();
    for (int i = 0; i < 6; i++) {
        const uint8_t types[] = { 0x16, 0x17, 0x11, 131, 132, 130 };
        bool is_query = types[i] == 0x11 || types[i] == 130;
        uint8_t wanted = is_query ? 0 : NOT_ROUTER;

        size = snoop_one(body, types[i], 0, i < 3 ? "239.1.1.1"
                                                  : "ff3e::1234");
        size = snoop_wrap(frame, i < 3 ? &wrap4 : &wrap6, body, size);
        CU_ASSERT_EQUAL(snoop_run(self, 4, true, frame, size), 0);
        CU_ASSERT_EQUAL(snoop_run(self, 3, true, frame, size), wanted);
    }
    /* Also where the operator says that a router is. */
    CU_ASSERT_EQUAL(snoop_put_port(self, 3, 1), XVS_SUCCESS);
    CU_ASSERT(snoop_fake.is_router[3]);
    size = snoop_wrap(frame, &wrap4, body, snoop_one(body, 0x16, 0,
                                                     "239.1.1.1"));
    CU_ASSERT_EQUAL(snoop_run(self, 3, true, frame, size), 0);
    CU_ASSERT_EQUAL(snoop_put_port(self, 3, 0), XVS_SUCCESS);
    CU_ASSERT(!snoop_fake.is_router[3]);
    CU_ASSERT_EQUAL(snoop_run(self, 3, true, frame, size), NOT_ROUTER);
    /* Another VLAN has no querier: there they go everywhere. */
    {
        const struct snoop_wrap tagged = { .vlan = 9 };

        size = snoop_wrap(frame, &tagged, body,
                          snoop_one(body, 0x16, 0, "239.1.1.1"));
        CU_ASSERT_EQUAL(snoop_run(self, 3, true, frame, size), 0);
    }
    snoop_end(self);
}

static void
test_settings(void)
{
    struct xvs_switch_snooping body = XVS_SWITCH_SNOOPING_DEFAULTS;

    begin();
    CU_ASSERT_EQUAL(snoop_put_static(self, XVS_ADD, 2, 1, "239.1.1.1", 0),
                    XVS_SUCCESS);
    CU_ASSERT(has_ports(MAC, 0, 1, 2));
    CU_ASSERT_EQUAL(snoop_put_static(self, XVS_ADD, 2, 2, "239.1.1.1", 0),
                    XVS_NOT_ACCEPTED);
    CU_ASSERT_EQUAL(snoop_put_static(self, XVS_ADD, 2, 2, "192.0.2.1", 0),
                    XVS_NOT_ACCEPTED);
    CU_ASSERT_PTR_NOT_NULL(strstr(snoop_fake.refusal, "is no group"));
    CU_ASSERT_EQUAL(snoop_put_static(self, XVS_ADD, 2, 2, "224.0.0.5", 0),
                    XVS_NOT_ACCEPTED);
    CU_ASSERT_PTR_NOT_NULL(strstr(snoop_fake.refusal, "to all ports"));
    CU_ASSERT_EQUAL(snoop_put_static(self, XVS_UPDATE, 2, 1, "ff3e::1234", 0),
                    XVS_SUCCESS);
    CU_ASSERT_PTR_NULL(snoop_told(MAC, 0));
    CU_ASSERT(has_ports(MAC6, 0, 1, 2));
    CU_ASSERT_EQUAL(snoop_put_static(self, XVS_DELETE, 2, 1, "", 0),
                    XVS_SUCCESS);
    CU_ASSERT_PTR_NULL(snoop_told(MAC6, 0));
    /* Only some VLANs, only MLD, nothing at all. */
    snoop_join(self, 1, "239.1.1.1");
    snoop_join(self, 1, "ff3e::1234");
    CU_ASSERT_EQUAL(snoop_put_switch(self, &body, "1-5000"),
                    XVS_NOT_ACCEPTED);
    CU_ASSERT_EQUAL(snoop_put_switch(self, &body, "0,7"), XVS_SUCCESS);
    CU_ASSERT(has_ports(MAC, 0, 1, 1));
    body.igmp = 0;
    CU_ASSERT_EQUAL(snoop_put_switch(self, &body, ""), XVS_SUCCESS);
    CU_ASSERT(!snoop_bound(false, 0) && snoop_bound(true, 0));
    CU_ASSERT_PTR_NULL(snoop_told(MAC, 0));
    CU_ASSERT(has_ports(MAC6, 0, 1, 1));
    body.enabled = 0;
    CU_ASSERT_EQUAL(snoop_put_switch(self, &body, ""), XVS_SUCCESS);
    CU_ASSERT(!snoop_bound(true, 0) && !snoop_fake.is_router[4]);
    CU_ASSERT_EQUAL(snoop_fake.n_groups, 0);
    snoop_join(self, 1, "239.1.1.1");
    CU_ASSERT_EQUAL(snoop_port_status(self, 1).groups, 0);
    snoop_end(self);
}

static void
test_filters(void)
{
    const struct snoop_wrap wrap = { 0 };
    uint8_t frame[512], body[256];
    size_t size;

    begin();
    snoop_join(self, 1, "239.1.1.1");
    CU_ASSERT_EQUAL(snoop_put_filter(self, XVS_ADD, 1, 1, "239.0.0.0/8",
                                     BLOCK), XVS_SUCCESS);
    CU_ASSERT_PTR_NULL(snoop_told(MAC, 0));
    CU_ASSERT_EQUAL(snoop_join(self, 1, "239.1.1.1"), BLOCKED);
    CU_ASSERT_EQUAL(snoop_join(self, 2, "239.1.1.1"), 0);
    CU_ASSERT_EQUAL(snoop_join(self, 1, "ff3e::1234"), 0);
    /* The longest prefix decides. */
    CU_ASSERT_EQUAL(snoop_put_filter(self, XVS_ADD, 1, 2, "239.1.0.0/16",
                                     ALLOW), XVS_SUCCESS);
    CU_ASSERT_EQUAL(snoop_join(self, 1, "239.1.1.1"), 0);
    CU_ASSERT_EQUAL(snoop_join(self, 1, "239.2.1.1"), BLOCKED);
    CU_ASSERT(has_ports(MAC, 0, 2, 1));
    snoop_put_filter(self, XVS_ADD, 3, 1, "239.1.0.0/16", ALLOW);
    snoop_put_filter(self, XVS_ADD, 3, 2, "239.0.0.0/8", BLOCK);
    CU_ASSERT_EQUAL(snoop_join(self, 3, "239.1.1.1"), 0);
    CU_ASSERT(has_ports(MAC, 0, 3, 1));
    /* A report of which a part is blocked goes on; that part is not taken. */
    CU_ASSERT_EQUAL(snoop_put_filter(self, XVS_ADD, 1, 4, "239.1.9.2",
                                     BLOCK), XVS_SUCCESS);
    size = snoop_list(body, false, 3, 4, 0, "239.1.9.0");
    size = snoop_wrap(frame, &wrap, body, size);
    CU_ASSERT_EQUAL(snoop_run(self, 1, false, frame, size), 0);
    snoop_settle(self);
    CU_ASSERT_EQUAL(snoop_port_status(self, 1).groups, 4);
    CU_ASSERT_EQUAL(snoop_port_status(self, 1).blocked_joins, 3);
    CU_ASSERT_EQUAL(snoop_put_filter(self, XVS_ADD, 1, 3, "239.1.0.0/16",
                                     BLOCK), XVS_NOT_ACCEPTED);
    CU_ASSERT_EQUAL(snoop_put_filter(self, XVS_ADD, 1, 3, "239.1.0.1/16",
                                     BLOCK), XVS_NOT_ACCEPTED);
    CU_ASSERT_EQUAL(snoop_put_filter(self, XVS_ADD, 1, 3, "10.0.0.0/8",
                                     BLOCK), XVS_NOT_ACCEPTED);
    CU_ASSERT_EQUAL(snoop_put_filter(self, XVS_DELETE, 1, 1, "", 0),
                    XVS_SUCCESS);
    CU_ASSERT_EQUAL(snoop_join(self, 1, "239.2.1.1"), 0);
    snoop_end(self);
}

static void
test_guard(void)
{
    begin();
    CU_ASSERT_EQUAL(snoop_put_port(self, 1, 2), XVS_SUCCESS);
    CU_ASSERT_EQUAL(snoop_query(self, 1, "192.0.2.1"), NO_ROUTER_HERE);
    CU_ASSERT(!snoop_fake.is_router[1]);
    CU_ASSERT_EQUAL(snoop_port_status(self, 1).refused_queries, 1);
    /* The port where the querier is: it is not believed any more. */
    CU_ASSERT_EQUAL(snoop_put_port(self, 4, 2), XVS_SUCCESS);
    CU_ASSERT(!snoop_bound(false, 0) && !snoop_fake.is_router[4]);
    snoop_end(self);
}

/* A guest that joins all there is: limits hold, and all is counted. */
static void
test_flood(void)
{
    const struct snoop_wrap wrap = { 0 };
    static uint8_t frame[8192], body[8192];
    struct xvs_port_snooping_status status;
    size_t size;

    begin();
    for (int i = 0; i < 10; i++) {
        char group[32];

        snprintf(group, sizeof(group), "239.%d.1.0", 10 + i);
        size = snoop_list(body, false, 180, 4, 0, group);
        size = snoop_wrap(frame, &wrap, body, size);
        CU_ASSERT_EQUAL(snoop_run(self, 1, false, frame, size), 0);
    }
    snoop_settle(self);
    status = snoop_port_status(self, 1);
    CU_ASSERT_EQUAL(status.groups, 256);
    CU_ASSERT_EQUAL(status.refused_by_port, 1800 - 256);
    CU_ASSERT_EQUAL(status.lost, 0);
    CU_ASSERT_EQUAL(snoop_fake.n_groups, 256);
    /* In the same second more than is looked at. */
    for (int i = 0; i < 10; i++) {
        snoop_run(self, 1, false, frame, size);
    }
    snoop_settle(self);
    status = snoop_port_status(self, 1);
    CU_ASSERT_EQUAL(status.lost, 1800 + 1800 - 2000);
    CU_ASSERT_EQUAL(status.refused_by_port + status.groups + status.lost,
                    3600);
    /* Nobody else is kept from anything, nor a router at the same port. */
    snoop_query(self, 1, "192.0.2.1");
    CU_ASSERT(snoop_fake.is_router[1]);
    snoop_join(self, 2, "239.1.1.1");
    CU_ASSERT(has_ports(MAC, 0, 1, 2));
    snoop_end(self);
}

/* Malformed messages go no further; several buffers are read as one. */
static void
test_frames(void)
{
    const struct snoop_wrap wrong = { .wrong_sum = true };
    const struct snoop_wrap wrap = { .vlan = 20 };
    static uint8_t frame[8192], body[8192], more[8192];
    struct xvs_packet head = { 0 }, rest = { 0 };
    struct xvs_burst burst = { .n = 1, .packets = { &head } };
    size_t size;

    begin();
    size = snoop_wrap(frame, &wrong, body, snoop_one(body, 0x16, 0,
                                                     "239.1.1.1"));
    CU_ASSERT_EQUAL(snoop_run(self, 1, false, frame, size), MALFORMED);
    CU_ASSERT_EQUAL(snoop_port_status(self, 1).malformed, 1);
    size = snoop_list(body, false, 200, 4, 0, "239.1.1.0");
    size = snoop_wrap(frame, &wrap, body, size);
    head = (struct xvs_packet) {
        .data = frame, .length = 1024, .total = (uint32_t) size,
        .next = &rest, .in_port = 1, .out_port = XVS_PORT_NONE, .vlan = 20,
        .flags = XVS_PACKET_VLAN | XVS_PACKET_IPV4, .protocol = 2, .l3 = 18,
        .time = snoop_fake.now };
    rest.data = memcpy(more, frame + 1024, size - 1024);
    rest.length = (uint32_t) size - 1024;
    memset(frame + 1024, 0xff, size - 1024);
    xvs_extension_v1.ingress(self, &burst);
    snoop_settle(self);
    CU_ASSERT_EQUAL(head.verdict, XVS_PASS);
    CU_ASSERT_EQUAL(snoop_port_status(self, 1).groups, 200);
    snoop_end(self);
}

/* A port that goes; a new instance beside what an old one left. */
static void
test_going(void)
{
    struct xvs_port port = { .size = sizeof(port), .id = 1 };
    void *old;

    begin();
    snoop_join(self, 1, "239.1.1.1");
    snoop_join(self, 2, "239.1.1.1");
    CU_ASSERT_EQUAL(xvs_extension_v1.port(self, XVS_PORT_DELETED, &port),
                    XVS_SUCCESS);
    CU_ASSERT(has_ports(MAC, 0, 1, 2));
    port.id = 4;
    CU_ASSERT_EQUAL(xvs_extension_v1.port(self, XVS_PORT_DELETED, &port),
                    XVS_SUCCESS);
    CU_ASSERT(!snoop_bound(false, 0));
    snoop_end(self);

    begin();
    old = self;
    snoop_join(old, 1, "239.1.1.1");
    self = snoop_begin();
    CU_ASSERT(!snoop_bound(false, 0) && !snoop_fake.is_router[4]);
    CU_ASSERT_EQUAL(snoop_fake.n_groups, 0);
    xvs_extension_v1.fini(old);
    snoop_end(self);
}

/* The switch does not take a group: said once, and tried again. */
static void
test_refusal(void)
{
    begin();
    snoop_fake.result = XVS_RESOURCES;
    snoop_join(self, 1, "239.1.1.1");
    CU_ASSERT_EQUAL(snoop_fake.n_events, 1);
    snoop_pass(self, 3000);
    CU_ASSERT_EQUAL(snoop_fake.n_events, 1);
    snoop_fake.result = XVS_SUCCESS;
    snoop_pass(self, 1100);
    CU_ASSERT(has_ports(MAC, 0, 1, 1));
    snoop_end(self);
}

static const struct unit_test tests[] = {
    { "querier", test_querier },
    { "members", test_members },
    { "addresses for all", test_flooded },
    { "the way out", test_way_out },
    { "settings", test_settings },
    { "filters", test_filters },
    { "no router here", test_guard },
    { "flood of joins", test_flood },
    { "frames", test_frames },
    { "what goes", test_going },
    { "refusal", test_refusal },
};

UNIT_MAIN("snoop switch", tests)
