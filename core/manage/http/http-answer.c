/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Answers on the wire.  One that is whole before anything of it has left
 * gets a Content-Length; one that outgrows a chunk is sent chunked (to an
 * HTTP/1.0 client: until the connection ends).
 */

#include <config.h>

#include <stdio.h>
#include <string.h>

#include "manage/http/http-conn.h"

static struct connection *
connection_of(struct exchange *exchange)
{
    return (struct connection *) exchange;  /* its first member */
}

struct buffer *
exchange_out(struct exchange *exchange)
{
    return &connection_of(exchange)->output.body;
}

bool
exchange_full(struct exchange *exchange)
{
    return exchange_out(exchange)->size >= EXCHANGE_HIGH_WATER;
}

void
exchange_done(struct exchange *exchange)
{
    exchange->done = true;
    connection_run(connection_of(exchange));
}

void
exchange_abort(struct exchange *exchange)
{
    exchange->aborted = true;
    connection_run(connection_of(exchange));
}

void
exchange_wake(struct exchange *exchange)
{
    exchange->waiting = false;
    connection_run(connection_of(exchange));
}

void
exchange_field(struct exchange *exchange, const char *name, const char *value)
{
    struct buffer *out =
        exchange->begun ? &exchange->trailers : &exchange->fields;

    buffer_printf(out, "%s: ", name);
    for (; *value; value++) {
        buffer_putc(out, (unsigned char) *value < 0x20 ? ' ' : *value);
    }
    buffer_put(out, "\r\n", 2);
}

void
exchange_refuse(struct exchange *exchange, int status, const char *text)
{
    struct buffer *out = exchange_out(exchange);

    exchange->status = status;
    out->size = 0;
    if (*text) {
        buffer_printf(out, "%s\n", text);
    }
    exchange_done(exchange);
}

static const char *
reason_of(int status)
{
    static const struct {
        int status;
        const char *reason;
    } reasons[] = {
        { 200, "OK" }, { 304, "Not Modified" }, { 400, "Bad Request" },
        { 401, "Unauthorized" }, { 403, "Forbidden" }, { 404, "Not Found" },
        { 405, "Method Not Allowed" },
        { 406, "Not Acceptable" }, { 408, "Request Timeout" },
        { 413, "Content Too Large" }, { 415, "Unsupported Media Type" },
        { 417, "Expectation Failed" }, { 429, "Too Many Requests" },
        { 431, "Request Header Fields Too Large" },
        { 501, "Not Implemented" }, { 503, "Service Unavailable" },
        { 505, "HTTP Version Not Supported" }, { 510, "Not Extended" },
    };

    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
        if (reasons[i].status == status) {
            return reasons[i].reason;
        }
    }
    return "Error";
}

static void
put_status(struct connection *connection, struct buffer *head)
{
    const struct exchange *exchange = &connection->exchange;

    if (exchange->status == 200) {
        buffer_printf(head, "HTTP/1.1 200 OK\r\nContent-Type: %s\r\n",
                      exchange->type
                          ? exchange->type
                          : "application/xml; charset=\"utf-8\"");
    } else {
        buffer_printf(head, "HTTP/1.1 %d %s\r\n", exchange->status,
                      reason_of(exchange->status));
        buffer_puts(head, connection->output.body.size
                              ? "Content-Type: text/plain\r\n" : "");
    }
    buffer_put(head, exchange->fields.data, exchange->fields.size);
    if (exchange->close) {
        buffer_puts(head, "Connection: close\r\n");
    } else if (connection->parser.minor == 0) {
        buffer_puts(head, "Connection: keep-alive\r\n");
    }
}

/* Of an answer without a body it would be that of the answer to GET, which
 * nobody knows unless it was made. */
static bool
says_length(const struct connection *connection)
{
    return connection->exchange.status != 304
           && (!connection->parser.is_head || connection->output.body.size);
}

static void
put_head(struct connection *connection)
{
    struct exchange *exchange = &connection->exchange;
    struct buffer *head = &connection->output.head;

    if (!connection->parser.keep_alive
        || (!exchange->done && connection->parser.minor == 0)) {
        exchange->close = true;
    }
    put_status(connection, head);
    if (exchange->done && says_length(connection)) {
        buffer_put(head, "Content-Length: ", 16);
        buffer_put_u64(head, connection->output.body.size);
        buffer_put(head, "\r\n", 2);
    } else if (!exchange->done && connection->parser.minor > 0) {
        buffer_puts(head, "Transfer-Encoding: chunked\r\n");
        buffer_puts(head, connection->parser.takes_trailers
                    ? "Trailer: CIMStatusCode, CIMStatusCodeDescription, "
                      "XVS-Error\r\n" : "");
    }
    buffer_put(head, "\r\n", 2);
}

/* Frames what was written as a chunk, and the end when that is known. */
static void
put_chunk(struct connection *connection)
{
    struct exchange *exchange = &connection->exchange;
    struct http_output *output = &connection->output;

    if (output->body.size) {
        buffer_printf(&output->head, "%zx\r\n", output->body.size);
        buffer_put(&output->tail, "\r\n", 2);
    }
    if (exchange->done) {
        buffer_put(&output->tail, "0\r\n", 3);
        buffer_put(&output->tail, exchange->trailers.data,
                   exchange->trailers.size);
        buffer_put(&output->tail, "\r\n", 2);
    }
}

void
answer_flush(struct connection *connection)
{
    struct exchange *exchange = &connection->exchange;
    bool is_whole = !exchange->begun && exchange->done;

    if (!exchange->begun) {
        put_head(connection);
        exchange->begun = true;
        if (connection->parser.is_head) {
            connection->output.body.size = 0;
        }
    }
    if (!is_whole && connection->parser.minor > 0) {
        put_chunk(connection);
    }
    connection->output.ready = true;
}
