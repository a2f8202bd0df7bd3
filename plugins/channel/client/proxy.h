/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CHANNEL_PROXY_H
#define CHANNEL_PROXY_H

/*
 * Clients: they come to a listener, say who they are and which VM and port
 * they want (CONNECT, SOCKS5, or nothing where the listener is one for a
 * port), are judged, and get a conversation (relay.h) or a reason.
 *
 * A VM that is to leave the map, and a rule that is no more, are swept first
 * (proxy_sweep()): what is kept of a conversation points at them.
 */

#include <stdbool.h>
#include <stdint.h>

#include "link/link.h"
#include "vm/map.h"
#include "vm/rules.h"

struct config;
struct listener;
struct loop;
struct relay_count;
struct tls_keys;

/* How something that a client wanted ended: a line for the audit, a number for
 * status objects. */
struct proxy_end {
    const struct identity *who;
    const char *wanted;         /* vm1.vm.internal:22, as it was written */
    const struct map_vm *vm;    /* NULL: none was found, or it has gone */
    uint16_t port;
    int status;                 /* as of HTTP: 200, 403, ...; 0: it ends now */
    const char *reason;         /* of a refusal, of the end */
    uint64_t up, down;          /* bytes; to the VM, from it */
    uint64_t dialled;           /* ns until the VM answered */
    uint64_t lasted;            /* ns */
};

/* The way to the proxy of another host. */
struct peer_way {
    void *grant;                /* of its address; for a link_wish */
    struct tls_keys *tls;       /* NULL: without TLS */
    const char *name;           /* that its certificate must have */
    const char *token;          /* what this host shows; NULL: nothing */
    bool speaks;                /* for its clients: it says who they are */
};

/* What the proxy needs of the extension. */
struct proxy_host {
    struct loop *loop;
    const struct config *config;
    const struct map *map;
    struct rules *rules;
    void *context;
    /* Told when it begins (200), is refused, and ends (0). */
    void (*told)(struct proxy_host *host, const struct proxy_end *end);
    /* Where the bytes of conversations with a VM are counted. */
    struct relay_count *(*count)(struct proxy_host *host,
                                 const struct map_vm *vm);
    /* The proxy of another host.  False: no setting says where that is (421
     * then). */
    bool (*peer)(struct proxy_host *host, const char *name,
                 struct peer_way *way);
    struct link_host *links;    /* whose open() and forget() it uses */
};

struct listener_config {
    int fd;                     /* that listens; stays the caller's */
    bool local;                 /* a unix socket: who comes has a user */
    bool fixed;                 /* one for 'port' only: the VM is read from
                                 * the request (Host), or from TLS (SNI) */
    uint16_t port;
    struct tls_keys *tls;       /* or NULL; stays the caller's */
    /* Told that somebody waits, once, until listener_awaits(); then
     * listener_takes() is called for each.  NULL: who comes is accepted
     * here. */
    void (*waits)(void *arg);
    void *arg;
};

struct listener_state {
    uint32_t clients;           /* now */
    uint64_t accepted, refused;
};

struct proxy;

struct proxy *proxy_create(struct proxy_host *host);
/* Resets what is left. */
void proxy_destroy(struct proxy *proxy);
struct listener *listener_create(struct proxy *proxy,
                                 const struct listener_config *config);
/* Somebody who was accepted there, and his user; the socket is taken. */
void listener_takes(struct listener *listener, int fd, uint32_t uid);
/* All who waited were taken; or ('itself') who comes is accepted here from now
 * on. */
void listener_awaits(struct listener *listener, bool itself);
/* Its conversations go on; nobody new comes. */
void listener_destroy(struct listener *listener);
void listener_state(const struct listener *listener,
                    struct listener_state *state);
/* Those of a VM that has gone, of a client or rule that is no more: ends what
 * the callee does not want any longer, with that reason. */
void proxy_sweep(struct proxy *proxy,
                 bool (*is_over)(void *arg, const struct map_vm *vm,
                                 const struct identity *who, uint16_t port),
                 void *arg, const char *reason);

#endif
