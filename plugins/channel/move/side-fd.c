/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A socket as a side.  The kernel is asked once, for everything and by edges;
 * what it said is remembered until a call finds it to be over.  So who wants
 * something else costs no system call.  That more can be written is asked for
 * when something could not be: else each socket would tell of it first.
 */

#include "move/side.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "move/loop.h"

#define INPUT ((uint32_t) EPOLLIN | EPOLLRDHUP | EPOLLET)
#define ALL (INPUT | (uint32_t) EPOLLOUT)
#define AGAIN ((uint32_t) EPOLLMSG)     /* posted: look at what is wanted */

struct fd_side {
    struct side side;           /* first */
    struct watch watch;
    struct loop *loop;
    unsigned wanted;            /* SIDE_READABLE, ... */
    unsigned now;               /* which of them it is, as far as we know */
    unsigned told;              /* SIDE_HUNG, SIDE_BROKEN */
    bool ended;                 /* what can be read has an end by now */
    bool lost;                  /* by side_break() */
    bool dead;                  /* by the other end, or an error */
    bool wrote, delays;         /* something; TCP may hold back what follows */
    struct side_group *group;   /* or NULL */
    struct fd_side *next, *prev;        /* of its group */
};

static struct fd_side *
of_side(struct side *side)
{
    return (struct fd_side *) (void *) side;
}

static void
post(struct fd_side *self)
{
    if (self->wanted & self->now) {
        loop_post(self->loop, &self->watch, AGAIN);
    }
}

static void
is_ready(struct watch *watch, uint32_t events)
{
    struct fd_side *self = (struct fd_side *) (void *)
        ((char *) watch - offsetof(struct fd_side, watch));
    unsigned ends = 0;

    if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) {
        self->ended = true;
    }
    if (events & EPOLLIN || self->ended) {
        self->now |= SIDE_READABLE;
    }
    if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) {
        self->now |= SIDE_WRITABLE;
    }
    ends |= events & EPOLLHUP ? SIDE_HUNG : 0;
    ends |= events & EPOLLERR ? SIDE_BROKEN : 0;
    self->dead = self->dead || events & EPOLLERR;
    ends &= ~self->told;
    self->told |= ends;
    if (self->side.ready && (ends || self->wanted & self->now)) {
        self->side.ready(&self->side, ends | (self->wanted & self->now));
    }
}

/* What is left to be had after a call gave 'n' of 'size'. */
static ssize_t
after(struct fd_side *self, unsigned what, ssize_t n, bool is_short)
{
    if (n < 0 && errno == ENOTCONN) {
        errno = EAGAIN;         /* not yet */
    }
    if ((n < 0 && errno == EAGAIN) || is_short) {
        if (what != SIDE_READABLE || !self->ended) {
            self->now &= ~what;
        }
        if (what == SIDE_WRITABLE && self->watch.asked != ALL) {
            loop_watch(self->loop, &self->watch, ALL);
        }
    }
    if (n < 0 && errno == EINTR) {
        errno = EAGAIN;         /* and it can be done still */
    }
    post(self);
    return n;
}

/* Whether a call would be in vain, with errno. */
static bool
is_vain(const struct fd_side *self, unsigned what)
{
    if (self->lost) {
        errno = ECONNRESET;
        return true;
    }
    errno = EAGAIN;
    return !(self->now & what);
}

static ssize_t
fd_read(struct side *side, void *bytes, size_t size)
{
    struct fd_side *self = of_side(side);
    ssize_t n;

    if (is_vain(self, SIDE_READABLE)) {
        return -1;
    }
    n = recv(self->watch.fd, bytes, size, MSG_DONTWAIT);
    return after(self, SIDE_READABLE, n, n > 0 && (size_t) n < size);
}

/* What is said first goes out at once, and is all that many say; what follows
 * would wait until the other end has acknowledged it, for which that one may
 * wait, too.  (Nobody does that with a unix socket.) */
static void
hurry(struct fd_side *self)
{
    const int yes = 1;

    if (self->wrote && self->delays) {
        setsockopt(self->watch.fd, IPPROTO_TCP, TCP_NODELAY, &yes,
                   sizeof(yes));
        self->delays = false;
    }
    self->wrote = true;
}

static ssize_t
fd_write(struct side *side, const void *bytes, size_t size)
{
    struct fd_side *self = of_side(side);
    ssize_t n;

    if (is_vain(self, SIDE_WRITABLE)) {
        return -1;
    }
    hurry(self);
    n = send(self->watch.fd, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
    return after(self, SIDE_WRITABLE, n, n >= 0 && (size_t) n < size);
}

static ssize_t
fd_take(struct side *side, int pipe, size_t size)
{
    struct fd_side *self = of_side(side);

    if (is_vain(self, SIDE_READABLE)) {
        return -1;
    }
    return after(self, SIDE_READABLE,
                 splice(self->watch.fd, NULL, pipe, NULL, size,
                        SPLICE_F_MOVE | SPLICE_F_NONBLOCK), false);
}

static ssize_t
fd_give(struct side *side, int pipe, size_t size)
{
    struct fd_side *self = of_side(side);

    if (is_vain(self, SIDE_WRITABLE)) {
        return -1;
    }
    return after(self, SIDE_WRITABLE,
                 splice(pipe, NULL, self->watch.fd, NULL, size,
                        SPLICE_F_MOVE | SPLICE_F_NONBLOCK), false);
}

static void
fd_finish(struct side *side)
{
    shutdown(of_side(side)->watch.fd, SHUT_WR);
}

/* (A unix socket knows nothing of that.) */
static void
fd_acknowledge(struct side *side)
{
    const int yes = 1;

    setsockopt(of_side(side)->watch.fd, IPPROTO_TCP, TCP_QUICKACK, &yes,
               sizeof(yes));
}

static void
fd_want(struct side *side, unsigned events)
{
    struct fd_side *self = of_side(side);

    self->wanted = events;
    post(self);
}

static void
leave(struct fd_side *self)
{
    if (self->group) {
        *self->group->n -= 1;
        if (self->prev) {
            self->prev->next = self->next;
        } else {
            self->group->first = self->next ? &self->next->side : NULL;
        }
        if (self->next) {
            self->next->prev = self->prev;
        }
        self->group = NULL;
    }
}

void
side_join(struct side_group *group, struct side *side)
{
    struct fd_side *self = of_side(side);

    self->group = group;
    self->prev = NULL;
    self->next = group->first ? of_side(group->first) : NULL;
    if (self->next) {
        self->next->prev = self;
    }
    group->first = side;
    *group->n += 1;
}

void
side_break(struct side_group *group)
{
    while (group->first) {
        struct fd_side *self = of_side(group->first);

        leave(self);
        shutdown(self->watch.fd, SHUT_RDWR);
        self->lost = true;
        self->told |= SIDE_BROKEN | SIDE_HUNG;
        if (self->side.ready) {
            self->side.ready(&self->side, SIDE_BROKEN);
        }
    }
}

static void
fd_close(struct side *side, bool reset)
{
    struct fd_side *self = of_side(side);
    const struct linger none = { .l_onoff = 1, .l_linger = 0 };
    int fd = self->watch.fd;

    if (reset && !self->dead) {
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
    }
    leave(self);
    loop_drop(&self->watch);
    close(fd);
    free(self);
}

static const struct side_class fd_class = {
    .read = fd_read,
    .write = fd_write,
    .finish = fd_finish,
    .want = fd_want,
    .close = fd_close,
    .take = fd_take,
    .give = fd_give,
    .acknowledge = fd_acknowledge,
};

static struct side *
create(struct loop *loop, int fd, unsigned now)
{
    struct fd_side *self = malloc(sizeof(*self));

    if (!self) {
        return NULL;
    }
    *self = (struct fd_side) { .side.class = &fd_class, .loop = loop,
                               .watch = { .fd = fd, .ready = is_ready },
                               .now = now, .delays = !now };
    if (!loop_watch(loop, &self->watch, now ? INPUT : ALL)) {
        free(self);
        return NULL;
    }
    return &self->side;
}

struct side *
side_fd(struct loop *loop, int fd)
{
    return create(loop, fd, SIDE_WRITABLE);     /* else a call will say so */
}

struct side *
side_connecting(struct loop *loop, int fd)
{
    return create(loop, fd, 0);
}

void
side_tell_again(struct side *side)
{
    struct fd_side *self = of_side(side);
    uint32_t ends = (self->told & SIDE_HUNG ? (uint32_t) EPOLLHUP : 0)
        | (self->told & SIDE_BROKEN ? (uint32_t) EPOLLERR : 0);

    self->told = 0;
    loop_post(self->loop, &self->watch, ends);
}
