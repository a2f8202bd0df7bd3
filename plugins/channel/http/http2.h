/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CHANNEL_HTTP2_H
#define CHANNEL_HTTP2_H

/*
 * CONNECT over HTTP/2 (RFC 9113, 8.5): a client's connection has a stream for
 * each conversation, and a stream is a side.  What becomes of a stream is its
 * user's to say.
 *
 *     http2.c            the connection: bytes of the client, libnghttp2
 *     http2-stream.c     its streams, which are sides
 *     http2-request.c    and requests before that
 *
 * Each stream has a window of its own for what comes, which grows as its
 * conversation takes bytes; the connection's is given back at once, so that a
 * VM that does not read stops its own stream only.  END_STREAM is the end of
 * one direction, RST_STREAM a reset.
 */

#include <stddef.h>

#include "http/http.h"
#include "move/side.h"

#define HTTP2_PREFACE "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
#define HTTP2_PREFACE_SIZE 24u

struct http2;
struct loop;
struct stream;

/* Who has a connection; the memory is his, until gone(). */
struct http2_user {
    struct loop *loop;
    /* What Via is looked through for; as of http_read(). */
    void (*names)(struct http2_user *user, const char **own,
                  const char **zone);
    /* A head has come: stream_accept() or stream_refuse() answers it, now or
     * later; only the latter where the head has a status already. */
    void (*asks)(struct http2_user *user, struct stream *stream,
                 const struct http_request *head);
    /* Not answered, and it is too late: the stream is gone after it. */
    void (*gave_up)(struct http2_user *user, void *waits);
    /* The connection is no more, nor are its streams but those that were
     * accepted, which are broken. */
    void (*gone)(struct http2_user *user);
};

/* Takes the side, of which these bytes have come.  NULL: no memory, the side
 * stays the caller's. */
struct http2 *http2_begin(struct http2_user *user, struct side *side,
                          const char *bytes, size_t size);
/* Resets it and its streams. */
void http2_destroy(struct http2 *http2);

/* What gave_up() is to be told, until the stream is answered. */
void stream_waits(struct stream *stream, void *waits);
/* Says 200; what has come behind the head is read from the side, which is the
 * caller's. */
struct side *stream_accept(struct stream *stream);
void stream_refuse(struct stream *stream, const struct answer *answer);

#endif
