/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CHANNEL_LINK_H
#define CHANNEL_LINK_H

/*
 * The private way to one VM on this host, whatever it is made of:
 *
 *     link-mux.c      an agent behind one stream (virtio-serial, unix socket,
 *                     a vsock port): frames of wire/mux.h
 *     link-vsock.c    hybrid vsock: a unix socket, CONNECT and a port in a
 *                     line; one connection for each stream
 *     link-fixed.c    addresses that settings grant, port by port
 *
 * Who dials gets a side, or learns why not.  The kinds differ in what a dial
 * costs, not in what it means.
 */

#include <stdbool.h>
#include <stdint.h>

#include "move/loop.h"
#include "move/side.h"

struct link;

/* How a dial ended; proxies have a status for each. */
enum dial_end {
    DIAL_OPEN,
    DIAL_REFUSED,               /* nobody listens on that port in the VM */
    DIAL_FORBIDDEN,             /* the guest's agent does not allow the port */
    DIAL_DOWN,                  /* no agent, no VM behind the link now */
    DIAL_TIMEOUT,
    DIAL_BUSY                   /* as many streams as there may be */
};

/* What to call, once: never from within link_dial().  'side' is the callee's,
 * or NULL with a reason for people. */
struct dial {
    void (*ended)(struct dial *dial, enum dial_end end, struct side *side,
                  const char *reason);
    struct link *link;          /* the link's own, as the next ones; NULL: */
    struct dial *next;          /* not under way */
    void *state;
};

struct link_class {
    const char *name;           /* "mux" */
    /* Begins; the link keeps 'dial' until it has ended. */
    void (*dial)(struct link *link, struct dial *dial, uint16_t port);
    /* The caller has lost interest: 'ended' will not be called. */
    void (*cancel)(struct link *link, struct dial *dial);
    /* Closes all of its streams (their owners learn it as a reset), and what
     * is under way ends with DIAL_DOWN. */
    void (*destroy)(struct link *link);
};

/* What a link tells of itself; for status objects. */
struct link_state {
    bool up;                    /* the other end answers */
    uint32_t streams;           /* now */
    uint64_t resets;            /* of the whole link */
    uint64_t round_trip;        /* ns, of the last question; 0: unknown */
    char agent[64];             /* what the agent says it is, or "" */
    char reason[128];           /* why it is not up, or "" */
};

/* The beginning of each of them. */
struct link {
    const struct link_class *class;
    struct link_state state;
};

static inline void
link_dial(struct link *link, struct dial *dial, uint16_t port)
{
    link->class->dial(link, dial, port);
}

static inline void
link_cancel(struct dial *dial)
{
    if (dial->link) {
        dial->link->class->cancel(dial->link, dial);
    }
}

/*
 * What links need of the extension, and never look behind: sockets come from
 * the host, at another time than asked for (xvs/service.h), and what a guest
 * opens goes to the one who knows the routes.
 */
struct link_wish {
    void (*opened)(struct link_wish *wish, int fd, const char *reason);
    void *grant;                /* of the extension: which setting, property */
    struct link_wish *next;     /* the host's own; queued: it has to be told */
    bool queued;
};

struct link_host {
    struct loop *loop;
    void *context;
    /* Asks for a new socket to the link's place; opened() gets it, or -1 with
     * a reason, later.  Only one of a 'wish' at a time; forget() ends it. */
    void (*open)(struct link_host *host, struct link_wish *wish);
    void (*forget)(struct link_host *host, struct link_wish *wish);
    /* A guest opens a stream to 'port' of the host side: the callee ends
     * 'guest' or uses it.  False: no route; 'reason' is told to the guest. */
    bool (*accept)(struct link_host *host, struct link *link, uint16_t port,
                   struct side *guest, char reason[128]);
};

#endif
