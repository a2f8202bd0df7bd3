/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_MANAGE_EXCHANGE_H
#define XVS_MANAGE_EXCHANGE_H

/*
 * One request and its answer, as the connection (which owns it) and the CIM
 * operation that answers it see it.
 *
 * A short answer is written to exchange_out() and finished by
 * exchange_done(), in the handler's call or at any time later.  A long one
 * names a producer: it is called whenever there is room, writes until
 * exchange_full(), and returns; what it wrote leaves as a chunk.  A producer
 * that has to wait returns after setting 'waiting' and calls exchange_wake()
 * later.
 */

#include <stdbool.h>
#include <stddef.h>
#include "base/buffer.h"

struct exchange;
struct http_parser;
struct principal;

#define EXCHANGE_HIGH_WATER 65536u

/* Goes on writing the answer. */
typedef void (*exchange_produce)(void *arg, struct exchange *exchange);
/* The connection is gone, and the exchange with it. */
typedef void (*exchange_drop)(void *arg);

struct exchange {
    const struct http_parser *request;      /* head and body */
    const struct principal *principal;      /* who asks */
    const char *host;       /* of this server, for paths; never NULL */
    int status;             /* of the answer; 200 at first */
    const char *type;       /* Content-Type of status 200; NULL: XML */
    struct buffer fields;   /* of the answer's head: "Name: value\r\n"... */
    struct buffer trailers; /* the same behind a chunked answer */
    bool begun;             /* bytes of the answer have left */
    bool done;              /* the answer is whole */
    bool aborted;           /* it cannot be finished: cut the connection */
    bool waiting;           /* the producer waits for exchange_wake() */
    bool close;             /* no further request on this connection */
    exchange_produce produce;   /* NULL: the handler finishes by itself */
    exchange_drop drop;         /* NULL: nobody needs to know */
    void *arg;                  /* of both */
};

/* The body being written. */
struct buffer *exchange_out(struct exchange *exchange);
bool exchange_full(struct exchange *exchange);
void exchange_done(struct exchange *exchange);
void exchange_abort(struct exchange *exchange);
void exchange_wake(struct exchange *exchange);
/* Adds a field to the head, or to the trailer when the head has left; line
 * ends in the value become blanks. */
void exchange_field(struct exchange *exchange, const char *name,
                    const char *value);
/* Answers with that status and a line of text.  Ends the exchange. */
void exchange_refuse(struct exchange *exchange, int status,
                     const char *text);

#endif
