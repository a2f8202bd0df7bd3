/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Sockets of the command: non-blocking with poll(), so that every wait has
 * a limit.
 */

#include <config.h>

#include "client/wbem/transport.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/socket.h"

struct transport {
    int fd;
    int timeout_ms;     /* -1: for ever */
    struct tls *tls;    /* or NULL */
};

/* Waits for the events; false with ERROR_TIMEOUT when they do not come. */
static bool
wait_for(struct transport *transport, short events, struct error *error)
{
    struct pollfd poll_fd = { transport->fd, events, 0 };

    for (;;) {
        int n = poll(&poll_fd, 1, transport->timeout_ms);

        if (n > 0) {
            return true;
        }
        if (n == 0) {
            error_set(error, ERROR_TIMEOUT,
                      "the server did not answer for %d s",
                      transport->timeout_ms / 1000);
            return error_hint(error, "wait longer with --timeout SECONDS");
        }
        if (errno != EINTR) {
            return error_set_errno(error, errno, "cannot wait for the "
                                   "server");
        }
    }
}

static bool
finish_connect(struct transport *transport, struct error *error)
{
    int number = 0, one = 1;
    socklen_t size = sizeof number;

    if (!wait_for(transport, POLLOUT, error)) {
        return false;
    }
    if (getsockopt(transport->fd, SOL_SOCKET, SO_ERROR, &number, &size) != 0) {
        number = errno;
    }
    if (number) {
        return error_set_errno(error, number, "cannot connect");
    }
    /* Fails on unix sockets, which need none. */
    (void) setsockopt(transport->fd, IPPROTO_TCP, TCP_NODELAY, &one,
                      sizeof one);
    return true;
}

/* The socket is there, but not for us: a matter of rights, not of xvsd. */
static bool
explain_unix(const char *path, struct error *error)
{
    if (access(path, W_OK) != 0 && errno == EACCES) {
        error->code = ERROR_DENIED;
        return error_hint(error, "admin_group and reader_group in xvsd.conf "
                          "say who may");
    }
    return error_hint(error, "is xvsd running?  --socket PATH or "
                      "XVS_SOCKET names another socket");
}

static bool
connect_it(struct transport *transport,
           const struct transport_options *options, struct error *error)
{
    if (!options->host) {
        transport->fd = socket_connect_unix(options->socket_path,
                                            SOCK_STREAM, error);
        return transport->fd >= 0
               || explain_unix(options->socket_path, error);
    }
    transport->fd = socket_connect_tcp(options->host,
                                       (uint16_t) options->port, error);
    if (transport->fd < 0 || !finish_connect(transport, error)) {
        return error_hint(error, "does xvsd listen at %s port %u?",
                          options->host, options->port);
    }
    if (options->tls) {
        transport->tls = tls_open(transport->fd, options, error);
        return transport->tls != NULL;
    }
    return true;
}

struct transport *
transport_open(const struct transport_options *options, struct error *error)
{
    struct transport *transport = mem_zalloc(sizeof *transport);

    transport->timeout_ms = options->timeout_ms ? (int) options->timeout_ms
                                                : -1;
    if (!connect_it(transport, options, error)) {
        transport_close(transport);
        return NULL;
    }
    return transport;
}

void
transport_close(struct transport *transport)
{
    if (!transport) {
        return;
    }
    tls_close(transport->tls);
    if (transport->fd >= 0) {
        close(transport->fd);
    }
    free(transport);
}

static ssize_t
write_some(struct transport *transport, const void *data, size_t size,
           short *events, struct error *error)
{
    ssize_t n;

    *events = POLLOUT;
    if (transport->tls) {
        return tls_write(transport->tls, data, size, events, error);
    }
    n = send(transport->fd, data, size, MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN && errno != EINTR) {
        int number = errno;

        error_set_errno(error, number, "cannot send to the server");
        errno = number;
    }
    return n;
}

static ssize_t
read_some(struct transport *transport, void *data, size_t size,
          short *events, struct error *error)
{
    ssize_t n;

    *events = POLLIN;
    if (transport->tls) {
        return tls_read(transport->tls, data, size, events, error);
    }
    n = recv(transport->fd, data, size, 0);
    if (n < 0 && errno != EAGAIN && errno != EINTR) {
        int number = errno;

        error_set_errno(error, number, "cannot read from the server");
        errno = number;
    }
    return n;
}

bool
transport_write(struct transport *transport, const void *data, size_t size,
                struct error *error)
{
    const char *from = data;

    while (size) {
        short events;
        ssize_t n = write_some(transport, from, size, &events, error);

        if (n >= 0) {
            from += n;
            size -= (size_t) n;
        } else if (errno == EAGAIN) {
            if (!wait_for(transport, events, error)) {
                return false;
            }
        } else if (errno != EINTR) {
            return false;
        }
    }
    return true;
}

ssize_t
transport_read(struct transport *transport, void *data, size_t size,
               struct error *error)
{
    for (;;) {
        short events;
        ssize_t n = read_some(transport, data, size, &events, error);

        if (n >= 0) {
            return n;
        }
        if (errno == EAGAIN) {
            if (!wait_for(transport, events, error)) {
                return -1;
            }
        } else if (errno != EINTR) {
            return -1;
        }
    }
}

bool
transport_is_stale(struct transport *transport)
{
    struct pollfd poll_fd = { transport->fd, POLLIN, 0 };

    /* Between requests nothing may come: what does is the end. */
    return poll(&poll_fd, 1, 0) != 0;
}
