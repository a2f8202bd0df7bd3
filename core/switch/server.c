/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Peers of the control socket and the requests that they wait for.  A request
 * may outlive its peer's connection; its answer then goes nowhere.
 */

#include <config.h>

#include "switch/server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/memory.h"
#include "base/socket.h"
#include "control/link.h"

#define PEERS_MAX 16

/* One connection. */
struct peer {
    struct peer *next;          /* in server.peers */
    struct server *server;
    struct link *link;          /* NULL once closed */
    unsigned int refs;          /* the list and the open requests */
    pid_t pid;
};

struct server {
    struct loop *loop;
    struct loop_watch *watch;
    int fd;
    uid_t user;                 /* may connect besides root and us */
    server_call call;
    void *arg;
    struct peer *peers;
    unsigned int n_peers;
    struct peer *manager;       /* whose requests are served, or NULL */
};

struct request {
    struct peer *peer;
    uint32_t number;
    uint16_t type;
};

static void
unref(struct peer *peer)
{
    if (--peer->refs == 0) {
        free(peer);
    }
}

static void
peer_remove(struct peer *peer)
{
    struct server *server = peer->server;
    struct peer **at = &server->peers;

    while (*at != peer) {
        at = &(*at)->next;
    }
    *at = peer->next;
    server->n_peers--;
    peer->link = NULL;
    if (server->manager == peer) {
        server->manager = NULL;
        log_info("the manager (process %d) has gone; traffic goes on",
                 (int) peer->pid);
    }
    unref(peer);
}

static void
on_closed(void *arg, const struct error *error)
{
    struct peer *peer = arg;

    log_debug("control connection of process %d ended: %s", (int) peer->pid,
              error->text);
    peer_remove(peer);
}

static void
refuse_stranger(struct peer *peer, struct request *request)
{
    struct control_result result = { .index = UINT32_MAX,
                                     .code = ERROR_BUSY };

    if (peer->server->manager) {
        snprintf(result.text, sizeof result.text, "process %d manages this"
                 " switch program already", (int) peer->server->manager->pid);
    } else {
        snprintf(result.text, sizeof result.text,
                 "HELLO must be the first request");
    }
    request_result(request, XVS_NOT_ACCEPTED, &result);
}

static void
on_message(void *arg, struct link *link, const struct control_header *message)
{
    struct peer *peer = arg;
    struct server *server = peer->server;
    struct request *request;

    (void) link;
    if (message->type == CONTROL_EVENT) {
        return;
    }
    request = mem_alloc(sizeof *request);
    *request = (struct request) { peer, message->number, message->type };
    peer->refs++;
    if (!server->manager && message->type == CONTROL_HELLO) {
        server->manager = peer;
        log_info("process %d manages this switch program", (int) peer->pid);
    }
    if (server->manager != peer) {
        refuse_stranger(peer, request);
        return;
    }
    server->call(server->arg, request, message);
}

pid_t
server_manager(const struct server *server)
{
    return server->manager ? server->manager->pid : 0;
}

static bool
admit(struct server *server, int fd, pid_t *pid)
{
    uid_t uid;
    gid_t gid;

    if (!socket_peer(fd, &uid, &gid, pid)) {
        return false;
    }
    if (uid != 0 && uid != geteuid() && uid != server->user) {
        log_warning("control connection of user %u (process %d) refused: only"
                    " root and the user of this program may connect",
                    (unsigned int) uid, (int) *pid);
        return false;
    }
    if (server->n_peers >= PEERS_MAX) {
        log_warning("control connection of process %d refused: there are %d"
                    " already", (int) *pid, PEERS_MAX);
        return false;
    }
    return true;
}

static void
on_connect(void *arg, int listener, unsigned int events)
{
    struct server *server = arg;
    struct peer *peer;
    pid_t pid;
    int fd;

    (void) events;
    while ((fd = socket_accept(listener)) >= 0) {
        if (!admit(server, fd, &pid)) {
            close(fd);
            continue;
        }
        peer = mem_zalloc(sizeof *peer);
        peer->server = server;
        peer->pid = pid;
        peer->refs = 1;
        peer->next = server->peers;
        server->peers = peer;
        server->n_peers++;
        peer->link = link_create(server->loop, fd, on_message, on_closed,
                                 peer);
    }
}

struct server *
server_create(struct loop *loop, int fd, uid_t user, server_call call,
              void *arg)
{
    struct server *server = mem_zalloc(sizeof *server);

    server->loop = loop;
    server->fd = fd;
    server->user = user;
    server->call = call;
    server->arg = arg;
    server->watch = loop_watch_add(loop, fd, LOOP_READ, on_connect, server);
    return server;
}

void
server_destroy(struct server *server)
{
    if (!server) {
        return;
    }
    while (server->peers) {
        link_destroy(server->peers->link);
        peer_remove(server->peers);
    }
    loop_watch_remove(server->watch);
    close(server->fd);
    free(server);
}

struct control_result *
request_start(struct request *request, struct buffer *out, size_t size)
{
    struct control_header head = { .type = request->type,
                                   .number = request->number };

    return message_answer(out, &head, size);
}

void
request_send(struct request *request, struct buffer *message)
{
    if (request->peer->link) {
        link_send(request->peer->link, message);
    }
    unref(request->peer);
    free(request);
}

void
request_result(struct request *request, enum xvs_result result,
               const struct control_result *what)
{
    BUFFER_AUTO struct buffer out = BUFFER_INIT;
    struct control_result *body = request_start(request, &out, 0);

    *body = *what;
    ((struct control_header *) (void *) out.data)->result = result;
    request_send(request, &out);
}

void
server_put_text(char *field, size_t size, const char *text)
{
    size_t length = strlen(text);

    if (length >= size) {
        length = size - 1;
        /* Not into the middle of a UTF-8 character. */
        while (length > 0 && ((unsigned char) text[length] & 0xc0) == 0x80) {
            length--;
        }
    }
    memset(field, 0, size);
    memcpy(field, text, length);
}

void
request_answer(struct request *request, enum xvs_result result, uint32_t code,
               const char *extension, const char *text)
{
    struct control_result what = { .index = UINT32_MAX, .code = code };

    if (extension) {
        server_put_text(what.extension, sizeof what.extension, extension);
    }
    if (text) {
        server_put_text(what.text, sizeof what.text, text);
    }
    request_result(request, result, &what);
}

void
request_fail(struct request *request, const struct error *error)
{
    char text[CONTROL_TEXT];

    if (error->hint[0]) {
        snprintf(text, sizeof text, "%.*s (%.*s)", 300, error->text, 200,
                 error->hint);
    } else {
        snprintf(text, sizeof text, "%s", error->text);
    }
    request_answer(request, XVS_NOT_ACCEPTED, error->code, NULL, text);
}

void
request_succeed(struct request *request)
{
    request_answer(request, XVS_SUCCESS, ERROR_NONE, NULL, NULL);
}

void
server_event(struct server *server, const struct control_event *event)
{
    BUFFER_AUTO struct buffer out = BUFFER_INIT;

    if (server && server->manager && server->manager->link) {
        *(struct control_event *) message_start(&out, CONTROL_EVENT,
                                                sizeof *event) = *event;
        link_send(server->manager->link, &out);
    }
}
