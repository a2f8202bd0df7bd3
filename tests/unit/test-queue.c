/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The queues of a port, with a clock of the test's own: which packet is next,
 * what strict and weighted queues get, rates, bounds, and that nothing is lost
 * when settings change.
 */

#include <config.h>

#include "switch/forward/policy/queue.h"

#include <stdlib.h>
#include <string.h>
#include <xvs/packet.h>

#include "unit.h"

#define SECOND UINT64_C(1000000000)
#define MANY 4096u
#define FRAME 1000u

static struct xvs_packet packets[MANY];
static struct xvs_queue_state states[XVS_QUEUES];
static struct queue_set *set;

/* 'n' queues; priority p goes to queue p, or to the last. */
static struct xvs_port_policy
settings(uint16_t n)
{
    struct xvs_port_policy policy = { .size = sizeof policy, .n_queues = n };

    for (uint8_t i = 0; i < XVS_PRIORITIES; i++) {
        policy.queue_of[i] = (uint8_t) (i < n ? i : n - 1);
    }
    for (uint8_t i = 0; i < XVS_DSCPS; i++) {
        policy.priority_of[i] = (uint8_t) (i >> 3);
    }
    return policy;
}

static void
start(const struct xvs_port_policy *policy)
{
    memset(states, 0, sizeof states);
    set = queue_set_create(policy, SECOND);
}

/* Packet 'i', of a size and priority. */
static struct xvs_packet *
packet(uint32_t i, uint32_t size, uint8_t priority)
{
    packets[i] = (struct xvs_packet) { .total = size, .length = size };
    queue_mark(&packets[i], priority);
    return &packets[i];
}

/* Puts 'n' packets of a priority in, from number 'first' on; returns how many
 * found room. */
static uint32_t
fill(uint32_t first, uint32_t n, uint32_t size, uint8_t priority)
{
    uint32_t pushed = 0;

    for (uint32_t i = first; i < first + n; i++) {
        struct xvs_packet *one = packet(i, size, priority);

        pushed += queue_push(set, states, queue_choose(set, one), one);
    }
    return pushed;
}

static uint8_t
priority_of(const struct xvs_packet *one)
{
    return (uint8_t) (one->flags >> QUEUE_MARK_SHIFT);
}

static uint32_t
pick(uint64_t now, struct xvs_packet **out, uint32_t max)
{
    uint64_t ready;

    return queue_pick(set, states, now, out, max, &ready);
}

static void
test_strict(void)
{
    struct xvs_port_policy policy = settings(8);
    struct xvs_packet *out[64];

    start(&policy);
    for (uint8_t i = 0; i < 8; i++) {
        fill(i * 4u, 4, 100, i);
    }
    CU_ASSERT_EQUAL(pick(SECOND, out, 64), 32);
    for (uint32_t i = 0; i < 32; i++) {
        CU_ASSERT_EQUAL(priority_of(out[i]), 7 - i / 4);
        CU_ASSERT_EQUAL(out[i] - packets, (7 - i / 4) * 4 + i % 4);
    }
    CU_ASSERT_EQUAL(states[3].packets, 4);
    CU_ASSERT_EQUAL(states[3].bytes, 400);
    CU_ASSERT_EQUAL(states[3].depth, 0);
    CU_ASSERT_EQUAL(states[3].deepest, 4);
    queue_set_free(set);
}

/* Bytes of each priority in the first 'n' packets that leave full queues. */
static void
share(uint32_t n, const uint32_t sizes[2], uint64_t bytes[2])
{
    uint32_t next = 0;

    bytes[0] = bytes[1] = 0;
    fill(0, 64, sizes[0], 0);
    fill(64, 64, sizes[1], 1);
    next = 128;
    for (uint32_t i = 0; i < n; i++) {
        struct xvs_packet *out;

        CU_ASSERT_EQUAL_FATAL(pick(SECOND, &out, 1), 1);
        bytes[priority_of(out)] += out->total;
        fill(next++ % MANY, 1, out->total, priority_of(out));
    }
}

static void
test_weights(void)
{
    static const uint32_t same[2] = { 1000, 1000 };
    static const uint32_t differ[2] = { 64, 60000 };
    struct xvs_port_policy policy = settings(2);
    uint64_t bytes[2];

    policy.queues[0].weight = 30;
    policy.queues[1].weight = 10;
    policy.queues[0].bytes = policy.queues[1].bytes = 64u << 20;
    start(&policy);
    share(3000, same, bytes);
    CU_ASSERT(bytes[0] > 2200 * 1000 && bytes[0] < 2300 * 1000);
    queue_set_free(set);
    /* By bytes, whatever the frames' sizes are. */
    start(&policy);
    share(60000, differ, bytes);
    CU_ASSERT(bytes[0] > bytes[1] * 27 / 10 && bytes[0] < bytes[1] * 33 / 10);
    queue_set_free(set);
}

/* Weighted queues get what strict ones leave; an empty one keeps nothing. */
static void
test_mixed(void)
{
    struct xvs_port_policy policy = settings(3);
    struct xvs_packet *out[256];
    uint32_t n[3] = { 0 };

    policy.queues[0].weight = policy.queues[1].weight = 50;
    start(&policy);
    fill(0, 100, FRAME, 0);
    CU_ASSERT_EQUAL(pick(SECOND, out, 50), 50);
    fill(100, 100, FRAME, 1);
    fill(200, 10, FRAME, 2);
    CU_ASSERT_EQUAL(pick(SECOND, out, 60), 60);
    for (uint32_t i = 0; i < 60; i++) {
        CU_ASSERT(i >= 10 || priority_of(out[i]) == 2);
        n[priority_of(out[i])]++;
    }
    CU_ASSERT(n[0] >= 22 && n[0] <= 28);
    CU_ASSERT_EQUAL(n[2], 10);
    queue_set_free(set);
}

static void
test_rate(void)
{
    struct xvs_port_policy policy = settings(2);
    struct xvs_packet *out[MANY];
    uint64_t ready, now = SECOND;
    uint32_t sent = 0;

    policy.shape.bits = 8 * FRAME * 100;    /* 100 frames a second */
    policy.shape.burst = 10 * FRAME;
    start(&policy);
    CU_ASSERT_EQUAL(fill(0, 500, FRAME, 0), 500);
    sent = queue_pick(set, states, now, out, MANY, &ready);
    CU_ASSERT_EQUAL(sent, 10);
    CU_ASSERT(ready > now && ready <= now + SECOND / 100 + 1000);
    /* It is ready when it says so, and not before. */
    CU_ASSERT_EQUAL(pick(ready - 1000, out, MANY), 0);
    now = ready;
    CU_ASSERT_EQUAL(pick(now, out, MANY), 1);
    /* What is urgent overtakes what waits. */
    fill(500, 1, FRAME, 1);
    now += SECOND / 100;
    CU_ASSERT_EQUAL(pick(now, out, MANY), 1);
    CU_ASSERT_EQUAL(priority_of(out[0]), 1);
    for (sent = 0; sent < 300; now = ready) {
        sent += queue_pick(set, states, now, out, MANY, &ready);
    }
    CU_ASSERT(now > SECOND + 3 * SECOND - SECOND / 10);
    CU_ASSERT(now < SECOND + 3 * SECOND + SECOND / 5);
    queue_set_free(set);
}

/* A queue's own rate holds up nobody else. */
static void
test_max(void)
{
    struct xvs_port_policy policy = settings(2);
    struct xvs_packet *out[MANY];
    uint64_t ready;

    policy.queues[1].max = (struct xvs_rate) { 8 * FRAME, FRAME, 0 };
    start(&policy);
    fill(0, 100, FRAME, 0);
    fill(100, 10, FRAME, 1);
    CU_ASSERT_EQUAL(queue_pick(set, states, SECOND, out, MANY, &ready), 101);
    CU_ASSERT_EQUAL(states[1].packets, 1);
    /* The bucket is just empty: the next one is a debt. */
    CU_ASSERT_EQUAL(queue_pick(set, states, ready, out, MANY, &ready), 1);
    CU_ASSERT(ready > SECOND * 3 / 2 && ready < SECOND * 5 / 2);
    CU_ASSERT_EQUAL(states[1].depth, 8);
    CU_ASSERT_EQUAL(pick(ready - 1000, out, MANY), 0);
    CU_ASSERT_EQUAL(pick(ready, out, MANY), 1);
    queue_set_free(set);
}

static void
test_bounds(void)
{
    struct xvs_port_policy policy = settings(2);
    struct xvs_packet *out[MANY];

    policy.queues[0].packets = 7;
    policy.queues[1].bytes = 2500;
    start(&policy);
    CU_ASSERT_EQUAL(queue_set_room(set), 7 + QUEUE_PACKETS);
    CU_ASSERT_EQUAL(fill(0, 100, FRAME, 0), 7);
    CU_ASSERT_EQUAL(fill(100, 100, FRAME, 1), 2);
    CU_ASSERT_EQUAL(states[1].depth_bytes, 2000);
    CU_ASSERT_EQUAL(pick(SECOND, out, MANY), 9);
    /* A super frame that is larger than the limit passes, alone. */
    CU_ASSERT_EQUAL(fill(200, 2, 60000, 1), 1);
    CU_ASSERT_EQUAL(pick(SECOND, out, MANY), 1);
    /* Places are used again and again. */
    for (uint32_t i = 0; i < 100; i++) {
        CU_ASSERT_EQUAL(fill(0, 5, FRAME, 0), 5);
        CU_ASSERT_EQUAL(pick(SECOND, out, MANY), 5);
        CU_ASSERT_EQUAL(out[4] - packets, 4);
    }
    CU_ASSERT_EQUAL(set->n_packets, 0);
    queue_set_free(set);
}

static void
test_choose(void)
{
    static uint8_t frame[64] = { [12] = 8, [14] = 0x45, [15] = 46 << 2 };
    struct xvs_port_policy policy = settings(8);
    struct xvs_packet one = { .data = frame, .length = 60, .total = 60,
                              .flags = XVS_PACKET_IPV4, .l3 = 14 };

    policy.priority_of[46] = 6;
    start(&policy);
    CU_ASSERT_EQUAL(queue_dscp(&one), 46);
    CU_ASSERT_EQUAL(queue_choose(set, &one), 6);
    frame[14] = 0x60 | 46 >> 2;     /* traffic class of IPv6: 4 + 4 bits */
    frame[15] = (46 << 2 & 0xf) << 4;
    one.flags = XVS_PACKET_IPV6;
    CU_ASSERT_EQUAL(queue_dscp(&one), 46);
    CU_ASSERT_EQUAL(queue_choose(set, &one), 6);
    queue_mark(&one, 0);
    CU_ASSERT_EQUAL(queue_choose(set, &one), 0);
    queue_mark(&one, 7);
    queue_mark(&one, 2);
    CU_ASSERT_EQUAL(queue_choose(set, &one), 2);
    one.flags |= XVS_PACKET_VLAN;
    one.vlan = 5u << 13 | 10;
    CU_ASSERT_EQUAL(queue_choose(set, &one), 5);
    one.flags = 0;
    CU_ASSERT_EQUAL(queue_dscp(&one), -1);
    CU_ASSERT_EQUAL(queue_choose(set, &one), 0);
    one.flags = XVS_PACKET_IPV4;    /* cut off behind its first byte */
    one.length = 15;
    CU_ASSERT_EQUAL(queue_dscp(&one), -1);
    queue_set_free(set);
}

/* The packets go to other queues, in order; a rate goes on where it was. */
static void
test_change(void)
{
    struct xvs_port_policy policy = settings(4);
    struct queue_set *old;
    struct xvs_packet *out[MANY], *one;
    uint32_t number;

    policy.shape = (struct xvs_rate) { 8 * FRAME, FRAME, 0 };
    start(&policy);
    for (uint8_t i = 0; i < 4; i++) {
        fill(i * 10u, 10, FRAME, i);
    }
    CU_ASSERT_EQUAL(pick(SECOND, out, MANY), 1);
    old = set;
    policy.n_queues = 1;
    memset(policy.queue_of, 0, sizeof policy.queue_of);
    set = queue_set_create(&policy, SECOND);
    queue_set_keep(set, old);
    while ((one = queue_pull(old, states, &number)) != NULL) {
        CU_ASSERT_EQUAL(number, priority_of(one));
        CU_ASSERT(queue_push(set, states, queue_choose(set, one), one));
    }
    queue_set_free(old);
    CU_ASSERT_EQUAL(states[0].depth, 39);
    CU_ASSERT_EQUAL(states[3].depth, 0);
    CU_ASSERT_EQUAL(states[3].depth_bytes, 0);
    CU_ASSERT_EQUAL(pick(SECOND, out, MANY), 0);
    /* And without settings everything goes at once. */
    old = set;
    set = queue_set_create_last(40);
    CU_ASSERT(set->passes);
    queue_set_keep(set, old);
    while ((one = queue_pull(old, states, &number)) != NULL) {
        CU_ASSERT(queue_push(set, states, queue_choose(set, one), one));
    }
    queue_set_free(old);
    CU_ASSERT_EQUAL(pick(SECOND, out, MANY), 39);
    for (uint32_t i = 0; i < 39; i++) {
        CU_ASSERT_EQUAL(out[i] - packets, i < 30 ? i : i + 1);
    }
    queue_set_free(set);
    queue_set_free(NULL);
}

static const struct unit_test tests[] = {
    { "strict queues in order", test_strict },
    { "weights by bytes", test_weights },
    { "weighted behind strict", test_mixed },
    { "the port's rate", test_rate },
    { "a queue's own rate", test_max },
    { "bounds", test_bounds },
    { "which queue", test_choose },
    { "other settings", test_change },
};

UNIT_MAIN("queue", tests)
