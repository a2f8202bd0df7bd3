/* SPDX-License-Identifier: BSD-3-Clause */

#include <config.h>

#include "client/web/relay.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/error.h"
#include "client/wbem/http-client.h"
#include "client/wbem/transport.h"
#include "client/web/gate.h"

#define HEAD_S 20       /* a browser connects ahead of its requests */
#define STALL_S 60
#define PIECE 65536u

static bool
send_all(int fd, const void *data, size_t size)
{
    const char *from = data;

    while (size) {
        ssize_t n = send(fd, from, size, MSG_NOSIGNAL);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return false;
        }
        from += n;
        size -= (size_t) n;
    }
    return true;
}

/* Adds what is there to 'in'; false: the end, or it took too long. */
static bool
receive(int fd, struct buffer *in)
{
    char piece[16384];
    ssize_t n;

    do {
        n = recv(fd, piece, sizeof piece, 0);
    } while (n < 0 && errno == EINTR);
    if (n > 0) {
        buffer_put(in, piece, (size_t) n);
    }
    return n > 0;
}

static void
limit_wait(int fd, int seconds)
{
    struct timeval limit = { .tv_sec = seconds };

    (void) setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    (void) setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

/* An answer of our own. */
static void
answer(int fd, int status, const char *text)
{
    BUFFER_AUTO struct buffer out = BUFFER_INIT;

    buffer_printf(&out, "HTTP/1.1 %d Refused\r\n"
                  "Content-Type: text/plain; charset=utf-8\r\n"
                  "X-Content-Type-Options: nosniff\r\n"
                  "Content-Security-Policy: default-src 'none'; "
                  "frame-ancestors 'none'\r\n"
                  "Cache-Control: no-store\r\nXVS-Error: %s\r\n"
                  "Connection: close\r\nContent-Length: %zu\r\n\r\n%s\n",
                  status, status == 502 ? "unreachable" : "denied",
                  strlen(text) + 1, text);
    send_all(fd, out.data, out.size);
    /* What was sent and not read would make the kernel reset, and the answer
     * be lost. */
    shutdown(fd, SHUT_WR);
    for (int i = 0; i < 64; i++) {
        out.size = 0;
        if (!receive(fd, &out)) {
            break;
        }
    }
}

static void
answer_error(int fd, const struct error *error)
{
    char text[1024];

    answer(fd, 502, error_format(error, text, sizeof text));
}

/* Hands the answer on; what breaks off here breaks off there. */
static void
hand_back(struct transport *transport, int fd)
{
    char piece[PIECE];
    struct error error;
    bool begun = false;

    for (;;) {
        ssize_t n = transport_read(transport, piece, sizeof piece, &error);

        if (n < 0 && !begun) {
            answer_error(fd, &error);
        }
        if (n <= 0 || !send_all(fd, piece, (size_t) n)) {
            return;
        }
        begun = true;
    }
}

/* The head is judged; 'in' has what has come of the body. */
static void
hand_on(const struct gate *gate, int fd, const struct buffer *head,
        struct buffer *in, uint64_t length)
{
    struct error error;
    struct transport *transport =
        transport_open(&gate->server->transport, &error);
    bool done = transport
                && transport_write(transport, head->data, head->size, &error);

    while (done && length) {
        size_t n = in->size < length ? in->size : (size_t) length;

        done = transport_write(transport, in->data, n, &error);
        length -= n;
        in->size = 0;
        if (done && length && !receive(fd, in)) {
            transport_close(transport);
            return;
        }
    }
    if (done) {
        hand_back(transport, fd);
    } else {
        answer_error(fd, &error);
    }
    transport_close(transport);
}

void
relay_serve(const struct gate *gate, int fd)
{
    BUFFER_AUTO struct buffer in = BUFFER_INIT;
    BUFFER_AUTO struct buffer out = BUFFER_INIT;
    struct gate_request request;
    size_t head = 0;

    limit_wait(fd, HEAD_S);
    while (!head && in.size < GATE_HEAD_LIMIT) {
        if (!receive(fd, &in)) {
            return;
        }
        head = gate_head_size(in.data, in.size);
    }
    if (!head || head > GATE_HEAD_LIMIT) {
        answer(fd, 431, "The head is too long.");
        return;
    }
    limit_wait(fd, STALL_S);
    gate_judge(gate, in.data, head, &out, &request);
    if (request.status) {
        answer(fd, request.status, request.reason);
        return;
    }
    memmove(in.data, in.data + head, in.size - head);
    in.size -= head;
    hand_on(gate, fd, &out, &in, request.length);
}
