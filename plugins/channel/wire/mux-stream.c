/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The streams of a link: a hash table of them, what each has not read yet,
 * and what their owners ask for.
 */

#include "mux-inside.h"

#include <stdlib.h>
#include <string.h>

static uint32_t
place_of(uint32_t id, uint32_t n_places)
{
    return (id * UINT32_C(2654435769) >> 7) & (n_places - 1);
}

struct mux_stream *
stream_find(const struct mux *mux, uint32_t id)
{
    struct mux_stream *stream = mux->n_places
        ? mux->table[place_of(id, mux->n_places)] : NULL;

    while (stream && stream->id != id) {
        stream = stream->chain;
    }
    return stream;
}

static bool
grow(struct mux *mux)
{
    uint32_t n_places = mux->n_places ? 2 * mux->n_places : 16;
    struct mux_stream **table = calloc(n_places, sizeof(struct mux_stream *));

    if (!table) {
        return mux->n_places != 0;
    }
    for (uint32_t i = 0; i < mux->n_places; i++) {
        for (struct mux_stream *next, *stream = mux->table[i]; stream;
             stream = next) {
            uint32_t place = place_of(stream->id, n_places);

            next = stream->chain;
            stream->chain = table[place];
            table[place] = stream;
        }
    }
    free(mux->table);
    mux->table = table;
    mux->n_places = n_places;
    return true;
}

struct mux_stream *
stream_add(struct mux *mux, uint32_t id, uint16_t port)
{
    struct mux_stream *stream;
    uint32_t place;

    if (mux->n_streams >= mux->n_places && !grow(mux)) {
        return NULL;
    }
    stream = calloc(1, sizeof(*stream));
    if (!stream) {
        return NULL;
    }
    ring_init(&stream->turn);
    ring_init(&stream->control);
    stream->mux = mux;
    stream->id = id;
    stream->port = port;
    stream->credit = mux->peer.window;
    stream->window = stream->held = MUX_WINDOW;
    place = place_of(id, mux->n_places);
    stream->chain = mux->table[place];
    mux->table[place] = stream;
    mux->n_streams++;
    return stream;
}

void
stream_remove(struct mux_stream *stream)
{
    struct mux *mux = stream->mux;
    struct mux_stream **at = &mux->table[place_of(stream->id, mux->n_places)];

    while (*at != stream) {
        at = &(*at)->chain;
    }
    *at = stream->chain;
    mux->n_streams--;
    mux->n_left -= (stream->is & IS_LEFT) != 0;
    if (stream->is & IS_OURS) {
        mux->n_ours--;
    } else {
        mux->n_theirs--;
    }
    if (mux->current == stream) {
        mux->current = NULL;
    }
    if (mux->turn == stream) {
        mux->turn = NULL;
    }
    stream_drop_unread(stream);
    mux->budget_used -= stream->window - MUX_WINDOW;
    ring_leave(&stream->turn);
    ring_leave(&stream->control);
    free(stream->reason);
    free(stream);
}

void
stream_remove_all(struct mux *mux, enum mux_code code, const char *reason)
{
    for (uint32_t i = 0; i < mux->n_places; i++) {
        /* What an owner does may change the table's places, but adds none. */
        while (mux->table[i]) {
            struct mux_stream *stream = mux->table[i];

            mux->current = stream;
            if (!(stream->is & IS_LEFT)) {
                mux->config.events->reset(stream, code, reason);
            }
            if (mux->current) {
                stream_remove(mux->current);
            }
        }
    }
}

static bool
keep(struct mux_stream *stream, const uint8_t *bytes, size_t n)
{
    while (n > 0) {
        struct block *last = stream->last;
        size_t some;

        if (!last || last->end == BLOCK_SIZE) {
            last = malloc(sizeof(*last));
            if (!last) {
                return false;
            }
            last->next = NULL;
            last->start = last->end = 0;
            if (stream->last) {
                stream->last->next = last;
            } else {
                stream->first = last;
            }
            stream->last = last;
        }
        some = BLOCK_SIZE - last->end;
        some = some < n ? some : n;
        memcpy(last->bytes + last->end, bytes, some);
        last->end += (uint32_t) some;
        bytes += some;
        n -= some;
    }
    return true;
}

bool
stream_keep_fresh(struct mux_stream *stream)
{
    struct mux *mux = stream->mux;

    for (; mux->first_fresh < mux->n_fresh; mux->first_fresh++) {
        const struct iovec *piece = &mux->fresh[mux->first_fresh];

        if (!keep(stream, piece->iov_base, piece->iov_len)) {
            return false;
        }
    }
    return true;
}

void
stream_drop_unread(struct mux_stream *stream)
{
    while (stream->first) {
        struct block *next = stream->first->next;

        free(stream->first);
        stream->first = next;
    }
    stream->last = NULL;
    if (stream->mux->current == stream) {
        stream->mux->first_fresh = stream->mux->n_fresh;
    }
}

void
stream_give_up(struct mux_stream *stream, unsigned int due,
               enum mux_code code, const char *reason)
{
    struct mux *mux = stream->mux;

    if (!(stream->is & IS_LEFT)) {
        stream->is |= IS_LEFT;
        mux->n_left++;
    }
    stream->is &= (uint8_t) ~IS_WISHING;
    stream->owner = NULL;
    stream_drop_unread(stream);
    if (due) {
        stream->code = (uint8_t) code;
        free(stream->reason);
        stream->reason = reason ? strndup(reason, MUX_REASON - 1) : NULL;
        stream_due(stream, due);
    }
}

unsigned int
mux_peek(const struct mux_stream *stream, struct iovec *pieces,
         unsigned int n)
{
    const struct mux *mux = stream->mux;
    unsigned int done = 0;

    for (struct block *at = stream->first; at && done < n; at = at->next) {
        pieces[done++] = (struct iovec) { at->bytes + at->start,
                                          at->end - at->start };
    }
    if (mux->current == stream) {
        for (uint32_t i = mux->first_fresh; i < mux->n_fresh && done < n;
             i++) {
            pieces[done++] = mux->fresh[i];
        }
    }
    return done;
}

/* What was read may be sent again, once it is worth a frame. */
static void
give_credit(struct mux_stream *stream, uint32_t n)
{
    stream->unread -= n;
    stream->held -= n;
    if (!(stream->is & (IS_ENDED | IS_LEFT))
        && stream->window - stream->held >= stream->window / 2) {
        stream_due(stream, DUE_CREDIT);
    }
}

/* Of its blocks; how many it took. */
static size_t
take_kept(struct mux_stream *stream, size_t size)
{
    size_t done = 0;

    while (stream->first && done < size) {
        struct block *first = stream->first;
        size_t some = first->end - first->start;

        some = some < size - done ? some : size - done;
        first->start += (uint32_t) some;
        done += some;
        if (first->start == first->end) {
            stream->first = first->next;
            stream->last = stream->first ? stream->last : NULL;
            free(first);
        }
    }
    return done;
}

static void
take_fresh(struct mux *mux, size_t size)
{
    while (size > 0) {
        struct iovec *piece = &mux->fresh[mux->first_fresh];
        size_t some = piece->iov_len < size ? piece->iov_len : size;

        piece->iov_base = (uint8_t *) piece->iov_base + some;
        piece->iov_len -= some;
        mux->first_fresh += piece->iov_len == 0;
        size -= some;
    }
}

void
mux_take(struct mux_stream *stream, size_t size)
{
    take_fresh(stream->mux, size - take_kept(stream, size));
    give_credit(stream, (uint32_t) size);
}

size_t
mux_read(struct mux_stream *stream, void *bytes, size_t size)
{
    size_t n = 0;

    struct iovec piece;

    while (n < size && mux_peek(stream, &piece, 1)) {
        size_t some = piece.iov_len < size - n ? piece.iov_len : size - n;

        memcpy((char *) bytes + n, piece.iov_base, some);
        mux_take(stream, some);
        n += some;
    }
    return n;
}

bool
mux_at_end(const struct mux_stream *stream)
{
    return stream->is & IS_ENDED && stream->unread == 0;
}

/* The next one that no stream has: numbers come again after a long time. */
static uint32_t
next_id(struct mux *mux)
{
    do {
        mux->last_ours += 2;
    } while (stream_find(mux, mux->last_ours));
    return mux->last_ours;
}

struct mux_stream *
mux_open(struct mux *mux, uint16_t port, void *owner)
{
    struct mux_stream *stream;

    if (!mux->up || mux->n_ours >= mux->peer.streams) {
        return NULL;
    }
    stream = stream_add(mux, next_id(mux), port);
    if (stream) {
        mux->n_ours++;
        stream->is = IS_OURS;
        stream->owner = owner;
        stream_due(stream, DUE_OPEN);
    }
    return stream;
}

void
mux_accept(struct mux_stream *stream, void *owner)
{
    stream->owner = owner;
    stream->is |= IS_OPEN;
    stream_due(stream, DUE_OPENED);
}

void
mux_refuse(struct mux_stream *stream, enum mux_code code, const char *reason)
{
    stream->due &= (uint8_t) ~DUE_OPENED;
    stream->is &= (uint8_t) ~IS_OPEN;
    stream_give_up(stream, DUE_REFUSED, code, reason);
}

void
mux_stream_own(struct mux_stream *stream, void *owner)
{
    stream->owner = owner;
}

void *
mux_stream_owner(const struct mux_stream *stream)
{
    return stream->owner;
}

struct mux *
mux_stream_mux(const struct mux_stream *stream)
{
    return stream->mux;
}

void
mux_finish(struct mux_stream *stream)
{
    if (!(stream->is & IS_FINISHED)) {
        stream->is |= IS_FINISHED;
        stream->is &= (uint8_t) ~IS_WISHING;
        stream_due(stream, DUE_FIN);
    }
}

void
mux_close(struct mux_stream *stream, bool reset)
{
    unsigned int open = stream->is & IS_OPEN;

    if (stream->due & DUE_OPEN) {
        stream_remove(stream);      /* Nobody has heard of it. */
    } else if (!open && !(stream->is & IS_OURS)) {
        mux_refuse(stream, MUX_GONE, NULL);
    } else if (reset || !open) {
        stream_give_up(stream, DUE_RESET, MUX_GONE, NULL);
    } else {
        mux_finish(stream);
        stream_give_up(stream, 0, MUX_GONE, NULL);
        if (stream->is & IS_ENDED && !stream->due) {
            stream_remove(stream);
        }
    }
}
