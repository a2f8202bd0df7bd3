/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_MANAGE_HTTP_SERVER_H
#define XVS_MANAGE_HTTP_SERVER_H

/*
 * Listeners and connections.  The server knows HTTP, TLS and who a client
 * is; what a request means is the handler's.  Nobody can keep a connection
 * by doing nothing: each has a deadline at any time, except while an
 * operation of ours is at work.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct auth;
struct connection;
struct error;
struct exchange;
struct loop;
struct loop_timer;
struct loop_watch;
struct manage_options;
struct tls;

/* The body is there: answer the request. */
typedef void (*http_handle)(void *arg, struct exchange *exchange);
/* The head is there: false when it was refused (exchange_refuse()). */
typedef bool (*http_accept)(void *arg, struct exchange *exchange);

struct http_limits {
    size_t max_body;            /* bytes */
    unsigned int max_connections;
    uint64_t idle_ms;           /* between requests */
    uint64_t head_ms;           /* from a request's first byte to its head */
    uint64_t stall_ms;          /* without taking a byte of the answer */
};

struct http_server {
    struct loop *loop;          /* where everything runs */
    struct auth *auth;          /* who is who */
    struct tls *tls;            /* NULL: none */
    struct http_limits limits;
    http_accept accept;         /* both of the layer above */
    http_handle handle;
    void *arg;
    char host[128];             /* of this server, in paths */
    struct {
        int fd;                 /* -1: not open */
        struct loop_watch *watch;
    } unix_listener, tcp_listener;
    int spare;                  /* a descriptor for when there is none */
    char *unix_path;            /* removed at the end */
    struct connection *connections;     /* all, doubly linked */
    unsigned int n_connections;
    struct loop_timer *sweep;   /* looks at deadlines; NULL: nobody there */
    char scratch[16384];        /* what was read just now */
};

struct http_server *http_server_create(struct loop *loop, struct auth *auth,
                                       const struct manage_options *options,
                                       http_accept accept, http_handle handle,
                                       void *arg, struct error *error);
void http_server_destroy(struct http_server *server);   /* accepts NULL */

#endif
