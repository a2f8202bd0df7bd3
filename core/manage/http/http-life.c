/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * How a connection begins, waits and ends; what it does in between is in
 * http-conn.c.
 */

#include <config.h>

#include "manage/http/http-conn.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/loop.h"
#include "base/memory.h"
#include "manage/http/http-server.h"
#include "manage/http/tls.h"

static void
exchange_clear(struct exchange *exchange)
{
    exchange->fields.size = 0;
    exchange->trailers.size = 0;
    exchange->status = 200;
    exchange->type = NULL;
    exchange->begun = exchange->done = exchange->aborted = false;
    exchange->waiting = exchange->close = false;
    exchange->produce = NULL;
    exchange->drop = NULL;
    exchange->arg = NULL;
}

void
connection_next(struct connection *connection)
{
    exchange_clear(&connection->exchange);
    http_parser_reset(&connection->parser,
                      connection->server->limits.max_body);
    connection->state = CONN_HEAD;
    connection_deadline(connection, connection->server->limits.idle_ms);
}

static void
socket_ready(void *arg, int fd, unsigned int events)
{
    struct connection *connection = arg;

    (void) fd;
    if (events & LOOP_CLOSED) {
        connection->state = CONN_DEAD;
    }
    connection->readable |= (events & LOOP_READ) != 0;
    if ((events & LOOP_WRITE) && !connection->output.ready
        && connection->state == CONN_WORK) {
        connection->deadline_ms = 0;    /* it goes on reading */
    }
    connection_run(connection);
}

void
connection_expire(struct connection *connection)
{
    bool answers = (connection->state == CONN_HEAD
                    && !http_parser_is_fresh(&connection->parser))
                   || connection->state == CONN_BODY;

    connection->deadline_ms = 0;
    if (!answers || connection->output.ready) {
        connection->state = CONN_DEAD;
        connection_run(connection);
        return;
    }
    connection->state = CONN_WORK;
    connection->exchange.close = true;
    exchange_refuse(&connection->exchange, 408,
                    "The request did not arrive in time.");
}

static void
link_in(struct connection *connection)
{
    struct http_server *server = connection->server;

    connection->next = server->connections;
    if (connection->next) {
        connection->next->prev = connection;
    }
    server->connections = connection;
    server->n_connections++;
}

static void
unlink_from(struct connection *connection)
{
    struct http_server *server = connection->server;

    if (connection->prev) {
        connection->prev->next = connection->next;
    } else {
        server->connections = connection->next;
    }
    if (connection->next) {
        connection->next->prev = connection->prev;
    }
    server->n_connections--;
}

void
connection_open(struct http_server *server, int fd, bool is_unix)
{
    struct connection *connection = mem_zalloc(sizeof *connection);

    connection->server = server;
    connection->fd = fd;
    connection->is_unix = is_unix;
    connection->events = LOOP_READ;
    connection->exchange.request = &connection->parser;
    connection->exchange.principal = &connection->principal;
    connection->exchange.host = server->host;
    connection->watch = loop_watch_add(server->loop, fd, LOOP_READ,
                                       socket_ready, connection);
    link_in(connection);
    login_peer(connection);
    connection_next(connection);
    if (!is_unix && server->tls) {
        connection->tls = tls_open(server->tls, fd);
        connection->state = connection->tls ? CONN_HANDSHAKE : CONN_DEAD;
        connection_deadline(connection, server->limits.head_ms);
    }
    if (!connection->watch) {
        connection->state = CONN_DEAD;
    }
    connection_run(connection);
}

void
connection_destroy(struct connection *connection)
{
    struct exchange *exchange = &connection->exchange;

    connection->running = true;     /* calls from below change nothing */
    if (exchange->drop) {
        exchange->drop(exchange->arg);
    }
    auth_check_cancel(connection->check);
    loop_watch_remove(connection->watch);
    tls_close(connection->tls);
    close(connection->fd);
    unlink_from(connection);
    http_parser_free(&connection->parser);
    http_output_free(&connection->output);
    buffer_free(&connection->in);
    buffer_free(&exchange->fields);
    buffer_free(&exchange->trailers);
    login_forget(connection);
    free(connection);
}
