/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * DNS over sockets that settings grant.
 */

#include "dns/dns-serve.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "move/loop.h"
#include "vm/map.h"
#include "services.h"
#include "sockets.h"

#define AT_ONCE 32u             /* datagrams, connections of one event */
#define QUIET (10 * SECOND)     /* a connection ends after */

/* ---- What names stand for ----------------------------------------------- */

bool
dns_add_address(struct dns_host *host, const char *text)
{
    uint8_t *bytes;

    if (host->n == DNS_ADDRESSES) {
        return false;
    }
    bytes = host->addresses[host->n].bytes;
    host->addresses[host->n].size = inet_pton(AF_INET, text, bytes) == 1 ? 4
        : inet_pton(AF_INET6, text, bytes) == 1 ? 16 : 0;
    host->n += host->addresses[host->n].size != 0;
    return host->n && host->addresses[host->n - 1].bytes == bytes;
}

/* The host of a proxy: 192.0.2.1:3128, [2001:db8::1]:3128. */
static void
read_peer(const char *place, struct dns_host *host)
{
    const char *colon = strrchr(place, ':');
    bool is_v6 = place[0] == '[';
    char text[64];
    size_t n = colon ? (size_t) (colon - place) : 0;

    if (n <= 2u * is_v6 || n >= sizeof(text)) {
        return;
    }
    memcpy(text, place + is_v6, n - 2u * is_v6);
    text[n - 2u * is_v6] = 0;
    dns_add_address(host, text);
    host->port = (uint16_t) atoi(colon + 1);
}

static const struct other_host *
find_peer(const struct channel *self, const char *name)
{
    for (struct item *item = self->peers; item; item = item->next) {
        const struct other_host *peer = (struct other_host *) item;

        if (strcmp(peer->host, name) == 0) {
            return peer;
        }
    }
    return NULL;
}

static bool
find_name(void *arg, const char *name, struct dns_host *host)
{
    const struct dns_server *server = arg;
    const struct channel *self = server->channel;
    const struct other_host *peer;
    const struct map_vm *vm;

    switch (map_find(self->map, name, strlen(name), channel_now(self), &vm)) {
    case MAP_FOUND:
        break;
    case MAP_AMBIGUOUS:
        return true;
    default:
        if (strcmp(name, "ns") == 0) {
            *host = server->own;
            return true;
        }
        return strcmp(name, self->config.host) == 0 || find_peer(self, name);
    }
    peer = vm->link ? NULL : find_peer(self, vm->host);
    if (peer) {
        read_peer(peer->address, host);
    } else if (!vm->host[0] || strcmp(vm->host, self->config.host) == 0) {
        *host = server->own;
    }
    return true;
}

static size_t
answer(struct dns_server *server, enum dns_way way, const uint8_t *question,
       size_t size, uint8_t bytes[DNS_MOST])
{
    struct channel *self = server->channel;
    struct dns_zone zone = { .ttl = server->ttl, .serial = self->serial };
    enum dns_end end;
    size_t n;

    memcpy(zone.name, self->config.zone, sizeof(zone.name));
    end = dns_answer(&zone, find_name, server, way, question, size, bytes,
                     &n);
    self->dns_queries++;
    self->dns_refused += end != DNS_ANSWERED;
    return end == DNS_SILENT ? 0 : n;
}

/* ---- Datagrams ---------------------------------------------------------- */

/* Who asks with an address that is not his gets no more than he has sent, once
 * there were enough of a second. */
static enum dns_way
way_of(struct dns_server *server)
{
    struct channel *self = server->channel;
    uint64_t now = loop_now(self->loop);

    if (now >= server->second) {
        server->second = now + SECOND;
        server->left = server->rate;
    }
    if (server->rate && !server->left) {
        self->dns_limited++;
        return DNS_BRIEFLY;
    }
    server->left--;
    return DNS_DATAGRAMS;
}

static void
datagrams_ready(struct watch *watch, uint32_t events)
{
    struct dns_server *server = (struct dns_server *) (void *)
        ((char *) watch - offsetof(struct dns_server, datagrams));
    uint8_t question[DNS_DATAGRAM], bytes[DNS_MOST];

    (void) events;
    for (uint32_t i = 0; i < AT_ONCE; i++) {
        struct sockaddr_storage from;
        socklen_t from_size = sizeof(from);
        ssize_t n = recvfrom(watch->fd, question, sizeof(question),
                             MSG_DONTWAIT, (struct sockaddr *) &from,
                             &from_size);
        size_t size;

        if (n < 0) {
            return;
        }
        size = answer(server, way_of(server), question, (size_t) n, bytes);
        if (size) {
            (void) sendto(watch->fd, bytes, size, MSG_DONTWAIT,
                          (struct sockaddr *) &from, from_size);
        }
    }
}

/* ---- Connections -------------------------------------------------------- */

static void
stream_end(struct dns_stream *stream)
{
    loop_cancel(stream->server->channel->loop, &stream->alarm);
    loop_unwatch(&stream->watch);
    close(stream->watch.fd);
    stream->watch.fd = -1;
}

/* The question that 'bytes' begin with; false: the connection is over.  A
 * client that does not take an answer at once gets none. */
static bool
stream_answer(struct dns_stream *stream, size_t size)
{
    uint8_t bytes[2 + DNS_MOST];
    size_t n = answer(stream->server, DNS_TCP, stream->bytes + 2, size,
                      bytes + 2);

    bytes[0] = (uint8_t) (n >> 8);
    bytes[1] = (uint8_t) n;
    return n && send(stream->watch.fd, bytes, n + 2,
                     MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t) n + 2;
}

static bool
stream_read(struct dns_stream *stream)
{
    ssize_t n = recv(stream->watch.fd, stream->bytes + stream->size,
                     sizeof(stream->bytes) - stream->size, MSG_DONTWAIT);

    if (n <= 0) {
        return n < 0 && (errno == EAGAIN || errno == EINTR);
    }
    stream->size += (size_t) n;
    while (stream->size >= 2) {
        size_t size = (size_t) stream->bytes[0] << 8 | stream->bytes[1];

        if (size + 2 > sizeof(stream->bytes)) {
            return false;
        }
        if (stream->size < size + 2) {
            break;
        }
        if (!stream_answer(stream, size)) {
            return false;
        }
        stream->size -= size + 2;
        memmove(stream->bytes, stream->bytes + size + 2, stream->size);
    }
    return true;
}

static void
stream_ready(struct watch *watch, uint32_t events)
{
    struct dns_stream *stream = (struct dns_stream *) (void *)
        ((char *) watch - offsetof(struct dns_stream, watch));
    struct loop *loop = stream->server->channel->loop;

    (void) events;
    if (!stream_read(stream)
        || !loop_alarm(loop, &stream->alarm, loop_now(loop) + QUIET)) {
        stream_end(stream);
    }
}

static void
is_quiet(struct alarm *alarm)
{
    stream_end((struct dns_stream *) (void *)
               ((char *) alarm - offsetof(struct dns_stream, alarm)));
}

static void
stream_begin(struct dns_server *server, int fd)
{
    struct loop *loop = server->channel->loop;
    struct dns_stream *stream = NULL;

    for (uint32_t i = 0; i < DNS_STREAMS && !stream; i++) {
        stream = server->streams[i].watch.fd < 0 ? &server->streams[i] : NULL;
    }
    if (!stream) {
        close(fd);
        return;
    }
    stream->size = 0;
    stream->watch.fd = fd;
    stream->watch.ready = stream_ready;
    stream->alarm.due = is_quiet;
    if (!loop_watch(loop, &stream->watch, EPOLLIN)
        || !loop_alarm(loop, &stream->alarm, loop_now(loop) + QUIET)) {
        stream_end(stream);
    }
}

static void
connections_ready(struct watch *watch, uint32_t events)
{
    struct dns_server *server = (struct dns_server *) (void *)
        ((char *) watch - offsetof(struct dns_server, connections));

    (void) events;
    for (uint32_t i = 0; i < AT_ONCE; i++) {
        int fd = accept4(watch->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

        if (fd >= 0) {
            stream_begin(server, fd);
        } else if (errno != EINTR && errno != ECONNABORTED) {
            return;
        }
    }
}

/* ---- Opening and closing ------------------------------------------------ */

static void
open_one(struct channel *self, struct watch *watch, const struct grant *grant,
         void (*ready)(struct watch *watch, uint32_t events))
{
    char reason[160];

    watch->fd = sockets_open(self, grant, reason);
    watch->ready = ready;
    if (watch->fd >= 0 && !loop_watch(self->loop, watch, EPOLLIN)) {
        close(watch->fd);
        watch->fd = -1;
    }
}

void
dns_open(struct channel *self)
{
    for (struct item *item = self->dns; item; item = item->next) {
        struct dns_server *server = (struct dns_server *) item;

        if (server->has_udp && server->datagrams.fd < 0) {
            open_one(self, &server->datagrams, &server->udp,
                     datagrams_ready);
        }
        if (server->has_tcp && server->connections.fd < 0) {
            open_one(self, &server->connections, &server->tcp,
                     connections_ready);
        }
    }
}

void
dns_close(struct dns_server *server)
{
    struct watch *const watches[] = { &server->datagrams,
                                      &server->connections };

    for (uint32_t i = 0; i < DNS_STREAMS; i++) {
        if (server->streams[i].watch.fd >= 0) {
            stream_end(&server->streams[i]);
        }
    }
    for (uint32_t i = 0; i < 2; i++) {
        if (watches[i]->fd >= 0) {
            loop_unwatch(watches[i]);
            close(watches[i]->fd);
            watches[i]->fd = -1;
        }
    }
}

void
dns_pause(struct channel *self)
{
    for (struct item *item = self->dns; item; item = item->next) {
        dns_close((struct dns_server *) item);
    }
}
