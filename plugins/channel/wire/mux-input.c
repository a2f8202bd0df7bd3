/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What comes: greetings are looked for until the link is up, frames are read
 * from then on.  A frame is believed when all of it has come and its end has
 * the tag of our nonce: one that was cut by the end of a connection, and
 * filled up by what the next one begins with, does not.
 */

#include "mux-inside.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void
input_start(struct mux *mux)
{
    mux->n_frame = 0;
    mux->garbage = 0;
}

static void
cheated(struct mux_stream *stream, const char *reason)
{
    struct mux *mux = stream->mux;

    mux->current = stream;
    if (!(stream->is & IS_LEFT)) {
        mux->config.events->reset(stream, MUX_CHEATED, reason);
    }
    if (mux->current) {
        mux->current = NULL;
        stream_give_up(stream, DUE_RESET, MUX_CHEATED, reason);
    }
}

static void
take_open(struct mux *mux, uint32_t id, const uint8_t *p, uint32_t n)
{
    struct mux_stream *stream;

    if (n < 4 || (id & 1) == mux->config.odd
        || (int32_t) (id - mux->last_theirs) <= 0 || stream_find(mux, id)) {
        mux_break(mux, "a stream is opened under a wrong number");
    } else if (mux->n_theirs / 2 > mux->config.streams + 16) {
        mux_break(mux, "streams are opened and no answer is read");
    } else if (!(stream = stream_add(mux, id, get16(p)))) {
        mux_break(mux, "no memory for a stream");
    } else {
        mux->last_theirs = id;
        mux->n_theirs++;
        if (mux->n_theirs > mux->config.streams) {
            mux_refuse(stream, MUX_BUSY, "as many streams as there may be");
        } else {
            mux->config.events->open(mux, stream, get16(p));
        }
    }
}

static void
take_opened(struct mux_stream *stream)
{
    if (stream->is & IS_OPEN || !(stream->is & IS_OURS)) {
        cheated(stream, "it is opened twice");
    } else if (!(stream->is & IS_LEFT)) {
        stream->is |= IS_OPEN;
        stream->mux->config.events->opened(stream);
    }
}

/* REFUSED and RESET: a code, a byte of 0, a text. */
static void
take_end(struct mux_stream *stream, enum frame_type type, const uint8_t *p,
         uint32_t n)
{
    const struct mux_events *events = stream->mux->config.events;
    enum mux_code code = n > 0 && p[0] <= MUX_CHEATED
        ? (enum mux_code) p[0] : MUX_FAILED;
    char reason[MUX_REASON];

    mux_text(reason, sizeof(reason), n > 2 ? p + 2 : p, n > 2 ? n - 2 : 0);
    stream->mux->current = stream;
    if (stream->is & IS_LEFT) {
        ;
    } else if (type == FRAME_REFUSED && !(stream->is & IS_OPEN)) {
        events->refused(stream, code, reason);
    } else {
        events->reset(stream, code, reason);
    }
    if (stream->mux->current) {
        stream_remove(stream);
    }
}

/* Tells of what has been gathered. */
static void
deliver(struct mux *mux)
{
    if (mux->gathered) {
        mux->current = mux->gathered;
        mux->gathered = NULL;
        mux->config.events->readable(mux->current);
        if (mux->current && !stream_keep_fresh(mux->current)) {
            cheated(mux->current, "no memory");
        }
        mux->current = NULL;
    }
    mux->first_fresh = mux->n_fresh = 0;
}

/* The frame goes on where what has been gathered ends. */
static bool
goes_on(const struct mux *mux, enum frame_type type, uint32_t id, uint32_t n)
{
    const struct mux_stream *stream = mux->gathered;

    return stream && type == FRAME_DATA && stream->id == id
        && n <= stream->held - stream->unread && mux->n_fresh < MUX_PIECES;
}

static void
gather(struct mux_stream *stream, const uint8_t *p, uint32_t n)
{
    struct mux *mux = stream->mux;

    stream->unread += n;
    mux->gathered = stream;
    mux->fresh[mux->n_fresh++] = (struct iovec) { (void *) (uintptr_t) p, n };
}

static void
take_data(struct mux_stream *stream, const uint8_t *p, uint32_t n)
{
    if (stream->is & IS_LEFT) {
        if (!(stream->due & (DUE_RESET | DUE_REFUSED))) {
            stream_give_up(stream, DUE_RESET, MUX_GONE, NULL);
        }
        return;
    }
    if (!(stream->is & IS_OPEN) || stream->is & IS_ENDED) {
        cheated(stream, "bytes come out of order");
        return;
    }
    if (n > stream->held - stream->unread) {
        cheated(stream, "more bytes come than credit was given");
        return;
    }
    gather(stream, p, n);
}

static void
take_fin(struct mux_stream *stream)
{
    if (stream->is & IS_ENDED
        || (!(stream->is & IS_OPEN) && !(stream->is & IS_LEFT))) {
        cheated(stream, "its end comes out of order");
        return;
    }
    stream->is |= IS_ENDED;
    stream->due &= (uint8_t) ~DUE_CREDIT;
    if (!(stream->is & IS_LEFT)) {
        stream->mux->config.events->readable(stream);
    } else if (!stream->due) {
        stream_remove(stream);
    }
}

static void
take_credit(struct mux_stream *stream, uint32_t n)
{
    if (n > INT32_MAX - stream->credit) {
        cheated(stream, "more credit comes than there can be");
        return;
    }
    stream->credit += n;
    stream_queue(stream, stream->credit > n);
}

static void
take_services(struct mux *mux, const uint8_t *p, uint32_t n)
{
    uint16_t ports[MUX_PORTS];
    uint32_t n_ports = n / 2 < MUX_PORTS ? n / 2 : MUX_PORTS;

    for (uint32_t i = 0; i < n_ports; i++) {
        ports[i] = get16(p + 2 * (size_t) i);
    }
    mux->config.events->services(mux, ports, n_ports);
}

/* A frame of a stream that is, or that has just been. */
static void
take_of_stream(struct mux *mux, enum frame_type type, uint32_t id,
               const uint8_t *p, uint32_t n)
{
    struct mux_stream *stream = stream_find(mux, id);
    uint32_t last = (id & 1) == mux->config.odd ? mux->last_ours
                                                 : mux->last_theirs;

    if (!stream) {
        if ((int32_t) (id - last) > 0) {
            mux_break(mux, "bytes come for a stream that was never opened");
        }
        return;     /* It has gone, which the other end learns. */
    }
    switch (type) {
    case FRAME_OPENED:
        take_opened(stream);
        break;
    case FRAME_DATA:
        take_data(stream, p, n);
        break;
    case FRAME_FIN:
        take_fin(stream);
        break;
    case FRAME_CREDIT:
        take_credit(stream, get32(p));
        break;
    default:
        take_end(stream, type, p, n);
        break;
    }
}

static void
take(struct mux *mux, enum frame_type type, uint32_t id, const uint8_t *p,
     uint32_t n)
{
    if (goes_on(mux, type, id, n)) {
        gather(mux->gathered, p, n);
        return;
    }
    deliver(mux);
    switch (type) {
    case FRAME_HELLO:
        mux_greeted(mux, p);
        break;
    case FRAME_OPEN:
        take_open(mux, id, p, n);
        break;
    case FRAME_PING:
        mux->pong = get64(p);
        mux->due_pong = true;
        break;
    case FRAME_PONG:
        mux->config.events->pong(mux, get64(p));
        break;
    case FRAME_SERVICES:
        take_services(mux, p, n);
        break;
    default:
        take_of_stream(mux, type, id, p, n);
        break;
    }
    mux->current = NULL;
}

/* How many bytes a frame of the type carries. */
static const struct {
    uint16_t least, most;
} sizes[FRAME_TYPES] = {
    [FRAME_HELLO] = { HELLO_SIZE, HELLO_SIZE },
    [FRAME_OPEN] = { 4, 512 }, [FRAME_OPENED] = { 0, 512 },
    [FRAME_REFUSED] = { 2, 512 }, [FRAME_DATA] = { 1, MUX_FRAME },
    [FRAME_FIN] = { 0, 0 }, [FRAME_RESET] = { 2, 512 },
    [FRAME_CREDIT] = { 4, 4 }, [FRAME_PING] = { 8, 8 },
    [FRAME_PONG] = { 8, 8 }, [FRAME_SERVICES] = { 0, MUX_FRAME }
};

static bool
head_good(struct mux *mux, const uint8_t *p)
{
    uint16_t n = get16(p + 2);

    if (p[0] >= FRAME_TYPES || p[1] != 0 || n < sizes[p[0]].least
        || n > sizes[p[0]].most) {
        mux_break(mux, "what comes are no frames");
        return false;
    }
    return true;
}

/* A whole one, with a head that is good. */
static void
take_frame(struct mux *mux, const uint8_t *p)
{
    enum frame_type type = (enum frame_type) p[0];
    uint32_t n = get16(p + 2), tag = get32(p + HEAD + n);
    uint32_t want = type == FRAME_HELLO ? get32(p + HEAD + 24)
                                        : (uint32_t) mux->nonce;

    if (tag != want || (type == FRAME_HELLO
                        && memcmp(p + HEAD, mux_magic, MAGIC_SIZE) != 0)) {
        mux_break(mux, "a frame was cut");
        return;
    }
    take(mux, type, get32(p + 4), p + HEAD, n);
}

/* Adds to what has been begun until it has 'want' bytes; how many it took. */
static size_t
fill(struct mux *mux, uint32_t want, const uint8_t *p, size_t n)
{
    size_t some = want - mux->n_frame;

    some = some < n ? some : n;
    memcpy(mux->frame + mux->n_frame, p, some);
    mux->n_frame += (uint32_t) some;
    return some;
}

/* Completes the frame that has been begun, from n bytes; how many it took. */
static size_t
complete(struct mux *mux, const uint8_t *p, size_t n)
{
    size_t used = 0;
    uint32_t want;

    if (mux->n_frame < HEAD) {
        used = fill(mux, HEAD, p, n);
        if (mux->n_frame < HEAD || !head_good(mux, mux->frame)) {
            return used;
        }
    }
    want = HEAD + get16(mux->frame + 2) + TAG;
    used += fill(mux, want, p + used, n - used);
    if (mux->n_frame == want) {
        mux->n_frame = 0;
        take_frame(mux, mux->frame);
    }
    return used;
}

/* Frames; how many bytes they took. */
static size_t
take_some(struct mux *mux, const uint8_t *p, size_t n)
{
    size_t used = 0;

    if (mux->n_frame > 0) {
        return complete(mux, p, n);
    }
    while (used < n && p[used] == FRAME_PADDING) {
        used++;
    }
    if (n - used >= HEAD) {
        if (!head_good(mux, p + used)) {
            return used + HEAD;
        }
        if (n - used >= (size_t) HEAD + get16(p + used + 2) + TAG) {
            size_t size = (size_t) HEAD + get16(p + used + 2) + TAG;

            take_frame(mux, p + used);
            return used + size;
        }
    }
    deliver(mux);       /* It may be where the next frame is begun. */
    return used < n ? used + complete(mux, p + used, n - used) : used;
}

/* How a greeting begins. */
static bool
begins(const uint8_t *p, size_t n)
{
    static const uint8_t head[HEAD] = { FRAME_HELLO, 0, HELLO_SIZE };
    size_t magic = n > HEAD ? n - HEAD : 0;

    return memcmp(p, head, n < HEAD ? n : HEAD) == 0
        && memcmp(p + HEAD, mux_magic,
                  magic < MAGIC_SIZE ? magic : MAGIC_SIZE) == 0;
}

/* Leaves out what is the beginning of no greeting. */
static void
skip(struct mux *mux, uint32_t from)
{
    uint8_t *p = mux->frame;

    while (from < mux->n_frame && !begins(p + from, mux->n_frame - from)) {
        from++;
    }
    mux->garbage += from;
    mux->n_frame -= from;
    memmove(p, p + from, mux->n_frame);
    if (mux->garbage > GARBAGE_MAX) {
        mux_break(mux, "no greeting comes, only other bytes");
    }
}

/* Looks for a greeting; how many bytes it took. */
static size_t
hunt(struct mux *mux, const uint8_t *p, size_t n)
{
    uint32_t room = HELLO_FRAME - mux->n_frame;
    uint32_t some = n < room ? (uint32_t) n : room;

    memcpy(mux->frame + mux->n_frame, p, some);
    mux->n_frame += some;
    skip(mux, 0);
    if (mux->n_frame == HELLO_FRAME) {
        uint8_t hello[HELLO_FRAME];
        uint32_t tag = get32(mux->frame + HEAD + HELLO_SIZE);

        if (tag == 0 || tag != get32(mux->frame + HEAD + 24)) {
            skip(mux, 1);
        } else {
            memcpy(hello, mux->frame, sizeof(hello));
            mux->n_frame = 0;
            mux_greeted(mux, hello + HEAD);
        }
    }
    return some;
}

size_t
mux_input(struct mux *mux, const void *bytes, size_t size)
{
    const uint8_t *p = bytes;
    size_t used = 0;

    if (!mux->frame && !(mux->frame = malloc(HEAD + MUX_FRAME + TAG))) {
        mux_break(mux, "no memory");
    }
    while (used < size && !mux->broken && mux->started) {
        used += mux->up ? take_some(mux, p + used, size - used)
                        : hunt(mux, p + used, size - used);
    }
    deliver(mux);
    return used;
}
