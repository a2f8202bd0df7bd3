/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The service: any number of connections, one thread, nothing that waits.
 * What an echo cannot write at once is kept, and nothing more is read then.
 */

#include "load.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define CHUNK 65536u

struct served {
    int fd;
    char what;                  /* 0: has not said yet */
    bool ended;                 /* nothing more comes from it */
    uint32_t asked;             /* of the epoll */
    size_t at, size;            /* of what waits */
    char *waiting;              /* or NULL */
};

static char chunk[CHUNK];

static void
drop(struct served *one)
{
    close(one->fd);
    free(one->waiting);
    free(one);
}

static void
ask(int epoll, struct served *one, int operation, uint32_t events)
{
    struct epoll_event event = { .events = events, .data.ptr = one };

    if (one->asked != events) {
        one->asked = events;
        epoll_ctl(epoll, operation, one->fd, &event);
    }
}

/* False: it has gone. */
static bool
write_waiting(struct served *one)
{
    ssize_t n;

    while (one->size > 0) {
        n = write(one->fd, one->waiting + one->at, one->size);
        if (n < 0) {
            return errno == EAGAIN;
        }
        one->at += (size_t) n;
        one->size -= (size_t) n;
    }
    free(one->waiting);
    one->waiting = NULL;
    if (one->ended) {
        shutdown(one->fd, SHUT_WR);
    }
    return !one->ended;
}

/* Echoes bytes; keeps what does not fit. */
static bool
echo(struct served *one, const char *bytes, size_t size)
{
    ssize_t n = size ? write(one->fd, bytes, size) : 0;

    if (n < 0 && errno != EAGAIN) {
        return false;
    }
    n = n < 0 ? 0 : n;
    if ((size_t) n < size) {
        one->at = 0;
        one->size = size - (size_t) n;
        one->waiting = malloc(one->size);
        if (!one->waiting) {
            return false;
        }
        memcpy(one->waiting, bytes + n, one->size);
    }
    return true;
}

static bool
blast(struct served *one)
{
    for (int i = 0; i < 8; i++) {
        ssize_t n = write(one->fd, chunk, sizeof chunk);

        if (n < 0) {
            return errno == EAGAIN;
        }
    }
    return true;
}

static bool
take(struct served *one)
{
    ssize_t n = read(one->fd, chunk, sizeof chunk);
    size_t skip = 0;

    if (n < 0) {
        return errno == EAGAIN;
    }
    if (n == 0) {
        one->ended = true;
        if (one->what == ECHO) {
            return write_waiting(one);
        }
        return false;
    }
    if (!one->what) {
        one->what = chunk[0];
        skip = 1;
    }
    return one->what != ECHO || echo(one, chunk + skip, (size_t) n - skip);
}

static void
serve(int epoll, struct served *one, uint32_t events)
{
    bool good = !(events & EPOLLERR);

    if (good && (events & EPOLLOUT)) {
        good = one->what == BLAST ? blast(one) : write_waiting(one);
    }
    if (good && !one->size && !one->ended
        && (events & (EPOLLIN | EPOLLHUP))) {
        good = take(one);
    }
    if (!good) {
        drop(one);
        return;
    }
    ask(epoll, one, EPOLL_CTL_MOD,
        (one->size || one->ended ? 0 : EPOLLIN)
        | (one->size || one->what == BLAST ? EPOLLOUT : 0));
}

static void
accept_all(int epoll, int listener)
{
    struct served *one;
    int fd, yes = 1;

    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        one = calloc(1, sizeof *one);
        if (!one) {
            close(fd);
            continue;
        }
        one->fd = fd;
        ask(epoll, one, EPOLL_CTL_ADD, EPOLLIN);
    }
}

int
listen_at(const struct endpoint *at)
{
    int fd = socket(at->address.ss_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
    int yes = 1;

    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (fd < 0 || bind(fd, (const struct sockaddr *) &at->address, at->size)
        || listen(fd, 4096)) {
        die("listen");
    }
    return fd;
}

int
server(const struct endpoint *at)
{
    int fd = listen_at(at), epoll = epoll_create1(0);
    struct epoll_event events[256], first = { .events = EPOLLIN };

    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &first);
    for (;;) {
        int n = epoll_wait(epoll, events, 256, -1);

        for (int i = 0; i < n; i++) {
            if (events[i].data.ptr) {
                serve(epoll, events[i].data.ptr, events[i].events);
            } else {
                accept_all(epoll, fd);
            }
        }
    }
}
