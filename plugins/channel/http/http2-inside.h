/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CHANNEL_HTTP2_INSIDE_H
#define CHANNEL_HTTP2_INSIDE_H

/*
 * What HTTP/2 is made of: a connection, its streams, and these as requests;
 * see http2.h.
 */

#include <nghttp2/nghttp2.h>
#include <stdbool.h>
#include <stdint.h>

#include "http/http2.h"
#include "move/loop.h"

#define HTTP2_STREAMS 128u      /* of a connection */
#define HTTP2_WINDOW 65535u     /* of a stream, in each direction here */

struct http2 {
    struct http2_user *user;
    nghttp2_session *session;
    struct side *side;
    struct watch flusher;       /* posted: there is something to be sent */
    struct alarm alarm;         /* when it has been without streams too long */
    const uint8_t *out;         /* the library's: not taken yet */
    size_t out_size;
    struct stream *streams;
    uint32_t n_streams;
    bool dead;                  /* it goes at the end of the turn */
    uint64_t quiet;             /* ns: since when it has no streams */
};

struct stream {
    struct side side;           /* first */
    struct http2 *http2;        /* NULL: the library has closed it */
    struct stream *next, *prev; /* of the connection's */
    int32_t id;
    struct loop *loop;
    void *waits;                /* the user's, until it is answered; or NULL */
    struct http_request *head;  /* while it comes; or NULL */
    size_t head_size;
    bool has_authority;
    struct watch again;         /* posted: tell what it is */
    unsigned wanted, told;
    bool owned;                 /* the side has an owner */
    bool ended, broken;         /* the client has said all; reset */
    bool finished;              /* and so have we */
    char *in, *out;             /* rings of HTTP2_WINDOW bytes; or NULL */
    uint32_t in_at, in_size, out_at, out_size;
};

/* ---- http2.c ------------------------------------------------------------ */

/* Something is to be sent, soon. */
void http2_flush_soon(struct http2 *http2);

/* ---- http2-stream.c ----------------------------------------------------- */

struct stream *stream_create(struct http2 *http2, int32_t id);
/* False: more than its window. */
bool stream_data(struct stream *stream, const uint8_t *bytes, size_t size);
void stream_ended(struct stream *stream);
/* The library has closed it: 'broken' before its time. */
void stream_closed(struct stream *stream, bool broken);
/* Gives the memory of a head back, secrets first. */
void stream_forget_head(struct stream *stream);
/* What libnghttp2 asks for what the stream has to send. */
ssize_t stream_give(nghttp2_session *session, int32_t id, uint8_t *bytes,
                    size_t size, uint32_t *flags, nghttp2_data_source *source,
                    void *arg);

/* ---- http2-request.c ---------------------------------------------------- */

bool stream_field(struct stream *stream, const char *name, size_t name_size,
                  const char *value, size_t size);
/* The head is complete.  'ended': nothing follows. */
void stream_head(struct stream *stream, bool ended);
/* A refusal has been sent: the client need not go on (RFC 9113, 8.1). */
void stream_answered(struct stream *stream);

#endif
