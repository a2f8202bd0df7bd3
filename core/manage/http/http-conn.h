/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_MANAGE_HTTP_CONN_H
#define XVS_MANAGE_HTTP_CONN_H

/*
 * One client's connection, a small state machine that is run whenever
 * something happened: the socket is ready, a check of a password or an
 * operation is finished, a deadline has passed.
 *
 *   HANDSHAKE -> HEAD -> (CHECK) -> BODY -> WORK -> HEAD ... -> LINGER
 *
 * One request is in work at a time; what a client sends ahead waits in the
 * socket.  Memory of a connection is bounded by the head's limit, the body's
 * limit and one chunk of answer.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "manage/auth/auth.h"
#include "manage/http/exchange.h"
#include "manage/http/http-output.h"
#include "manage/http/http-parse.h"

struct auth_check;
struct http_server;
struct loop_watch;
struct tls_session;

enum conn_state {
    CONN_HANDSHAKE,     /* TLS is being agreed on */
    CONN_HEAD,          /* waiting for a request or in its head */
    CONN_CHECK,         /* a password is being checked */
    CONN_BODY,
    CONN_WORK,          /* an operation is at work, or its answer leaves */
    CONN_LINGER,        /* the last answer has left; reading to the end */
    CONN_DEAD,          /* to be freed */
};

struct connection {
    struct exchange exchange;       /* the request in work; first member */
    struct http_server *server;
    struct connection *next, *prev; /* of the server's list */
    int fd;
    struct loop_watch *watch;
    unsigned int events;            /* what the watch waits for */
    struct tls_session *tls;        /* NULL: plain */
    enum conn_state state;
    bool is_unix;                   /* unix socket: known by credentials */
    bool is_loopback;               /* of a TCP peer: on this host */
    bool readable;                  /* the socket said so */
    bool running;                   /* inside connection_run() */
    char where[64];                 /* the peer's address */
    uint64_t deadline_ms;           /* 0: none */
    struct principal principal;     /* nobody until known */
    char *verified;                 /* Authorization that was checked */
    struct auth_check *check;       /* in flight, or NULL */
    struct http_parser parser;
    struct buffer in;               /* read, and used up to in_at */
    size_t in_at;
    struct http_output output;
};

/* Takes the socket over. */
void connection_open(struct http_server *server, int fd, bool is_unix);
void connection_run(struct connection *connection);
/* Its deadline has passed. */
void connection_expire(struct connection *connection);
/* Waits for the next request. */
void connection_next(struct connection *connection);
/* Sets when it ends unless something happens; 0: never. */
void connection_deadline(struct connection *connection, uint64_t delay_ms);
/* At once, whatever it does. */
void connection_destroy(struct connection *connection);

/* How an answer is put on the wire (http-answer.c): moves what the exchange
 * has written into the output. */
void answer_flush(struct connection *connection);

/* Who asks (http-login.c): what is known of the peer at once, ... */
void login_peer(struct connection *connection);
/* ... and with a request: true when the principal is known now; else it was
 * refused, or a check was started (state CONN_CHECK), which ends in
 * connection_accept(). */
bool login_check(struct connection *connection);
void login_forget(struct connection *connection);
/* The principal is known: asks the layer above whether it wants the body. */
void connection_accept(struct connection *connection);

#endif
