/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * AF_XDP rings: positions that wrap, and a kernel that writes nonsense.
 */

#include <config.h>

#include "port/xdp/ring.h"

#include "unit.h"

#define SIZE 8u

/* A ring and the two words that both sides share. */
struct shared {
    struct ring ring;
    uint32_t producer, consumer, flags;
};

/* Positions that are about to wrap. */
static void
start(struct shared *shared, uint32_t at, int we_produce)
{
    *shared = (struct shared) { .producer = at, .consumer = at };
    shared->ring = (struct ring) {
        .ours = we_produce ? &shared->producer : &shared->consumer,
        .theirs = we_produce ? &shared->consumer : &shared->producer,
        .flags = &shared->flags, .size = SIZE, .mine = at, .seen = at };
}

static void
test_produce(void)
{
    struct shared shared;

    start(&shared, UINT32_MAX - 2, 1);
    CU_ASSERT_EQUAL(ring_room(&shared.ring, 5), 5);
    CU_ASSERT_EQUAL(ring_room(&shared.ring, 100), SIZE);
    CU_ASSERT_EQUAL(ring_place(&shared.ring, 0), SIZE - 3);
    CU_ASSERT_EQUAL(ring_place(&shared.ring, 3), 0);
    ring_pass(&shared.ring, 6);
    CU_ASSERT_EQUAL(shared.producer, 3);
    CU_ASSERT_EQUAL(ring_room(&shared.ring, 5), 2);
    CU_ASSERT_EQUAL(ring_untaken(&shared.ring), 6);
    ring_pass(&shared.ring, 2);
    CU_ASSERT_EQUAL(ring_room(&shared.ring, 1), 0);
    shared.consumer += 7;
    CU_ASSERT_EQUAL(ring_room(&shared.ring, 100), 7);
    CU_ASSERT_EQUAL(ring_untaken(&shared.ring), 1);
}

static void
test_consume(void)
{
    struct shared shared;

    start(&shared, UINT32_MAX - 2, 0);
    CU_ASSERT_EQUAL(ring_waiting(&shared.ring, 4), 0);
    shared.producer += SIZE;
    CU_ASSERT_EQUAL(ring_waiting(&shared.ring, 4), 4);
    ring_pass(&shared.ring, 4);
    CU_ASSERT_EQUAL(shared.consumer, 1);
    CU_ASSERT_EQUAL(ring_waiting(&shared.ring, 100), 4);
    ring_pass(&shared.ring, 4);
    CU_ASSERT_EQUAL(ring_waiting(&shared.ring, 1), 0);
}

/* Never more than there is place for. */
static void
test_nonsense(void)
{
    struct shared shared;

    start(&shared, 100, 0);
    shared.producer = 100 + SIZE + 1;
    CU_ASSERT_EQUAL(ring_waiting(&shared.ring, 100), 0);
    shared.producer = 50;
    CU_ASSERT_EQUAL(ring_waiting(&shared.ring, 100), 0);
    shared.producer = 101;
    CU_ASSERT_EQUAL(ring_waiting(&shared.ring, 100), 1);

    start(&shared, 100, 1);
    ring_pass(&shared.ring, 2);
    shared.consumer = 500;
    CU_ASSERT_EQUAL(ring_room(&shared.ring, 100), 0);
    shared.consumer = 101;
    CU_ASSERT_EQUAL(ring_room(&shared.ring, 100), SIZE - 1);
}

static const struct unit_test tests[] = {
    { "produce", test_produce },
    { "consume", test_consume },
    { "nonsense", test_nonsense },
};

UNIT_MAIN("ring", tests)
