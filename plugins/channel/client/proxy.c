/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Listeners, and who comes to them; see proxy.h.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "channel.h"
#include "client/client.h"
#include "move/descriptors.h"
#include "move/relay.h"
#include "tls/tls.h"

#define AT_ONCE 64u             /* clients of one turn of a listener */
#define MORE_AFTER 4u           /* turns, until one more is expected */
#define SPARE 256u              /* that come beyond what may be, to be told */
#define PAUSE (SECOND / 10)     /* when there are no descriptors */

const char *
proxy_name(const struct proxy *proxy)
{
    static char name[sizeof(proxy->host->config->host)
                     + sizeof(proxy->host->config->zone)];
    const struct config *config = proxy->host->config;
    size_t n = strlen(config->host);

    memcpy(name, config->host, n);
    name[n] = '.';
    strcpy(name + n + 1, config->zone);
    return name;
}

void
proxy_refused(struct listener *listener, const char *address,
              const char *wanted, int status, const char *reason)
{
    struct proxy_host *host = listener->proxy->host;
    struct identity who = { .name = "" };
    const struct proxy_end end = { .who = &who, .wanted = wanted,
                                   .status = status, .reason = reason };

    snprintf(who.address, sizeof(who.address), "%s", address);
    listener->state.refused++;
    host->told(host, &end);
}

/* ---- Who comes ---------------------------------------------------------- */

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    struct sockaddr_storage storage;
};

static void
name_address(char text[64], const union address *from)
{
    const uint8_t *four = (const uint8_t *) &from->v4.sin_addr;
    char host[INET6_ADDRSTRLEN] = "";

    if (from->any.sa_family == AF_INET) {
        snprintf(text, 64, "%u.%u.%u.%u:%u", four[0], four[1], four[2],
                 four[3], ntohs(from->v4.sin_port));
    } else if (from->any.sa_family == AF_INET6) {
        inet_ntop(AF_INET6, &from->v6.sin6_addr, host, sizeof(host));
        snprintf(text, 64, "[%s]:%u", host, ntohs(from->v6.sin6_port));
    } else {
        snprintf(text, 64, "somebody");
    }
}

/* Takes the socket of who comes from that address, or leaves it; 'uid' NULL: it
 * is not known who. */
static bool
begin(struct listener *listener, int fd, const char *address,
      const uint32_t *uid)
{
    struct proxy *proxy = listener->proxy;
    int over = proxy->n_clients >= proxy->host->config->max_clients ? 429
        : descriptors_are_few(fd) ? 503 : 0;
    struct side *side;

    if (proxy->n_clients >= proxy->host->config->max_clients + SPARE) {
        proxy_refused(listener, address, "", 429, "there are too many"
                                                  " clients");
        return false;
    }
    side = side_fd(proxy->loop, fd);
    if (!side) {
        return false;
    }
    if (listener->config.tls) {
        struct side *above = tls_side(listener->config.tls, proxy->loop,
                                      side);

        if (!above) {
            side->class->close(side, true);
            return true;
        }
        side = above;
    }
    if (!client_begin(listener, side, address, uid, over)) {
        side->class->close(side, true);
    }
    return true;
}

/* There are no descriptors: those who wait, wait. */
static void
pause_listener(struct listener *listener)
{
    struct loop *loop = listener->proxy->loop;

    loop_watch(loop, &listener->watch, 0);
    loop_alarm(loop, &listener->alarm, loop_now(loop) + PAUSE);
}

static void
go_on(struct alarm *alarm)
{
    struct listener *listener = (struct listener *) (void *)
        ((char *) alarm - offsetof(struct listener, alarm));

    loop_watch(listener->proxy->loop, &listener->watch, EPOLLIN);
}

static void
accept_one(struct listener *listener, int fd, const union address *from)
{
    struct ucred user;
    socklen_t size = sizeof(user);
    char address[64];

    if (listener->config.local
        && getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &user, &size) == 0) {
        listener_takes(listener, fd, user.uid);
        return;
    }
    name_address(address, from);
    listener->state.accepted++;
    if (!begin(listener, fd, address, NULL)) {
        close(fd);
    }
}

/* To find that nobody waits costs nearly as much as to accept somebody, and who
 * still does is told of again.  So a turn accepts as many as have come lately,
 * and one more after some turns that have not found the last one. */
static void
expect(struct listener *listener, unsigned came)
{
    if (came < listener->at_once) {
        listener->at_once = came;
        listener->turns = 0;
    } else if (++listener->turns >= MORE_AFTER) {
        listener->at_once += listener->at_once < AT_ONCE;
        listener->turns = 0;
    }
}

static void
somebody_comes(struct watch *watch, uint32_t events)
{
    struct listener *listener = (struct listener *) (void *)
        ((char *) watch - offsetof(struct listener, watch));
    union address from;

    (void) events;
    if (listener->config.waits) {
        loop_watch(listener->proxy->loop, watch, 0);
        listener->config.waits(listener->config.arg);
        return;
    }
    for (unsigned i = 0; i < listener->at_once; i++) {
        socklen_t size = sizeof(from);
        int fd = accept4(watch->fd, &from.any, &size,
                         SOCK_NONBLOCK | SOCK_CLOEXEC);

        if (fd < 0) {
            /* Who has gone already is no reason to stop. */
            if (errno == ECONNABORTED || errno == EINTR) {
                continue;
            }
            if (errno != EAGAIN) {
                pause_listener(listener);
            } else {
                expect(listener, i ? i : 1);
            }
            return;
        }
        accept_one(listener, fd, &from);
    }
    expect(listener, listener->at_once);
}

void
listener_takes(struct listener *listener, int fd, uint32_t uid)
{
    char address[64];

    snprintf(address, sizeof(address), "uid %u", uid);
    listener->state.accepted++;
    if (!begin(listener, fd, address, &uid)) {
        close(fd);
    }
}

void
listener_awaits(struct listener *listener, bool itself)
{
    if (itself) {
        listener->config.waits = NULL;
    }
    loop_watch(listener->proxy->loop, &listener->watch, EPOLLIN);
}

/* ---- Listeners ---------------------------------------------------------- */

void
listener_leave(struct listener *listener)
{
    if (--listener->users == 0) {
        free(listener);
    }
}

/* Who is accepted has them from the one that listens. */
static void
set_options(int fd, bool fixed)
{
    const struct {
        int level, name, value;
    } options[] = {
        { IPPROTO_TCP, TCP_NODELAY, 1 },
        { SOL_SOCKET, SO_KEEPALIVE, 1 },
        { IPPROTO_TCP, TCP_KEEPIDLE, 60 },
        { IPPROTO_TCP, TCP_KEEPINTVL, 15 },
        { IPPROTO_TCP, TCP_KEEPCNT, 4 },
        /* A request is acknowledged with its answer, unless that is the VM's,
         * which may want more of it first. */
        { IPPROTO_TCP, TCP_QUICKACK, fixed },
    };

    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        setsockopt(fd, options[i].level, options[i].name, &options[i].value,
                   sizeof(options[i].value));
    }
}

struct listener *
listener_create(struct proxy *proxy, const struct listener_config *config)
{
    struct listener *listener = calloc(1, sizeof(*listener));

    if (!listener) {
        return NULL;
    }
    listener->proxy = proxy;
    listener->config = *config;
    listener->users = 1;
    listener->at_once = 1;
    listener->watch.fd = config->fd;
    listener->watch.ready = somebody_comes;
    listener->alarm.due = go_on;
    if (!config->local) {
        set_options(config->fd, config->fixed);
    }
    if (!loop_watch(proxy->loop, &listener->watch, EPOLLIN)) {
        free(listener);
        return NULL;
    }
    listener->next = proxy->listeners;
    if (listener->next) {
        listener->next->prev = listener;
    }
    proxy->listeners = listener;
    return listener;
}

void
listener_destroy(struct listener *listener)
{
    struct proxy *proxy;

    if (!listener) {
        return;
    }
    proxy = listener->proxy;
    *(listener->prev ? &listener->prev->next : &proxy->listeners) =
        listener->next;
    if (listener->next) {
        listener->next->prev = listener->prev;
    }
    loop_unwatch(&listener->watch);
    loop_cancel(proxy->loop, &listener->alarm);
    listener_leave(listener);
}

void
listener_state(const struct listener *listener, struct listener_state *state)
{
    *state = listener->state;
}

/* ---- All of it ---------------------------------------------------------- */

struct proxy *
proxy_create(struct proxy_host *host)
{
    struct proxy *proxy = calloc(1, sizeof(*proxy));

    if (proxy) {
        proxy->host = host;
        proxy->loop = host->loop;
        descriptors_look();
    }
    return proxy;
}

void
proxy_destroy(struct proxy *proxy)
{
    if (!proxy) {
        return;
    }
    while (proxy->listeners) {
        listener_destroy(proxy->listeners);
    }
    while (proxy->clients) {
        client_gone(proxy->clients);
    }
    while (proxy->requests) {
        request_end(proxy->requests, "the proxy ends");
    }
    while (proxy->connections) {
        connection_destroy(proxy->connections);
    }
    relay_clean();
    tls_clean();
    free(proxy);
}

void
proxy_sweep(struct proxy *proxy,
            bool (*is_over)(void *arg, const struct map_vm *vm,
                            const struct identity *who, uint16_t port),
            void *arg, const char *reason)
{
    struct request *request = proxy->requests, *next;

    for (; request; request = next) {
        next = request->next;
        if (request->vm
            && is_over(arg, request->vm, &request->who, request->port)) {
            request_end(request, reason);
        }
    }
}
