/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Stateful rules: what is a reply and what is not, how long connections last,
 * and what becomes of them when rules change.
 */
#include <config.h>

#include <string.h>

#include "acl-host.h"
#include "unit.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define SECONDS 1000000000ull
enum { ALLOW = 1, DENY = 2, IN = 1, TCP = 6, UDP = 17, ICMP = 1, ICMP6 = 58 };

#define THERE(...) { .source = "192.0.2.1", .destination = "198.51.100.2", \
                     .protocol = __VA_ARGS__ }
#define BACK(...) { .source = "198.51.100.2", .destination = "192.0.2.1", \
                    .protocol = __VA_ARGS__ }
#define THERE6(...) { .source = "2001:db8::1", .destination = "2001:db8::2", \
                      .protocol = __VA_ARGS__ }
#define BACK6(...) { .source = "2001:db8::2", .destination = "2001:db8::1", \
                     .protocol = __VA_ARGS__ }
#define PORTS(a, b) .source_port = (a), .destination_port = (b)

/* Port 1 may open anything; nothing else passes. */
static void *
begin(void)
{
    void *self = acl_begin();
    struct acl_test_rule rule = { .port = 1, .priority = 1, .action = ALLOW,
                                  .direction = IN, .stateful = 1 };

    acl_put_policy(self, 1, DENY, 100);
    CU_ASSERT_EQUAL(acl_put_rule(self, XVS_ADD, 1, &rule), XVS_SUCCESS);
    return self;
}

static const struct acl_test_packet quoted_udp = THERE(UDP, PORTS(7, 9));
static const struct acl_test_packet quoted_other = THERE(UDP, PORTS(7, 8));
static const struct acl_test_packet quoted_back = BACK(UDP, PORTS(9, 7));

/* After 'first' went in, does 'second' come out? */
static const struct {
    const char *what;
    struct acl_test_packet first, second;
    bool passes;
} replies[] = {
    { "TCP", THERE(TCP, PORTS(7, 9), .tcp_flags = TEST_SYN),
      BACK(TCP, PORTS(9, 7), .tcp_flags = TEST_SYN | TEST_ACK), true },
    { "TCP, a SYN the other way", THERE(TCP, PORTS(7, 9)),
      BACK(TCP, PORTS(9, 7), .tcp_flags = TEST_SYN), false },
    { "TCP taken up in the middle",
      THERE(TCP, PORTS(7, 9), .tcp_flags = TEST_ACK),
      BACK(TCP, PORTS(9, 7), .tcp_flags = TEST_ACK), true },
    { "TCP reset opens nothing",
      THERE(TCP, PORTS(7, 9), .tcp_flags = TEST_RST),
      BACK(TCP, PORTS(9, 7), .tcp_flags = TEST_ACK), false },
    { "other port", THERE(TCP, PORTS(7, 9)), BACK(TCP, PORTS(9, 8)), false },
    { "ports not swapped", THERE(UDP, PORTS(7, 9)), BACK(UDP, PORTS(7, 9)),
      false },
    { "other protocol", THERE(UDP, PORTS(7, 9)), BACK(TCP, PORTS(9, 7)),
      false },
    { "UDP", THERE(UDP, PORTS(7, 9)), BACK(UDP, PORTS(9, 7)), true },
    { "UDP, the same way out", THERE(UDP, PORTS(7, 9)),
      THERE(UDP, PORTS(7, 9)), false },
    { "UDP, v6", THERE6(UDP, PORTS(7, 9)), BACK6(UDP, PORTS(9, 7)), true },
    { "UDP, tagged", THERE(UDP, PORTS(7, 9), .n_tags = 1),
      BACK(UDP, PORTS(9, 7), .n_tags = 1), true },
    { "UDP, first fragment", THERE(UDP, PORTS(7, 9)),
      BACK(UDP, PORTS(9, 7), .fragment = 0x2000), true },
    { "UDP, later fragment alone", THERE(UDP, PORTS(7, 9)),
      BACK(UDP, .fragment = 3), false },
    { "GRE", THERE(47), BACK(47), true },
    { "ping", THERE(ICMP, PORTS(8, 77)), BACK(ICMP, PORTS(0, 77)), true },
    { "ping, other identifier", THERE(ICMP, PORTS(8, 77)),
      BACK(ICMP, PORTS(0, 78)), false },
    { "ping the other way", THERE(ICMP, PORTS(8, 77)),
      BACK(ICMP, PORTS(8, 77)), false },
    { "ping reply opens nothing", THERE(ICMP, PORTS(0, 77)),
      BACK(ICMP, PORTS(0, 77)), false },
    { "ping6", THERE6(ICMP6, PORTS(128, 77)), BACK6(ICMP6, PORTS(129, 77)),
      true },
    { "ping6 the other way", THERE6(ICMP6, PORTS(128, 77)),
      BACK6(ICMP6, PORTS(128, 77)), false },
    { "error about it", THERE(UDP, PORTS(7, 9)),
      BACK(ICMP, PORTS(3, 0), .quoted = &quoted_udp), true },
    { "error about something else", THERE(UDP, PORTS(7, 9)),
      BACK(ICMP, PORTS(3, 0), .quoted = &quoted_other), false },
    { "error about a reply", THERE(UDP, PORTS(7, 9)),
      BACK(ICMP, PORTS(3, 0), .quoted = &quoted_back), false },
    { "error that is cut", THERE(UDP, PORTS(7, 9)),
      BACK(ICMP, PORTS(3, 0)), false },
};

static void
test_replies(void)
{
    for (size_t i = 0; i < COUNT(replies); i++) {
        void *self = begin();

        if (acl_run(self, 1, true, &replies[i].second)) {
            printf("\n    %s: passes before\n", replies[i].what);
            CU_FAIL();
        }
        CU_ASSERT(acl_run(self, 1, false, &replies[i].first));
        if (acl_run(self, 1, true, &replies[i].second)
            != replies[i].passes) {
            printf("\n    %s\n", replies[i].what);
            CU_FAIL();
        }
        acl_end(self);
    }
}

/* Later fragments of a reply follow its first one, and only they. */
static void
test_fragments(void)
{
    static const struct acl_test_packet there[] = {
        THERE(UDP, PORTS(7, 9)), THERE6(UDP, PORTS(7, 9)),
    };
    static const struct acl_test_packet first[] = {
        BACK(UDP, PORTS(9, 7), .fragment = 0x2000, .datagram = 5),
        BACK6(UDP, PORTS(9, 7), .fragment = 0x2000, .datagram = 5),
    };
    static const struct acl_test_packet later[] = {
        BACK(UDP, .fragment = 3, .datagram = 5),
        BACK6(UDP, .fragment = 3, .datagram = 5),
    };

    for (int i = 0; i < 2; i++) {
        void *self = begin();
        struct acl_test_packet other = later[i];

        acl_run(self, 1, false, &there[i]);
        CU_ASSERT_FALSE(acl_run(self, 1, true, &later[i]));
        CU_ASSERT(acl_run(self, 1, true, &first[i]));
        CU_ASSERT(acl_run(self, 1, true, &later[i]));
        other.datagram = 6;
        CU_ASSERT_FALSE(acl_run(self, 1, true, &other));
        acl_now += 6 * SECONDS;
        CU_ASSERT_FALSE(acl_run(self, 1, true, &later[i]));
        acl_end(self);
    }
}

/* Packets with times between them, and whether each passes. */
struct step {
    unsigned int wait;          /* seconds before it */
    bool out;
    uint8_t tcp_flags;
    bool passes;
};

static void
run_steps(const char *what, uint8_t protocol, uint32_t idle,
          const struct step *steps, size_t n)
{
    void *self = begin();
    struct acl_test_packet there = THERE(0, PORTS(7, 9));
    struct acl_test_packet back = BACK(0, PORTS(9, 7));
    struct acl_test_rule rule = { .port = 1, .priority = 1, .action = ALLOW,
                                  .direction = IN, .stateful = 1,
                                  .idle = idle };

    acl_put_rule(self, XVS_UPDATE, 1, &rule);
    there.protocol = back.protocol = protocol;
    for (size_t i = 0; i < n; i++) {
        acl_now += steps[i].wait * SECONDS;
        there.tcp_flags = back.tcp_flags = steps[i].tcp_flags;
        if (acl_run(self, 1, steps[i].out, steps[i].out ? &back : &there)
            != steps[i].passes) {
            printf("\n    %s, step %zu\n", what, i);
            CU_FAIL();
        }
    }
    acl_end(self);
}

#define STEPS(what, protocol, idle, ...) \
    do { \
        static const struct step steps[] = { __VA_ARGS__ }; \
        run_steps(what, protocol, idle, steps, COUNT(steps)); \
    } while (0)

static void
test_timeouts(void)
{
    STEPS("UDP unanswered", UDP, 0, { 0, false, 0, true },
          { 29, true, 0, true }, { 179, true, 0, true },
          { 181, true, 0, false });
    STEPS("UDP too late", UDP, 0, { 0, false, 0, true },
          { 31, true, 0, false });
    STEPS("UDP as asked for", UDP, 5, { 0, false, 0, true },
          { 4, true, 0, true }, { 6, true, 0, false });
    STEPS("half open", TCP, 0, { 0, false, TEST_SYN, true },
          { 31, true, TEST_SYN | TEST_ACK, false });
    STEPS("open", TCP, 0, { 0, false, TEST_SYN, true },
          { 1, true, TEST_SYN | TEST_ACK, true },
          { 3599, true, TEST_ACK, true }, { 3601, true, TEST_ACK, false });
    STEPS("closing", TCP, 0, { 0, false, TEST_SYN, true },
          { 1, true, TEST_SYN | TEST_ACK, true },
          { 1, true, TEST_FIN | TEST_ACK, true },
          { 59, false, TEST_FIN | TEST_ACK, true },
          { 9, true, TEST_ACK, true }, { 11, true, TEST_ACK, false });
    STEPS("reset", TCP, 0, { 0, false, TEST_SYN, true },
          { 1, true, TEST_RST, true }, { 9, true, TEST_ACK, true },
          { 2, true, TEST_ACK, false });
    STEPS("opened again", TCP, 0, { 0, false, TEST_SYN, true },
          { 1, true, TEST_RST, true }, { 1, false, TEST_SYN, true },
          { 20, true, TEST_SYN | TEST_ACK, true },
          { 20, true, TEST_ACK, true });
}

static void
test_change_of_rules(void)
{
    void *self = begin();
    struct acl_test_packet there = THERE(UDP, PORTS(7, 9));
    struct acl_test_packet back = BACK(UDP, PORTS(9, 7));
    struct acl_test_rule other = { .port = 1, .priority = 5, .action = DENY,
                                   .protocol = TCP };
    struct acl_test_rule deny = { .port = 0, .priority = 0, .action = DENY,
                                  .destination = "198.51.100.0/24",
                                  .direction = IN };

    acl_run(self, 1, false, &there);
    CU_ASSERT(acl_run(self, 1, true, &back));
    /* A rule that is not about the connection leaves it alone. */
    acl_put_rule(self, XVS_ADD, 2, &other);
    CU_ASSERT(acl_run(self, 1, true, &back));
    /* One that denies its first packet ends it at once. */
    acl_put_rule(self, XVS_ADD, 3, &deny);
    CU_ASSERT_FALSE(acl_run(self, 1, true, &back));
    CU_ASSERT_EQUAL(acl_port_status(self, 1).connections, 0);
    acl_delete_rule(self, 0, 3);
    CU_ASSERT_FALSE(acl_run(self, 1, true, &back));
    acl_run(self, 1, false, &there);
    acl_delete_rule(self, 1, 1);
    CU_ASSERT_FALSE(acl_run(self, 1, true, &back));
    acl_end(self);
}

static void
test_limits(void)
{
    void *self = begin();
    struct acl_test_packet there = THERE(UDP, PORTS(0, 9));

    for (uint16_t i = 1; i <= 103; i++) {
        there.source_port = i;
        CU_ASSERT_EQUAL(acl_run(self, 1, false, &there), i <= 100);
    }
    struct xvs_acl_port_status status = acl_port_status(self, 1);

    CU_ASSERT_EQUAL(status.connections, 100);
    CU_ASSERT_EQUAL(status.connections_refused, 3);
    CU_ASSERT_EQUAL(status.blocked_packets, 3);
    /* Known connections go on; the sweep makes room. */
    there.source_port = 1;
    CU_ASSERT(acl_run(self, 1, false, &there));
    CU_ASSERT_NOT_EQUAL(acl_timer_ms, 0);
    acl_now += 31 * SECONDS;
    xvs_extension_v1.timer(self);
    CU_ASSERT_EQUAL(acl_port_status(self, 1).connections, 0);
    there.source_port = 103;
    CU_ASSERT(acl_run(self, 1, false, &there));
    /* Nothing to sweep without rules and connections. */
    acl_delete_rule(self, 1, 1);
    acl_now += 31 * SECONDS;
    xvs_extension_v1.timer(self);
    CU_ASSERT_EQUAL(acl_timer_ms, 0);
    acl_end(self);
}

/* What takes an old connection over is not one more. */
static void
test_taken_over_at_limit(void)
{
    void *self = begin();
    struct acl_test_packet there = THERE(TCP, PORTS(7, 9),
                                         .tcp_flags = TEST_SYN);
    struct acl_test_packet back = BACK(TCP, PORTS(9, 7),
                                       .tcp_flags = TEST_SYN);
    struct acl_test_rule rule = { .port = 1, .priority = 1, .action = ALLOW,
                                  .stateful = 1 };

    acl_put_rule(self, XVS_UPDATE, 1, &rule);
    for (uint16_t i = 1; i <= 100; i++) {
        there.source_port = i;
        CU_ASSERT(acl_run(self, 1, false, &there));
    }
    back.destination_port = 50;
    CU_ASSERT(acl_run(self, 1, true, &back));
    struct xvs_acl_port_status status = acl_port_status(self, 1);

    CU_ASSERT_EQUAL(status.connections, 100);
    CU_ASSERT_EQUAL(status.connections_refused, 0);
    acl_end(self);
}

static void
test_ports(void)
{
    void *self = begin();
    struct acl_test_packet there = THERE(UDP, PORTS(7, 9));
    struct acl_test_packet back = BACK(UDP, PORTS(9, 7));
    struct xvs_port port = { .size = sizeof(port), .id = 1 };

    /* Port 2 has nothing to do with the connections of port 1. */
    acl_put_policy(self, 2, DENY, 100);
    acl_run(self, 1, false, &there);
    CU_ASSERT_FALSE(acl_run(self, 2, true, &back));
    /* A port that was deleted and made again remembers nothing. */
    xvs_extension_v1.port(self, XVS_PORT_DELETED, &port);
    acl_grace();
    xvs_extension_v1.port(self, XVS_PORT_CREATED, &port);
    acl_put_policy(self, 1, DENY, 100);
    CU_ASSERT_FALSE(acl_run(self, 1, true, &back));
    port.is_validation = 1;
    port.id = 77;
    CU_ASSERT_EQUAL(xvs_extension_v1.port(self, XVS_PORT_CREATED, &port),
                    XVS_SUCCESS);
    CU_ASSERT(acl_run(self, 77, false, &there));
    acl_end(self);
}

static void
test_reset(void)
{
    void *self = begin();
    struct acl_test_packet there = THERE(UDP, PORTS(7, 9));
    struct acl_test_packet back = BACK(UDP, PORTS(9, 7));
    struct xvs_call call = { .size = sizeof(call), .port_id = 1 };
    uint32_t (*reset)(void *, struct xvs_call *, uint8_t, uint32_t *) =
        (uint32_t (*)(void *, struct xvs_call *, uint8_t, uint32_t *))
            xvs_extension_v1.methods[0].function;
    uint32_t cleared = 0;

    acl_run(self, 1, false, &there);
    CU_ASSERT_EQUAL(reset(self, &call, 0, &cleared), XVS_SUCCESS);
    CU_ASSERT_EQUAL(cleared, 1);
    CU_ASSERT_EQUAL(acl_rule_packets(self, 1, 1), 0);
    CU_ASSERT_EQUAL(acl_port_status(self, 1).allowed_packets, 0);
    CU_ASSERT(acl_run(self, 1, true, &back));
    reset(self, &call, 1, &cleared);
    CU_ASSERT_EQUAL(acl_port_status(self, 1).connections, 0);
    CU_ASSERT_FALSE(acl_run(self, 1, true, &back));
    call.port_id = 9;
    CU_ASSERT_EQUAL(reset(self, &call, 1, &cleared), XVS_INVALID_PARAMETER);
    acl_end(self);
}

static const struct unit_test tests[] = {
    { "replies", test_replies },
    { "fragments", test_fragments },
    { "timeouts", test_timeouts },
    { "change of rules", test_change_of_rules },
    { "limits", test_limits },
    { "taken over at the limit", test_taken_over_at_limit },
    { "ports", test_ports },
    { "reset of counters", test_reset },
};

UNIT_MAIN("acl connections", tests)
