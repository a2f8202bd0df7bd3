/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_PORT_VHOST_FRONT_H
#define XVS_PORT_VHOST_FRONT_H

/*
 * One front end, from its connection to its end; main thread.
 *
 * Much of what it asks for may be done only while no worker has the rings
 * concerned: they are taken away, reading stops, and after a grace period the
 * message is handled and its answer sent.  Then every ring that is complete
 * is started (again).
 *
 *     message --> rings to stop?  --no-->  handle --> start rings --> next
 *                      | yes                 ^
 *                      +-- grace period -----+
 */

#include <stdbool.h>
#include <stdint.h>

#include "port/vhost/ring/dirty.h"
#include "port/vhost/ring/inflight.h"
#include "port/vhost/ring/memory.h"
#include "port/vhost/message.h"
#include "port/vhost/ring/ring.h"
#include "port/vhost/vhost.h"

struct pause;

/* What the front end said of one ring.  Even numbers: frames to the guest. */
struct lane {
    uint32_t size;
    uint32_t base;              /* where to go on */
    struct wire_address address;
    bool has_address;
    bool enabled;
    bool started;               /* SET_VRING_KICK, and not stopped again */
    bool polled;                /* there are no kicks */
    int kick, call, err;        /* eventfds or -1 */
    bool running;               /* 'ring' is published */
    bool failed;                /* cannot be started as it is */
    struct ring *ring;          /* NULL: no worker has it */
};

struct front {
    struct vhost *vhost;
    int fd;
    struct loop_watch *watch;   /* NULL: paused */
    struct pause *pause;        /* NULL: not waiting for workers */
    bool ended;                 /* to be freed after the pause */
    struct message message;     /* being read or handled */
    uint64_t features;          /* accepted */
    uint64_t protocol_features; /* accepted */
    uint8_t status;             /* of the guest's driver */
    struct memory memory;
    struct dirty dirty;
    struct inflight inflight;
    uint32_t n_lanes;
    struct lane lanes[2 * PORT_QUEUES];
};

/* Takes over the connected socket. */
struct front *front_create(struct vhost *vhost, int fd);
/* No worker is in the port any more: frees all at once. */
void front_destroy(struct front *front);      /* accepts NULL */
/* Whether it has hung up, also when that was not noticed before. */
bool front_is_going(struct front *front);
/* Lets it go, as the operator wishes: first the workers leave its rings, then
 * it sees the connection end, so that it finds them as they will stay. */
void front_dismiss(struct front *front);
/* A worker, or the handler of SIGBUS, found something. */
void front_check(struct front *front);

/* ---- lanes.c ------------------------------------------------------------ */

bool lane_is_up(const struct lane *lane);
/* As it was before the front end said anything of the ring. */
void lane_reset(struct lane *lane);
/* Starts every ring that is complete, and gives it to the workers. */
void lanes_start(struct front *front);
/* Takes 'n' rings from the workers; true: wait for them. */
bool lanes_withdraw(struct front *front, uint32_t first, uint32_t n);
/* The workers have let go of what was taken from them. */
void lanes_settle(struct front *front);

/* ---- request.c ---------------------------------------------------------- */

/* Which rings must be stopped before the message may be handled. */
enum request_stops { REQUEST_NONE, REQUEST_ONE, REQUEST_ALL };

/* 'lane' is set for REQUEST_ONE.  False: it is no message that may be sent
 * now; the front end is to be parted from. */
bool request_check(struct front *front, enum request_stops *stops,
                   uint32_t *lane, struct error *error);
/* Does what front->message says, and answers it.  False as above. */
bool request_handle(struct front *front, struct error *error);

#endif
