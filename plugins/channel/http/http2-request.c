/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A stream of HTTP/2 as a request: its fields are read, the user is asked, and
 * the client told what he says.
 */

#include <stdio.h>
#include <string.h>

#include "http/http2-inside.h"

/* ---- Answers ------------------------------------------------------------ */

static nghttp2_nv
field(const char *name, const char *value)
{
    return (nghttp2_nv) { .name = (uint8_t *) (uintptr_t) name,
                          .value = (uint8_t *) (uintptr_t) value,
                          .namelen = strlen(name), .valuelen = strlen(value) };
}

void
stream_refuse(struct stream *stream, const struct answer *answer)
{
    nghttp2_session *session = stream->http2->session;
    char status[16], proxy_status[512], retry[16];
    nghttp2_nv fields[6];
    size_t n = 0;

    snprintf(status, sizeof(status), "%d", answer->status);
    http_proxy_status(proxy_status, sizeof(proxy_status), answer);
    fields[n++] = field(":status", status);
    fields[n++] = field("proxy-status", proxy_status);
    if (answer->status == 407) {
        fields[n++] = field("proxy-authenticate", "Bearer realm=\"xvs\"");
        fields[n++] = field("proxy-authenticate", "Basic realm=\"xvs\"");
    }
    if (answer->status == 405) {
        fields[n++] = field("allow", "CONNECT");
    }
    if (answer->host) {
        fields[n++] = field("xvs-host", answer->host);
    }
    if (answer->retry) {
        snprintf(retry, sizeof(retry), "%u", answer->retry);
        fields[n++] = field("retry-after", retry);
    }
    stream->waits = NULL;
    stream->finished = true;
    nghttp2_submit_response(session, stream->id, fields, n, NULL);
    http2_flush_soon(stream->http2);
}

void
stream_answered(struct stream *stream)
{
    if (!stream->ended && !stream->owned) {
        nghttp2_submit_rst_stream(stream->http2->session, NGHTTP2_FLAG_NONE,
                                  stream->id, NGHTTP2_NO_ERROR);
    }
}

struct side *
stream_accept(struct stream *stream)
{
    const nghttp2_nv status = field(":status", "200");
    const nghttp2_data_provider provider = { .source.ptr = stream,
                                             .read_callback = stream_give };

    nghttp2_submit_response(stream->http2->session, stream->id, &status, 1,
                            &provider);
    http2_flush_soon(stream->http2);
    stream->waits = NULL;
    stream->owned = true;
    return &stream->side;
}

void
stream_waits(struct stream *stream, void *waits)
{
    stream->waits = waits;
}

/* ---- Fields ------------------------------------------------------------- */

static void
spoil(struct stream *stream, int status, const char *reason)
{
    if (!stream->head->status) {
        stream->head->status = status;
        stream->head->reason = reason;
    }
}

static bool
is(const char *name, size_t size, const char *wanted)
{
    return size == strlen(wanted) && memcmp(name, wanted, size) == 0;
}

static void
read_via(struct stream *stream, const char *value, size_t size)
{
    struct http2_user *user = stream->http2->user;
    const char *own, *zone;

    user->names(user, &own, &zone);
    http_via(stream->head, value, size, own, zone);
}

bool
stream_field(struct stream *stream, const char *name, size_t name_size,
             const char *value, size_t size)
{
    struct http_request *head = stream->head;

    if (!head) {
        return true;
    }
    stream->head_size += name_size + size + 32;
    if (stream->head_size > HTTP_HEAD_MOST) {
        spoil(stream, 431, "the head is longer than 8 KiB");
    } else if (is(name, name_size, ":method")) {
        head->is_connect = is(value, size, "CONNECT");
    } else if (is(name, name_size, ":authority")) {
        snprintf(head->wanted, sizeof(head->wanted), "%.*s", (int) size,
                 value);
        stream->has_authority = true;
        if (!http_authority(value, size, head->name, &head->port,
                            &head->reason)) {
            head->status = head->status ? head->status : 400;
        }
    } else if (is(name, name_size, "content-length")) {
        spoil(stream, 400, "a CONNECT has no content");
    } else if (is(name, name_size, "proxy-authorization")) {
        if (head->has_token || !http_credentials(head, value, size)) {
            spoil(stream, 400, "proxy-authorization is not one of Bearer or"
                               " Basic");
        }
    } else if (is(name, name_size, "xvs-client")) {
        if (!http_client_name(head, value, size)) {
            spoil(stream, 400, "xvs-client is no name, or there are two");
        }
    } else if (is(name, name_size, "via")) {
        read_via(stream, value, size);
    }
    return true;
}

void
stream_head(struct stream *stream, bool ended)
{
    struct http2_user *user = stream->http2->user;
    struct http_request *head = stream->head;

    stream->ended = ended;
    if (!head) {
        return;
    }
    if (!head->is_connect) {
        head->status = 405;
        head->reason = "only CONNECT";
    } else if (!stream->has_authority) {
        spoil(stream, 400, "no target");
    }
    user->asks(user, stream, head);
    stream_forget_head(stream);
}
