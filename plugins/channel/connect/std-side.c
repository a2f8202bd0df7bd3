/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A pipe is opened anew by its name in /proc, which gives a description of our
 * own that may be non-blocking.  Where that fails, and for terminals, a write
 * that follows a notice of epoll is kept as short as PIPE_BUF, which does not
 * block.  Files cannot be watched: they are always ready.
 */

#include "std-side.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "move/loop.h"
#include "move/side.h"

/* One of the two. */
struct end {
    struct watch watch;
    bool is_socket, is_file, is_own;
    bool ready;                 /* the notice that has not been used up */
    bool over;                  /* closed */
};

struct std_side {
    struct side side;
    struct loop *loop;
    struct end in, out;
    unsigned wanted;
    bool broken;                /* nobody reads what we write */
};

static struct std_side *
of_side(struct side *side)
{
    return (struct std_side *) (void *) side;
}

static void
watch_end(struct std_side *self, struct end *end, bool wanted, uint32_t what)
{
    if (end->over || (end == &self->out && self->broken)) {
        if (wanted) {
            loop_post(self->loop, &end->watch, what);
        }
        return;
    }
    if (!end->is_file
        && loop_watch(self->loop, &end->watch, wanted ? what : 0)) {
        return;
    }
    end->is_file = true;
    if (wanted) {
        loop_post(self->loop, &end->watch, what);
    }
}

static void
std_want(struct side *side, unsigned events)
{
    struct std_side *self = of_side(side);

    self->wanted = events;
    watch_end(self, &self->in, events & SIDE_READABLE, EPOLLIN);
    watch_end(self, &self->out, events & SIDE_WRITABLE, EPOLLOUT);
}

static void
on_input(struct watch *watch, uint32_t events)
{
    struct std_side *self = (struct std_side *) (void *)
        ((char *) watch - offsetof(struct std_side, in.watch));

    self->in.ready = true;
    if (self->wanted & SIDE_READABLE) {
        if (self->in.is_file) {
            loop_post(self->loop, watch, EPOLLIN);
        }
        self->side.ready(&self->side, SIDE_READABLE);
    } else if (events & (EPOLLHUP | EPOLLERR)) {
        loop_unwatch(watch);
    }
}

static void
on_output(struct watch *watch, uint32_t events)
{
    struct std_side *self = (struct std_side *) (void *)
        ((char *) watch - offsetof(struct std_side, out.watch));
    unsigned told = self->wanted & SIDE_WRITABLE;

    self->out.ready = true;
    if ((events & EPOLLERR) && !self->broken) {
        self->broken = true;
        loop_unwatch(watch);
        told |= SIDE_BROKEN;
    }
    if (told & SIDE_WRITABLE && (self->out.is_file || self->broken)) {
        loop_post(self->loop, watch, EPOLLOUT);
    }
    if (told) {
        self->side.ready(&self->side, told);
    }
}

/* Whether a call on it would not wait; where the kernel cannot be asked to
 * say EAGAIN, a notice is good for one call. */
static bool
may(struct end *end)
{
    bool ready = end->ready || end->is_socket || end->is_own || end->is_file;

    end->ready = false;
    return ready;
}

static ssize_t
std_read(struct side *side, void *bytes, size_t size)
{
    struct std_side *self = of_side(side);

    if (!may(&self->in)) {
        errno = EAGAIN;
        return -1;
    }
    return self->in.is_socket
        ? recv(STDIN_FILENO, bytes, size, MSG_DONTWAIT)
        : read(STDIN_FILENO, bytes, size);
}

static ssize_t
std_write(struct side *side, const void *bytes, size_t size)
{
    struct std_side *self = of_side(side);

    if (self->out.over) {
        errno = EPIPE;
        return -1;
    }
    if (!may(&self->out)) {
        errno = EAGAIN;
        return -1;
    }
    if (self->out.is_socket) {
        return send(STDOUT_FILENO, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
    }
    if (!self->out.is_own && !self->out.is_file && size > PIPE_BUF) {
        size = PIPE_BUF;
    }
    return write(STDOUT_FILENO, bytes, size);
}

/* Nothing that is opened later shall be taken for it. */
static void
close_end(struct end *end, int fd)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    loop_unwatch(&end->watch);
    if (null < 0 || dup2(null, fd) < 0) {
        close(fd);
    }
    if (null >= 0) {
        close(null);
    }
    end->over = true;
}

static void
std_finish(struct side *side)
{
    struct std_side *self = of_side(side);

    if (self->out.is_socket) {
        shutdown(STDOUT_FILENO, SHUT_WR);
    }
    if (!self->out.over) {
        close_end(&self->out, STDOUT_FILENO);
    }
}

static void
std_close(struct side *side, bool reset)
{
    struct std_side *self = of_side(side);

    (void) reset;
    loop_unwatch(&self->in.watch);
    loop_unwatch(&self->out.watch);
    free(self);
}

static const struct side_class std_class = {
    .read = std_read, .write = std_write, .finish = std_finish,
    .want = std_want, .close = std_close,
};

static void
look_at(struct end *end, int fd, int mode)
{
    struct stat status;
    char name[32] = "/proc/self/fd/0";
    int own;

    if (fstat(fd, &status) != 0) {
        return;
    }
    end->is_socket = S_ISSOCK(status.st_mode);
    if (S_ISFIFO(status.st_mode)) {
        name[14] = (char) ('0' + fd);
        own = open(name, mode | O_NONBLOCK | O_CLOEXEC);
        if (own >= 0) {
            end->is_own = dup2(own, fd) == fd;
            close(own);
        }
    }
    end->watch.fd = fd;
}

struct side *
std_side_create(struct loop *loop)
{
    struct std_side *self = calloc(1, sizeof(*self));

    if (!self) {
        return NULL;
    }
    self->side.class = &std_class;
    self->loop = loop;
    look_at(&self->in, STDIN_FILENO, O_RDONLY);
    look_at(&self->out, STDOUT_FILENO, O_WRONLY);
    self->in.watch.ready = on_input;
    self->out.watch.ready = on_output;
    self->out.watch.fd = STDOUT_FILENO;
    return &self->side;
}
