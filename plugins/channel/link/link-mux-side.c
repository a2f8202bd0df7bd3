/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A stream of the link as a side.  What comes is read out of what the link
 * has just received while its owner is told; what is written goes straight
 * into what the link sends, when it is the stream's turn.
 */

#include "link/link-mux-inside.h"

#include <errno.h>
#include <stdlib.h>

struct link_mux_stream {
    struct mux_user user;       /* first: not dialled */
    struct side side;
    struct watch watch;         /* to post; it has no descriptor */
    struct loop *loop;
    struct mux_link *link;      /* NULL: with the stream */
    struct mux_stream *stream;  /* NULL: it was reset */
    unsigned int wanted;        /* SIDE_READABLE, SIDE_WRITABLE */
    bool told;                  /* that it is broken */
};

static struct link_mux_stream *
of_side(struct side *side)
{
    return (struct link_mux_stream *) (void *)
        ((char *) side - offsetof(struct link_mux_stream, side));
}

static bool
is_readable(const struct link_mux_stream *self)
{
    struct iovec piece;

    if (!self->stream) {
        return true;            /* read() tells the error. */
    }
    return mux_peek(self->stream, &piece, 1) || mux_at_end(self->stream);
}

/* What is wanted and is so already, is told soon. */
static void
post(struct link_mux_stream *self)
{
    if ((self->wanted & SIDE_READABLE && is_readable(self))
        || (self->wanted & SIDE_WRITABLE && !self->stream)
        || (!self->stream && !self->told)) {
        loop_post(self->loop, &self->watch, 1);
    }
}

static void
is_posted(struct watch *watch, uint32_t events)
{
    struct link_mux_stream *self = (struct link_mux_stream *) (void *)
        ((char *) watch - offsetof(struct link_mux_stream, watch));
    unsigned int now = 0;

    (void) events;
    if (!self->stream) {
        now = self->wanted | (self->told ? 0 : SIDE_BROKEN);
        self->told = true;
    } else if (is_readable(self)) {
        now = self->wanted & SIDE_READABLE;
    }
    if (now && self->side.ready) {
        self->side.ready(&self->side, now);
    }
}

static ssize_t
side_read(struct side *side, void *bytes, size_t size)
{
    struct link_mux_stream *self = of_side(side);
    size_t n;

    if (!self->stream) {
        errno = ECONNRESET;
        return -1;
    }
    n = mux_read(self->stream, bytes, size);
    if (n > 0) {
        link_mux_flush(self->link);     /* There may be credit to give. */
    } else if (!mux_at_end(self->stream)) {
        errno = EAGAIN;
        return -1;
    }
    post(self);
    return (ssize_t) n;
}

static ssize_t
side_write(struct side *side, const void *bytes, size_t size)
{
    struct link_mux_stream *self = of_side(side);
    size_t n;

    if (!self->stream) {
        errno = ECONNRESET;
        return -1;
    }
    n = mux_write(self->stream, bytes, size);
    if (n == 0 && size > 0) {
        errno = EAGAIN;
        return -1;
    }
    link_mux_flush(self->link);
    return (ssize_t) n;
}

static void
side_finish(struct side *side)
{
    struct link_mux_stream *self = of_side(side);

    if (self->stream) {
        mux_finish(self->stream);
        link_mux_flush(self->link);
    }
}

static void
side_want(struct side *side, unsigned events)
{
    struct link_mux_stream *self = of_side(side);

    self->wanted = events;
    if (self->stream) {
        mux_wish(self->stream, (events & SIDE_WRITABLE) != 0);
        if (events & SIDE_WRITABLE) {
            link_mux_flush(self->link);
        }
    }
    post(self);
}

static void
leave(struct link_mux_stream *self)
{
    self->link->link.state.streams--;
    self->link = NULL;
    self->stream = NULL;
}

static void
side_close(struct side *side, bool reset)
{
    struct link_mux_stream *self = of_side(side);

    if (self->stream) {
        mux_close(self->stream, reset);
        link_mux_flush(self->link);
        leave(self);
    }
    loop_unwatch(&self->watch);
    free(self);
}

static const struct side_class mux_side_class = {
    .read = side_read,
    .write = side_write,
    .finish = side_finish,
    .want = side_want,
    .close = side_close,
};

struct side *
mux_side(struct mux_link *link, struct mux_stream *stream)
{
    struct link_mux_stream *self = calloc(1, sizeof(*self));

    if (!self) {
        return NULL;
    }
    self->side.class = &mux_side_class;
    self->watch.fd = -1;
    self->watch.ready = is_posted;
    self->loop = link->config.host->loop;
    self->link = link;
    self->stream = stream;
    link->link.state.streams++;
    return &self->side;
}

void *
mux_side_user(struct side *side)
{
    return &of_side(side)->user;
}

void
mux_side_forget(struct side *side)
{
    leave(of_side(side));
    loop_unwatch(&of_side(side)->watch);
    free(of_side(side));
}

void
mux_side_readable(struct mux_stream *stream)
{
    struct link_mux_stream *self = mux_stream_owner(stream);

    if (self->wanted & SIDE_READABLE && self->side.ready) {
        self->side.ready(&self->side, SIDE_READABLE);
    }
}

void
mux_side_writable(struct mux_stream *stream)
{
    struct link_mux_stream *self = mux_stream_owner(stream);

    if (self->wanted & SIDE_WRITABLE && self->side.ready) {
        self->side.ready(&self->side, SIDE_WRITABLE);
    }
}

void
mux_side_reset(struct mux_stream *stream)
{
    struct link_mux_stream *self = mux_stream_owner(stream);

    leave(self);
    self->told = true;
    if (self->side.ready) {
        self->side.ready(&self->side, SIDE_BROKEN);
    }
}
