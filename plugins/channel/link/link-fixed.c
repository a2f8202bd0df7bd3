/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A VM behind addresses that settings grant: each of its ports leads to one,
 * such as a private link of the switch, or a unix socket of a container.
 */

#include <stdlib.h>

#include "link/links.h"

struct place {
    uint16_t port;
    void *grant;
};

struct link_fixed {
    struct socket_link sockets; /* first */
    struct place *places;
    uint32_t n;
};

static struct link_fixed *
of_link(struct link *link)
{
    return (struct link_fixed *) (void *) link;
}

static struct place *
find(struct link_fixed *self, uint16_t port)
{
    for (uint32_t i = 0; i < self->n; i++) {
        if (self->places[i].port == port) {
            return &self->places[i];
        }
    }
    return NULL;
}

bool
link_fixed_port(struct link *link, uint16_t port, void *grant)
{
    struct link_fixed *self = of_link(link);
    struct place *place = find(self, port), *places;

    if (!grant) {
        if (place) {
            *place = self->places[--self->n];
        }
        return true;
    }
    if (!place) {
        places = realloc(self->places, (self->n + 1) * sizeof(*places));
        if (!places) {
            return false;
        }
        self->places = places;
        place = &places[self->n++];
    }
    *place = (struct place) { port, grant };
    return true;
}

static void
fixed_dial(struct link *link, struct dial *dial, uint16_t port)
{
    struct link_fixed *self = of_link(link);
    const struct place *place = find(self, port);

    if (place) {
        attempt_begin(&self->sockets, dial, place->grant, port);
    } else {
        attempt_fail(&self->sockets, dial, DIAL_REFUSED,
                     "the VM has no service on that port");
    }
}

static void
fixed_destroy(struct link *link)
{
    struct link_fixed *self = of_link(link);

    socket_link_end(&self->sockets);
    free(self->places);
    free(self);
}

static const struct link_class fixed_class = {
    .name = "fixed",
    .dial = fixed_dial,
    .cancel = attempt_cancel,
    .destroy = fixed_destroy,
};

struct link *
link_fixed(struct link_host *host)
{
    struct link_fixed *self = calloc(1, sizeof(*self));

    if (!self) {
        return NULL;
    }
    self->sockets.link.class = &fixed_class;
    self->sockets.host = host;
    self->sockets.sides.n = &self->sockets.link.state.streams;
    return &self->sockets.link;
}
