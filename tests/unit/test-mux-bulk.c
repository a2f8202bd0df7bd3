/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Many bytes at once: a stream that is alone is given several frames in a turn,
 * and what comes of one together is told once, in its pieces.
 */

#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "mux-inside.h"
#include "unit.h"

enum { OUTPUT = 1 << 17, STREAMS = 2 };

/* One stream, at both ends. */
static struct talk {
    struct mux_stream *here, *there;
    size_t left;                /* bytes to be written */
    size_t sent, received;
    unsigned int turns;         /* in which it wrote */
    unsigned int pieces;        /* of its last turn */
    unsigned int told, told_pieces;     /* how often; of the last time */
    bool wrong, reset;
} talks[STREAMS];

static struct mux *host, *guest;
static size_t takes;            /* of what it is told, at most */
static size_t sends;            /* of what is to go out, at most */

static uint8_t
byte_at(size_t at)
{
    return (uint8_t) (at * 2654435761u >> 13);
}

static void
on_open(struct mux *mux, struct mux_stream *stream, uint16_t port)
{
    (void) mux;
    talks[port].there = stream;
    mux_accept(stream, &talks[port]);
}

static void
on_writable(struct mux_stream *stream)
{
    struct talk *talk = mux_stream_owner(stream);
    struct iovec pieces[MUX_PIECES];
    unsigned int n = talk->left ? mux_reserve(stream, pieces, MUX_PIECES) : 0;
    size_t done = 0;

    for (unsigned int i = 0; i < n; i++) {
        uint8_t *to = pieces[i].iov_base;

        for (size_t k = 0; k < pieces[i].iov_len && done < talk->left; k++) {
            to[k] = byte_at(talk->sent + done++);
        }
    }
    if (n > 0) {
        mux_commit(stream, done);
        talk->sent += done;
        talk->left -= done;
        talk->turns++;
        talk->pieces = n;
    }
}

static void
on_readable(struct mux_stream *stream)
{
    struct talk *talk = mux_stream_owner(stream);
    struct iovec pieces[MUX_PIECES];
    unsigned int n = mux_peek(stream, pieces, MUX_PIECES);
    size_t done = 0;

    for (unsigned int i = 0; i < n && done < takes; i++) {
        const uint8_t *p = pieces[i].iov_base;

        for (size_t k = 0; k < pieces[i].iov_len && done < takes; k++) {
            talk->wrong = talk->wrong
                || p[k] != byte_at(talk->received + done);
            done++;
        }
    }
    mux_take(stream, done);
    talk->received += done;
    talk->told++;
    talk->told_pieces = n;
}

static void
on_reset(struct mux_stream *stream, enum mux_code code, const char *reason)
{
    struct talk *talk = mux_stream_owner(stream);

    (void) code;
    (void) reason;
    talk->reset = true;
}

static void
ignore(struct mux *mux, const char *reason)
{
    (void) mux;
    (void) reason;
}

static void
on_up(struct mux *mux, const struct mux_peer *peer)
{
    (void) mux;
    (void) peer;
}

static void
on_opened(struct mux_stream *stream)
{
    (void) stream;
}

static const struct mux_events events = {
    .up = on_up, .down = ignore, .open = on_open, .opened = on_opened,
    .refused = on_reset, .readable = on_readable, .writable = on_writable,
    .reset = on_reset
};

/* What 'from' has to say arrives, up to 'piece' bytes at a time. */
static void
carry(struct mux *from, struct mux *to, size_t piece)
{
    size_t size;
    const uint8_t *p = mux_output(from, &size);

    size = size < sends ? size : sends;
    for (size_t at = 0; at < size;) {
        size_t some = size - at < piece ? size - at : piece;
        uint8_t *exact = malloc(some);      /* So that ASan sees more. */

        memcpy(exact, p + at, some);
        at += mux_input(to, exact, some);
        free(exact);
    }
    mux_sent(from, size);
}

/* Two ends, streams that are open, and windows that have grown. */
static void
begin(void)
{
    struct mux_config config = { .odd = true, .seed = 5, .streams = 8,
                                 .window = 1 << 20, .budget = 4 << 20,
                                 .output = OUTPUT, .events = &events };

    memset(talks, 0, sizeof(talks));
    takes = sends = SIZE_MAX;
    host = mux_create(&config);
    config.odd = false;
    guest = mux_create(&config);
    mux_start(host);
    mux_start(guest);
    for (int i = 0; i < 4; i++) {
        carry(host, guest, SIZE_MAX);
        carry(guest, host, SIZE_MAX);
    }
    for (uint16_t port = 0; port < STREAMS; port++) {
        talks[port].here = mux_open(host, port, &talks[port]);
        carry(host, guest, SIZE_MAX);
        carry(guest, host, SIZE_MAX);
        talks[port].left = 1000000;
        mux_wish(talks[port].here, true);
        for (int i = 0; i < 200 && talks[port].received < 1000000; i++) {
            carry(host, guest, SIZE_MAX);
            carry(guest, host, SIZE_MAX);
        }
        CU_ASSERT_EQUAL(talks[port].received, 1000000);
        talks[port].turns = talks[port].told = 0;
    }
}

static void
finish(void)
{
    for (int i = 0; i < STREAMS; i++) {
        CU_ASSERT_FALSE(talks[i].wrong);
    }
    mux_destroy(host);
    mux_destroy(guest);
}

static void
write_more(int i, size_t n)
{
    talks[i].left += n;
    mux_wish(talks[i].here, true);
}

/* As many frames in a turn as may wait; told together. */
static void
test_alone(void)
{
    begin();
    write_more(0, 5 * MUX_FRAME + 100);
    carry(host, guest, SIZE_MAX);
    CU_ASSERT_EQUAL(talks[0].turns, 1);
    CU_ASSERT_EQUAL(talks[0].pieces, OUTPUT / MUX_FRAME);
    CU_ASSERT_EQUAL(talks[0].told, 1);
    CU_ASSERT_EQUAL(talks[0].told_pieces, 6);
    CU_ASSERT_EQUAL(talks[0].received, talks[0].sent);
    CU_ASSERT_EQUAL(talks[0].left, 0);
    finish();
}

/* A round number with what is around frames; more when less than one is left. */
static void
test_round(void)
{
    size_t size;

    begin();
    write_more(0, (size_t) 4 * OUTPUT);
    mux_output(host, &size);
    CU_ASSERT_EQUAL(size, OUTPUT);
    mux_sent(host, size - MUX_FRAME);
    mux_output(host, &size);
    CU_ASSERT_EQUAL(size, MUX_FRAME);
    mux_sent(host, 1);
    mux_output(host, &size);
    CU_ASSERT_EQUAL(size, OUTPUT);
    finish();
}

/* Where another waits, each has a frame. */
static void
test_others(void)
{
    begin();
    write_more(0, 3 * MUX_FRAME);
    write_more(1, 2 * MUX_FRAME);
    carry(host, guest, SIZE_MAX);
    CU_ASSERT_EQUAL(talks[0].turns, 3);
    CU_ASSERT_EQUAL(talks[1].turns, 2);
    CU_ASSERT_EQUAL(talks[0].told, 3);
    CU_ASSERT_EQUAL(talks[1].told, 2);
    CU_ASSERT_EQUAL(talks[0].received, talks[0].sent);
    CU_ASSERT_EQUAL(talks[1].received, talks[1].sent);
    finish();
}

/* Wherever it is cut, nothing is lost, doubled or moved. */
static void
test_cut(void)
{
    begin();
    for (size_t piece = 1; piece < 100000; piece = piece * 3 + 1) {
        for (int i = 0; i < 20; i++) {
            write_more(i % 3 == 0, 30000 + piece % 999);
            carry(host, guest, piece);
            carry(guest, host, SIZE_MAX);
        }
    }
    for (int i = 0; i < STREAMS; i++) {
        CU_ASSERT_EQUAL(talks[i].left, 0);
        CU_ASSERT_EQUAL(talks[i].received, talks[i].sent);
    }
    finish();
}

/* What waits lies anywhere, with more or less room behind it. */
static void
test_parts(void)
{
    begin();
    write_more(0, 1000000);
    for (sends = 1; talks[0].received < 2000000 && sends < 100000;
         sends += 1117) {
        carry(host, guest, SIZE_MAX);
        carry(guest, host, SIZE_MAX);
    }
    CU_ASSERT_EQUAL(talks[0].received, 2000000);
    finish();
}

/* What was not taken is kept, and told in its order with what comes. */
static void
test_kept(void)
{
    begin();
    takes = 5000;
    for (int i = 0; i < 3; i++) {
        write_more(0, 2 * MUX_FRAME);
        carry(host, guest, SIZE_MAX);
    }
    CU_ASSERT_EQUAL(talks[0].received, 1000000 + 3 * 5000);
    takes = SIZE_MAX;
    write_more(0, MUX_FRAME);
    carry(host, guest, SIZE_MAX);
    CU_ASSERT(talks[0].told_pieces > 6 * MUX_FRAME / BLOCK_SIZE / 2);
    on_readable(talks[0].there);
    CU_ASSERT_EQUAL(talks[0].received, talks[0].sent);
    finish();
}

/* One gets wide while the others want little, who do not then. */
static void
test_wide(void)
{
    begin();
    CU_ASSERT_EQUAL(talks[0].there->window, 2 * WIDE);
    CU_ASSERT_EQUAL(talks[1].there->window, WIDE);
    finish();
}

/* Who sends more than credit loses the stream, after what he might send. */
static void
test_credit(void)
{
    static uint8_t frame[FULL_FRAME] = { FRAME_DATA };
    uint8_t *bytes;
    size_t size, n = 0;
    uint32_t credit;

    begin();
    credit = talks[0].here->credit;
    bytes = malloc(credit + 64 * FULL_FRAME);
    put16(frame + 2, MUX_FRAME);
    put32(frame + 4, talks[0].here->id);
    put32(frame + HEAD + MUX_FRAME, (uint32_t) guest->nonce);
    for (size = 0; n <= credit; n += MUX_FRAME) {
        for (size_t i = 0; i < MUX_FRAME; i++) {
            frame[HEAD + i] = byte_at(talks[0].received + n + i);
        }
        memcpy(bytes + size, frame, FULL_FRAME);
        size += FULL_FRAME;
    }
    takes = 1;      /* else there would be more credit meanwhile */
    CU_ASSERT_EQUAL(mux_input(guest, bytes, size), size);
    CU_ASSERT(talks[0].reset);
    CU_ASSERT_EQUAL(talks[0].told, (n / MUX_FRAME - 1 + MUX_PIECES - 1)
                    / MUX_PIECES);
    CU_ASSERT_FALSE(talks[1].reset);
    CU_ASSERT_PTR_NULL(mux_broken(guest));
    free(bytes);
    finish();
}

static const struct unit_test tests[] = {
    { "a stream that is alone", test_alone },
    { "in round numbers", test_round },
    { "one among others", test_others },
    { "cut anywhere", test_cut },
    { "sent in parts", test_parts },
    { "kept until it is taken", test_kept },
    { "wide windows", test_wide },
    { "more than credit, at once", test_credit },
};

UNIT_MAIN("mux-bulk", tests)
