/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A stream that a VM has opened, from its beginning to its end.
 *
 *     guest_begin() --> socket --> connected --> relay
 *
 * The service behind the route is told which VM it is, if it wants, by bytes
 * that only the host can have written: they come before those of the VM.
 */

#include "guests.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "move/loop.h"
#include "move/relay.h"
#include "vms.h"

/* A stream, from its beginning to its end. */
struct guest {
    struct route *route;
    struct vm *vm;
    struct side *side;          /* the VM's; NULL: the relay has it */
    struct link_wish wish;      /* for the service's socket */
    struct watch watch;         /* that socket, until it is connected */
    struct alarm alarm;         /* it takes too long */
    struct relay *relay;        /* NULL: not yet */
    struct guest *next, *previous;      /* of the route */
};

static struct loop *
loop_of(const struct guest *guest)
{
    return guest->route->channel->loop;
}

/* ---- The header --------------------------------------------------------- */

static size_t
put_text(uint8_t *at, uint8_t type, const char *text)
{
    size_t n = strlen(text);

    if (n == 0) {
        return 0;
    }
    at[0] = type;
    at[1] = (uint8_t) (n >> 8);
    at[2] = (uint8_t) n;
    memcpy(at + 3, text, n);
    return n + 3;
}

/* Without addresses (LOCAL would say that it is the proxy's own, so it is
 * PROXY over an unspecified protocol), with the VM's names. */
size_t
routes_header(uint8_t header[ROUTES_HEADER], const struct vm *vm)
{
    static const uint8_t signature[] = "\r\n\r\n\0\r\nQUIT\n";
    size_t size = 16;

    memcpy(header, signature, 12);
    header[12] = 0x21;          /* version 2, PROXY */
    header[13] = 0;             /* AF_UNSPEC */
    size += put_text(header + size, 0xe0, vm->map->name);
    size += put_text(header + size, 0xe1, vm->map->uuid);
    header[14] = (uint8_t) ((size - 16) >> 8);
    header[15] = (uint8_t) (size - 16);
    return size;
}

/* ---- A stream ----------------------------------------------------------- */

/* What it held besides the relay; forgets it. */
static void
guest_free(struct guest *guest)
{
    struct route *route = guest->route;
    struct channel *self = route->channel;

    self->links.forget(&self->links, &guest->wish);
    loop_cancel(self->loop, &guest->alarm);
    if (guest->watch.fd >= 0) {
        loop_unwatch(&guest->watch);
        close(guest->watch.fd);
    }
    if (guest->side) {
        guest->side->class->close(guest->side, true);
    }
    if (guest->previous) {
        guest->previous->next = guest->next;
    } else {
        route->guests = guest->next;
    }
    if (guest->next) {
        guest->next->previous = guest->previous;
    }
    route->n_guests--;
    guest->vm->counts.guest_streams--;
    self->counts.guest_streams--;
    free(guest);
}

static void
guest_end(struct guest *guest)
{
    if (guest->relay) {
        relay_end(guest->relay);
    } else {
        guest_free(guest);
    }
}

static void
relay_ended(struct relay *relay, enum relay_end end)
{
    struct guest *guest = relay_owner(relay);

    (void) end;
    guest->relay = NULL;
    guest_free(guest);
}

static void
refuse(struct guest *guest, const char *reason)
{
    const struct route *route = guest->route;
    const struct xvs_host *host = route->channel->host;
    char text[300];

    guest->vm->counts.guest_refused++;
    route->channel->counts.guest_refused++;
    snprintf(text, sizeof(text), "VM %s, port %u: the service of the route"
             " cannot be reached: %.160s", guest->vm->map->name, route->port,
             reason);
    host->log(host, XVS_LOG_WARNING, text);
    guest_free(guest);
}

/* The socket is connected: it and the VM talk from now on. */
static void
join(struct guest *guest)
{
    const struct route *route = guest->route;
    uint8_t header[ROUTES_HEADER];
    struct relay_config config = { .loop = loop_of(guest),
                                   .idle = route->idle, .ended = relay_ended,
                                   .owner = guest };
    struct side *service;

    loop_cancel(loop_of(guest), &guest->alarm);
    loop_unwatch(&guest->watch);
    service = side_connecting(loop_of(guest), guest->watch.fd);
    if (!service) {
        refuse(guest, "no memory");
        return;
    }
    guest->watch.fd = -1;
    config.side[0] = guest->side;
    config.side[1] = service;
    if (route->header) {
        config.first[0] = header;
        config.first_size[0] = routes_header(header, guest->vm);
    }
    guest->relay = relay_create(&config);
    if (!guest->relay) {
        service->class->close(service, true);
        refuse(guest, "no memory");
        return;
    }
    guest->side = NULL;
}

static void
socket_ready(struct watch *watch, uint32_t events)
{
    struct guest *guest = (struct guest *) (void *)
        ((char *) watch - offsetof(struct guest, watch));
    int error = 0;
    socklen_t size = sizeof(error);

    (void) events;
    getsockopt(watch->fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error) {
        refuse(guest, strerror(error));
    } else {
        join(guest);
    }
}

static void
socket_opened(struct link_wish *wish, int fd, const char *reason)
{
    struct guest *guest = (struct guest *) (void *)
        ((char *) wish - offsetof(struct guest, wish));

    if (fd < 0) {
        refuse(guest, reason);
        return;
    }
    guest->watch.fd = fd;
    if (!loop_watch(loop_of(guest), &guest->watch, EPOLLOUT)) {
        refuse(guest, "no memory");
    }
}

static void
is_late(struct alarm *alarm)
{
    refuse((struct guest *) (void *)
           ((char *) alarm - offsetof(struct guest, alarm)),
           "it does not answer");
}

/* Before the service is there nothing is read; but the VM may give up. */
static void
side_told(struct side *side, unsigned events)
{
    if (events & (SIDE_BROKEN | SIDE_HUNG)) {
        guest_free(side->owner);
    }
}

/* NULL: no memory. */
static struct guest *
create(struct route *route, struct vm *vm, struct side *side)
{
    struct channel *self = route->channel;
    struct guest *guest = calloc(1, sizeof(*guest));

    if (!guest || !loop_alarm(self->loop, &guest->alarm,
                              loop_now(self->loop)
                                  + self->config.dial_timeout)) {
        free(guest);
        return NULL;
    }
    guest->route = route;
    guest->vm = vm;
    guest->side = side;
    guest->alarm.due = is_late;
    guest->watch.fd = -1;
    guest->watch.ready = socket_ready;
    guest->wish.opened = socket_opened;
    guest->wish.grant = &route->grant;
    guest->next = route->guests;
    if (guest->next) {
        guest->next->previous = guest;
    }
    route->guests = guest;
    route->n_guests++;
    return guest;
}

bool
guest_begin(struct route *route, struct vm *vm, struct side *side,
            char reason[128])
{
    struct channel *self = route->channel;
    struct guest *guest;

    if (route->connections && route->n_guests >= route->connections) {
        snprintf(reason, 128, "there are %u streams by this route already",
                 route->n_guests);
        return false;
    }
    guest = create(route, vm, side);
    if (!guest) {
        snprintf(reason, 128, "no memory");
        return false;
    }
    side->ready = side_told;
    side->owner = guest;
    side->class->want(side, 0);
    vm->counts.guest_streams++;
    vm->counts.guest_opened++;
    self->counts.guest_streams++;
    self->counts.guest_opened++;
    self->links.open(&self->links, &guest->wish);
    return true;
}

void
guests_end(struct route *route, const struct vm *vm)
{
    struct guest *guest = route->guests;

    while (guest) {
        struct guest *next = guest->next;

        if (!vm || guest->vm == vm) {
            guest_end(guest);
        }
        guest = next;
    }
}
