/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Sockets of an extension that has XVS_TRAIT_SOCKETS: asks xvs-switch for
 * them, and calls ready().  One event at a time, so that none is told of a
 * descriptor that a hook has closed meanwhile; the kernel lets all take their
 * turn, the calls of xvs-switch among them.
 */

#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <unistd.h>
#include <xvs/service.h>

#include "stage/inside/inside.h"
#include "stage/plugin/plugin.h"

/* ---- Asking for them ----------------------------------------------------- */

/* Whether it can be asked for; else its result is there. */
static bool
prepare(const struct inside *inside, struct xvs_opening *opening)
{
    struct xvs_grant *grant = opening->grant;

    opening->fd = -1;
    opening->result = XVS_INVALID_PARAMETER;
    if (!grant || grant->size < sizeof *grant) {
        return false;
    }
    grant->reason[0] = 0;
    opening->result = XVS_NOT_ACCEPTED;
    return inside->called && pthread_equal(inside->main, pthread_self());
}

static void
put_grant(struct buffer *out, const struct xvs_grant *grant)
{
    const struct call_grant wanted = { .uuid = grant->uuid,
                                       .instance = grant->instance,
                                       .property = grant->property };

    call_put(out, &wanted, sizeof wanted);
}

/* What became of it; 'fd' -1: none has come. */
static void
take(struct xvs_opening *opening, const struct call_opened *opened, int fd)
{
    struct xvs_grant *grant = opening->grant;

    opening->fd = fd;
    opening->result = opened->result;
    if (opened->reason[0]) {
        snprintf(grant->reason, sizeof grant->reason, "%.*s",
                 (int) sizeof opened->reason - 1, opened->reason);
    }
    if (opened->has_fd && fd < 0) {
        opening->result = XVS_RESOURCES;
        snprintf(grant->reason, sizeof grant->reason, "the process has as many"
                 " descriptors as it may have");
    }
}

/* Asks for those, CALL_OPENS at most, with one question. */
static void
ask_for(struct inside *inside, struct xvs_opening *const *openings,
        uint32_t n)
{
    struct call_open *question =
        call_begin(&inside->answer, CALL_OPEN, sizeof *question);
    const struct call_answer *answer;
    const struct call_opened *opened;
    uint32_t n_fds = 0, used = 0;
    int fds[CALL_FDS];

    question->n = n;
    for (uint32_t i = 0; i < n; i++) {
        put_grant(&inside->answer, openings[i]->grant);
    }
    answer = inside_ask(inside, fds, &n_fds);
    opened = (const void *) (answer + 1);
    for (uint32_t i = 0; i < n && answer->size == n * sizeof *opened; i++) {
        bool has_fd = opened[i].has_fd && used < n_fds;

        take(openings[i], &opened[i], has_fd ? fds[used++] : -1);
    }
    while (used < n_fds) {
        close(fds[used++]);
    }
}

static void
sockets_open_many(const struct xvs_host *host, struct xvs_opening *openings,
                  uint32_t n)
{
    struct inside *inside = host->context;
    struct xvs_opening *wanted[CALL_OPENS];
    uint32_t n_wanted = 0;

    for (uint32_t i = 0; i < n; i++) {
        if (prepare(inside, &openings[i])) {
            wanted[n_wanted++] = &openings[i];
        }
        if (n_wanted == CALL_OPENS || (n_wanted && i + 1 == n)) {
            ask_for(inside, wanted, n_wanted);
            n_wanted = 0;
        }
    }
}

static int
sockets_open(const struct xvs_host *host, struct xvs_grant *grant, int *fd)
{
    struct xvs_opening opening = { .grant = grant };

    sockets_open_many(host, &opening, 1);
    *fd = opening.fd;
    return opening.result;
}

static int
sockets_accept(const struct xvs_host *host, struct xvs_grant *grant,
               struct xvs_visitor *visitor)
{
    struct inside *inside = host->context;
    struct xvs_opening opening = { .grant = grant };
    const struct call_opened *opened;
    const struct call_visitor *who;
    uint32_t n_fds = 0;
    int fds[CALL_FDS];

    if (!visitor || visitor->size < sizeof *visitor) {
        return XVS_INVALID_PARAMETER;
    }
    visitor->fd = -1;
    if (!prepare(inside, &opening)) {
        return opening.result;
    }
    call_begin(&inside->answer, CALL_ACCEPT, 0);
    put_grant(&inside->answer, grant);
    opened = (const void *) (inside_ask(inside, fds, &n_fds) + 1);
    take(&opening, opened, n_fds ? fds[0] : -1);
    who = (const void *) (opened + 1);
    visitor->fd = opening.fd;
    visitor->uid = who->uid;
    visitor->gid = who->gid;
    return opening.result;
}

/* ---- Watching them ------------------------------------------------------- */

static uint32_t
to_epoll(uint32_t events)
{
    return (events & XVS_READABLE ? (uint32_t) EPOLLIN | EPOLLRDHUP : 0)
        | (events & XVS_WRITABLE ? (uint32_t) EPOLLOUT : 0);
}

static uint32_t
from_epoll(uint32_t events)
{
    return (events & (EPOLLIN | EPOLLRDHUP) ? XVS_READABLE : 0)
        | (events & EPOLLOUT ? XVS_WRITABLE : 0)
        | (events & (EPOLLHUP | EPOLLERR) ? XVS_BROKEN : 0);
}

static int
sockets_watch(const struct xvs_host *host, int fd, uint32_t events)
{
    const struct inside *inside = host->context;
    struct epoll_event event = { .events = to_epoll(events),
                                 .data.fd = fd };

    if (fd == inside->calls || fd == inside->news || fd == inside->epoll) {
        return XVS_INVALID_PARAMETER;
    }
    if (events == 0) {
        return epoll_ctl(inside->epoll, EPOLL_CTL_DEL, fd, &event) == 0
            ? XVS_SUCCESS : XVS_INVALID_PARAMETER;
    }
    if (epoll_ctl(inside->epoll, EPOLL_CTL_ADD, fd, &event) == 0
        || (errno == EEXIST
            && epoll_ctl(inside->epoll, EPOLL_CTL_MOD, fd, &event) == 0)) {
        return XVS_SUCCESS;
    }
    return errno == ENOMEM || errno == ENOSPC ? XVS_RESOURCES
                                              : XVS_INVALID_PARAMETER;
}

bool
inside_sockets(struct inside *inside)
{
    struct epoll_event event = { .events = EPOLLIN,
                                 .data.fd = inside->calls };

    inside->epoll = -1;
    if (!(inside->start.sockets & CALL_SOCKETS)) {
        return true;
    }
    inside->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (inside->epoll < 0
        || epoll_ctl(inside->epoll, EPOLL_CTL_ADD, inside->calls,
                     &event) != 0) {
        return false;
    }
    inside->sockets = (struct xvs_sockets) {
        .size = sizeof inside->sockets,
        .open = sockets_open,
        .watch = sockets_watch,
        .open_many = sockets_open_many,
        .accept = sockets_accept,
    };
    inside->stage.host.sockets = &inside->sockets;
    return true;
}

void
inside_await(struct inside *inside)
{
    const struct xvs_extension *extension = &inside->plugin->extension;
    struct epoll_event event;

    while (inside->epoll >= 0) {
        int n = epoll_wait(inside->epoll, &event, 1, -1);

        if (n < 0 && errno != EINTR) {
            _exit(1);
        }
        if (n == 1 && event.data.fd == inside->calls) {
            return;
        }
        if (n == 1 && extension->ready && inside->stage.inited) {
            inside_keep_begin(inside);
            extension->ready(inside->stage.self, event.data.fd,
                             from_epoll(event.events));
            inside_keep_end(inside);
            inside_release(inside);
        }
    }
}
