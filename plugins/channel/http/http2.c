/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A connection of HTTP/2; see http2.h.  The library neither reads nor writes:
 * it is given what has come, and asked for what is to be sent, once for all
 * that happened in a turn of the loop.
 */

#include "http/http2-inside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#define SECOND UINT64_C(1000000000)
#define CHUNK 65536u
#define BUDGET (512u << 10)     /* bytes of one turn */
#define QUIET (60 * SECOND)     /* without streams it is closed then */
#define CONNECTION_WINDOW (16 << 20)
#define QUEUE_MOST 1024u        /* frames to be sent; nothing is read then */

static uint8_t incoming[CHUNK];
static nghttp2_session_callbacks *callbacks;
static nghttp2_option *options;

static struct loop *
loop_of(const struct http2 *http2)
{
    return http2->user->loop;
}

/* ---- Life --------------------------------------------------------------- */

void
http2_destroy(struct http2 *http2)
{
    while (http2->streams) {
        stream_closed(http2->streams, true);
    }
    loop_cancel(loop_of(http2), &http2->alarm);
    loop_unwatch(&http2->flusher);
    nghttp2_session_del(http2->session);
    http2->side->class->close(http2->side, true);
    http2->user->gone(http2->user);
    free(http2);
}

void
http2_flush_soon(struct http2 *http2)
{
    loop_post(loop_of(http2), &http2->flusher, EPOLLOUT);
}

/* ---- Sending ------------------------------------------------------------ */

/* False: it is over. */
static bool
flush(struct http2 *http2)
{
    size_t sent = 0;

    while (sent < BUDGET) {
        ssize_t n;

        if (!http2->out_size) {
            n = nghttp2_session_mem_send(http2->session, &http2->out);
            if (n <= 0) {
                http2->out_size = 0;
                return n == 0 && (nghttp2_session_want_read(http2->session)
                                  || nghttp2_session_want_write(
                                         http2->session));
            }
            http2->out_size = (size_t) n;
        }
        n = http2->side->class->write(http2->side, http2->out,
                                      http2->out_size);
        if (n < 0) {
            return errno == EAGAIN;
        }
        http2->out += n;
        http2->out_size -= (size_t) n;
        sent += (size_t) n;
    }
    http2_flush_soon(http2);
    return true;
}

static void
set_wishes(struct http2 *http2)
{
    bool full = nghttp2_session_get_outbound_queue_size(http2->session)
        > QUEUE_MOST;

    http2->side->class->want(http2->side,
                             (full ? 0 : SIDE_READABLE)
                             | (http2->out_size ? SIDE_WRITABLE : 0));
}

static void
end_turn(struct http2 *http2, bool lives)
{
    if (!lives || http2->dead || !flush(http2)) {
        http2_destroy(http2);
        return;
    }
    set_wishes(http2);
}

static void
is_posted(struct watch *watch, uint32_t events)
{
    struct http2 *http2 = (struct http2 *) (void *)
        ((char *) watch - offsetof(struct http2, flusher));

    (void) events;
    end_turn(http2, true);
}

/* ---- Receiving ---------------------------------------------------------- */

static bool
take(struct http2 *http2, const uint8_t *bytes, size_t size)
{
    return nghttp2_session_mem_recv(http2->session, bytes, size)
        == (ssize_t) size;
}

static bool
read_some(struct http2 *http2)
{
    size_t got = 0;

    while (got < BUDGET) {
        ssize_t n = http2->side->class->read(http2->side, incoming, CHUNK);

        if (n < 0) {
            return errno == EAGAIN;
        }
        if (n == 0 || !take(http2, incoming, (size_t) n)) {
            return false;
        }
        got += (size_t) n;
    }
    return true;
}

static void
is_ready(struct side *side, unsigned events)
{
    struct http2 *http2 = side->owner;
    bool lives = !(events & (SIDE_BROKEN | SIDE_HUNG));

    if (lives && events & SIDE_READABLE) {
        lives = read_some(http2);
        if (!lives) {
            flush(http2);       /* GOAWAY, which says why */
        }
    }
    end_turn(http2, lives);
}

/* Once in a while: without streams it is not kept for ever. */
static void
is_due(struct alarm *alarm)
{
    struct http2 *http2 = (struct http2 *) (void *)
        ((char *) alarm - offsetof(struct http2, alarm));
    uint64_t now = loop_now(loop_of(http2));

    if (!http2->n_streams && now >= http2->quiet + QUIET) {
        nghttp2_session_terminate_session(http2->session, NGHTTP2_NO_ERROR);
    }
    loop_alarm(loop_of(http2), &http2->alarm, now + QUIET / 2);
    end_turn(http2, true);
}

/* ---- What the library says ---------------------------------------------- */

static int
begin_headers(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
    struct http2 *http2 = arg;
    struct stream *stream;

    if (frame->hd.type != NGHTTP2_HEADERS
        || frame->headers.cat != NGHTTP2_HCAT_REQUEST) {
        return 0;
    }
    stream = stream_create(http2, frame->hd.stream_id);
    if (!stream) {
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    }
    nghttp2_session_set_stream_user_data(session, frame->hd.stream_id,
                                         stream);
    return 0;
}

static int
header(nghttp2_session *session, const nghttp2_frame *frame,
       const uint8_t *name, size_t name_size, const uint8_t *value,
       size_t size, uint8_t flags, void *arg)
{
    struct stream *stream = nghttp2_session_get_stream_user_data(
        session, frame->hd.stream_id);

    (void) flags;
    (void) arg;
    if (frame->hd.type == NGHTTP2_HEADERS
        && frame->headers.cat == NGHTTP2_HCAT_REQUEST && stream
        && !stream_field(stream, (const char *) name, name_size,
                         (const char *) value, size)) {
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    }
    return 0;
}

static int
frame_came(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
    struct stream *stream = nghttp2_session_get_stream_user_data(
        session, frame->hd.stream_id);
    bool ended = frame->hd.flags & NGHTTP2_FLAG_END_STREAM;

    (void) arg;
    if (!stream) {
        return 0;
    }
    if (frame->hd.type == NGHTTP2_HEADERS
        && frame->headers.cat == NGHTTP2_HCAT_REQUEST) {
        stream_head(stream, ended);
    } else if ((frame->hd.type == NGHTTP2_HEADERS
                || frame->hd.type == NGHTTP2_DATA) && ended) {
        stream_ended(stream);
    }
    return 0;
}

static int
data_came(nghttp2_session *session, uint8_t flags, int32_t id,
          const uint8_t *bytes, size_t size, void *arg)
{
    struct stream *stream = nghttp2_session_get_stream_user_data(session, id);

    (void) flags;
    (void) arg;
    nghttp2_session_consume_connection(session, size);
    if (!stream) {
        return 0;
    }
    return stream_data(stream, bytes, size)
        ? 0 : NGHTTP2_ERR_CALLBACK_FAILURE;
}

static int
frame_sent(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
    struct stream *stream = nghttp2_session_get_stream_user_data(
        session, frame->hd.stream_id);

    (void) arg;
    if (stream && frame->hd.type == NGHTTP2_HEADERS
        && frame->hd.flags & NGHTTP2_FLAG_END_STREAM) {
        stream_answered(stream);
    }
    return 0;
}

static int
stream_is_closed(nghttp2_session *session, int32_t id, uint32_t code,
                 void *arg)
{
    struct stream *stream = nghttp2_session_get_stream_user_data(session, id);

    (void) arg;
    if (stream) {
        nghttp2_session_set_stream_user_data(session, id, NULL);
        stream_closed(stream, code != NGHTTP2_NO_ERROR);
    }
    return 0;
}

/* What all connections share. */
static bool
prepare(void)
{
    if (callbacks) {
        return true;
    }
    if (nghttp2_session_callbacks_new(&callbacks) != 0
        || nghttp2_option_new(&options) != 0) {
        return false;
    }
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks,
                                                            begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, header);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks,
                                                         frame_came);
    nghttp2_session_callbacks_set_on_frame_send_callback(callbacks,
                                                         frame_sent);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks,
                                                              data_came);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks,
                                                           stream_is_closed);
    nghttp2_option_set_no_auto_window_update(options, 1);
    nghttp2_option_set_max_send_header_block_length(options, 16384);
    return true;
}

static bool
open_session(struct http2 *http2)
{
    static const nghttp2_settings_entry settings[] = {
        { NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, HTTP2_STREAMS },
        { NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, HTTP2_WINDOW },
        { NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, HTTP_HEAD_MOST },
    };

    return prepare()
        && nghttp2_session_server_new2(&http2->session, callbacks, http2,
                                       options) == 0
        && nghttp2_submit_settings(http2->session, NGHTTP2_FLAG_NONE,
                                   settings, sizeof(settings)
                                   / sizeof(settings[0])) == 0
        && nghttp2_session_set_local_window_size(
               http2->session, NGHTTP2_FLAG_NONE, 0, CONNECTION_WINDOW) == 0;
}

struct http2 *
http2_begin(struct http2_user *user, struct side *side, const char *bytes,
            size_t size)
{
    struct http2 *http2 = calloc(1, sizeof(*http2));

    if (!http2) {
        return NULL;
    }
    http2->user = user;
    if (!open_session(http2)) {
        nghttp2_session_del(http2->session);
        free(http2);
        return NULL;
    }
    http2->side = side;
    http2->flusher.fd = -1;
    http2->flusher.ready = is_posted;
    http2->alarm.due = is_due;
    http2->quiet = loop_now(user->loop);
    side->owner = http2;
    side->ready = is_ready;
    loop_alarm(user->loop, &http2->alarm, http2->quiet + QUIET / 2);
    http2->dead = !take(http2, (const uint8_t *) bytes, size);
    /* Its end, if it has come to that, is no matter of this turn. */
    http2_flush_soon(http2);
    side->class->want(side, SIDE_READABLE);
    return http2;
}
