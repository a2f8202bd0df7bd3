/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A guest that breaks the rules of the link: it loses the stream or the link,
 * and what it can make the host keep is bounded.
 */

#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "mux-pair.h"
#include "unit.h"

/* A frame of the guest's, as it would make none. */
static void
say(unsigned int type, uint32_t id, const void *bytes, uint32_t n)
{
    uint8_t frame[HEAD + MUX_FRAME + TAG] = { (uint8_t) type };

    put16(frame + 2, (uint16_t) n);
    put32(frame + 4, id);
    if (n > 0) {
        memcpy(frame + HEAD, bytes, n);
    }
    put32(frame + HEAD + n, (uint32_t) pair.host.mux->nonce);
    for (size_t at = 0; at < HEAD + n + TAG;) {
        at += mux_input(pair.host.mux, frame + at, HEAD + n + TAG - at);
        if (mux_broken(pair.host.mux)) {
            break;
        }
    }
}

static void
create(void)
{
    pair_create(7, 50);
    pair_settle();
}

static bool
broken(const char *why)
{
    const char *reason = mux_broken(pair.host.mux);

    return reason && strcmp(reason, why) == 0;
}

static void
test_no_frames(void)
{
    static const struct {
        unsigned int type, id, n;
        const char *why;
    } bad[] = {
        { 12, 0, 0, "what comes are no frames" },
        { FRAME_PING, 0, 7, "what comes are no frames" },
        { FRAME_FIN, 1, 1, "what comes are no frames" },
        { FRAME_DATA, 1, 0, "what comes are no frames" },
        { FRAME_DATA, 1, 5, "bytes come for a stream that was never opened" },
        { FRAME_OPEN, 1, 4, "a stream is opened under a wrong number" },
        { FRAME_HELLO, 0, HELLO_SIZE, "a frame was cut" },
    };
    static const uint8_t zero[HELLO_SIZE];

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        create();
        say(bad[i].type, bad[i].id, zero, bad[i].n);
        CU_ASSERT(broken(bad[i].why));
        pair_destroy();
    }
    create();
    mux_input(pair.host.mux, "\5\0\1\100\0\0\0", 8);
    CU_ASSERT(broken("what comes are no frames"));
    pair_destroy();
}

/* Zeros are nothing between frames, and end one that was cut. */
static void
test_cut(void)
{
    static const uint8_t zeros[HEAD + MUX_FRAME + TAG];

    create();
    mux_input(pair.host.mux, zeros, sizeof(zeros));
    CU_ASSERT_PTR_NULL(mux_broken(pair.host.mux));
    mux_input(pair.host.mux, "\5\0\377\77\2\0\0\0abc", 11);
    CU_ASSERT_PTR_NULL(mux_broken(pair.host.mux));
    mux_input(pair.host.mux, zeros, sizeof(zeros));
    CU_ASSERT(broken("a frame was cut"));
    pair_destroy();
}

/* More bytes than credit: the stream's end, not the link's. */
static void
test_credit(void)
{
    static const uint8_t bytes[MUX_FRAME], port[4] = { 5 };

    create();
    say(FRAME_OPEN, 2, port, 4);
    CU_ASSERT(pair.host.talks[5].opened);
    for (int i = 0; i < 60 && !pair.host.talks[5].reset; i++) {
        say(FRAME_DATA, 2, bytes, MUX_FRAME);
    }
    CU_ASSERT(pair.host.talks[5].reset);
    CU_ASSERT_EQUAL(pair.host.reason[0], '0' + MUX_CHEATED);
    CU_ASSERT_PTR_NULL(mux_broken(pair.host.mux));
    /* Its frames that are on their way are nothing; twice an end is one. */
    say(FRAME_DATA, 2, bytes, 10);
    say(FRAME_OPEN, 4, port, 4);
    say(FRAME_FIN, 4, NULL, 0);
    CU_ASSERT_FALSE(pair.host.talks[5].reset);
    say(FRAME_FIN, 4, NULL, 0);
    CU_ASSERT(pair.host.talks[5].reset);
    say(FRAME_OPEN, 6, port, 4);
    say(FRAME_CREDIT, 6, "\377\377\377\177", 4);
    CU_ASSERT(pair.host.talks[5].reset);
    CU_ASSERT_PTR_NULL(mux_broken(pair.host.mux));
    pair_destroy();
}

/* Single bytes do not cost a block each. */
static void
test_single_bytes(void)
{
    static const uint8_t port[4] = { 5 };
    unsigned int n_blocks = 0;
    struct mux_stream *stream;

    create();
    pair.deaf = true;
    say(FRAME_OPEN, 2, port, 4);
    for (int i = 0; i < 8000; i++) {
        say(FRAME_DATA, 2, "x", 1);
    }
    stream = stream_find(pair.host.mux, 2);
    CU_ASSERT_PTR_NOT_NULL_FATAL(stream);
    for (struct block *block = stream->first; block; block = block->next) {
        n_blocks++;
    }
    CU_ASSERT_EQUAL(stream->unread, 8000);
    CU_ASSERT_EQUAL(n_blocks, 2);
    pair_destroy();
}

/* Who opens and opens is refused, then, as he reads no answer, cut off. */
static void
test_flood(void)
{
    static const uint8_t port[4] = { 5 };

    create();
    for (uint32_t id = 2; !mux_broken(pair.host.mux) && id < 4000; id += 2) {
        say(FRAME_OPEN, id, port, 4);
    }
    CU_ASSERT(broken("streams are opened and no answer is read"));
    CU_ASSERT(pair.host.mux->n_streams <= 134);
    pair_destroy();
    create();
    for (uint32_t id = 2; id < 4000; id += 2) {
        size_t size;

        say(FRAME_OPEN, id, port, 4);
        mux_output(pair.host.mux, &size);
        mux_sent(pair.host.mux, size);
    }
    CU_ASSERT_PTR_NULL(mux_broken(pair.host.mux));
    CU_ASSERT(pair.host.mux->n_streams <= 50);
    pair_destroy();
}

/* One answer to all questions that came. */
static void
test_pings(void)
{
    static const uint8_t value[8] = { 9 };
    size_t size;

    create();
    for (int i = 0; i < 100000; i++) {
        say(FRAME_PING, 0, value, 8);
    }
    mux_output(pair.host.mux, &size);
    CU_ASSERT_EQUAL(size, HEAD + 8 + TAG);
    pair_destroy();
}

/* Without a greeting there is an end, too. */
static void
test_garbage(void)
{
    static const uint8_t ones[4096] = { 1, 0, 104, 0, 0, 0, 0, 0, 'x', 'v' };
    struct mux_config config = { .odd = true, .seed = 3, .streams = 1 };
    struct mux *mux = mux_create(&config);
    unsigned int n = 0;

    mux_start(mux);
    while (!mux_broken(mux) && n++ < 10000) {
        mux_input(mux, ones, sizeof(ones));
    }
    CU_ASSERT_EQUAL(n, GARBAGE_MAX / 4096 + 1);
    CU_ASSERT_STRING_EQUAL(mux_broken(mux),
                           "no greeting comes, only other bytes");
    mux_destroy(mux);
}

/* What looks like a greeting but answers nobody is none, wherever it is cut;
 * the true one behind it is found. */
static void
test_false_greeting(void)
{
    uint8_t fake[HELLO_FRAME] = { FRAME_HELLO, 0, HELLO_SIZE };

    for (size_t cut = 1; cut <= sizeof(fake); cut++) {
        pair_create(cut, 50);
        memcpy(fake + HEAD, mux_magic, MAGIC_SIZE);
        put16(fake + HEAD + 8, 1);
        put64(fake + HEAD + 24, 99);
        put64(fake + HEAD + 32, 12345);
        put32(fake + HEAD + HELLO_SIZE, 99);
        mux_input(pair.host.mux, fake, cut);
        CU_ASSERT_FALSE(mux_is_up(pair.host.mux));
        pair_settle();
        CU_ASSERT(mux_is_up(pair.host.mux));
        CU_ASSERT_PTR_NULL(mux_broken(pair.host.mux));
        pair_destroy();
    }
}

/* Frames with bytes in the host's output before the first of that stream. */
static unsigned int
frames_before(uint32_t id)
{
    size_t size;
    const uint8_t *p = mux_output(pair.host.mux, &size), *end = p + size;
    unsigned int n = 0;

    for (; p < end; p += HEAD + get16(p + 2) + TAG) {
        if (p[0] == FRAME_DATA && get32(p + 4) == id) {
            return n;
        }
        n += p[0] == FRAME_DATA;
    }
    return 1000;
}

/* A byte of a new one comes before twenty that always have some. */
static void
test_fair(void)
{
    size_t size;

    create();
    for (uint16_t port = 1; port <= 20; port++) {
        pair.plans[port][0].size = 100000000;
        pair_open(&pair.host, port);
    }
    for (int i = 0; i < 20; i++) {
        pair_serve(&pair.guest);
        pair_settle();
    }
    for (int i = 0; i < 10; i++) {
        pair_serve(&pair.host);
        pair_serve(&pair.guest);
        pair_write(&pair.guest, SIZE_MAX);
        pair_arrive(&pair.guest, SIZE_MAX);
    }
    mux_output(pair.host.mux, &size);
    CU_ASSERT(size >= OUT_DATA);
    CU_ASSERT_FALSE(ring_alone(&pair.host.mux->turns));
    pair.plans[21][0].size = 1;
    pair_open(&pair.host, 21);
    pair_write(&pair.host, SIZE_MAX);
    pair_arrive(&pair.host, SIZE_MAX);
    pair_serve(&pair.guest);
    pair_write(&pair.guest, SIZE_MAX);
    pair_arrive(&pair.guest, SIZE_MAX);
    CU_ASSERT_FATAL(pair.host.talks[21].opened);
    CU_ASSERT(frames_before(pair.host.talks[21].stream->id) <= 1);
    pair_destroy();
}

static const struct unit_test tests[] = {
    { "no frames", test_no_frames },
    { "a frame that was cut", test_cut },
    { "more than credit", test_credit },
    { "single bytes", test_single_bytes },
    { "opens without end", test_flood },
    { "pings without end", test_pings },
    { "garbage without end", test_garbage },
    { "false greetings", test_false_greeting },
    { "one byte among many", test_fair },
};

UNIT_MAIN("mux-cheat", tests)
