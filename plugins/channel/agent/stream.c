/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Streams and the local sockets behind them.
 */

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent.h"

struct stream {
    struct watch watch;         /* first */
    struct mux_stream *mux;     /* NULL: it has gone */
    const struct allowed *allowed;  /* where it leads to; NULL: offered */
    bool is_open;               /* both sides are there */
    bool is_tcp;                /* behind it */
    bool second;                /* ::1 is tried, 127.0.0.1 was */
    bool readable, writable;    /* as far as we know */
    bool hung;                  /* what can be read has an end by now */
    bool finished, shut;        /* by the socket, by the host */
};

static void
end(struct stream *stream, bool reset)
{
    const struct linger none = { .l_onoff = 1, .l_linger = 0 };

    if (stream->mux) {
        mux_close(stream->mux, reset);
        stream->mux = NULL;
    }
    if (reset && stream->watch.ready) {
        setsockopt(stream->watch.fd, SOL_SOCKET, SO_LINGER, &none,
                   sizeof(none));
    }
    loop_close(&stream->watch);
}

/* Both directions have ended. */
static bool
end_if_over(struct stream *stream)
{
    bool is_over = stream->finished && stream->shut;

    if (is_over) {
        end(stream, false);
    }
    return is_over;
}

static void
refuse(struct mux_stream *mux, int why)
{
    if (why == ECONNREFUSED || why == ENOENT) {
        mux_refuse(mux, MUX_NOBODY, "nobody listens there in the guest");
    } else if (why == EMFILE || why == ENFILE || why == EAGAIN
               || why == ENOMEM || why == ENOBUFS) {
        mux_refuse(mux, MUX_BUSY, strerror(why));
    } else {
        mux_refuse(mux, MUX_FAILED, strerror(why));
    }
}

/* From the link to the socket, as much as it takes. */
static void
push(struct stream *stream)
{
    struct iovec pieces[MUX_PIECES];
    struct msghdr all = { .msg_iov = pieces };

    while (stream->writable
           && (all.msg_iovlen = mux_peek(stream->mux, pieces, MUX_PIECES))
              > 0) {
        ssize_t n = sendmsg(stream->watch.fd, &all, MSG_NOSIGNAL);

        if (n > 0) {
            mux_take(stream->mux, (size_t) n);
        } else if (errno == EAGAIN) {
            stream->writable = false;
        } else if (errno != EINTR) {
            end(stream, true);
            return;
        }
    }
    if (!stream->shut && mux_at_end(stream->mux)) {
        stream->shut = true;
        shutdown(stream->watch.fd, SHUT_WR);
        end_if_over(stream);
    }
}

/* It will be told of when it is again. */
static void
is_drained(struct stream *stream)
{
    stream->readable = false;
    mux_wish(stream->mux, false);
}

/* Whether a call that gave 'n' has left nothing.  (A unix socket gives less
 * where descriptors were sent.) */
static bool
is_all(const struct stream *stream, const struct msghdr *asked, size_t n)
{
    size_t size = 0;

    for (size_t i = 0; i < (size_t) asked->msg_iovlen; i++) {
        size += asked->msg_iov[i].iov_len;
    }
    return n < size && !stream->hung && stream->is_tcp;
}

/* From the socket to the link, a turn's worth. */
static void
pull(struct stream *stream)
{
    struct iovec pieces[MUX_PIECES];
    struct msghdr all = { .msg_iov = pieces };

    while (stream->readable
           && (all.msg_iovlen = mux_reserve(stream->mux, pieces, MUX_PIECES))
              > 0) {
        ssize_t n = recvmsg(stream->watch.fd, &all, 0);

        if (n > 0) {
            mux_commit(stream->mux, (size_t) n);
            if (is_all(stream, &all, (size_t) n)) {
                is_drained(stream);
            }
        } else if (n == 0) {
            stream->readable = false;
            stream->finished = true;
            mux_finish(stream->mux);
            end_if_over(stream);
            return;
        } else if (errno == EAGAIN) {
            is_drained(stream);
        } else if (errno != EINTR) {
            end(stream, true);
            return;
        }
    }
}

static void
become_open(struct stream *stream)
{
    const int one = 1;

    stream->is_open = true;
    stream->readable = stream->writable = true;
    stream->is_tcp = setsockopt(stream->watch.fd, IPPROTO_TCP, TCP_NODELAY,
                                &one, sizeof(one)) == 0;
    mux_wish(stream->mux, true);
}

static void ready(struct watch *watch, uint32_t events);
static void begin(struct mux_stream *mux, const struct allowed *allowed,
                  bool second);

/* The connection is there, or is not. */
static void
connected(struct stream *stream, uint32_t events)
{
    struct mux_stream *mux = stream->mux;
    socklen_t size = sizeof(int);
    int why = 0;

    if (!(events & (EPOLLOUT | EPOLLERR | EPOLLHUP))) {
        return;
    }
    getsockopt(stream->watch.fd, SOL_SOCKET, SO_ERROR, &why, &size);
    if (why == 0) {
        mux_accept(mux, stream);
        become_open(stream);
        return;
    }
    stream->mux = NULL;
    loop_close(&stream->watch);
    if (why == ECONNREFUSED && stream->allowed->local && !stream->second) {
        begin(mux, stream->allowed, true);
    } else {
        refuse(mux, why);
    }
}

static void
ready(struct watch *watch, uint32_t events)
{
    struct stream *stream = (struct stream *) (void *) watch;

    if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) {
        stream->hung = true;
    }
    if (!stream->is_open) {
        if (stream->allowed) {
            connected(stream, events);
        }
        return;
    }
    if ((events & EPOLLIN || stream->hung) && !stream->finished) {
        stream->readable = true;
        mux_wish(stream->mux, true);
    }
    if (events & EPOLLERR && stream->finished) {
        end(stream, true);
    } else if (events & (EPOLLOUT | EPOLLERR)) {
        stream->writable = true;
        push(stream);
    }
}

static struct stream *
create(int fd, const struct allowed *allowed)
{
    struct stream *stream = calloc(1, sizeof(*stream));

    if (stream) {
        stream->watch.fd = fd;
        stream->watch.ready = ready;
        stream->allowed = allowed;
    }
    if (!stream || !loop_watch(&stream->watch)) {
        free(stream);
        close(fd);
        return NULL;
    }
    return stream;
}

static void
begin(struct mux_stream *mux, const struct allowed *allowed, bool second)
{
    int fd = local_connect(allowed, second);
    struct stream *stream;

    if (fd < 0 && errno == ECONNREFUSED && allowed->local && !second) {
        second = true;
        fd = local_connect(allowed, second);
    }
    if (fd < 0) {
        refuse(mux, errno);
        return;
    }
    stream = create(fd, allowed);
    if (!stream) {
        refuse(mux, ENOMEM);
        return;
    }
    stream->mux = mux;
    stream->second = second;
    mux_stream_own(mux, stream);
}

void
stream_asked(struct mux *mux, struct mux_stream *stream, uint16_t port)
{
    const struct allowed *allowed = options_find(&options, port);

    (void) mux;
    if (allowed && allowed->inner) {
        inner_begin(stream, allowed);
    } else if (allowed) {
        begin(stream, allowed, false);
    } else {
        mux_refuse(stream, MUX_FORBIDDEN,
                   "the guest's agent does not allow this port");
    }
}

void
stream_offered(int fd, const struct offer *offer)
{
    struct mux *link = link_find();
    struct stream *stream = link ? create(fd, NULL) : NULL;

    if (!link) {
        close(fd);
    } else if (stream) {
        stream->mux = mux_open(link, offer->port, stream);
        if (!stream->mux) {
            end(stream, true);
        }
    }
}

void
stream_opened(struct mux_stream *mux)
{
    become_open(mux_stream_owner(mux));
}

void
stream_refused(struct mux_stream *mux, enum mux_code code, const char *reason)
{
    struct stream *stream = mux_stream_owner(mux);

    (void) code;
    say("the host refuses a connection: %s", reason);
    stream->mux = NULL;
    end(stream, true);
}

void
stream_readable(struct mux_stream *mux)
{
    if (inner_has(mux)) {
        inner_move(mux);
    } else {
        push(mux_stream_owner(mux));
    }
}

void
stream_writable(struct mux_stream *mux)
{
    if (inner_has(mux)) {
        inner_move(mux);
    } else {
        pull(mux_stream_owner(mux));
    }
}

void
stream_reset(struct mux_stream *mux, enum mux_code code, const char *reason)
{
    struct stream *stream = mux_stream_owner(mux);

    (void) code;
    (void) reason;
    if (stream && !inner_has(mux)) {
        stream->mux = NULL;
        end(stream, true);
    }
}
