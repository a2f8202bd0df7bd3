/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A VM on another host: the proxy there is asked with a CONNECT of our own,
 * whose Via says that it has come this way.  So it goes no further.  Where this
 * host has a name of its own there, XVS-Client says for whom it asks; else the
 * client's token is passed on.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "channel.h"
#include "client/request.h"
#include "tls/tls.h"

#define ANSWER_MOST 4096u       /* bytes of a head */

struct peer {
    struct request *request;
    void (*done)(struct request *request, const struct peer_done *done);
    struct link_wish wish;
    bool asking;                /* the wish is with the host */
    struct tls_keys *tls;       /* or NULL */
    char name[254];             /* that its certificate must have */
    struct side *side;          /* or NULL */
    char *out;                  /* what is said */
    size_t out_at, out_size;
    char *in;                   /* what has come */
    size_t in_size;
};

static struct proxy_host *
host_of(const struct peer *peer)
{
    return peer->request->proxy->host;
}

void
peer_cancel(struct peer *peer)
{
    if (!peer) {
        return;
    }
    if (peer->asking) {
        host_of(peer)->links->forget(host_of(peer)->links, &peer->wish);
    }
    if (peer->side) {
        peer->side->class->close(peer->side, true);
    }
    if (peer->out) {
        explicit_bzero(peer->out, peer->out_size);
    }
    tls_keys_destroy(peer->tls);
    free(peer->out);
    free(peer->in);
    free(peer);
}

static void
finish(struct peer *peer, const struct peer_done *done)
{
    if (done->side) {
        peer->side = NULL;
        done->side->class->want(done->side, 0);
    }
    peer->request->peer = NULL;
    peer->done(peer->request, done);
    peer_cancel(peer);
}

static void
fail(struct peer *peer, int status, const char *reason)
{
    const struct peer_done done = { .status = status, .reason = reason };

    finish(peer, &done);
}

/* It is lost, or is not the one that it should be. */
static void
fail_lost(struct peer *peer, const char *how)
{
    const char *tls = tls_reason(peer->side);
    char reason[160];

    snprintf(reason, sizeof(reason), "the other host's proxy %s", how);
    if (*tls) {
        snprintf(reason, sizeof(reason), "TLS with the other host's proxy: %s",
                 tls);
    }
    fail(peer, *tls ? 502 : 503, reason);
}

static void
read_answer(struct peer *peer)
{
    struct peer_done done = { .side = peer->side };
    char reason[160];
    size_t used = 0;
    int status = 0;
    ssize_t n = peer->side->class->read(peer->side, peer->in + peer->in_size,
                                        ANSWER_MOST - peer->in_size);

    if (n < 0 && errno == EAGAIN) {
        return;
    }
    if (n <= 0) {
        fail_lost(peer, "hung up");
        return;
    }
    peer->in_size += (size_t) n;
    switch (http_read_answer(peer->in, peer->in_size, &status, reason,
                             &used)) {
    case HTTP_MORE:
        if (peer->in_size == ANSWER_MOST) {
            fail(peer, 502, "the other host's proxy says too much");
        }
        return;
    case HTTP_REFUSED:
        fail(peer, 502, "what the other host's proxy says is no answer");
        return;
    default:
        break;
    }
    if (status / 100 != 2) {
        fail(peer, status < 400 ? 502 : status, *reason ? reason : NULL);
        return;
    }
    done.first = peer->in + used;
    done.first_size = peer->in_size - used;
    finish(peer, &done);
}

static void
say(struct peer *peer)
{
    ssize_t n = peer->side->class->write(peer->side,
                                         peer->out + peer->out_at,
                                         peer->out_size - peer->out_at);

    if (n < 0 && errno != EAGAIN) {
        fail_lost(peer, "cannot be reached");
        return;
    }
    peer->out_at += n > 0 ? (size_t) n : 0;
    peer->side->class->want(peer->side, peer->out_at < peer->out_size
                            ? SIDE_WRITABLE : SIDE_READABLE);
}

static void
is_ready(struct side *side, unsigned events)
{
    struct peer *peer = side->owner;

    if (events & SIDE_BROKEN) {
        fail_lost(peer, "cannot be reached");
    } else if (events & SIDE_WRITABLE) {
        say(peer);
    } else {
        read_answer(peer);
    }
}

/* Its connection, under TLS where it has to be; NULL: no memory. */
static struct side *
side_of(struct peer *peer, int fd)
{
    struct loop *loop = peer->request->proxy->loop;
    struct side *below = side_connecting(loop, fd), *side = below;

    if (!below) {
        close(fd);
    } else if (peer->tls) {
        side = tls_to(peer->tls, loop, below, peer->name);
        if (!side) {
            below->class->close(below, true);
        }
    }
    return side;
}

static void
opened(struct link_wish *wish, int fd, const char *reason)
{
    struct peer *peer = (struct peer *) (void *)
        ((char *) wish - offsetof(struct peer, wish));

    peer->asking = false;
    peer->side = fd >= 0 ? side_of(peer, fd) : NULL;
    if (!peer->side) {
        fail(peer, 503, fd < 0 ? reason : "no memory");
        return;
    }
    peer->side->owner = peer;
    peer->side->ready = is_ready;
    peer->side->class->want(peer->side, SIDE_WRITABLE);
}

static bool
write_request(struct peer *peer, const struct peer_way *way,
              const char *clients)
{
    const struct request *request = peer->request;
    const struct map_vm *vm = request->vm;
    const char *token = way->speaks ? way->token : clients;
    const char *who = request->who.name[0] ? request->who.name : "anonymous";
    char target[320];
    int n;

    snprintf(target, sizeof(target), "%s.%s.%s:%u", vm->name, vm->host,
             host_of(peer)->config->zone, request->port);
    n = asprintf(&peer->out,
                 "CONNECT %s HTTP/1.1\r\nHost: %s\r\nVia: 1.1 %s\r\n"
                 "%s%s%s%s%s%s\r\n", target, target,
                 proxy_name(request->proxy),
                 token ? "Proxy-Authorization: Bearer " : "",
                 token ? token : "", token ? "\r\n" : "",
                 way->speaks ? "XVS-Client: " : "", way->speaks ? who : "",
                 way->speaks ? "\r\n" : "");
    peer->out = n < 0 ? NULL : peer->out;
    peer->out_size = n < 0 ? 0 : (size_t) n;
    peer->in = malloc(ANSWER_MOST);
    return peer->out && peer->in;
}

struct peer *
peer_begin(struct request *request, const char *token,
           void (*done)(struct request *request,
                        const struct peer_done *done))
{
    struct proxy_host *host = request->proxy->host;
    struct peer *peer = calloc(1, sizeof(*peer));
    struct peer_way way;

    if (!peer) {
        return NULL;
    }
    peer->request = request;
    peer->done = done;
    peer->wish.opened = opened;
    if (!host->peer || !host->peer(host, request->vm->host, &way)
        || !write_request(peer, &way, token)) {
        peer_cancel(peer);
        return NULL;
    }
    peer->wish.grant = way.grant;
    peer->tls = tls_keys_hold(way.tls);
    snprintf(peer->name, sizeof(peer->name), "%s", way.name ? way.name : "");
    peer->asking = true;
    host->links->open(host->links, &peer->wish);
    return peer;
}
