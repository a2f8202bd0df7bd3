/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A stream of HTTP/2; see http2.h.  It is the library's and, when it has been
 * accepted, its owner's: the memory goes when both have let go of it.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "http/http2-inside.h"

static struct stream *
of_side(struct side *side)
{
    return (struct stream *) (void *) side;
}

/* ---- Rings -------------------------------------------------------------- */

static bool
ring_put(char **ring, uint32_t at, uint32_t *size, const void *bytes,
         size_t n)
{
    uint32_t to = (at + *size) % HTTP2_WINDOW;
    size_t first = n < HTTP2_WINDOW - to ? n : HTTP2_WINDOW - to;

    if (!*ring) {
        *ring = malloc(HTTP2_WINDOW);
    }
    if (!*ring || n > HTTP2_WINDOW - *size) {
        return false;
    }
    memcpy(*ring + to, bytes, first);
    memcpy(*ring, (const char *) bytes + first, n - first);
    *size += (uint32_t) n;
    return true;
}

/* An empty one is given back. */
static size_t
ring_get(char **ring, uint32_t *at, uint32_t *size, void *bytes, size_t n)
{
    size_t first;

    n = n < *size ? n : *size;
    first = n < HTTP2_WINDOW - *at ? n : HTTP2_WINDOW - *at;
    if (n) {
        memcpy(bytes, *ring + *at, first);
        memcpy((char *) bytes + first, *ring, n - first);
    }
    *at = (uint32_t) ((*at + n) % HTTP2_WINDOW);
    *size -= (uint32_t) n;
    if (!*size) {
        free(*ring);
        *ring = NULL;
    }
    return n;
}

/* ---- Life --------------------------------------------------------------- */

void
stream_forget_head(struct stream *stream)
{
    if (stream->head) {
        explicit_bzero(stream->head, sizeof(*stream->head));
        free(stream->head);
        stream->head = NULL;
    }
}

static void
free_if_unused(struct stream *stream)
{
    if (!stream->http2 && !stream->owned) {
        loop_unwatch(&stream->again);
        stream_forget_head(stream);
        free(stream->in);
        free(stream->out);
        free(stream);
    }
}

static unsigned
state_of(const struct stream *stream)
{
    return (stream->in_size || stream->ended || stream->broken
            ? SIDE_READABLE : 0)
        | (stream->out_size < HTTP2_WINDOW ? SIDE_WRITABLE : 0);
}

static void
post(struct stream *stream)
{
    if (stream->owned && (stream->wanted & state_of(stream)
                          || (stream->broken && !stream->told))) {
        loop_post(stream->loop, &stream->again, EPOLLIN);
    }
}

static void
is_posted(struct watch *watch, uint32_t events)
{
    struct stream *stream = (struct stream *) (void *)
        ((char *) watch - offsetof(struct stream, again));
    unsigned what = stream->wanted & state_of(stream);

    (void) events;
    if (stream->broken && !stream->told) {
        stream->told = SIDE_BROKEN;
        what |= SIDE_BROKEN;
    }
    if (stream->owned && what) {
        stream->side.ready(&stream->side, what);
    }
}

void
stream_closed(struct stream *stream, bool broken)
{
    struct http2 *http2 = stream->http2;

    *(stream->prev ? &stream->prev->next : &http2->streams) = stream->next;
    if (stream->next) {
        stream->next->prev = stream->prev;
    }
    http2->n_streams--;
    http2->quiet = loop_now(stream->loop);
    stream->http2 = NULL;
    stream->broken = broken || !stream->ended || !stream->finished;
    if (stream->waits) {
        http2->user->gave_up(http2->user, stream->waits);
        stream->waits = NULL;
    }
    if (stream->owned) {
        post(stream);
    } else {
        free_if_unused(stream);
    }
}

/* ---- The side ----------------------------------------------------------- */

static ssize_t
stream_read(struct side *side, void *bytes, size_t size)
{
    struct stream *stream = of_side(side);
    size_t n = ring_get(&stream->in, &stream->in_at, &stream->in_size, bytes,
                        size);

    if (n) {
        if (stream->http2) {
            nghttp2_session_consume_stream(stream->http2->session,
                                           stream->id, n);
            http2_flush_soon(stream->http2);
        }
        post(stream);
        return (ssize_t) n;
    }
    if (stream->ended && !stream->broken) {
        return 0;
    }
    errno = stream->broken ? ECONNRESET : EAGAIN;
    return -1;
}

static ssize_t
stream_write(struct side *side, const void *bytes, size_t size)
{
    struct stream *stream = of_side(side);
    size_t room = HTTP2_WINDOW - stream->out_size;

    if (!stream->http2 || stream->broken) {
        errno = stream->broken ? ECONNRESET : EPIPE;
        return -1;
    }
    if (!room && size) {
        errno = EAGAIN;
        return -1;
    }
    size = size < room ? size : room;
    if (!ring_put(&stream->out, stream->out_at, &stream->out_size, bytes,
                  size)) {
        errno = ENOMEM;
        return -1;
    }
    nghttp2_session_resume_data(stream->http2->session, stream->id);
    http2_flush_soon(stream->http2);
    return (ssize_t) size;
}

static void
stream_finish(struct side *side)
{
    struct stream *stream = of_side(side);

    stream->finished = true;
    if (stream->http2) {
        nghttp2_session_resume_data(stream->http2->session, stream->id);
        http2_flush_soon(stream->http2);
    }
}

static void
stream_want(struct side *side, unsigned events)
{
    of_side(side)->wanted = events;
    post(of_side(side));
}

static void
stream_close(struct side *side, bool reset)
{
    struct stream *stream = of_side(side);

    stream->owned = false;
    loop_unwatch(&stream->again);
    if (stream->http2) {
        if (reset) {
            nghttp2_submit_rst_stream(stream->http2->session,
                                      NGHTTP2_FLAG_NONE, stream->id,
                                      NGHTTP2_CONNECT_ERROR);
        } else {
            stream_finish(side);
        }
        http2_flush_soon(stream->http2);
    }
    free_if_unused(stream);
}

static const struct side_class stream_class = {
    .read = stream_read,
    .write = stream_write,
    .finish = stream_finish,
    .want = stream_want,
    .close = stream_close,
};

/* ---- What the library is given ------------------------------------------ */

ssize_t
stream_give(nghttp2_session *session, int32_t id, uint8_t *bytes, size_t size,
            uint32_t *flags, nghttp2_data_source *source, void *arg)
{
    struct stream *stream = source->ptr;
    size_t n = ring_get(&stream->out, &stream->out_at, &stream->out_size,
                        bytes, size);

    (void) session;
    (void) id;
    (void) arg;
    if (stream->finished && !stream->out_size) {
        *flags |= NGHTTP2_DATA_FLAG_EOF;
        return (ssize_t) n;
    }
    if (!n) {
        return NGHTTP2_ERR_DEFERRED;
    }
    post(stream);
    return (ssize_t) n;
}

/* ---- What the library says ---------------------------------------------- */

struct stream *
stream_create(struct http2 *http2, int32_t id)
{
    struct stream *stream = calloc(1, sizeof(*stream));

    if (stream) {
        stream->head = calloc(1, sizeof(*stream->head));
    }
    if (!stream || !stream->head) {
        free(stream);
        return NULL;
    }
    stream->side.class = &stream_class;
    stream->http2 = http2;
    stream->loop = http2->user->loop;
    stream->id = id;
    stream->again.fd = -1;
    stream->again.ready = is_posted;
    stream->next = http2->streams;
    if (stream->next) {
        stream->next->prev = stream;
    }
    http2->streams = stream;
    http2->n_streams++;
    return stream;
}

bool
stream_data(struct stream *stream, const uint8_t *bytes, size_t size)
{
    if (stream->finished && !stream->owned) {
        nghttp2_session_consume_stream(stream->http2->session, stream->id,
                                       size);
        return true;            /* of one that was refused */
    }
    if (!ring_put(&stream->in, stream->in_at, &stream->in_size, bytes,
                  size)) {
        return false;
    }
    post(stream);
    return true;
}

void
stream_ended(struct stream *stream)
{
    stream->ended = true;
    post(stream);
}
