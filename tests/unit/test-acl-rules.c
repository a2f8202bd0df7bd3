/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which packets a rule is about, in which order rules decide, what is refused
 * and why, and what is counted.
 */
#include <config.h>

#include <string.h>

#include "acl-host.h"
#include "unit.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
enum { ALLOW = 1, DENY = 2, TCP = 6, UDP = 17, ICMP = 1, ICMP6 = 58 };

/* Is the packet blocked by this one denying rule? */
static const struct {
    const char *what;
    struct acl_test_rule rule;
    struct acl_test_packet packet;
    bool out;
    bool is_blocked;
} matching[] = {
#define V4(...) { .source = "192.0.2.1", .destination = "198.51.100.2", \
                  .protocol = __VA_ARGS__ }
#define V6(...) { .source = "2001:db8::1", .destination = "2001:db8:1::2", \
                  .protocol = __VA_ARGS__ }
    { "everything", { .port = 1 }, V4(TCP), false, true },
    { "other port", { .port = 2 }, V4(TCP), false, false },
    { "switch", { .port = 0 }, V4(TCP), false, true },
    { "in", { .port = 1, .direction = 1 }, V4(TCP), false, true },
    { "in is not out", { .port = 1, .direction = 1 }, V4(TCP), true, false },
    { "out", { .port = 1, .direction = 2 }, V4(TCP), true, true },
    { "out is not in", { .port = 1, .direction = 2 }, V4(TCP), false, false },
    { "v6", { .port = 1 }, V6(TCP), false, true },
    { "ARP passes", { .port = 1 }, { .kind = TEST_ARP }, false, false },
    { "ARP denied", { .port = 1, .ethertype = 0x0806 }, { .kind = TEST_ARP },
      false, true },
    { "LLDP", { .port = 1 }, { .kind = TEST_LLDP }, false, true },
    { "LLDP by type", { .port = 1, .ethertype = 0x88cc },
      { .kind = TEST_LLDP }, false, true },
    { "LLDP is no IP", { .port = 1, .ethertype = 0x0800 },
      { .kind = TEST_LLDP }, false, false },
    { "LLDP has no protocol", { .port = 1, .protocol = TCP },
      { .kind = TEST_LLDP }, false, false },
    { "neighbour discovery passes", { .port = 1 },
      V6(ICMP6, .source_port = 135), false, false },
    { "neighbour discovery denied", { .port = 1, .protocol = ICMP6 },
      V6(ICMP6, .source_port = 136), false, true },
    { "ping6", { .port = 1, .protocol = ICMP6 },
      V6(ICMP6, .source_port = 128), false, true },
    { "protocol", { .port = 1, .protocol = TCP }, V4(TCP), false, true },
    { "protocol differs", { .port = 1, .protocol = UDP }, V4(TCP), false,
      false },
    { "protocol of the rest", { .port = 1, .protocol = 47 },
      V4(47), false, true },
    { "rest differs", { .port = 1, .protocol = 47 }, V4(50),
      false, false },
    { "v4 type", { .port = 1, .ethertype = 0x0800 }, V4(TCP), false, true },
    { "v4 type, v6", { .port = 1, .ethertype = 0x0800 }, V6(TCP), false,
      false },
    { "source /24", { .port = 1, .source = "192.0.2.0/24" }, V4(TCP), false,
      true },
    { "source /32 differs", { .port = 1, .source = "192.0.2.3/32" }, V4(TCP),
      false, false },
    { "source /0", { .port = 1, .source = "0.0.0.0/0" }, V4(TCP), false, true },
    { "source v4 /0, v6", { .port = 1, .source = "0.0.0.0/0" }, V6(TCP), false,
      false },
    { "source is not destination", { .port = 1, .source = "198.51.100.2" },
      V4(TCP), false, false },
    { "destination", { .port = 1, .destination = "198.51.100.0/25" }, V4(TCP),
      false, true },
    { "destination v6 /64", { .port = 1, .destination = "2001:db8:1::/64" },
      V6(TCP), false, true },
    { "destination v6 /127", { .port = 1,
      .destination = "2001:db8:1::2/127" }, V6(TCP), false, true },
    { "destination v6 /127 differs", { .port = 1,
      .destination = "2001:db8:1::4/127" }, V6(TCP), false, false },
    { "v6 /0", { .port = 1, .source = "::/0" }, V6(TCP), false, true },
    { "MAC", { .port = 1, .source_mac = "02:00:00:00:00:01" }, V4(TCP), false,
      true },
    { "MAC differs", { .port = 1, .source_mac = "02:00:00:00:00:07" }, V4(TCP),
      false, false },
    { "destination MAC", { .port = 1,
      .destination_mac = "02-00-00-00-00-02" }, V4(TCP), false, true },
    { "port", { .port = 1, .protocol = TCP, .destination_low = 80 },
      V4(TCP, .destination_port = 80), false, true },
    { "port differs", { .port = 1, .protocol = TCP, .destination_low = 80 },
      V4(TCP, .destination_port = 81), false, false },
    { "first of range", { .port = 1, .protocol = UDP, .source_low = 5,
      .source_high = 9 }, V4(UDP, .source_port = 5), false,
      true },
    { "last of range", { .port = 1, .protocol = UDP, .source_low = 5,
      .source_high = 9 }, V4(UDP, .source_port = 9), false,
      true },
    { "below range", { .port = 1, .protocol = UDP, .source_low = 5,
      .source_high = 9 }, V4(UDP, .source_port = 4), false,
      false },
    { "above range", { .port = 1, .protocol = UDP, .source_low = 5,
      .source_high = 9 }, V4(UDP, .source_port = 10), false,
      false },
    { "last port", { .port = 1, .protocol = UDP, .source_low = 65535 },
      V4(UDP, .source_port = 65535), false, true },
    { "tagged", { .port = 1, .protocol = TCP, .destination_low = 80 },
      V4(TCP, .destination_port = 80, .n_tags = 1), false, true },
    { "tagged twice", { .port = 1, .source = "2001:db8::/32" },
      V6(TCP, .n_tags = 2), false, true },
    { "first fragment", { .port = 1, .protocol = TCP,
      .destination_low = 80 }, V4(TCP, .destination_port = 80,
      .fragment = 0x2000), false, true },
    { "later fragment has no port", { .port = 1, .protocol = TCP,
      .destination_low = 80 }, V4(TCP, .fragment = 3), false, false },
    { "later fragment by address", { .port = 1, .source = "192.0.2.1" },
      V4(TCP, .fragment = 3), false, true },
    { "cut header", { .port = 1, .protocol = UDP, .destination_low = 1 },
      V4(TCP, .cut = 12), false, true },
};

static void
test_matching(void)
{
    for (size_t i = 0; i < COUNT(matching); i++) {
        struct acl_test_rule rule = matching[i].rule;
        void *self = acl_begin();

        rule.action = DENY;
        if (acl_put_rule(self, XVS_ADD, 1, &rule) != XVS_SUCCESS
            || acl_run(self, 1, matching[i].out, &matching[i].packet)
                   == matching[i].is_blocked) {
            printf("\n    %s: %s\n", matching[i].what, acl_refusal);
            CU_FAIL();
        }
        acl_end(self);
    }
}

/* An allowing rule before a denying one for everything. */
static void
test_fragments_of_allowed(void)
{
    void *self = acl_begin();
    struct acl_test_rule allow = { .port = 1, .priority = 1, .action = ALLOW,
                                   .protocol = UDP, .destination_low = 53 };
    struct acl_test_rule deny = { .port = 1, .priority = 2, .action = DENY };
    struct acl_test_packet first = V4(UDP, .fragment = 0x2000,
                                      .destination_port = 53);
    struct acl_test_packet later = V4(UDP, .fragment = 3);

    CU_ASSERT_EQUAL(acl_put_rule(self, XVS_ADD, 1, &allow), XVS_SUCCESS);
    CU_ASSERT_EQUAL(acl_put_rule(self, XVS_ADD, 2, &deny), XVS_SUCCESS);
    CU_ASSERT(acl_run(self, 1, false, &first));
    CU_ASSERT(acl_run(self, 1, false, &later));
    first.destination_port = 54;
    CU_ASSERT_FALSE(acl_run(self, 1, false, &first));
    acl_end(self);
}

static void
test_order(void)
{
    void *self = acl_begin();
    struct acl_test_rule allow = { .port = 1, .action = ALLOW,
                                   .priority = 10 };
    struct acl_test_rule deny = { .port = 0, .action = DENY,
                                  .priority = 20 };
    struct acl_test_packet packet = V4(TCP);

    CU_ASSERT_EQUAL(acl_put_rule(self, XVS_ADD, 1, &deny), XVS_SUCCESS);
    CU_ASSERT_FALSE(acl_run(self, 1, false, &packet));
    CU_ASSERT_EQUAL(acl_put_rule(self, XVS_ADD, 2, &allow), XVS_SUCCESS);
    CU_ASSERT(acl_run(self, 1, false, &packet));
    CU_ASSERT_FALSE(acl_run(self, 2, false, &packet));
    /* At the same priority the denial is first. */
    deny.priority = 10;
    CU_ASSERT_EQUAL(acl_put_rule(self, XVS_UPDATE, 1, &deny), XVS_SUCCESS);
    CU_ASSERT_FALSE(acl_run(self, 1, false, &packet));
    CU_ASSERT_EQUAL(acl_delete_rule(self, 0, 1), XVS_SUCCESS);
    CU_ASSERT(acl_run(self, 1, false, &packet));
    CU_ASSERT_EQUAL(acl_delete_rule(self, 0, 1), XVS_INVALID_PARAMETER);
    acl_end(self);
}

static void
test_default(void)
{
    void *self = acl_begin();
    struct acl_test_rule allow = { .port = 1, .action = ALLOW,
                                   .protocol = TCP };
    struct acl_test_packet tcp = V4(TCP);
    struct acl_test_packet udp = V4(UDP);
    struct acl_test_packet arp = { .kind = TEST_ARP };

    CU_ASSERT_EQUAL(acl_put_policy(self, 1, DENY, 10), XVS_SUCCESS);
    CU_ASSERT_EQUAL(acl_put_rule(self, XVS_ADD, 1, &allow), XVS_SUCCESS);
    CU_ASSERT(acl_run(self, 1, false, &tcp));
    CU_ASSERT_FALSE(acl_run(self, 1, false, &udp));
    CU_ASSERT(acl_run(self, 1, false, &arp));
    CU_ASSERT(acl_run(self, 2, false, &udp));
    CU_ASSERT_EQUAL(acl_put_policy(self, 1, 3, 10), XVS_NOT_ACCEPTED);
    CU_ASSERT_PTR_NOT_NULL(strstr(acl_refusal, "DefaultAction"));
    acl_end(self);
}

static const struct {
    struct acl_test_rule rule;
    const char *says;
} refused[] = {
    { { .port = 1, .action = 3 }, "Action: 3: expected 1 (allow)" },
    { { .port = 1, .action = 1, .direction = 4 }, "Direction: 4" },
    { { .port = 1, .action = 1, .source = "300.1.1.1/8" },
      "SourcePrefix: \"300.1.1.1/8\" is no address" },
    { { .port = 1, .action = 1, .source = "10.0.0.1/8" },
      "the network is 10.0.0.0/8" },
    { { .port = 1, .action = 1, .source = "2001:db8::1/32" },
      "the network is 2001:db8::/32" },
    { { .port = 1, .action = 1, .destination = "10.0.0.0/33" },
      "DestinationPrefix: \"10.0.0.0/33\" has no such prefix length: "
      "expected 0 to 32" },
    { { .port = 1, .action = 1, .destination = "::/129" }, "0 to 128" },
    { { .port = 1, .action = 1, .destination = "10.0.0.0/" }, "0 to 32" },
    { { .port = 1, .action = 1, .destination = "10.0.0.0/08" }, "0 to 32" },
    { { .port = 1, .action = 1, .source = "10.0.0.0/8",
        .destination = "::/0" }, "no packet has both" },
    { { .port = 1, .action = 1, .source_mac = "02:00:00:00:00" },
      "SourceMac: \"02:00:00:00:00\" is no MAC address" },
    { { .port = 1, .action = 1, .destination_mac = "02:00:00:00:00:0g" },
      "DestinationMac" },
    { { .port = 1, .action = 1, .protocol = 17, .source_low = 9,
        .source_high = 5 }, "SourcePortHigh: 5 is less than SourcePortLow" },
    { { .port = 1, .action = 1, .destination_low = 9 },
      "Protocol: 0 has no ports" },
    { { .port = 1, .action = 1, .ethertype = 100 }, "Ethertype: 100" },
    { { .port = 1, .action = 1, .ethertype = 0x86dd,
        .source = "10.0.0.0/8" }, "expected 0 or 0x0800" },
    { { .port = 1, .action = 1, .ethertype = 0x0806, .protocol = 6 },
      "Protocol: 6" },
    { { .port = 1, .action = 2, .stateful = 1 }, "Stateful: true" },
    { { .port = 1, .action = 1, .stateful = 1, .ethertype = 0x0806 },
      "only IP has connections" },
};

static void
test_refusals(void)
{
    void *self = acl_begin();

    for (size_t i = 0; i < COUNT(refused); i++) {
        static const enum xvs_setting_op ops[] = { XVS_VALIDATE, XVS_ADD };

        for (size_t op = 0; op < 2; op++) {
            int result = acl_put_rule(self, ops[op], 1, &refused[i].rule);

            if (result != XVS_NOT_ACCEPTED
                || !strstr(acl_refusal, refused[i].says)) {
                printf("\n    row %zu: %d %s\n", i, result, acl_refusal);
                CU_FAIL();
            }
        }
    }
    struct acl_test_rule nowhere = { .port = 9, .action = ALLOW };

    CU_ASSERT_EQUAL(acl_put_rule(self, XVS_ADD, 1, &nowhere),
                    XVS_INVALID_PARAMETER);
    CU_ASSERT_STRING_EQUAL(acl_refusal, "no such port");
    CU_ASSERT_EQUAL(acl_port_status(self, 1).rules, 0);
    acl_end(self);
}

static void
test_validation_changes_nothing(void)
{
    void *self = acl_begin();
    struct acl_test_rule deny = { .port = 1, .action = DENY };
    struct acl_test_packet packet = V4(TCP);

    CU_ASSERT_EQUAL(acl_put_rule(self, XVS_VALIDATE, 1, &deny), XVS_SUCCESS);
    CU_ASSERT(acl_run(self, 1, false, &packet));
    CU_ASSERT_EQUAL(acl_port_status(self, 1).rules, 0);
    acl_end(self);
}

static void
test_counters(void)
{
    void *self = acl_begin();
    struct acl_test_rule deny = { .port = 1, .action = DENY,
                                  .priority = 10, .protocol = UDP };
    struct acl_test_rule all = { .port = 0, .action = ALLOW,
                                 .priority = 20 };
    struct acl_test_packet udp = V4(UDP);
    struct acl_test_packet tcp = V4(TCP, .tcp_flags = TEST_SYN);

    acl_put_rule(self, XVS_ADD, 1, &deny);
    acl_put_rule(self, XVS_ADD, 2, &all);
    for (int i = 0; i < 3; i++) {
        acl_run(self, 1, false, &udp);
        acl_run(self, 1, false, &tcp);
        acl_run(self, 2, true, &tcp);
    }
    CU_ASSERT_EQUAL(acl_rule_packets(self, 1, 1), 3);
    CU_ASSERT_EQUAL(acl_rule_packets(self, 0, 2), 6);
    /* A change of rules keeps the counts of those that stay. */
    deny.protocol = TCP;
    acl_put_rule(self, XVS_UPDATE, 1, &deny);
    acl_run(self, 1, false, &tcp);
    CU_ASSERT_EQUAL(acl_rule_packets(self, 1, 1), 4);
    struct xvs_acl_port_status status = acl_port_status(self, 1);

    CU_ASSERT_EQUAL(status.allowed_packets, 3);
    CU_ASSERT_EQUAL(status.blocked_packets, 4);
    CU_ASSERT_EQUAL(status.allowed_bytes, 3 * 54);
    CU_ASSERT_EQUAL(status.blocked_connections, 1);
    CU_ASSERT_EQUAL(status.rules, 2);
    acl_end(self);
}

static void
test_rule_status(void)
{
    void *self = acl_begin();
    struct acl_test_rule deny = { .port = 1, .action = DENY };
    struct acl_test_packet packet = V4(TCP);
    struct acl_test_answer answer;
    static const struct xvs_guid uuid = XVS_ACL_RULE_STATUS_UUID;

    acl_put_rule(self, XVS_ADD, 0xabc, &deny);
    CU_ASSERT_EQUAL(acl_query(self, &uuid, 1, &answer), XVS_SUCCESS);
    CU_ASSERT_EQUAL_FATAL(answer.n, 1);
    struct xvs_view view = { answer.bodies[0], 256, 0, NULL };
    const struct xvs_acl_rule_status *status = view.body;

    CU_ASSERT_STRING_EQUAL(xvs_ref_string(&view, status->rule_instance),
                           "00000ABC-0000-0000-0000-000000000000");
    CU_ASSERT_EQUAL(status->action, DENY);
    CU_ASSERT_EQUAL(answer.present[0], 0x0f);
    acl_run(self, 1, false, &packet);
    acl_query(self, &uuid, 1, &answer);
    CU_ASSERT_EQUAL(answer.present[0], 0x1f);
    CU_ASSERT(status->last_hit.microseconds > 1500000000000000);
    CU_ASSERT_EQUAL(acl_query(self, &uuid, 7, &answer),
                    XVS_INVALID_PARAMETER);
    acl_end(self);
}

/* One rule too many is refused by name; the others are in force. */
static void
test_limit(void)
{
    enum { LIMIT = 16384 };
    void *self = acl_begin();
    struct acl_test_rule rule = { .port = 1, .action = DENY,
                                  .protocol = UDP };
    struct acl_test_packet packet = V4(UDP, .source_port = 1);

    for (uint32_t i = 1; i <= LIMIT; i++) {
        rule.priority = LIMIT - i;
        rule.source_low = (uint16_t) (2 * i);
        if (acl_put_rule(self, XVS_ADD, i, &rule) != XVS_SUCCESS) {
            CU_FAIL();
        }
        acl_grace();
    }
    rule.source_low = 1;
    CU_ASSERT_EQUAL(acl_put_rule(self, XVS_ADD, LIMIT + 1, &rule),
                    XVS_NOT_ACCEPTED);
    CU_ASSERT_PTR_NOT_NULL(strstr(acl_refusal, "port has 16384 rules"));
    CU_ASSERT(acl_run(self, 1, false, &packet));
    packet.source_port = 2 * 777;
    CU_ASSERT_FALSE(acl_run(self, 1, false, &packet));
    /* A change of one that is there is no rule more. */
    rule.source_low = 1;
    CU_ASSERT_EQUAL(acl_put_rule(self, XVS_UPDATE, 777, &rule), XVS_SUCCESS);
    CU_ASSERT(acl_run(self, 1, false, &packet));
    packet.source_port = 1;
    CU_ASSERT_FALSE(acl_run(self, 1, false, &packet));
    CU_ASSERT_EQUAL(acl_delete_rule(self, 1, 777), XVS_SUCCESS);
    CU_ASSERT(acl_run(self, 1, false, &packet));
    CU_ASSERT_EQUAL(acl_port_status(self, 1).rules, LIMIT - 1);
    acl_grace();
    acl_end(self);
}

static const struct unit_test tests[] = {
    { "what a rule is about", test_matching },
    { "fragments of what is allowed", test_fragments_of_allowed },
    { "order of rules", test_order },
    { "default action", test_default },
    { "refusals", test_refusals },
    { "validation changes nothing", test_validation_changes_nothing },
    { "counters", test_counters },
    { "status of a rule", test_rule_status },
    { "limit", test_limit },
};

UNIT_MAIN("acl rules", tests)
