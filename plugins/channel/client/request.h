/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CHANNEL_REQUEST_H
#define CHANNEL_REQUEST_H

/*
 * What all protocols of clients have in common: somebody wants a port of a
 * VM.  He is judged, the VM is dialled (or the proxy of its host is asked,
 * once), and the conversation is kept until it ends.
 *
 *     request_begin() --> decided(refusal)                       it is over
 *                     --> decided(200) --> request_open()        it goes on
 *
 * What proxy.c is made of is here, too.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/proxy.h"
#include "http/http.h"
#include "move/loop.h"

struct client;
struct connection;
struct peer;
struct relay;
struct request;

struct listener {
    struct proxy *proxy;
    struct listener_config config;
    struct listener_state state;
    struct watch watch;
    struct alarm alarm;         /* when it accepts again */
    uint32_t users;             /* clients and requests that name it */
    unsigned at_once;           /* clients that a turn accepts */
    unsigned turns;             /* since it was changed */
    struct listener *next, *prev;
};

struct proxy {
    struct proxy_host *host;
    struct loop *loop;
    struct listener *listeners;
    struct client *clients;     /* who have not got a conversation yet */
    struct connection *connections;     /* of HTTP/2 */
    struct request *requests;   /* judged ones, and conversations */
    uint32_t n_clients;         /* of all listeners: with conversations */
};

/* What somebody wants. */
struct ask {
    struct listener *listener;
    const char *address;        /* of the client, for people */
    struct credentials shown;
    const char *user;           /* whose token it says it is; or "" */
    const char *client;         /* whom it says it speaks for; "", NULL: none */
    const char *wanted;         /* vm1.vm.internal:22, as it was written */
    const char *name;
    uint16_t port;
    bool came_by_peer, looped;
    int over;                   /* 0, or there is no room: 429, 503 */
};

struct request {
    struct proxy *proxy;
    struct listener *listener;
    struct request *next, *prev;        /* of the proxy's */
    struct identity who;
    char wanted[HTTP_NAME_SIZE + 8];
    const struct map_vm *vm;    /* NULL: not known, or it is no more */
    uint16_t port;
    bool permitted, opened;     /* 'permit' is out; it is a conversation */
    struct permit permit;
    struct dial dial;
    struct alarm alarm;         /* the VM has so long to answer */
    struct peer *peer;          /* while another proxy is asked */
    struct side *vm_side;       /* between 200 and request_open() */
    char *vm_first;             /* what it has said already; or NULL */
    size_t vm_first_size;
    struct relay *relay;
    const char *swept;          /* why it ends, if it was ended */
    uint64_t begun, dialled, began_to_talk;     /* ns; dialled: how long */
    void (*decided)(struct request *request, const struct answer *answer);
    void *owner;                /* decided()'s */
};

/* Judges and dials.  '*out' is it; decided() is called once, perhaps before
 * this returns, and when it is a refusal the request is gone after it.  False:
 * no memory. */
bool request_begin(struct proxy *proxy, const struct ask *ask,
                   struct request **out,
                   void (*decided)(struct request *request,
                                   const struct answer *answer),
                   void *owner);
/* From within decided(200): 'client' is the conversation's now.  'early' has
 * come from it already, 'said' it is told first.  False: no memory, the
 * request is over, the side stays the caller's. */
bool request_open(struct request *request, struct side *client,
                  const void *early, size_t early_size, const void *said,
                  size_t said_size);
/* Before it is decided, or from within decided(200): the client has gone. */
void request_abort(struct request *request);
/* Ends it, whatever it is doing, with that reason. */
void request_end(struct request *request, const char *reason);

/* Tells of a refusal before there was a request. */
void proxy_refused(struct listener *listener, const char *address,
                   const char *wanted, int status, const char *reason);
/* h1.vm.internal; static. */
const char *proxy_name(const struct proxy *proxy);
void listener_leave(struct listener *listener);

/* ---- peer.c ------------------------------------------------------------- */

/* How another proxy answered: 'side' with what its VM has said already; or
 * NULL, a status and a reason.  The peer is gone after it. */
struct peer_done {
    int status;
    const char *reason;
    struct side *side;
    const char *first;
    size_t first_size;
};

/* Asks the proxy of the request's VM's host, with the client's token or NULL.
 * NULL: no setting says where it is, or no memory. */
struct peer *peer_begin(struct request *request, const char *token,
                        void (*done)(struct request *request,
                                     const struct peer_done *done));
void peer_cancel(struct peer *peer);

#endif
