/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SWITCH_FORWARD_FORWARD_H
#define XVS_SWITCH_FORWARD_FORWARD_H

/*
 * What happens to one burst from one port:
 *
 *     parse -> policy of the port -> ingress chain
 *           -> learn, choose the way out -> sort by way
 *           -> for each way out: egress chain -> policy -> fit -> transmit
 *
 *     admit.c   policy on the way in          vlan.c   tags
 *     decide.c  learn and choose              mirror.c copies for a port
 *     emit.c    egress, policy, transmit      meter.c  limits
 *     fit.c     what the port cannot carry    loop.c   looped wires
 *     wire.c    what a stage cannot take
 *     egress.c  ports with queues             queue.c  who is next there
 *
 * At each arrow packets can be looked at (tap/tap.h).
 *
 * Packets that take the same way stay in order.  Nothing is copied: a frame
 * for several ports is the same frame, sent to one after the other.  Only when
 * a stage in another process looks at it on its way out, or one that changes
 * frames there, each port has a copy.
 *
 * At such a stage the way ends for now; it goes on when the packets come back
 * (flight.h).
 */

#include <stdbool.h>
#include <stdint.h>
#include <xvs/packet.h>

#include "tap/tap.h"

struct chain;
struct fixed_entry;
struct flight;
struct lane_packet;
struct path;
struct pool;
struct pool_cache;
struct port_table;
struct vport;
struct waiting;

/* Packets of a burst that go to one port, as a list of their numbers. */
struct group {
    struct vport *port;
    uint32_t first, last;
};

/* A packet on its way into a queue of a port. */
struct taken {
    struct vport *port;
    struct xvs_packet *packet;
};

/* A worker's room to work in. */
struct forward {
    const struct pool *pool;
    struct pool_cache *cache;
    uint32_t worker;                        /* its slot in all counters */
    const struct path *path;                /* of this burst, as the next */
    const struct chain *chain;
    const struct port_table *table;
    struct vport *in;                       /* where it came from */
    uint32_t flags;                         /* XVS_PORT_... of 'in' */
    uint64_t now;                           /* ns */
    struct xvs_packet *live[XVS_BURST];     /* packets not dropped yet */
    struct vport *to[XVS_BURST];            /* their way out */
    struct vport *only;                     /* the port that all go to; NULL:
                                             * there are several, or none */
    const struct fixed_entry *members[XVS_BURST];   /* of decide_members */
    uint32_t next[XVS_BURST];               /* in the same group */
    uint32_t n_groups;
    struct group groups[XVS_BURST];
    struct group flood;                     /* those that go everywhere */
    struct group multicast;                 /* those for members */
    struct xvs_packet *out[XVS_BURST];      /* for the port in hand */
    struct xvs_packet *twins[XVS_BURST];    /* for a stage that changes them */
    struct tap tap;                         /* who looks at this burst */
    uint32_t parked;                        /* of this burst, so far */
    bool again;                             /* what lands is undone */
    struct flight *flying;                  /* switches with packets in other
                                             * processes */
    bool shared;                            /* what is sent is needed again */
    uint32_t n_taken;
    struct taken taken[XVS_BURST];          /* of this burst, see egress.h */
    struct waiting *waiting;                /* ports with packets in queues */
    uint64_t due;                           /* ns, of the first of them */
};

/* Between grace_online() and grace_quiet().  Takes over the packets. */
void forward_burst(struct forward *forward, const struct path *path,
                   struct vport *in, struct xvs_packet **packets,
                   uint32_t n, uint64_t now_ns);
/* A part of such a burst, which is ready for its chain. */
void forward_frames(struct forward *forward, struct vport *in,
                    struct xvs_packet **packets, uint32_t n);
/* The same with packets that come out of the lane of entry 'at'. */
void forward_landed(struct forward *forward, const struct flight *flight,
                    uint32_t at, uint32_t direction,
                    const struct lane_packet *out, uint32_t n,
                    uint64_t now_ns);

#endif
