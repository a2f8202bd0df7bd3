/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The service on a serial port of a guest: one client at a time, the one who
 * has connected at the host's end.  Nothing is between it and the port: what it
 * does is what the port can do.
 */

#include "load.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define CHUNK 65536u

static char chunk[CHUNK];

/* Waits until the port is ready for 'events'; false: the client has gone, and
 * what he sent has been read. */
static bool
wait_for(int fd, short events)
{
    struct pollfd ready = { .fd = fd, .events = events };

    poll(&ready, 1, -1);
    return ready.revents & events || !(ready.revents & POLLHUP);
}

/* As much as there is; 0: the client has gone. */
static size_t
take(int fd)
{
    ssize_t n;

    do {
        n = wait_for(fd, POLLIN) ? read(fd, chunk, sizeof chunk) : 0;
    } while (n < 0 && (errno == EAGAIN || errno == EINTR));
    return n > 0 ? (size_t) n : 0;
}

/* All of it; false: the client has gone. */
static bool
give(int fd, size_t size)
{
    size_t at = 0;

    while (at < size) {
        ssize_t n = write(fd, chunk + at, size - at);

        if (n > 0) {
            at += (size_t) n;
        } else if (n == 0 || errno != EAGAIN || !wait_for(fd, POLLOUT)) {
            return false;
        }
    }
    return true;
}

static void
serve(int fd)
{
    size_t n = take(fd);
    char what = chunk[0];

    if (n > 1 && what == ECHO) {
        memmove(chunk, chunk + 1, n - 1);
        give(fd, n - 1);
    }
    while (n > 0) {
        if (what == BLAST) {
            n = give(fd, sizeof chunk) ? n : 0;
        } else {
            n = take(fd);
            n = what == ECHO && !give(fd, n) ? 0 : n;
        }
    }
}

int
device(const char *path)
{
    int fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);

    if (fd < 0) {
        die(path);
    }
    for (;;) {
        serve(fd);
        usleep(20000); /* nobody is there */
    }
}
