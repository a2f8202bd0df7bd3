/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What goes out: first what is due of streams (openings, credit, ends), which
 * is little and bounded by their number, then their bytes, in turns.
 *
 * Turns are given as in queues that are fair to flows which say little: a
 * stream that comes after a pause is served before all that have been served
 * in this round; afterwards it stands at the end of the others, also when it
 * has nothing more to say, so that nobody gets ahead by pausing.
 *
 * Turns are given when less than a frame waits: what does moves to the
 * beginning of the memory, and a copy is what costs most here.
 */

#include "mux-inside.h"

#include <stdlib.h>
#include <string.h>

static uint32_t
out_size(const struct mux *mux)
{
    return mux->config.output + MUX_FRAME + OUT_CONTROL;
}

static uint32_t
waiting(const struct mux *mux)
{
    return mux->out_end - mux->out_start;
}

/* Bytes that there is room for behind those that wait. */
static uint32_t
room(struct mux *mux)
{
    if (mux->out_start > 0
        && (mux->out_start == mux->out_end
            || mux->out_start > out_size(mux) / 2)) {
        mux->out_end -= mux->out_start;
        memmove(mux->out, mux->out + mux->out_start, mux->out_end);
        mux->out_start = 0;
    }
    return out_size(mux) - mux->out_end;
}

static bool
has_memory(struct mux *mux)
{
    if (!mux->out) {
        mux->out = malloc(out_size(mux));
        mux->out_start = mux->out_end = 0;
    }
    if (!mux->out) {
        mux_break(mux, "no memory");
    }
    return mux->out != NULL;
}

/* A frame's place for n bytes, for which there is room. */
static uint8_t *
begin_frame(struct mux *mux, enum frame_type type, uint32_t id, uint32_t n)
{
    uint8_t *p = mux->out + mux->out_end;

    p[0] = (uint8_t) type;
    p[1] = 0;
    put16(p + 2, (uint16_t) n);
    put32(p + 4, id);
    put32(p + HEAD + n, (uint32_t) mux->peer_nonce);
    mux->out_end += HEAD + n + TAG;
    return p + HEAD;
}

static void
put_hello(struct mux *mux)
{
    uint8_t *p = begin_frame(mux, FRAME_HELLO, 0, HELLO_SIZE);

    memset(p, 0, HELLO_SIZE);
    memcpy(p, mux_magic, MAGIC_SIZE);
    put16(p + 8, MUX_VERSION);
    put32(p + 12, mux->config.streams);
    put32(p + 16, MUX_WINDOW);
    put64(p + 24, mux->nonce);
    put64(p + 32, mux->peer_nonce);
    memcpy(p + 40, mux->config.name, strlen(mux->config.name));
    put32(p + HELLO_SIZE, (uint32_t) mux->nonce);
    mux->due_hello = false;
}

void
output_start(struct mux *mux)
{
    if (has_memory(mux)) {
        memset(mux->out, 0, FULL_FRAME);
        mux->out_start = 0;
        mux->out_end = FULL_FRAME;
        put_hello(mux);
    }
}

void
stream_due(struct mux_stream *stream, unsigned int due)
{
    stream->due |= (uint8_t) due;
    if (ring_alone(&stream->control)) {
        ring_join(&stream->mux->controls, &stream->control);
    }
}

static void
put_end(struct mux_stream *stream, enum frame_type type)
{
    uint32_t n = stream->reason ? (uint32_t) strlen(stream->reason) : 0;
    uint8_t *p = begin_frame(stream->mux, type, stream->id, 2 + n);

    p[0] = stream->code;
    p[1] = 0;
    if (n > 0) {
        memcpy(p + 2, stream->reason, n);
    }
}

/* Windows grow as far as all may together; wide ones are for a stream or two
 * while the others want little: many of them are slower by more memory. */
static bool
may_grow(const struct mux_stream *stream)
{
    const struct mux *mux = stream->mux;
    uint64_t most = mux->config.budget / (stream->window < WIDE ? 1 : 8);

    return stream->window <= mux->config.window / 2
        && mux->budget_used + stream->window <= most;
}

/* Its window grows with what goes through it. */
static void
put_credit(struct mux_stream *stream)
{
    struct mux *mux = stream->mux;
    uint8_t *p = begin_frame(mux, FRAME_CREDIT, stream->id, 4);

    if (may_grow(stream)) {
        mux->budget_used += stream->window;
        stream->window *= 2;
    }
    put32(p, stream->window - stream->held);
    stream->held = stream->window;
}

/* All that is due of one; it may have gone then. */
static void
put_due(struct mux_stream *stream)
{
    struct mux *mux = stream->mux;
    unsigned int due = stream->due;

    ring_leave(&stream->control);
    stream->due = 0;
    if (due & DUE_OPEN) {
        uint8_t *p = begin_frame(mux, FRAME_OPEN, stream->id, 4);

        put16(p, stream->port);
        put16(p + 2, 0);
    }
    if (due & DUE_OPENED) {
        begin_frame(mux, FRAME_OPENED, stream->id, 0);
    }
    if (due & DUE_CREDIT && !(due & DUE_RESET)) {
        put_credit(stream);
    }
    if (due & DUE_FIN) {
        begin_frame(mux, FRAME_FIN, stream->id, 0);
    }
    if (due & (DUE_REFUSED | DUE_RESET)) {
        put_end(stream, due & DUE_REFUSED ? FRAME_REFUSED : FRAME_RESET);
        stream_remove(stream);
    } else if (stream->is & IS_LEFT && stream->is & IS_ENDED) {
        stream_remove(stream);
    }
}

static void
put_number(struct mux *mux, enum frame_type type, uint64_t value)
{
    put64(begin_frame(mux, type, 0, 8), value);
}

static void
put_services(struct mux *mux)
{
    uint8_t *p = begin_frame(mux, FRAME_SERVICES, 0, mux->n_services);

    memcpy(p, mux->services, mux->n_services);
    free(mux->services);
    mux->services = NULL;
}

/* All that is due; false: there is more than room. */
static bool
put_control(struct mux *mux)
{
    const uint32_t most = 512;      /* of what one of them puts */

    if (room(mux) < 2 * MUX_PORTS + most) {
        return false;
    }
    if (mux->due_hello) {
        put_hello(mux);
    }
    if (!mux->up) {
        return true;
    }
    if (mux->due_ping) {
        put_number(mux, FRAME_PING, mux->ping);
    }
    if (mux->due_pong) {
        put_number(mux, FRAME_PONG, mux->pong);
    }
    mux->due_ping = mux->due_pong = false;
    if (mux->services) {
        put_services(mux);
    }
    while (!ring_alone(&mux->controls)) {
        if (room(mux) < most) {
            return false;
        }
        put_due((struct mux_stream *) (void *)
                ((char *) mux->controls.next
                 - offsetof(struct mux_stream, control)));
    }
    return true;
}

static bool
may_write(const struct mux_stream *stream)
{
    return (stream->is & (IS_OPEN | IS_FINISHED | IS_LEFT)) == IS_OPEN
        && stream->credit > 0 && stream->mux->up && !stream->mux->broken;
}

void
stream_queue(struct mux_stream *stream, bool is_fresh)
{
    struct mux *mux = stream->mux;

    if (stream->is & IS_WISHING && may_write(stream)
        && ring_alone(&stream->turn)) {
        ring_join(is_fresh ? &mux->fresh_turns : &mux->turns, &stream->turn);
    }
}

void
mux_wish(struct mux_stream *stream, bool wishes)
{
    if (wishes) {
        stream->is |= IS_WISHING;
        stream_queue(stream, true);
    } else {
        stream->is &= (uint8_t) ~IS_WISHING;
    }
}

static bool
others_wait(const struct mux *mux)
{
    return !ring_alone(&mux->fresh_turns) || !ring_alone(&mux->turns);
}

unsigned int
mux_reserve(struct mux_stream *stream, struct iovec *pieces, unsigned int n)
{
    struct mux *mux = stream->mux;
    bool its_turn = mux->turn == stream;
    uint32_t most = its_turn ? mux->allowance : MUX_FRAME;
    unsigned int i;

    if (!may_write(stream) || !has_memory(mux)
        || (!its_turn && others_wait(mux))) {
        return 0;
    }
    if (!put_control(mux) || room(mux) < FULL_FRAME) {
        mux->cramped = true;
        return 0;
    }
    if (!its_turn && waiting(mux) >= mux->config.output) {
        return 0;
    }
    n = n < room(mux) / FULL_FRAME ? n : room(mux) / FULL_FRAME;
    most = most < stream->credit ? most : stream->credit;
    for (i = 0; i < n && most > 0; i++) {
        uint32_t some = most < MUX_FRAME ? most : MUX_FRAME;

        pieces[i] = (struct iovec) { mux->out + mux->out_end + HEAD
                                     + (size_t) i * FULL_FRAME, some };
        most -= some;
    }
    return i;
}

void
mux_commit(struct mux_stream *stream, size_t size)
{
    struct mux *mux = stream->mux;

    stream->credit -= (uint32_t) size;
    if (mux->turn == stream) {
        mux->allowance -= (uint32_t) size;
        mux->wrote = mux->wrote || size > 0;
    }
    while (size > 0) {
        uint32_t some = size < MUX_FRAME ? (uint32_t) size : MUX_FRAME;

        begin_frame(mux, FRAME_DATA, stream->id, some);
        size -= some;
    }
}

size_t
mux_write(struct mux_stream *stream, const void *bytes, size_t size)
{
    size_t done = 0;
    struct iovec piece;

    while (done < size && mux_reserve(stream, &piece, 1)) {
        size_t some = piece.iov_len < size - done ? piece.iov_len
                                                  : size - done;

        memcpy(piece.iov_base, (const char *) bytes + done, some);
        mux_commit(stream, some);
        done += some;
    }
    return done;
}

/* The next one leaves its ring; NULL: there is none. */
static struct mux_stream *
next_turn(struct mux *mux)
{
    struct ring *from = ring_alone(&mux->fresh_turns) ? &mux->turns
                                                      : &mux->fresh_turns;
    struct ring *first = from->next;

    if (ring_alone(from)) {
        return NULL;
    }
    ring_leave(first);
    return (struct mux_stream *) (void *)
        ((char *) first - offsetof(struct mux_stream, turn));
}

/* A frame, or all that may go when nobody else waits: with what is around
 * frames no more than 'output', as a device takes round numbers at once. */
static uint32_t
allowance_of(const struct mux *mux)
{
    uint32_t most = mux->config.output - waiting(mux);
    uint32_t around = (most + FULL_FRAME - 1) / FULL_FRAME
        * (FULL_FRAME - MUX_FRAME);

    most -= most > around ? around : most;
    return others_wait(mux) || most < MUX_FRAME ? MUX_FRAME : most;
}

static void
give_turn(struct mux *mux, struct mux_stream *stream)
{
    if (!(stream->is & IS_WISHING) || !may_write(stream)) {
        return;
    }
    mux->turn = stream;
    mux->allowance = allowance_of(mux);
    mux->wrote = mux->cramped = false;
    mux->config.events->writable(stream);
    if (mux->turn && ring_alone(&stream->turn)) {
        if (!mux->wrote && !mux->cramped) {
            stream->is &= (uint8_t) ~IS_WISHING;
        } else {
            ring_join(&mux->turns, &stream->turn);
        }
    }
    mux->turn = NULL;
}

static void
give_turns(struct mux *mux)
{
    struct mux_stream *stream;

    while (put_control(mux) && waiting(mux) < mux->config.output
           && room(mux) >= FULL_FRAME && (stream = next_turn(mux))) {
        give_turn(mux, stream);
    }
}

const void *
mux_output(struct mux *mux, size_t *size)
{
    *size = 0;
    if (!mux->started || !has_memory(mux)) {
        return NULL;
    }
    if (put_control(mux) && waiting(mux) < MUX_FRAME) {
        give_turns(mux);
    }
    *size = waiting(mux);
    return mux->out + mux->out_start;
}

void
mux_sent(struct mux *mux, size_t size)
{
    mux->out_start += (uint32_t) size;
    if (mux->out_start == mux->out_end) {
        mux->out_start = mux->out_end = 0;
    }
}

bool
mux_has_output(const struct mux *mux)
{
    return mux->started
        && (mux->out_start < mux->out_end || mux->due_hello
            || (mux->up && (mux->due_ping || mux->due_pong || mux->services
                            || !ring_alone(&mux->controls)
                            || !ring_alone(&mux->fresh_turns)
                            || !ring_alone(&mux->turns))));
}
