/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A plain relay on a serial port of a guest: what somebody has to run there who
 * wants to reach a TCP service through the port, and has no agent.  One client
 * at a time, one connection for him, and bytes as they are.  It does not
 * expect that both directions are full at once.
 */

#include "load.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <unistd.h>

#define CHUNK 65536u

static char chunk[CHUNK];

static int
connect_to(const struct endpoint *at)
{
    int fd = socket(at->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int yes = 1;

    if (fd < 0 || connect(fd, (const struct sockaddr *) &at->address,
                          at->size) != 0) {
        die("connect");
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    set_blocking(fd, false);
    return fd;
}

/* All of it; false: nobody takes it any more. */
static bool
give(int fd, size_t size)
{
    for (size_t at = 0; at < size; ) {
        ssize_t n = write(fd, chunk + at, size - at);
        struct pollfd ready = { .fd = fd, .events = POLLOUT };

        if (n > 0) {
            at += (size_t) n;
        } else if (n == 0 || errno != EAGAIN) {
            return false;
        } else {
            poll(&ready, 1, -1);
            if (!(ready.revents & POLLOUT)) {
                return false;
            }
        }
    }
    return true;
}

/* What is there now, from one to the other; false: one of them has ended. */
static bool
move(int from, int to)
{
    ssize_t n = read(from, chunk, sizeof chunk);

    if (n < 0) {
        return errno == EAGAIN || errno == EINTR;
    }
    return n > 0 && give(to, (size_t) n);
}

/* Until the client, or the service, has gone. */
static void
converse(int port, int service)
{
    struct pollfd both[] = { { .fd = port, .events = POLLIN },
                             { .fd = service, .events = POLLIN } };

    for (;;) {
        poll(both, 2, -1);
        if (both[0].revents && !(both[0].revents & POLLIN)) {
            return;
        }
        if ((both[0].revents & POLLIN && !move(port, service))
            || (both[1].revents && !move(service, port))) {
            return;
        }
    }
}

int
relay(const char *path, const struct endpoint *to)
{
    int port = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);

    if (port < 0) {
        die(path);
    }
    for (;;) {
        ssize_t n = read(port, chunk, sizeof chunk);

        if (n > 0) {
            int service = connect_to(to);

            if (give(service, (size_t) n)) {
                converse(port, service);
            }
            close(service);
        } else {
            usleep(20000); /* nobody is there */
        }
    }
}
