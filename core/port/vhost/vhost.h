/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_PORT_VHOST_VHOST_H
#define XVS_PORT_VHOST_VHOST_H

/*
 * A port of driver vhost-user, as its parts see it.
 *
 *     driver.c    the socket: listens or connects, again and again
 *     front.c     one front end: its connection, and what pauses it
 *     lanes.c     its rings, given to workers and taken back
 *     request.h   what each message of the protocol does
 *     ring/       the rings, on the workers, and the memory they are in
 *
 *     main thread                               worker
 *     front   --> lane --> ring --published--> receive[], send[]
 */

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
    uint32_t n_pairs;                   /* queue pairs, at most */
    int trouble;                        /* eventfd: a worker found some */
    struct loop_watch *trouble_watch;
    int listener;                       /* mode server; or -1 */
    uint64_t inode;                     /* of the socket that we made */
    struct loop_watch *listener_watch;
    struct loop_timer *retry;           /* mode client: the next attempt */
    uint32_t retry_ms;                  /* its delay */
    int refusal;                        /* why the last failed, if told */

    /* The workers'. */
    struct ring *receive[PORT_QUEUES];  /* by queue; published */
    struct ring *send[WORKERS_MAX];     /* by worker; published */
    uint64_t announce;                  /* MAC of a guest that has moved
                                         * here, and bit 48; atomic */
};

/* The front end of now has gone, with everything that it had; driver.c. */
void vhost_parted(struct vhost *vhost);
/* Notes whether the port is up and tells the owner when that has changed; the
 * text follows the socket's path. */
void vhost_news(struct vhost *vhost, enum port_news news, const char *text);

#endif
