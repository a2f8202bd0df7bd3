/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONNECT_ANSWER_H
#define CONNECT_ANSWER_H

/*
 * What a proxy answers to CONNECT, taken apart as it comes, in pieces of any
 * size.  No socket, no memory but the struct.
 *
 * After a 2xx the conversation begins right behind the empty line; of any
 * other answer the beginning of the body is read, because that is where many
 * proxies say why.  Interim answers (1xx) are skipped.
 */

#include <stdbool.h>
#include <stddef.h>

/* Of all lines of a head together; and of a body that is looked at. */
#define ANSWER_HEAD_LIMIT 16384u
#define ANSWER_BODY_LIMIT 512u

enum answer_state {
    ANSWER_MORE,                /* it goes on */
    ANSWER_DONE,
    ANSWER_BAD                  /* no HTTP, or too much of it: see 'text' */
};

struct answer {
    int status;                 /* 200, 403, ...; 0: not known yet */
    char text[256];             /* why, for people: printable ASCII */
    char host[128];             /* XVS-Host of a 421: where the VM is, or "" */
    size_t head;                /* the parser's own, as the next ones: bytes */
    char line[1024];            /* of the head; what is longer is cut */
    size_t length;              /* of 'line' */
    size_t body;                /* bytes of it that are still to come */
    enum { FIRST_LINE, HEADER, BODY, END } at;
    bool has_details;           /* 'text' is from Proxy-Status: the best */
    bool has_length;            /* Content-Length was there */
};

/* Takes bytes; '*used' is how many.  All that is behind belongs to the
 * conversation. */
enum answer_state answer_feed(struct answer *answer, const char *bytes,
                              size_t size, size_t *used);
/* The other end has finished. */
enum answer_state answer_end(struct answer *answer);

#endif
