/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Sockets for links, and links for VMs.
 */

#include "sockets.h"

#include <stdio.h>
#include <unistd.h>

#include "link/link-mux.h"
#include "link/links.h"
#include "vm/names.h"
#include "routes.h"
#include "services.h"
#include "vms.h"

#define LONGEST (SECOND / 200)  /* other calls wait for one of ours so long */
#define GUEST_STREAMS 1024u     /* that a VM may have open at the same time */

static struct xvs_grant
wanted(const struct grant *grant)
{
    return (struct xvs_grant) { .size = sizeof(struct xvs_grant),
                                .property = grant->property,
                                .uuid = grant->uuid,
                                .instance = grant->instance };
}

/* Why there is none. */
static const char *
reason_of(const struct xvs_grant *grant, int result)
{
    return grant->reason[0] ? grant->reason
        : result == XVS_NOT_ACCEPTED ? "not now" : "no setting grants it";
}

int
sockets_accept(struct channel *self, const struct grant *grant,
               struct xvs_visitor *visitor)
{
    struct xvs_grant asked = wanted(grant);

    return xvs_accept(self->host, &asked, visitor);
}

int
sockets_open(struct channel *self, const struct grant *grant, char reason[160])
{
    struct xvs_grant asked = wanted(grant);
    int fd = -1, result = self->sockets->open(self->host, &asked, &fd);

    snprintf(reason, 160, "%s", reason_of(&asked, result));
    return fd;
}

/* ---- Wishes ------------------------------------------------------------- */

static void
open_later(struct link_host *host, struct link_wish *wish)
{
    struct channel *self = host->context;

    if (wish->queued) {
        return;
    }
    wish->queued = true;
    wish->next = NULL;
    *self->last_wish = wish;
    self->last_wish = &wish->next;
    if (!self->serving) {
        xvs_wake(self->host);
    }
}

static void
forget(struct link_host *host, struct link_wish *wish)
{
    struct channel *self = host->context;
    struct link_wish **at = &self->wishes;

    if (!wish->queued) {
        return;
    }
    wish->queued = false;
    for (uint32_t i = 0; i < self->n_served; i++) {
        if (self->served[i] == wish) {
            self->served[i] = NULL;
            return;
        }
    }
    while (*at != wish) {
        at = &(*at)->next;
    }
    *at = wish->next;
    if (self->last_wish == &wish->next) {
        self->last_wish = at;
    }
}

/* Takes the first wishes out of the list. */
static void
take(struct channel *self)
{
    while (self->wishes && self->n_served < SOCKETS_AT_ONCE) {
        struct link_wish *wish = self->wishes;

        self->wishes = wish->next;
        self->served[self->n_served++] = wish;
    }
    if (!self->wishes) {
        self->last_wish = &self->wishes;
    }
}

/* Gives it to who wished it, if he still does. */
static void
give(struct link_wish **served, const struct xvs_opening *opening)
{
    struct link_wish *wish = *served;

    *served = NULL;
    if (wish) {
        wish->queued = false;
        wish->opened(wish, opening->fd,
                     opening->fd >= 0 ? NULL
                     : reason_of(opening->grant, opening->result));
    } else if (opening->fd >= 0) {
        close(opening->fd);
    }
}

/* Asks for the first of them. */
static void
serve(struct channel *self)
{
    struct xvs_grant grants[SOCKETS_AT_ONCE];
    struct xvs_opening openings[SOCKETS_AT_ONCE];

    take(self);
    for (uint32_t i = 0; i < self->n_served; i++) {
        grants[i] = wanted(self->served[i]->grant);
        openings[i] = (struct xvs_opening) { .grant = &grants[i] };
    }
    xvs_open_many(self->sockets, self->host, openings, self->n_served);
    for (uint32_t i = 0; i < self->n_served; i++) {
        give(&self->served[i], &openings[i]);
    }
    self->n_served = 0;
}

/* Who comes meanwhile is served, too: each call of timer() has to be asked for,
 * and takes a turn of the main thread and the control thread of xvs-switch. */
void
sockets_serve(struct channel *self)
{
    uint64_t until = channel_now(self) + LONGEST;

    self->serving = true;
    for (int i = 1; self->wishes && channel_now(self) < until; i++) {
        serve(self);
        if (i == 2) {
            sockets_watch(self, false);
        }
        loop_run(self->loop);
    }
    self->serving = false;
    if (!sockets_watch(self, true) || self->wishes) {
        xvs_wake(self->host);
    }
}

bool
sockets_watch(struct channel *self, bool watched)
{
    if (self->watched != watched
        && self->sockets->watch(self->host, loop_descriptor(self->loop),
                                watched ? XVS_READABLE : 0) == XVS_SUCCESS) {
        self->watched = watched;
    }
    return self->watched == watched;
}

void
sockets_forget(struct channel *self, const struct grant *grant)
{
    struct link_wish *wish = self->wishes;

    while (wish) {
        if (wish->grant == grant) {
            forget(&self->links, wish);
            wish->opened(wish, -1, "the setting was removed");
            wish = self->wishes;
        } else {
            wish = wish->next;
        }
    }
}

/* ---- Links -------------------------------------------------------------- */

/* A VM behind addresses, with those of its services. */
static struct link *
fixed(struct channel *self, struct vm *vm)
{
    struct link *link = link_fixed(&vm->links);
    struct service *service = services_of(self->services, vm->map->name);

    for (; link && service; service = service->next) {
        link_fixed_port(link, service->port, &service->grant);
    }
    return link;
}

static struct link *
agent(struct vm *vm)
{
    const struct link_mux_config config = {
        .host = &vm->links, .grant = &vm->way.grant,
        .port = vm->way.kind == VM_AGENT_VSOCK ? vm->way.agent_port : 0,
        .max_streams = GUEST_STREAMS };

    return link_mux(&config);
}

struct link *
sockets_link(struct channel *self, struct vm *vm)
{
    switch (vm->way.kind) {
    case VM_AGENT:
    case VM_AGENT_VSOCK:
        return agent(vm);
    case VM_VSOCK:
        return link_vsock(&vm->links, &vm->way.grant);
    case VM_FIXED:
        return fixed(self, vm);
    default:
        return NULL;
    }
}

void
sockets_begin(struct channel *self)
{
    self->last_wish = &self->wishes;
    self->links = (struct link_host) { .loop = self->loop, .context = self,
                                       .open = open_later, .forget = forget,
                                       .accept = routes_accept };
}
