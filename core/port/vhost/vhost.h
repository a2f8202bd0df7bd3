/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_PORT_VHOST_VHOST_H
#define XVS_PORT_VHOST_VHOST_H

/*
 * A port of driver vhost-user, as its parts see it.
 *
 *     driver.c    the port, and what workers call
 *     connect.c   the socket: listens or connects, again and again
 *     front.c     one front end: its connection, and what pauses it
 *     lanes.c     its rings, given to workers and taken back
 *     request.h   what each message of the protocol does
 *     ring/       the rings, on the workers, and the memory they are in
 *
 *     main thread                               worker
 *     front   --> lane --> ring --published--> receive[], send[]
 */

#include <stdbool.h>
#include <stdint.h>

#include "packet/tally.h"
#include "port/port.h"

struct error;
struct loop_timer;
struct loop_watch;
struct ring;
struct front;

struct vhost {
    struct port *port;
    struct front *front;            /* NULL: no front end */
    enum port_news state;               /* as look() tells it */
    bool disabled;                      /* the operator wants no guest now */
    uint32_t n_pairs;                   /* queue pairs, at most */
    int trouble;                        /* eventfd: a worker found some */
    struct loop_watch *trouble_watch;
    int listener;                       /* mode server, enabled; or -1 */
    uint64_t inode;                     /* of the socket that we made; or 0 */
    struct loop_watch *listener_watch;
    struct loop_timer *retry;           /* to connect, or to listen again */
    uint32_t retry_ms;                  /* its delay */
    int refusal;                        /* why the last failed, if told */

    /* The workers'. */
    struct ring *receive[PORT_QUEUES];  /* by queue; published */
    struct ring *send[WORKERS_MAX];     /* by worker; published */
    uint64_t announce;                  /* MAC of a guest that has moved
                                         * here, and bit 48; atomic */
};

/* Notes whether the port is up and tells the owner when that has changed; the
 * text follows the socket's path. */
void vhost_news(struct vhost *vhost, enum port_news news, const char *text);

/* ---- connect.c ---------------------------------------------------------- */

/* Waits for a front end, or tries to find one, unless the port is disabled.
 * False: it cannot; close it. */
bool connect_open(struct vhost *vhost, struct error *error);
/* Removes the socket that it made. */
void connect_close(struct vhost *vhost);
/* The operator disables the port, or enables it again. */
void connect_allow(struct vhost *vhost, bool allow);
/* The front end of now has gone, with everything that it had. */
void connect_parted(struct vhost *vhost);

#endif
