/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_PORT_PACKET_WAYS_H
#define XVS_PORT_PACKET_WAYS_H

/*
 * A packet port has two ways to receive:
 *
 *     PLAIN    recvmsg (plain.h): a frame is there at once, and costs a call
 *     RING     a ring (ring.h): no calls, but a lone frame waits for up to
 *              RING_HOLD_MS; made when it is first needed
 *
 * Each is a queue of the port.  Both sockets are in one fanout group, whose
 * program sends all frames to one of them: to the ring while there are more
 * than BUSY_PPS, and back when there are less than QUIET_PPS.  At such a
 * moment frames may overtake others, for as long as a block is held.
 */

#include <stdbool.h>
#include <stdint.h>

#include "port/bell.h"

struct error;
struct packet_ring;
struct port;

#define BUSY_PPS 60000u         /* from here on by the ring */
#define QUIET_PPS 20000u        /* below it without */

enum way { PLAIN, RING, WAYS };

/* The driver's own of a port. */
struct device {
    int index;                  /* of the interface */
    int fds[WAYS];              /* sockets; -1: not open */
    struct bell bells[WAYS];    /* of their frames */
    int group;                  /* number of the fanout group; -1: none */
    enum way way;               /* that frames take now; main thread */
    struct packet_ring *ring;   /* published; NULL: none yet */
    uint64_t received[WAYS];    /* frames; atomic, one writer each */
    uint64_t seen;              /* that had come, lost ones too, last time */
    uint64_t seen_ms;           /* when that was */
    bool silenced;              /* ARP was turned off */
};

/* No socket is open. */
void ways_init(struct device *device);
/* Opens the plain way; the port and its interface are configured. */
bool ways_open(struct port *port, struct error *error);
void ways_close(struct device *device);
/* About once a second: takes the way that suits the rate, and counts what
 * there was no room for. */
void ways_adapt(struct port *port);

#endif
