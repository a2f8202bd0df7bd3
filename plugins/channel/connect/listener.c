/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Listeners of -L and -D.  When there are no descriptors left they rest for a
 * moment: who has connected waits in the queue of the kernel meanwhile.
 */

#include "listener.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "opening.h"
#include "move/side.h"
#include "visit.h"

#define AT_ONCE 64              /* accepted in one turn */
#define REST UINT64_C(100000000)        /* ns */

struct listener {
    const struct client *client;
    const struct target *target;        /* NULL: SOCKS */
    struct watch watch;
    struct alarm alarm;         /* the end of a rest */
};

static void
rested(struct alarm *alarm)
{
    struct listener *self = (struct listener *) (void *)
        ((char *) alarm - offsetof(struct listener, alarm));

    loop_watch(self->client->loop, &self->watch, EPOLLIN);
}

static void
rest(struct listener *self)
{
    struct loop *loop = self->client->loop;

    loop_watch(loop, &self->watch, 0);
    loop_alarm(loop, &self->alarm, loop_now(loop) + REST);
}

static void
visitor(struct listener *self, int fd)
{
    struct side *side = side_fd(self->client->loop, fd);
    int yes = 1;

    if (!side) {
        close(fd);
        return;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
    visit_begin(self->client, side, self->target, NULL, NULL);
}

static void
on_socket(struct watch *watch, uint32_t events)
{
    struct listener *self = (struct listener *) (void *)
        ((char *) watch - offsetof(struct listener, watch));

    (void) events;
    for (int i = 0; i < AT_ONCE; i++) {
        int fd = accept4(watch->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

        if (fd >= 0) {
            visitor(self, fd);
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM
                   || errno == ENOBUFS) {
            rest(self);
            return;
        } else if (errno == EAGAIN) {
            return;
        }
    }
}

/* -1 with errno. */
static int
listen_at(const struct addrinfo *one)
{
    int fd = socket(one->ai_family, SOCK_STREAM | SOCK_NONBLOCK
                    | SOCK_CLOEXEC, 0), yes = 1, error;

    if (fd < 0) {
        return -1;
    }
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    if (bind(fd, one->ai_addr, one->ai_addrlen) == 0
        && listen(fd, SOMAXCONN) == 0) {
        return fd;
    }
    error = errno;
    close(fd);
    errno = error;
    return -1;
}

static int
open_socket(const struct place *place)
{
    const struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
                                    .ai_flags = AI_PASSIVE };
    struct addrinfo *all = NULL;
    char port[8], text[300];
    const char *why;
    int error, fd = -1;

    snprintf(port, sizeof(port), "%u", place->port);
    error = getaddrinfo(place->host, port, &hints, &all);
    if (error == 0) {
        fd = listen_at(all);
        why = strerror(errno);
        freeaddrinfo(all);
    } else {
        why = gai_strerror(error);
    }
    if (fd < 0) {
        fprintf(stderr, "xvs-connect: cannot listen on %s: %s\n",
                place_text(place, text), why);
    }
    return fd;
}

struct listener *
listener_create(const struct client *client, const struct listening *what)
{
    struct listener *self = calloc(1, sizeof(*self));

    if (!self) {
        fputs("xvs-connect: no memory for a listener\n", stderr);
        return NULL;
    }
    self->client = client;
    self->target = what->target.vm[0] ? &what->target : NULL;
    self->alarm.due = rested;
    self->watch = (struct watch) { .fd = open_socket(&what->place),
                                   .ready = on_socket };
    if (self->watch.fd < 0
        || !loop_watch(client->loop, &self->watch, EPOLLIN)) {
        listener_destroy(self);
        return NULL;
    }
    return self;
}

void
listener_destroy(struct listener *self)
{
    if (self) {
        loop_cancel(self->client->loop, &self->alarm);
        loop_unwatch(&self->watch);
        if (self->watch.fd >= 0) {
            close(self->watch.fd);
        }
        free(self);
    }
}
