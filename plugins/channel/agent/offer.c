/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Where local programs come to, who want to talk to someone outside.  At a
 * unix socket only users who were named may, if any were.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent.h"

/* One that is listened at. */
struct hatch {
    struct watch watch;         /* first */
    const struct offer *offer;
    bool stuck;                 /* there were no descriptors */
};

static struct hatch *hatches[MAX_OFFERS];

static bool
may_use(int fd)
{
    struct ucred peer;
    socklen_t size = sizeof(peer);

    if (options.n_users == 0) {
        return true;
    }
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) {
        return false;
    }
    for (unsigned int i = 0; i < options.n_users; i++) {
        if (options.users[i] == peer.uid) {
            return true;
        }
    }
    say("user %u may not use what is offered", (unsigned int) peer.uid);
    return false;
}

static void
ready(struct watch *watch, uint32_t events)
{
    struct hatch *hatch = (struct hatch *) (void *) watch;

    (void) events;
    for (int i = 0; i < 64; i++) {
        int fd = accept4(watch->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

        if (fd < 0) {
            hatch->stuck = errno != EAGAIN;
            return;
        }
        if (hatch->offer->local == 0 && !may_use(fd)) {
            close(fd);
        } else {
            stream_offered(fd, hatch->offer);
        }
    }
    loop_again(watch);
}

void
offer_open_all(void)
{
    for (unsigned int i = 0; i < options.n_offers; i++) {
        const struct offer *offer = &options.offers[i];
        struct hatch *hatch = calloc(1, sizeof(*hatch));

        if (!hatch) {
            die("no memory");
        }
        hatch->offer = offer;
        hatch->watch.ready = ready;
        hatch->watch.fd = offer->local ? local_listen_tcp(offer->local)
                                      : local_listen_unix(offer->path);
        if (!loop_watch(&hatch->watch)) {
            die("no memory: %s", strerror(errno));
        }
        hatches[i] = hatch;
    }
}

void
offer_tick(void)
{
    for (unsigned int i = 0; i < options.n_offers; i++) {
        if (hatches[i]->stuck) {
            loop_again(&hatches[i]->watch);
        }
    }
}
