/* SPDX-License-Identifier: BSD-3-Clause */

#include <config.h>

#include "manage/http/http-conn.h"

#include <errno.h>
#include <sys/socket.h>

#include "base/loop.h"
#include "manage/http/http-server.h"
#include "manage/http/tls.h"

#define ROUNDS 32           /* steps of one client before others have a turn */
#define LINGER_MS 2000      /* for a client to read our last words */
#define BODY_RATE 16u       /* bytes per millisecond that a body must have */

/* What a step of the machine found. */
enum step {
    STEP_ON,        /* something happened: go on */
    STEP_WAIT,      /* nothing to do until an event */
};

void
connection_deadline(struct connection *connection, uint64_t delay_ms)
{
    connection->deadline_ms = delay_ms ? loop_now_ms() + delay_ms : 0;
}

static ssize_t
receive(struct connection *connection, void *data, size_t size)
{
    ssize_t n;

    do {
        n = connection->tls ? tls_recv(connection->tls, data, size)
                            : recv(connection->fd, data, size, 0);
    } while (n < 0 && errno == EINTR);
    /* A short read has emptied a socket; a TLS session may hold more. */
    if (n < 0 || (!connection->tls && (size_t) n < size)) {
        connection->readable = false;
    }
    return n;
}

/* Fills 'in'; false when there is nothing now, or never again. */
static bool
fill(struct connection *connection)
{
    struct http_server *server = connection->server;
    ssize_t n;

    connection->in.size = connection->in_at = 0;
    if (!connection->readable) {
        return false;
    }
    n = receive(connection, server->scratch, sizeof server->scratch);
    if (n > 0) {
        buffer_put(&connection->in, server->scratch, (size_t) n);
        return true;
    }
    if (n == 0 || errno != EAGAIN) {
        connection->state = CONN_DEAD;
    }
    return false;
}

static void
refuse_malformed(struct connection *connection)
{
    struct exchange *exchange = &connection->exchange;

    connection->state = CONN_WORK;
    connection->parser.keep_alive = false;
    exchange->close = true;
    exchange_refuse(exchange, connection->parser.status,
                    connection->parser.problem);
}

static void
begin_body(struct connection *connection)
{
    static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
    const struct http_server *server = connection->server;
    uint64_t size = connection->parser.is_chunked
                        ? connection->parser.max_body
                        : connection->parser.length;

    connection->state = CONN_BODY;
    connection_deadline(connection, server->limits.head_ms + size / BODY_RATE);
    if (connection->parser.expects_continue) {
        buffer_put(&connection->output.head, go_on, sizeof go_on - 1);
        connection->output.ready = true;
        connection->parser.expects_continue = false;
    }
}

void
connection_accept(struct connection *connection)
{
    struct exchange *exchange = &connection->exchange;
    struct http_server *server = connection->server;

    connection->state = CONN_WORK;
    exchange->close = true;     /* unless the body is taken in */
    if (server->accept(server->arg, exchange)) {
        exchange->close = false;
        begin_body(connection);
    }
    connection_run(connection);
}

static void
check_head(struct connection *connection)
{
    connection->state = CONN_WORK;      /* in case of a refusal */
    connection->deadline_ms = 0;
    if (login_check(connection)) {
        connection_accept(connection);
    }
}

static void
parse(struct connection *connection)
{
    bool was_fresh = http_parser_is_fresh(&connection->parser);
    size_t used;
    enum http_step step =
        http_parse(&connection->parser, connection->in.data
                   + connection->in_at,
                   connection->in.size - connection->in_at, &used);

    connection->in_at += used;
    if (was_fresh && !http_parser_is_fresh(&connection->parser)) {
        connection_deadline(connection, connection->server->limits.head_ms);
    }
    switch (step) {
    case HTTP_HEAD:
        check_head(connection);
        break;
    case HTTP_DONE:
        connection->state = CONN_WORK;
        connection->deadline_ms = 0;
        connection->server->handle(connection->server->arg,
                                   &connection->exchange);
        break;
    case HTTP_BAD:
        refuse_malformed(connection);
        break;
    default:
        break;
    }
}

static enum step
step_read(struct connection *connection)
{
    /* A body of no bytes is whole without any more input. */
    if (connection->in_at == connection->in.size
        && connection->parser.place != HTTP_AT_END && !fill(connection)) {
        return connection->state == CONN_DEAD ? STEP_ON : STEP_WAIT;
    }
    parse(connection);
    return STEP_ON;
}

/* Everything of an answer has left. */
static void
end_exchange(struct connection *connection)
{
    if (!connection->exchange.close) {
        connection_next(connection);
        return;
    }
    connection->state = CONN_LINGER;
    connection_deadline(connection, LINGER_MS);
    if (connection->tls) {
        tls_bye(connection->tls);
    }
    shutdown(connection->fd, SHUT_WR);
}

static enum step
step_work(struct connection *connection)
{
    struct exchange *exchange = &connection->exchange;

    if (exchange->aborted) {
        connection->state = CONN_DEAD;
        return STEP_ON;
    }
    if (exchange->done) {
        if (connection->output.body.size || !exchange->begun
            || exchange->produce) {
            exchange->produce = NULL;
            answer_flush(connection);
        } else {
            end_exchange(connection);
        }
        return STEP_ON;
    }
    if (!exchange->produce || exchange->waiting) {
        connection->deadline_ms = 0;
        return STEP_WAIT;
    }
    exchange->produce(exchange->arg, exchange);
    if (!exchange->done && exchange_full(exchange)) {
        answer_flush(connection);
    }
    return STEP_ON;
}

static enum step
step_send(struct connection *connection)
{
    size_t sent = connection->output.sent;

    switch (http_output_send(&connection->output, connection->fd,
                             connection->tls)) {
    case HTTP_SENT:
        if (connection->state != CONN_BODY) {   /* not "100 Continue" */
            connection->deadline_ms = 0;
        }
        return STEP_ON;
    case HTTP_SENT_FAILED:
        connection->state = CONN_DEAD;
        return STEP_ON;
    default:
        if (connection->output.sent != sent || !connection->deadline_ms) {
            connection_deadline(connection,
                                connection->server->limits.stall_ms);
        }
        return STEP_WAIT;
    }
}

static void
know_certificate(struct connection *connection)
{
    char name[AUTH_NAME_SIZE];

    if (tls_peer_name(connection->tls, name, sizeof name)) {
        auth_certificate(connection->server->auth, name,
                         &connection->principal);
    }
}

static enum step
step_handshake(struct connection *connection)
{
    int result = tls_handshake(connection->tls);

    if (result == 0) {
        connection->readable = false;
        return STEP_WAIT;
    }
    if (result < 0) {
        connection->state = CONN_DEAD;
        return STEP_ON;
    }
    connection->readable = true;
    know_certificate(connection);
    connection_next(connection);
    return STEP_ON;
}

/* Reads and forgets, until the client closes. */
static enum step
step_linger(struct connection *connection)
{
    connection->in_at = connection->in.size;
    return fill(connection) || connection->state == CONN_DEAD ? STEP_ON
                                                              : STEP_WAIT;
}

static enum step
step(struct connection *connection)
{
    if (connection->output.ready) {
        return step_send(connection);
    }
    switch (connection->state) {
    case CONN_HANDSHAKE:
        return step_handshake(connection);
    case CONN_HEAD:
    case CONN_BODY:
        return step_read(connection);
    case CONN_WORK:
        return step_work(connection);
    case CONN_LINGER:
        return step_linger(connection);
    default:
        return STEP_WAIT;
    }
}

/* What the socket has to tell us next. */
static void
wait_for(struct connection *connection, bool is_busy)
{
    unsigned int events = 0;

    if (connection->state == CONN_HANDSHAKE) {
        events = tls_wants_write(connection->tls) ? LOOP_WRITE : LOOP_READ;
    } else if (connection->output.ready || is_busy) {
        events = LOOP_WRITE;    /* a writable socket: our turn again soon */
    } else if (connection->state != CONN_WORK
               && connection->state != CONN_CHECK) {
        events = LOOP_READ;
    }
    /* Bytes sent ahead stay in the socket: do not be told again. */
    if (connection->state == CONN_WORK && !events && !connection->readable) {
        events = connection->events & LOOP_READ;
    }
    if (events != connection->events) {
        connection->events = events;
        loop_watch_set(connection->watch, events);
    }
}

void
connection_run(struct connection *connection)
{
    enum step result = STEP_ON;

    if (connection->running) {
        return;
    }
    connection->running = true;
    for (int i = 0; i < ROUNDS && result == STEP_ON; i++) {
        if (connection->state == CONN_DEAD) {
            connection_destroy(connection);
            return;
        }
        bool chunk = connection->exchange.produce
                     && connection->exchange.begun;

        result = step(connection);
        if (chunk && connection->output.ready && result == STEP_ON) {
            i += ROUNDS / 2;    /* a chunk is a long step */
        }
    }
    connection->running = false;
    if (connection->state == CONN_DEAD) {
        connection_destroy(connection);
        return;
    }
    /* Even a socket that took all of a chunk may not become writable again
     * before its peer reads. */
    if (result == STEP_ON && connection->state == CONN_WORK
        && !connection->deadline_ms) {
        connection_deadline(connection, connection->server->limits.stall_ms);
    }
    wait_for(connection, result == STEP_ON);
}
