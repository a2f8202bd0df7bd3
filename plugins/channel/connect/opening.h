/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONNECT_OPENING_H
#define CONNECT_OPENING_H

/*
 * One conversation on its way: to the proxy, through TLS, CONNECT, and to the
 * proxy of another host when the first one says that the VM is there.  That
 * happens once: two proxies that send each other's clients around end in an
 * error.
 */

#include <stdbool.h>
#include <stddef.h>

#include "answer.h"
#include "move/loop.h"
#include "options.h"
#include "outcome.h"
#include "place.h"

struct addrinfo;
struct side;
struct tls_keys;

/* What all conversations share. */
struct client {
    struct loop *loop;
    const struct options *options;
    struct tls_keys *tls;     /* NULL: no TLS */
};

struct opening {
    /* Called once, not from within opening_begin(): with the side that is
     * connected, which is the callee's, or NULL and why. */
    void (*ended)(struct opening *opening, struct side *side,
                  const struct outcome *outcome);
    void *owner;
    struct target target;
    struct place proxy;         /* that is asked, or was */
    char early[2048];           /* what the VM has said already */
    size_t early_size;

    const struct client *client;    /* its own, as the next ones */
    struct watch watch;         /* of the socket that connects */
    struct alarm alarm, again;  /* too late; try a unix socket once more */
    struct addrinfo *addresses, *address;   /* all; the next to try */
    struct side *side;
    char request[1536];
    size_t request_size, sent;
    struct answer answer;
    bool redirected;
    int number;                 /* errno of the last address */
};

void opening_begin(struct opening *opening, const struct client *client);
/* The caller has lost interest; it may have ended. */
void opening_cancel(struct opening *opening);

#endif
