/* SPDX-License-Identifier: BSD-3-Clause */

#include <config.h>

#include "manage/http/http-server.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/memory.h"
#include "base/socket.h"
#include "manage/http/http-conn.h"
#include "manage/http/tls.h"
#include "manage/manage.h"

#define MAX_BODY ((size_t) 16 << 20)
#define MAX_CONNECTIONS 1024u
#define IDLE_S 60u
#define HEAD_MS 10000u
#define STALL_MS 30000u
#define ACCEPTS 16          /* connections taken before others have a turn */

/* Expiring one may end others: look again from the start after each. */
static bool
expire_one(struct http_server *server, uint64_t now_ms)
{
    for (struct connection *at = server->connections; at; at = at->next) {
        if (at->deadline_ms && at->deadline_ms <= now_ms) {
            connection_expire(at);
            return true;
        }
    }
    return false;
}

static void
sweep(void *arg)
{
    struct http_server *server = arg;
    uint64_t now_ms = loop_now_ms();

    while (expire_one(server, now_ms)) {
    }
    if (!server->connections) {
        loop_timer_remove(server->sweep);
        server->sweep = NULL;
    }
}

/* Often enough for the shortest deadline, and never when nobody is there. */
static void
start_sweep(struct http_server *server)
{
    uint64_t period_ms = server->limits.idle_ms / 8;

    if (!server->sweep) {
        period_ms = period_ms > 1000 ? 1000 : period_ms < 20 ? 20 : period_ms;
        server->sweep = loop_timer_add(server->loop, period_ms, true, sweep,
                                       server);
    }
}

/* No room: says so where that is possible without keeping any state. */
static void
turn_away(struct http_server *server, int fd, bool is_unix)
{
    static const char answer[] =
        "HTTP/1.1 503 Service Unavailable\r\n"
        "XVS-Error: busy\r\nRetry-After: 1\r\nConnection: close\r\n"
        "Content-Length: 0\r\n\r\n";

    if (is_unix || !server->tls) {
        send(fd, answer, sizeof answer - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
        shutdown(fd, SHUT_WR);
    }
    close(fd);
    log_warning("%u connections are open: refused another",
                server->n_connections);
}

/*
 * Out of descriptors: the one kept for this takes the connection and ends it,
 * or it would be announced again and again.
 */
static void
shed(struct http_server *server, int listener)
{
    int fd;

    close(server->spare);
    fd = socket_accept(listener);
    if (fd >= 0) {
        close(fd);
    }
    server->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
    log_warning("no descriptor left for another connection");
}

static void
take(struct http_server *server, int listener, bool is_unix)
{
    for (int i = 0; i < ACCEPTS; i++) {
        int fd = socket_accept(listener);

        if (fd < 0) {
            if (errno == EMFILE || errno == ENFILE) {
                shed(server, listener);
            } else if (errno != EAGAIN && errno != ECONNABORTED
                       && errno != EINTR) {
                log_warning("cannot accept a connection: %s",
                            strerror(errno));
            }
            return;
        }
        if (server->n_connections >= server->limits.max_connections) {
            turn_away(server, fd, is_unix);
            continue;
        }
        start_sweep(server);
        connection_open(server, fd, is_unix);
    }
}

static void
unix_ready(void *arg, int fd, unsigned int events)
{
    (void) events;
    take(arg, fd, true);
}

static void
tcp_ready(void *arg, int fd, unsigned int events)
{
    (void) events;
    take(arg, fd, false);
}

static uint64_t
smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static void
set_limits(struct http_server *server, const struct manage_options *options)
{
    uint64_t idle_s = options->idle_timeout_s ? options->idle_timeout_s
                                              : IDLE_S;

    server->limits = (struct http_limits){
        .max_body = options->max_body ? options->max_body : MAX_BODY,
        .max_connections = options->max_connections
                               ? options->max_connections : MAX_CONNECTIONS,
        .idle_ms = idle_s * 1000,
        .head_ms = smaller(HEAD_MS, idle_s * 1000),
        .stall_ms = smaller(STALL_MS, idle_s * 1000),
    };
}

static bool
listen_unix(struct http_server *server, const struct manage_options *options,
            struct error *error)
{
    if (!options->socket_path) {
        return true;
    }
    /* Everybody may connect; who may do what is decided by credentials. */
    server->unix_listener.fd = socket_listen_unix(
        options->socket_path, SOCK_STREAM, 0666, error);
    if (server->unix_listener.fd < 0) {
        return false;
    }
    server->unix_path = mem_strdup(options->socket_path);
    server->unix_listener.watch =
        loop_watch_add(server->loop, server->unix_listener.fd, LOOP_READ,
                       unix_ready, server);
    return true;
}

static bool
listen_tcp(struct http_server *server, const struct manage_options *options,
           struct error *error)
{
    if (!options->listen) {
        return true;
    }
    if (!options->password_file) {
        error_set(error, ERROR_INVALID, "listening on %s needs a password "
                  "file", options->listen);
        return error_hint(error, "name one with password_file");
    }
    if (options->certificate) {
        server->tls = tls_create(options->certificate, options->key,
                                 options->client_ca, error);
        if (!server->tls) {
            return false;
        }
    }
    server->tcp_listener.fd = socket_listen_tcp(options->listen, error);
    if (server->tcp_listener.fd < 0) {
        return false;
    }
    server->tcp_listener.watch =
        loop_watch_add(server->loop, server->tcp_listener.fd, LOOP_READ,
                       tcp_ready, server);
    return true;
}

struct http_server *
http_server_create(struct loop *loop, struct auth *auth,
                   const struct manage_options *options,
                   http_accept accept, http_handle handle, void *arg,
                   struct error *error)
{
    struct http_server *server = mem_zalloc(sizeof *server);

    server->loop = loop;
    server->auth = auth;
    server->accept = accept;
    server->handle = handle;
    server->arg = arg;
    server->unix_listener.fd = server->tcp_listener.fd = -1;
    server->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (gethostname(server->host, sizeof server->host - 1) != 0
        || !server->host[0]) {
        memcpy(server->host, "localhost", 10);
    }
    set_limits(server, options);
    if (!listen_unix(server, options, error)
        || !listen_tcp(server, options, error)) {
        http_server_destroy(server);
        return NULL;
    }
    return server;
}

void
http_server_destroy(struct http_server *server)
{
    if (!server) {
        return;
    }
    while (server->connections) {
        connection_destroy(server->connections);
    }
    loop_timer_remove(server->sweep);
    loop_watch_remove(server->unix_listener.watch);
    loop_watch_remove(server->tcp_listener.watch);
    if (server->unix_listener.fd >= 0) {
        unlink(server->unix_path);
        close(server->unix_listener.fd);
    }
    if (server->tcp_listener.fd >= 0) {
        close(server->tcp_listener.fd);
    }
    if (server->spare >= 0) {
        close(server->spare);
    }
    tls_destroy(server->tls);
    free(server->unix_path);
    free(server);
}
