/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_MANAGE_HTTP_OUTPUT_H
#define XVS_MANAGE_HTTP_OUTPUT_H

/*
 * What is on its way to a client: a head (status and fields, or the line of
 * a chunk's size), a piece of body, a tail.  The three leave in one writev.
 */

#include <stdbool.h>
#include <stddef.h>
#include "base/buffer.h"

struct tls_session;

struct http_output {
    struct buffer head;     /* in front of the body */
    struct buffer body;     /* the answer, or one chunk of it */
    struct buffer tail;     /* behind it */
    size_t sent;            /* bytes of the three that have left */
    bool ready;             /* to be sent; else still being written */
};

enum http_sent {
    HTTP_SENT,          /* all of it: the three are empty again */
    HTTP_SENT_SOME,     /* the socket takes no more now */
    HTTP_SENT_FAILED,   /* the connection is of no use any more */
};

/* 'session' is NULL without TLS. */
enum http_sent http_output_send(struct http_output *output, int fd,
                                struct tls_session *session);
void http_output_free(struct http_output *output);

#endif
