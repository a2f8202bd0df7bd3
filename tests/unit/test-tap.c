/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Looking at packets: rings that wrap, overflow and are read while they are
 * written; which packets a session wants; following and its limit.
 */

#include <config.h>

#include "tap/tap.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <xvs/packet.h>

#include "base/buffer.h"
#include "base/error.h"
#include "packet/pool.h"
#include "tap/ring.h"
#include "unit.h"

/* ---- Rings --------------------------------------------------------------- */

/* A record of 'size' bytes that all depend on its number. */
static void
put_numbered(struct ring *ring, uint64_t number, uint32_t size)
{
    static __thread uint8_t bytes[2][1500];
    struct xvs_packet second = { .data = bytes[1] };
    struct xvs_packet first = { .data = bytes[0], .next = &second };
    struct control_tap record = { .serial = number, .length = size,
                                  .size = size };

    first.length = size / 3;
    second.length = size - first.length;
    memset(bytes, (int) (number * 7), sizeof bytes);
    ring_put(ring, &record, &first);
}

/* Takes one; the number, or UINT64_MAX when there is none. */
static uint64_t
take_numbered(struct ring *ring)
{
    struct buffer out = BUFFER_INIT;
    struct control_tap record;

    if (!ring_peek(ring, &record)) {
        return UINT64_MAX;
    }
    ring_take(ring, &record, &out);
    CU_ASSERT_EQUAL(out.size, sizeof record + CONTROL_ALIGN(record.size));
    for (uint32_t i = 0; i < record.size; i++) {
        if (out.data[sizeof record + i] != (char) (record.serial * 7)) {
            CU_FAIL("a byte is of another record");
            break;
        }
    }
    buffer_free(&out);
    return record.serial;
}

static void
test_wrap(void)
{
    struct ring *ring = ring_create();

    CU_ASSERT_EQUAL(take_numbered(ring), UINT64_MAX);
    for (uint64_t i = 0; i < 5000; i++) {
        put_numbered(ring, 2 * i, (uint32_t) (i * 37 % 1500));
        put_numbered(ring, 2 * i + 1, (uint32_t) (i * 11 % 1500));
        CU_ASSERT_EQUAL(take_numbered(ring), 2 * i);
        CU_ASSERT_EQUAL(take_numbered(ring), 2 * i + 1);
    }
    CU_ASSERT_EQUAL(ring_count(ring), 10000);
    CU_ASSERT_EQUAL(ring_lost(ring), 0);
    ring_destroy(ring);
}

static void
test_full(void)
{
    struct ring *ring = ring_create();
    uint64_t n = 0;

    while (ring_lost(ring) == 0) {
        put_numbered(ring, n++, 1000);
    }
    CU_ASSERT_EQUAL(n, RING_SIZE / (1000 + sizeof(struct control_tap)) + 1);
    for (uint64_t i = 0; i + 1 < n; i++) {
        CU_ASSERT_EQUAL(take_numbered(ring), i);
    }
    CU_ASSERT_EQUAL(take_numbered(ring), UINT64_MAX);
    ring_destroy(ring);
}

#define MANY 200000u

static void *
write_many(void *arg)
{
    for (uint64_t i = 0; i < MANY; i++) {
        put_numbered(arg, i, (uint32_t) (i % 900));
    }
    return NULL;
}

static void
test_threads(void)
{
    struct ring *ring = ring_create();
    uint64_t taken = 0, next = 0;
    pthread_t thread;
    bool running = true;

    pthread_create(&thread, NULL, write_many, ring);
    while (running) {
        uint64_t number = take_numbered(ring);

        if (number != UINT64_MAX) {
            CU_ASSERT_FATAL(number >= next);
            next = number + 1;
            taken++;
        } else {
            running = ring_count(ring) + ring_lost(ring) < MANY
                || taken < ring_count(ring);
        }
    }
    pthread_join(thread, NULL);
    CU_ASSERT_EQUAL(ring_count(ring) + ring_lost(ring), MANY);
    CU_ASSERT_EQUAL(taken, ring_count(ring));
    ring_destroy(ring);
}

/* ---- Sessions ------------------------------------------------------------ */

#define N 4u

static struct pool *pool;
static struct pool_cache *cache;
static struct xvs_packet *packets[N];

/* Packet i comes from port i, and its first byte is i. */
static void
setup(void)
{
    pool = pool_create(8, NULL);
    cache = pool_cache_create(pool);
    CU_ASSERT_EQUAL_FATAL(pool_get(cache, packets, N), N);
    for (uint32_t i = 0; i < N; i++) {
        memset(packets[i]->data, (int) i, 60);
        packets[i]->length = packets[i]->total = 60;
        packets[i]->in_port = i;
        packets[i]->out_port = XVS_PORT_NONE;
    }
}

static void
teardown(void)
{
    pool_put(cache, packets, N);
    pool_cache_destroy(cache);
    pool_destroy(pool);
    grace_drain();
}

/* What a session is made from. */
struct wanted {
    struct control_capture head;
    struct control_point point;
    struct control_instruction program[4];
};

/* ldb [0]; jeq #k, 0, 1; ret #60; ret #0 */
static struct wanted
want(uint32_t points, uint32_t first_byte)
{
    return (struct wanted) {
        .head = { .switch_id = 1, .port_id = XVS_PORT_NONE, .n_points = 1,
                  .n_instructions = 4 },
        .point = { .mask = points },
        .program = { { 0x30, 0, 0, 0 }, { 0x15, 0, 1, first_byte },
                     { 0x06, 0, 0, 60 }, { 0x06, 0, 0, 0 } },
    };
}

static uint64_t
records(struct tap_session *session)
{
    struct control_captured captured;

    tap_session_count(session, &captured);
    return captured.records;
}

static struct tap
look(struct tap_session *session, struct tap_set **set)
{
    *set = tap_set_create(&session, 1);
    return (struct tap) { .set = *set, .pool = pool };
}

static void
test_match(void)
{
    static const struct xvs_guid mine = { .a = 1 }, other = { .a = 2 };
    struct wanted wanted = want(1u << TAP_RX | 1u << TAP_INGRESS_AFTER, 2);
    struct tap_session *session;
    struct tap_set *set;
    struct error error;
    struct tap tap;

    setup();
    wanted.point.extension = mine;
    session = tap_session_create(&wanted.head, 3, 1, &error);
    tap = look(session, &set);
    /* The point is of an extension: arrivals are not of it. */
    tap_arrive(&tap, packets, N);
    CU_ASSERT_EQUAL(records(session), 0);
    CU_ASSERT_EQUAL(tap_match(&tap, TAP_INGRESS_AFTER, &mine, packets[2]), 8);
    CU_ASSERT_EQUAL(tap_match(&tap, TAP_INGRESS_AFTER, &mine, packets[1]), 0);
    CU_ASSERT_EQUAL(tap_match(&tap, TAP_INGRESS_AFTER, &other, packets[2]),
                    0);
    CU_ASSERT_EQUAL(tap_match(&tap, TAP_INGRESS_BEFORE, &mine, packets[2]),
                    0);
    tap_set_retire(set);
    tap_session_retire(session);
    teardown();
}

static void
test_port(void)
{
    struct wanted wanted = want(0x7f, 2);
    struct tap_session *session;
    struct tap_set *set;
    struct error error;
    struct tap tap;

    setup();
    wanted.head.port_id = 2;
    session = tap_session_create(&wanted.head, 0, 1, &error);
    tap = look(session, &set);
    tap_arrive(&tap, packets, N);
    CU_ASSERT_EQUAL(records(session), 1);
    /* On the way out it is the port that the packet goes to. */
    packets[2]->out_port = 1;
    CU_ASSERT_EQUAL(tap_match(&tap, TAP_FORWARD, NULL, packets[2]), 1);
    CU_ASSERT_EQUAL(tap_match(&tap, TAP_TX, NULL, packets[2]), 0);
    packets[2]->out_port = 2;
    CU_ASSERT_EQUAL(tap_match(&tap, TAP_TX, NULL, packets[2]), 1);
    tap_set_retire(set);
    tap_session_retire(session);
    teardown();
}

/* Follows the packets that match on arrival, two at most. */
static void
test_follow(void)
{
    struct wanted wanted = want(0x7f, 2);
    struct control_captured captured;
    struct tap_session *session;
    struct tap_event event = { .point = TAP_TX, .fate = FATE_SENT };
    struct tap_set *set;
    struct error error;
    struct tap tap;

    setup();
    wanted.head.flags = CAPTURE_FOLLOW;
    wanted.head.limit = 2;
    session = tap_session_create(&wanted.head, 5, 1, &error);
    tap = look(session, &set);
    tap_arrive(&tap, packets, N);
    packets[2]->data[0] = 9;
    tap_packet(&tap, &event, packets[2]);
    tap_packet(&tap, &event, packets[1]);
    CU_ASSERT_EQUAL(records(session), 2);
    /* The next burst: nobody is followed any more who does not match. */
    tap_arrive(&tap, packets, N);
    tap_packet(&tap, &event, packets[2]);
    CU_ASSERT_EQUAL(records(session), 2);
    for (int i = 0; i < 3; i++) {
        packets[2]->data[0] = 2;
        tap_arrive(&tap, packets, N);
        tap_packet(&tap, &event, packets[2]);
    }
    CU_ASSERT_EQUAL(records(session), 4);
    grace_drain();
    tap_session_count(session, &captured);
    CU_ASSERT_FALSE(captured.ended);
    tap_set_retire(set);
    tap_session_retire(session);
    teardown();
}

static void
test_read(void)
{
    struct wanted wanted = want(0x7f, 2);
    struct control_captured captured;
    struct buffer out = BUFFER_INIT;
    const struct control_tap *record;
    struct tap_session *session;
    struct tap_set *set;
    struct error error;
    struct tap tap;

    setup();
    wanted.head.limit = 1;
    wanted.head.snap = 10;
    session = tap_session_create(&wanted.head, 0, 1, &error);
    tap = look(session, &set);
    tap_arrive(&tap, packets, N);
    tap_arrive(&tap, packets, N);
    tap_session_count(session, &captured);
    grace_drain();
    tap_session_read(session, 1, &out);
    CU_ASSERT_EQUAL_FATAL(out.size, sizeof *record + 16);
    record = (const void *) out.data;
    CU_ASSERT_EQUAL(record->size, 10);
    CU_ASSERT_EQUAL(record->length, 60);
    CU_ASSERT_EQUAL(record->in_port, 2);
    tap_session_count(session, &captured);
    CU_ASSERT_EQUAL(captured.records, 1);
    CU_ASSERT_TRUE(captured.ended);
    buffer_free(&out);
    tap_set_retire(set);
    tap_session_retire(session);
    teardown();
}

static void
test_program(void)
{
    struct wanted wanted = want(0x7f, 2);
    struct error error;

    /* It jumps behind its end; it has no end. */
    wanted.program[1].jump_false = 200;
    CU_ASSERT_PTR_NULL(tap_session_create(&wanted.head, 0, 1, &error));
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "is not valid"));
    wanted = want(0x7f, 2);
    wanted.head.n_instructions = 2;
    CU_ASSERT_PTR_NULL(tap_session_create(&wanted.head, 0, 1, &error));
    CU_ASSERT_PTR_NULL(tap_set_create(NULL, 0));
}

static const struct unit_test tests[] = {
    { "wrap", test_wrap },
    { "full", test_full },
    { "threads", test_threads },
    { "match", test_match },
    { "port", test_port },
    { "follow", test_follow },
    { "read", test_read },
    { "program", test_program },
};

UNIT_MAIN("tap", tests)
