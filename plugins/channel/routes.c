/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Where streams go that VMs open.
 *
 *     link, or v.sock_443 --> which route? --> guests.h
 */

#include "routes.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "guests.h"
#include "move/loop.h"
#include "vm/rules.h"
#include "sockets.h"
#include "vms.h"

#define ACCEPTS 32u             /* of one event */

/* ---- Over a link -------------------------------------------------------- */

static struct route *
find_route(struct channel *self, const struct map_vm *vm, uint32_t port)
{
    struct route *wild = NULL;

    for (struct item *item = self->routes; item; item = item->next) {
        struct route *route = (struct route *) item;

        if (route->port != port || !rules_is_vm(route->vm, vm)) {
            continue;
        }
        if (!strpbrk(route->vm, "*?")) {
            return route;
        }
        wild = wild ? wild : route;
    }
    return wild;
}

bool
routes_accept(struct link_host *host, struct link *link, uint16_t port,
              struct side *side, char reason[128])
{
    struct vm *vm = (struct vm *) (void *)
        ((char *) host - offsetof(struct vm, links));
    struct channel *self = host->context;
    struct route *route = find_route(self, vm->map, port);

    (void) link;
    if (!route) {
        snprintf(reason, 128, "no route of the host leads from port %u", port);
    }
    if (route && guest_begin(route, vm, side, reason)) {
        return true;
    }
    self->counts.guest_refused++;
    vm->counts.guest_refused++;
    return false;
}

/* ---- Over a socket of a hybrid vsock ------------------------------------ */

static void
accept_one(struct route *route, int fd)
{
    struct channel *self = route->channel;
    const struct map_vm *map;
    char reason[128] = "";
    bool known = map_find(self->map, route->vm, strlen(route->vm),
                          channel_now(self), &map) == MAP_FOUND
        && map->link;
    struct side *side = known ? side_fd(self->loop, fd) : NULL;

    if (!side) {
        close(fd);
    } else if (guest_begin(route, vm_of(map), side, reason)) {
        return;
    } else {
        side->class->close(side, true);
        vm_of(map)->counts.guest_refused++;
    }
    self->counts.guest_refused++;
}

static void
listen_ready(struct watch *watch, uint32_t events)
{
    struct route *route = (struct route *) (void *)
        ((char *) watch - offsetof(struct route, watch));

    (void) events;
    for (uint32_t i = 0; i < ACCEPTS; i++) {
        int fd = accept4(watch->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

        if (fd >= 0) {
            accept_one(route, fd);
        } else if (errno != EINTR && errno != ECONNABORTED) {
            return;
        }
    }
}

static void
open_one(struct channel *self, struct route *route)
{
    char reason[160];
    int fd = sockets_open(self, &route->listen, reason);

    if (fd < 0) {
        return;
    }
    route->watch.fd = fd;
    route->watch.ready = listen_ready;
    if (!loop_watch(self->loop, &route->watch, EPOLLIN)) {
        close(fd);
        route->watch.fd = -1;
    }
}

void
routes_open(struct channel *self)
{
    for (struct item *item = self->routes; item; item = item->next) {
        struct route *route = (struct route *) item;

        if (route->has_listen && route->watch.fd < 0) {
            open_one(self, route);
        }
    }
}

/* ---- Ends --------------------------------------------------------------- */

void
routes_end(struct channel *self, const struct vm *vm)
{
    for (struct item *item = self->routes; item; item = item->next) {
        guests_end((struct route *) item, vm);
    }
}

void
routes_end_route(struct route *route)
{
    guests_end(route, NULL);
    if (route->watch.fd >= 0) {
        loop_unwatch(&route->watch);
        close(route->watch.fd);
        route->watch.fd = -1;
    }
}

void
routes_pause(struct channel *self)
{
    for (struct item *item = self->routes; item; item = item->next) {
        routes_end_route((struct route *) item);
    }
}
