/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Bare relays of TCP, which nobody asks anything and who know one service: what
 * moving bytes costs when nothing else is done.  By splice() through a pipe, or
 * by a copy.
 */

#include "load.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#define ROOM (256u << 10)       /* of a pipe, as the extension's */
#define CHUNK 65536u            /* of a copy */

/* One direction. */
struct half {
    int from, to;
    int pipe[2];
    char *bytes;                /* or NULL: there is the pipe */
    size_t at, size;            /* of what waits; at: in 'bytes' */
    bool ended;
};

struct both {
    struct half halves[2];
    bool over;                  /* but the other socket may have an event yet */
    struct both *next;          /* that is over */
};

static ssize_t
take(struct half *half)
{
    if (half->bytes) {
        half->at = 0;
        return read(half->from, half->bytes, CHUNK);
    }
    return splice(half->from, NULL, half->pipe[1], NULL, ROOM,
                  SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
}

static ssize_t
give(struct half *half)
{
    if (half->bytes) {
        return write(half->to, half->bytes + half->at, half->size);
    }
    return splice(half->pipe[0], NULL, half->to, NULL, half->size,
                  SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
}

/* As far as it goes; false: a connection has broken. */
static bool
move(struct half *half)
{
    ssize_t n;

    while (!half->ended) {
        if (half->size == 0) {
            n = take(half);
            if (n < 0) {
                return errno == EAGAIN;
            }
            half->ended = n == 0;
            half->size = (size_t) n;
        }
        while (half->size > 0) {
            n = give(half);
            if (n < 0) {
                return errno == EAGAIN;
            }
            half->at += (size_t) n;
            half->size -= (size_t) n;
        }
    }
    shutdown(half->to, SHUT_WR);
    return true;
}

static void
drop(struct both *both)
{
    for (int i = 0; i < 2; i++) {
        close(both->halves[i].from);
        if (both->halves[i].bytes) {
            free(both->halves[i].bytes);
        } else {
            close(both->halves[i].pipe[0]);
            close(both->halves[i].pipe[1]);
        }
    }
    free(both);
}

static void
begin(int epoll, int fd, const struct endpoint *to, bool copies)
{
    const struct way way = { .proxy = *to };
    struct both *both = calloc(1, sizeof *both);
    struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLET };
    int other = begin_connect(&way), yes = 1;

    if (!both) {
        die("memory");
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    both->halves[0] = (struct half) { .from = fd, .to = other };
    both->halves[1] = (struct half) { .from = other, .to = fd };
    for (int i = 0; i < 2; i++) {
        struct half *half = &both->halves[i];

        if (copies) {
            half->bytes = malloc(CHUNK);
        } else if (pipe2(half->pipe, O_NONBLOCK) == 0) {
            fcntl(half->pipe[0], F_SETPIPE_SZ, ROOM);
        } else {
            die("pipe");
        }
        event.data.ptr = both;
        epoll_ctl(epoll, EPOLL_CTL_ADD, half->from, &event);
    }
}

static void
serve(int epoll, int listener, const struct endpoint *to, bool copies)
{
    struct epoll_event events[256];
    int n = epoll_wait(epoll, events, 256, -1), fd;
    struct both *gone = NULL;

    for (int i = 0; i < n; i++) {
        struct both *both = events[i].data.ptr;

        if (!both) {
            while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
                begin(epoll, fd, to, copies);
            }
        } else if (!both->over
                   && (!move(&both->halves[0]) || !move(&both->halves[1])
                       || (both->halves[0].ended && both->halves[1].ended))) {
            both->over = true;
            both->next = gone;
            gone = both;
        }
    }
    while (gone) {
        struct both *both = gone;

        gone = both->next;
        drop(both);
    }
}

int
ceiling(const struct endpoint *at, const struct endpoint *to, bool copies)
{
    struct epoll_event first = { .events = EPOLLIN };
    int epoll = epoll_create1(0), listener = listen_at(at);

    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &first);
    for (;;) {
        serve(epoll, listener, to, copies);
    }
}
