/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A dial by a socket of its own; see links.h.
 *
 *     open() --> connected -----------------------> a side
 *            --> line said --> "OK" heard (vsock) --> a side
 *
 * The VM's first bytes may follow the line at once, so the line is looked at
 * before it is taken off the socket.
 */

#include "link/links.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "link/hybrid.h"
#include "move/descriptors.h"

struct attempt {
    struct socket_link *link;
    struct dial *dial;
    struct link_wish wish;      /* while there is no socket yet */
    struct watch watch;         /* of vsock; its fd: -1, none */
    struct side *side;          /* of others; or NULL */
    uint16_t port;
    bool asking;                /* the wish is with the host */
    bool said;                  /* the line */
    enum dial_end end;          /* of one that has failed already */
    const char *reason;
    struct attempt *next, *prev;        /* of the link */
};

static void
destroy(struct attempt *attempt)
{
    struct socket_link *link = attempt->link;

    if (attempt->asking) {
        link->host->forget(link->host, &attempt->wish);
    }
    loop_unwatch(&attempt->watch);
    if (attempt->watch.fd >= 0) {
        close(attempt->watch.fd);
    }
    if (attempt->side) {
        attempt->side->class->close(attempt->side, true);
    }
    *(attempt->prev ? &attempt->prev->next : &link->attempts) =
        attempt->next;
    if (attempt->next) {
        attempt->next->prev = attempt->prev;
    }
    attempt->dial->link = NULL;
    free(attempt);
}

/* The link's state says what the last dial found. */
static void
note(struct link *link, enum dial_end end, const char *reason)
{
    link->state.up = end == DIAL_OPEN || end == DIAL_REFUSED;
    link->state.reason[0] = 0;
    if (!link->state.up) {
        snprintf(link->state.reason, sizeof(link->state.reason), "%s",
                 reason);
    }
}

/* What it has got; NULL: no memory. */
static struct side *
take_side(struct attempt *attempt)
{
    struct side *side = attempt->side;

    if (!side) {
        loop_unwatch(&attempt->watch);
        side = side_fd(attempt->link->host->loop, attempt->watch.fd);
    }
    if (side) {
        attempt->watch.fd = -1;
        attempt->side = NULL;
        side_join(&attempt->link->sides, side);
        side_tell_again(side);
    }
    return side;
}

static void
finish(struct attempt *attempt, enum dial_end end, const char *reason)
{
    struct socket_link *link = attempt->link;
    struct dial *dial = attempt->dial;
    struct side *side = end == DIAL_OPEN ? take_side(attempt) : NULL;
    char why[128] = "";

    if (end == DIAL_OPEN && !side) {
        end = DIAL_BUSY;
        reason = "no memory";
    }
    if (reason) {
        snprintf(why, sizeof(why), "%s", reason);
    }
    destroy(attempt);
    note(&link->link, end, why);
    dial->ended(dial, end, side, why);
}

/* Looks whether "OK" has come, and takes it. */
static void
hear(struct attempt *attempt, bool is_hung)
{
    char line[HYBRID_LINE_SIZE];
    ssize_t n = recv(attempt->watch.fd, line, sizeof(line),
                     MSG_PEEK | MSG_DONTWAIT);
    size_t used = 0;

    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    if (n <= 0) {
        finish(attempt, DIAL_REFUSED, "nobody listens there in the VM");
        return;
    }
    switch (hybrid_answer(line, (size_t) n, &used)) {
    case HYBRID_BAD:
        finish(attempt, DIAL_DOWN, "the VM's socket does not speak hybrid"
                                   " vsock");
        return;
    case HYBRID_OK:
        n = recv(attempt->watch.fd, line, used, MSG_DONTWAIT);
        finish(attempt, n == (ssize_t) used ? DIAL_OPEN : DIAL_DOWN,
               "the VM's socket was lost");
        return;
    default:
        if (is_hung) {
            finish(attempt, DIAL_REFUSED, "the VM's socket hung up");
            return;
        }
        /* A part of it: wait for more, without being told of this again. */
        loop_watch(attempt->link->host->loop, &attempt->watch,
                   (uint32_t) EPOLLIN | EPOLLRDHUP | EPOLLET);
    }
}

static void
say(struct attempt *attempt)
{
    char line[HYBRID_LINE_SIZE];
    size_t size = hybrid_request(line, attempt->port);
    ssize_t n = send(attempt->watch.fd, line, size,
                     MSG_DONTWAIT | MSG_NOSIGNAL);

    /* A socket that is new takes so few bytes, or it is none. */
    if (n != (ssize_t) size) {
        finish(attempt, DIAL_DOWN, "nobody is behind the VM's socket");
        return;
    }
    attempt->said = true;
    if (!loop_watch(attempt->link->host->loop, &attempt->watch,
                    (uint32_t) EPOLLIN | EPOLLRDHUP)) {
        finish(attempt, DIAL_BUSY, "no memory");
    }
}

/* It is connected, or never will be. */
static void
is_connected(struct side *side, unsigned events)
{
    struct attempt *attempt = side->owner;
    char none;

    if (!(events & SIDE_BROKEN)) {
        finish(attempt, DIAL_OPEN, NULL);
    } else if (side->class->read(side, &none, sizeof(none)) >= 0) {
        finish(attempt, DIAL_DOWN, "the VM's socket hung up");
    } else {
        finish(attempt, errno == ECONNREFUSED ? DIAL_REFUSED
                        : errno == ETIMEDOUT ? DIAL_TIMEOUT : DIAL_DOWN,
               strerror(errno));
    }
}

/* One of vsock has said something, or another has an end already. */
static void
is_ready(struct watch *watch, uint32_t events)
{
    struct attempt *attempt = (struct attempt *) (void *)
        ((char *) watch - offsetof(struct attempt, watch));

    if (attempt->reason) {
        finish(attempt, attempt->end, attempt->reason);
    } else {
        hear(attempt, events & (EPOLLRDHUP | EPOLLHUP));
    }
}

static void
opened(struct link_wish *wish, int fd, const char *reason)
{
    struct attempt *attempt = (struct attempt *) (void *)
        ((char *) wish - offsetof(struct attempt, wish));

    attempt->asking = false;
    if (fd < 0) {
        finish(attempt, DIAL_DOWN, reason);
        return;
    }
    if (descriptors_are_few(fd)) {
        close(fd);
        finish(attempt, DIAL_DOWN, "there are no descriptors for more");
        return;
    }
    if (attempt->link->is_vsock) {
        attempt->watch.fd = fd;
        say(attempt);
        return;
    }
    attempt->side = side_connecting(attempt->link->host->loop, fd);
    if (!attempt->side) {
        close(fd);
        finish(attempt, DIAL_BUSY, "no memory");
        return;
    }
    attempt->side->owner = attempt;
    attempt->side->ready = is_connected;
    attempt->side->class->want(attempt->side, SIDE_WRITABLE);
}

static struct attempt *
make(struct socket_link *link, struct dial *dial)
{
    struct attempt *attempt = malloc(sizeof(*attempt));

    if (!attempt) {
        return NULL;
    }
    *attempt = (struct attempt) {
        .link = link, .dial = dial, .wish.opened = opened,
        .watch = { .fd = -1, .ready = is_ready }, .next = link->attempts };
    if (attempt->next) {
        attempt->next->prev = attempt;
    }
    link->attempts = attempt;
    dial->link = &link->link;
    dial->state = attempt;
    return attempt;
}

void
attempt_fail(struct socket_link *link, struct dial *dial, enum dial_end end,
             const char *reason)
{
    struct attempt *attempt = make(link, dial);

    if (attempt) {
        attempt->end = end;
        attempt->reason = reason;
        loop_post(link->host->loop, &attempt->watch, EPOLLERR);
    }
}

void
attempt_begin(struct socket_link *link, struct dial *dial, void *grant,
              uint16_t port)
{
    struct attempt *attempt = make(link, dial);

    /* Without memory the caller's own time limit ends it. */
    if (attempt) {
        attempt->port = port;
        attempt->wish.grant = grant;
        attempt->asking = true;
        link->host->open(link->host, &attempt->wish);
    }
}

void
attempt_cancel(struct link *link, struct dial *dial)
{
    (void) link;
    destroy(dial->state);
}

void
socket_link_end(struct socket_link *link)
{
    while (link->attempts) {
        finish(link->attempts, DIAL_DOWN, "the VM is not known any more");
    }
    side_break(&link->sides);
}
