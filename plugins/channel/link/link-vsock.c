/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A VM behind hybrid vsock: a connection to one unix socket for each stream.
 */

#include <stdlib.h>

#include "link/links.h"

struct link_vsock {
    struct socket_link sockets; /* first */
    void *grant;                /* of the unix socket */
};

static struct link_vsock *
of_link(struct link *link)
{
    return (struct link_vsock *) (void *) link;
}

static void
vsock_dial(struct link *link, struct dial *dial, uint16_t port)
{
    struct link_vsock *self = of_link(link);

    attempt_begin(&self->sockets, dial, self->grant, port);
}

static void
vsock_destroy(struct link *link)
{
    socket_link_end(&of_link(link)->sockets);
    free(of_link(link));
}

static const struct link_class vsock_class = {
    .name = "vsock",
    .dial = vsock_dial,
    .cancel = attempt_cancel,
    .destroy = vsock_destroy,
};

struct link *
link_vsock(struct link_host *host, void *grant)
{
    struct link_vsock *self = calloc(1, sizeof(*self));

    if (!self) {
        return NULL;
    }
    self->sockets.link.class = &vsock_class;
    self->sockets.host = host;
    self->sockets.sides.n = &self->sockets.link.state.streams;
    self->sockets.is_vsock = true;
    self->grant = grant;
    return &self->sockets.link;
}
