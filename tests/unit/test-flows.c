/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Flows of a switch: what makes a flow, what is counted for it, that nothing is
 * lost when there is no room, and which beginnings of frames are kept.
 */

#include <config.h>

#include "switch/forward/flows.h"

#include <stdlib.h>
#include <string.h>

#include "packet/parse.h"
#include "switch/forward/decide.h"
#include "switch/forward/forward.h"
#include "switch/forward/table.h"
#include "unit.h"

#define FLOWS 256u
#define TCP_AT 34u              /* in a frame of IPv4 without tag */

static uint8_t bytes[2048];     /* of the frame at work */
static struct xvs_packet packet;
static struct vport to = { .id = 7 };
static struct path path;
static struct forward forward;

static void
put16(uint32_t at, uint32_t value)
{
    bytes[at] = (uint8_t) (value >> 8);
    bytes[at + 1] = (uint8_t) value;
}

/* A frame of IPv4 with so many bytes of IP, which is 'size' long. */
static void
ipv4(uint8_t protocol, uint32_t ip_size, uint32_t size)
{
    memset(bytes, 0, sizeof bytes);
    memset(bytes, 2, 6);
    memset(bytes + 6, 4, 6);
    put16(12, 0x0800);
    bytes[14] = 0x45;
    bytes[15] = 0xb8;
    put16(16, ip_size);
    bytes[22] = 64;
    bytes[23] = protocol;
    memcpy(bytes + 26, "\xc0\x00\x02\x01\xc0\x00\x02\x02", 8);
    packet = (struct xvs_packet) { .data = bytes, .length = size,
                                   .total = size, .in_port = 3 };
}

static void
tcp(uint16_t from, uint16_t there, uint8_t flags)
{
    ipv4(6, 40, 60);
    put16(TCP_AT, from);
    put16(TCP_AT + 2, there);
    bytes[TCP_AT + 12] = 0x50;
    bytes[TCP_AT + 13] = flags;
}

/* Counts it at that time. */
static void
pass(uint64_t time)
{
    parse_packet(&packet);
    packet.time = time;
    forward.path = &path;
    forward.live[0] = &packet;
    forward.to[0] = &to;
    flows_count(&forward, 1);
}

static struct flow_part *
begin(uint32_t sampling)
{
    const struct xvs_flow_wish wish = { .size = sizeof wish, .flows = FLOWS,
                                        .sampling = sampling };

    path.flows = flow_set_create(1, &wish);
    forward.only = NULL;
    return &path.flows->parts[0];
}

static void
end(void)
{
    flow_set_destroy(path.flows);
    path.flows = NULL;
}

static uint32_t
n_flows(const struct flow_part *part)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < FLOWS; i++) {
        n += part->flows[i].packets != 0;
    }
    return n;
}

/* The only one there is. */
static const struct xvs_flow *
only(const struct flow_part *part)
{
    const struct xvs_flow *found = NULL;

    CU_ASSERT_EQUAL_FATAL(n_flows(part), 1);
    for (uint32_t i = 0; i < FLOWS; i++) {
        if (part->flows[i].packets) {
            found = &part->flows[i];
        }
    }
    return found;
}

static void
test_counts(void)
{
    struct flow_part *part = begin(0);
    const struct xvs_flow *flow;

    tcp(1000, 80, 0x02);
    pass(5);
    tcp(1000, 80, 0x10);
    pass(6);
    tcp(1000, 80, 0x01);
    pass(9);
    flow = only(part);
    CU_ASSERT(flow->packets == 3 && flow->tcp_flags == 0x13);
    /* Padding of short frames is none of IP's. */
    CU_ASSERT(flow->bytes == 120 && flow->frame_bytes == 180);
    CU_ASSERT(flow->first == 5 && flow->last == 9);
    CU_ASSERT(flow->in_port == 3 && flow->out_port == 7);
    CU_ASSERT(flow->source_port == 1000 && flow->destination_port == 80);
    CU_ASSERT(flow->ip_version == 4 && flow->protocol == 6
              && flow->tos == 0xb8 && flow->ethertype == 0x0800);
    CU_ASSERT(memcmp(flow->source, "\xc0\x00\x02\x01", 4) == 0
              && memcmp(flow->destination, "\xc0\x00\x02\x02", 4) == 0);
    CU_ASSERT(part->packets == 3 && part->missed == 0);
    flow_part_clear(path.flows, part);
    CU_ASSERT(n_flows(part) == 0 && part->packets == 0);
    end();
}

static void
test_keys(void)
{
    struct flow_part *part = begin(0);

    tcp(1000, 80, 0);
    pass(0);
    tcp(80, 1000, 0);           /* the way back */
    pass(0);
    tcp(1000, 80, 0);
    packet.in_port = 4;
    pass(0);
    tcp(1000, 80, 0);
    bytes[15] = 0;              /* another service */
    pass(0);
    ipv4(17, 40, 60);
    put16(TCP_AT, 1000);
    put16(TCP_AT + 2, 80);
    put16(TCP_AT + 4, 20);
    pass(0);
    CU_ASSERT_EQUAL(n_flows(part), 5);
    /* To all is one more, wherever "to" points. */
    tcp(1000, 80, 0);
    forward.only = &decide_everywhere;
    pass(0);
    forward.only = NULL;
    CU_ASSERT_EQUAL(n_flows(part), 6);
    CU_ASSERT_EQUAL(part->packets, 6);
    end();
}

static void
test_icmp(void)
{
    struct flow_part *part = begin(0);
    const struct xvs_flow *flow;

    ipv4(1, 84, 98);
    bytes[TCP_AT] = 8;
    pass(0);
    flow = only(part);
    CU_ASSERT(flow->source_port == 0 && flow->destination_port == 8 << 8);
    CU_ASSERT_EQUAL(flow->bytes, 84);
    end();
}

/* Without IP the addresses are those of Ethernet. */
static void
test_arp(void)
{
    struct flow_part *part = begin(0);
    const struct xvs_flow *flow;

    ipv4(0, 0, 42);
    put16(12, 0x0806);
    put16(14, 1);
    put16(16, 0x0800);
    put16(18, 0x0604);
    pass(0);
    flow = only(part);
    CU_ASSERT(flow->ip_version == 0 && flow->ethertype == 0x0806);
    CU_ASSERT(memcmp(flow->destination, bytes, 6) == 0
              && memcmp(flow->source, bytes + 6, 6) == 0);
    CU_ASSERT(flow->bytes == 42 && flow->frame_bytes == 42);
    end();
}

/* A super frame counts as the frames that it is cut to. */
static void
test_super(void)
{
    struct flow_part *part = begin(0);
    const struct xvs_flow *flow;

    tcp(1000, 80, 0x10);
    put16(16, 40 + 1000);
    packet.length = packet.total = 54 + 1000;
    packet.gso_type = XVS_GSO_TCP4;
    packet.gso_size = 300;
    pass(0);
    flow = only(part);
    CU_ASSERT_EQUAL(flow->packets, 4);
    CU_ASSERT_EQUAL(flow->bytes, 1000 + 4 * 40);
    CU_ASSERT_EQUAL(flow->frame_bytes, 1000 + 4 * 54);
    end();
}

/* More flows than places: each packet is in a flow or among the missed. */
static void
test_full(void)
{
    struct flow_part *part = begin(0);
    uint64_t in_flows = 0;

    for (uint32_t round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < 4 * FLOWS; i++) {
            tcp((uint16_t) i, 80, 0);
            pass(0);
        }
    }
    for (uint32_t i = 0; i < FLOWS; i++) {
        in_flows += part->flows[i].packets;
    }
    CU_ASSERT(part->missed > 0 && part->missed_bytes == part->missed * 40);
    CU_ASSERT_EQUAL(part->packets, 8 * FLOWS);
    CU_ASSERT_EQUAL(in_flows + part->missed, part->packets);
    /* A flow that has a place keeps it. */
    CU_ASSERT_EQUAL(in_flows, 2 * n_flows(part));
    CU_ASSERT(n_flows(part) > FLOWS / 2);
    end();
}

static void
test_samples(void)
{
    struct flow_part *part = begin(1);

    for (uint32_t i = 0; i < FLOW_SAMPLES + 5; i++) {
        tcp(1000, 80, 0);
        pass(0);
    }
    CU_ASSERT_EQUAL(part->n_samples, FLOW_SAMPLES);
    CU_ASSERT_EQUAL(part->missed_samples, 5);
    CU_ASSERT(part->samples[0].size == 60 && part->samples[0].total == 60
              && part->samples[0].seen == 1
              && part->samples[0].out_port == 7
              && memcmp(part->samples[0].bytes, bytes, 60) == 0);
    flow_part_clear(path.flows, part);
    CU_ASSERT(part->n_samples == 0 && part->missed_samples == 0);
    end();

    /* One in ten on average, and never more than the beginning. */
    part = begin(10);
    for (uint32_t i = 0; i < 4000; i++) {
        ipv4(17, 1000, 1014);
        pass(0);
    }
    CU_ASSERT(part->n_samples > 300 && part->n_samples < 500);
    CU_ASSERT(part->samples[0].size == XVS_SAMPLE_SIZE
              && part->samples[0].total == 1014);
    end();
}

/* Nobody wants them: nothing happens. */
static void
test_none(void)
{
    path.flows = NULL;
    tcp(1, 2, 0);
    pass(0);
    flow_set_destroy(NULL);
}

static const struct unit_test tests[] = {
    { "packets of a flow add up", test_counts },
    { "what makes another flow", test_keys },
    { "ICMP", test_icmp },
    { "without IP", test_arp },
    { "super frames", test_super },
    { "no room", test_full },
    { "samples", test_samples },
    { "nobody asks", test_none },
};

UNIT_MAIN("flows", tests)
