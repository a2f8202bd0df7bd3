/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SWITCH_FORWARD_EGRESS_H
#define XVS_SWITCH_FORWARD_EGRESS_H

/*
 * Ports with queues: packets wait there until the port may send them.
 *
 *     extension's thread        any worker                    one at a time
 *     settings --wanted--> push (lock) --> queues (queue.h) --> transmit
 *
 * All workers put packets into the same queues, under a lock that is held for
 * no more than a few pointers.  One of them sends, without the lock; whoever
 * comes meanwhile leaves his packets and goes on.  So packets of a queue never
 * overtake each other, and nobody waits for a driver but who calls it.
 *
 * When packets are left, some worker has promised to come back, at the moment
 * at which the next one may go: it has the port on its list of waiting ports,
 * and sleeps no longer than to that moment.  It looks after WAIT_MAX_MS in any
 * case, because nobody wakes it when settings change or the port goes.
 *
 * Settings change by another set of queues, which the next worker at the port
 * takes over, with the packets.  When they are given up, what waits is sent,
 * and the port is one without queues when nothing is left.  A port that is
 * deleted, disabled or without its interface sends nothing: its packets are
 * given back and counted.
 *
 * Packets in queues are the port's own.  One that was for this port only is
 * taken from its burst at the burst's end; of a flooded one there is a copy.
 */

#include <stdbool.h>
#include <stdint.h>

struct forward;
struct vport;
struct xvs_packet;
struct xvs_port_policy;
struct xvs_queue_states;

#define WAIT_MAX_MS 50u         /* between two looks at a waiting port */

/* Under the policy lock: the port's queues are as 'set' says, which was
 * checked; NULL: it has none any more. */
void egress_set(struct vport *port, const struct xvs_port_policy *set,
                uint64_t now_ns);
/* Any thread, inside of a grace period: adds what happened so far. */
void egress_read(struct vport *port, struct xvs_queue_states *out);
/* Main thread: the port is deleted; returns how many packets waited. */
uint64_t egress_close(struct vport *port);
/* The same after the grace period that follows. */
void egress_release(struct vport *port);

/* Workers.  Packets for a port that has VPORT_QUEUES; those that are not
 * 'shared' (forward.h) are taken out of their burst. */
void egress_take(struct forward *forward, struct vport *port,
                 struct xvs_packet **packets, uint32_t n);
/* At the end of a burst: what was taken goes into its queues, and out. */
void egress_flush(struct forward *forward);
/* Sends what may go by now of the ports on the worker's list. */
void egress_serve(struct forward *forward, uint64_t now_ns);
/* The worker ends, and all ports have been deleted. */
void egress_abandon(struct forward *forward);

#endif
