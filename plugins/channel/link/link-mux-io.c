/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Bytes of the connection: what comes goes to the mux, what the mux has goes
 * out, a bounded part of both in each turn of the loop.
 */

#include "link/link-mux-inside.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "link/hybrid.h"

enum { ROUNDS = 4, READ_SIZE = 65536 };     /* of one turn */

/* That there is room is asked for when there was none: else each message that
 * the other end takes would tell of it. */
static bool
ask(struct mux_link *link)
{
    uint32_t events = LINK_MUX_INPUT
        | (link->writable ? 0 : (uint32_t) EPOLLOUT);

    return link->watch.asked == events
        || loop_watch(link->config.host->loop, &link->watch, events);
}

/* False: it broke. */
static bool
write_some(struct mux_link *link)
{
    for (int i = 0; i < ROUNDS && link->writable; i++) {
        size_t size;
        const void *bytes = mux_output(link->mux, &size);
        ssize_t n;

        if (size == 0) {
            break;
        }
        n = send(link->watch.fd, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n >= 0) {
            mux_sent(link->mux, (size_t) n);
        } else if (errno == EAGAIN) {
            link->writable = false;
        } else if (errno != EINTR) {
            link_mux_broke(link, strerror(errno));
            return false;
        }
    }
    if (!ask(link)) {
        link_mux_broke(link, "no memory");
        return false;
    }
    return true;
}

static bool
hears(struct mux_link *link, const uint8_t *bytes, size_t n)
{
    link->heard = loop_now(link->config.host->loop);
    if (link->silent && link->phase == PHASE_UP) {
        link->silent = false;
        link->link.state.up = true;
        link->link.state.reason[0] = 0;
    }
    mux_input(link->mux, bytes, n);
    if (mux_broken(link->mux)) {
        link_mux_broke(link, mux_broken(link->mux));
        return false;
    }
    return true;
}

static bool
read_some(struct mux_link *link)
{
    static uint8_t bytes[READ_SIZE];

    for (int i = 0; i < ROUNDS && link->readable; i++) {
        ssize_t n = recv(link->watch.fd, bytes, sizeof(bytes), MSG_DONTWAIT);

        if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
            link->readable = errno == EINTR;
        } else if (n <= 0) {
            link_mux_broke(link, n == 0 ? "the agent's end was closed"
                                        : strerror(errno));
            return false;
        } else if (!hears(link, bytes, (size_t) n)) {
            return false;
        } else {
            link->readable = (size_t) n == sizeof(bytes) || link->ended;
        }
    }
    return true;
}

/* The answer of hybrid vsock comes before anything else. */
static bool
read_line(struct mux_link *link)
{
    char line[HYBRID_LINE_SIZE];
    size_t used = 0;
    ssize_t n = recv(link->watch.fd, line, sizeof(line),
                     MSG_PEEK | MSG_DONTWAIT);

    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        return false;
    }
    if (n <= 0) {
        link_mux_broke(link, "nobody listens at the agent's port in the VM");
        return false;
    }
    switch (hybrid_answer(line, (size_t) n, &used)) {
    case HYBRID_OK:
        if (recv(link->watch.fd, line, used, MSG_DONTWAIT)
            == (ssize_t) used) {
            link_mux_greet(link);
            return true;
        }
        /* Fall through. */
    case HYBRID_BAD:
        link_mux_broke(link, "the VM's socket does not speak hybrid vsock");
        return false;
    default:
        return false;
    }
}

void
link_mux_ready(struct watch *watch, uint32_t what)
{
    struct mux_link *link = (struct mux_link *) (void *)
        ((char *) watch - offsetof(struct mux_link, watch));

    link->ended = link->ended || what & (EPOLLRDHUP | EPOLLHUP | EPOLLERR);
    link->readable = link->readable || link->ended || what & EPOLLIN;
    link->writable = link->writable || what & (EPOLLOUT | EPOLLERR);
    if (link->phase == PHASE_LINE && !read_line(link)) {
        return;
    }
    if (!read_some(link) || !write_some(link)) {
        return;
    }
    if (link->readable
        || (link->writable && mux_has_output(link->mux))) {
        link_mux_flush(link);
    }
}
