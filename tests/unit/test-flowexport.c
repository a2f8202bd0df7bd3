/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Datagrams of flowexport, byte by byte where standards say so.
 */

#include <config.h>

#include <string.h>

#include "ipfix.h"
#include "sflow.h"
#include "unit/unit.h"

static uint64_t
number(const struct message *message, uint32_t at, uint32_t size)
{
    uint64_t value = 0;

    for (uint32_t i = 0; i < size; i++) {
        value = value << 8 | message->bytes[at + i];
    }
    return value;
}

static struct xvs_flow
some_flow(uint8_t version)
{
    struct xvs_flow flow = { .ip_version = version, .in_port = 3,
                             .out_port = XVS_PORT_NONE, .source_port = 1000,
                             .destination_port = 80, .protocol = 6,
                             .tcp_flags = 0x1b, .packets = 7, .bytes = 700,
                             .frame_bytes = 798, .first = 1000000000,
                             .last = 2000000000 };

    memset(flow.source, 0xaa, sizeof flow.source);
    return flow;
}

static void
test_record(void)
{
    const struct xvs_flow flow = some_flow(4);
    struct ipfix ipfix = { .domain = 9, .sequence = 5, .epoch_ns = 0 };
    const struct message *message = &ipfix.message;

    ipfix_begin(&ipfix);
    CU_ASSERT(!ipfix_end(&ipfix, 1));
    CU_ASSERT(ipfix_flow(&ipfix, &flow, IPFIX_ACTIVE));
    CU_ASSERT(ipfix_end(&ipfix, 77));
    CU_ASSERT_EQUAL(number(message, 0, 2), 10);
    CU_ASSERT_EQUAL(number(message, 2, 2), message->size);
    CU_ASSERT_EQUAL(number(message, 4, 4), 77);
    CU_ASSERT_EQUAL(number(message, 8, 4), 5);
    CU_ASSERT_EQUAL(number(message, 12, 4), 9);
    CU_ASSERT_EQUAL(number(message, 16, 2), 256);
    CU_ASSERT_EQUAL(number(message, 18, 2), message->size - 16);
    CU_ASSERT_EQUAL(number(message, 20, 4), 0xaaaaaaaa);
    CU_ASSERT_EQUAL(number(message, 28, 2), 1000);
    /* in, out, VLAN, reason, packets, octets, frames, start, end */
    CU_ASSERT_EQUAL(number(message, 37, 4), 3);
    CU_ASSERT_EQUAL(number(message, 41, 4), 0);
    CU_ASSERT_EQUAL(number(message, 47, 1), IPFIX_ACTIVE);
    CU_ASSERT_EQUAL(number(message, 48, 8), 7);
    CU_ASSERT_EQUAL(number(message, 56, 8), 700);
    CU_ASSERT_EQUAL(number(message, 72, 8), 1000);
    CU_ASSERT_EQUAL(number(message, 80, 8), 2000);
    CU_ASSERT_EQUAL(message->size, 88);
    CU_ASSERT_EQUAL(ipfix.sequence, 6);
}

/* All templates' lengths add up, and records are as long as they say. */
static void
test_templates(void)
{
    static const uint8_t versions[] = { 4, 6, 0 };
    struct ipfix ipfix = { .domain = 1 };
    const struct message *message = &ipfix.message;
    uint32_t at = 20;

    ipfix_begin(&ipfix);
    ipfix_templates(&ipfix);
    CU_ASSERT(ipfix_end(&ipfix, 1));
    CU_ASSERT_EQUAL(ipfix.sequence, 0);
    CU_ASSERT_EQUAL(number(message, 16, 2), 2);
    for (uint32_t i = 0; i < 3; i++) {
        struct ipfix other = { .domain = 1 };
        const struct xvs_flow flow = some_flow(versions[i]);
        uint32_t n = (uint32_t) number(message, at + 2, 2), size = 0;

        CU_ASSERT_EQUAL(number(message, at, 2), 256 + i);
        for (uint32_t j = 0; j < n; j++) {
            size += (uint32_t) number(message, at + 6 + 4 * j, 2);
        }
        ipfix_begin(&other);
        CU_ASSERT(ipfix_flow(&other, &flow, IPFIX_IDLE));
        CU_ASSERT_EQUAL(other.message.size, 16 + 4 + size);
        at += 4 + 4 * n;
    }
    CU_ASSERT_EQUAL(number(message, 18, 2), at - 16);
    CU_ASSERT_EQUAL(number(message, at, 2), 3);
    CU_ASSERT_EQUAL(at + number(message, at + 2, 2), message->size);
}

static void
test_full(void)
{
    struct ipfix ipfix = { .domain = 1 };
    const struct xvs_flow flow = some_flow(6);
    uint32_t n = 0;

    ipfix_begin(&ipfix);
    while (ipfix_flow(&ipfix, &flow, IPFIX_IDLE)) {
        n++;
    }
    CU_ASSERT(n > 10);
    CU_ASSERT(ipfix.message.size <= MESSAGE_SIZE);
    CU_ASSERT(ipfix_end(&ipfix, 1));
    CU_ASSERT_EQUAL(ipfix.sequence, n);
}

static void
test_sflow(void)
{
    struct sflow sflow = { .agent = { 192, 0, 2, 1 }, .agent_size = 4,
                           .sub_agent = 2, .rate = 100 };
    const struct xvs_sample sample = { .in_port = 3,
                                       .out_port = XVS_PORT_NONE,
                                       .total = 200, .size = 61,
                                       .seen = 42 };
    const struct xvs_port_counters counters = { .rx_bytes = 1ull << 40,
                                                .tx_packets = 9 };
    const struct message *message = &sflow.message;

    sflow_begin(&sflow);
    CU_ASSERT(!sflow_end(&sflow, 1));
    CU_ASSERT(sflow_packet(&sflow, &sample));
    CU_ASSERT(sflow_counters(&sflow, 3, &counters));
    CU_ASSERT(sflow_end(&sflow, 5000));
    CU_ASSERT_EQUAL(number(message, 0, 4), 5);
    CU_ASSERT_EQUAL(number(message, 8, 4), 0xc0000201);
    CU_ASSERT_EQUAL(number(message, 16, 4), 1);
    CU_ASSERT_EQUAL(number(message, 20, 4), 5000);
    CU_ASSERT_EQUAL(number(message, 24, 4), 2);
    /* The sample: its size leads to the next one. */
    CU_ASSERT_EQUAL(number(message, 28, 4), 1);
    CU_ASSERT_EQUAL(number(message, 32, 4), 56 + 64);
    CU_ASSERT_EQUAL(number(message, 48, 4), 42);
    CU_ASSERT_EQUAL(number(message, 60, 4), 0x80000000);
    CU_ASSERT_EQUAL(number(message, 80, 4), 204);
    CU_ASSERT_EQUAL(number(message, 88, 4), 61);
    CU_ASSERT_EQUAL(number(message, 36 + 56 + 64, 4), 2);
    CU_ASSERT_EQUAL(number(message, 40 + 56 + 64, 4), 108);
    CU_ASSERT_EQUAL(message->size, 44 + 56 + 64 + 108);
}

static const struct unit_test tests[] = {
    { "a flow record", test_record },
    { "templates and their records", test_templates },
    { "a full message", test_full },
    { "sFlow", test_sflow },
};

UNIT_MAIN("flowexport", tests)
