/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SWITCH_POLICY_QUEUE_H
#define XVS_SWITCH_POLICY_QUEUE_H

/*
 * The queues of a port, and which packet goes next.  Nothing here knows of
 * threads or ports; egress.h does.
 *
 *     priority --> queue 7 (strict)  --+
 *     (tag, mark   queue 6 (strict)  --+--> max. rate of it --> rate of the
 *      or DSCP)    queue 1 (weight)  --+                        port --> out
 *                  queue 0 (weight)  --+
 *
 * Strict queues go first, the highest number before all others.  The others
 * take turns: each turn gives a queue as many bytes as its weight is of the
 * smallest one's (deficit round robin), and a queue may send as long as it has
 * any, so that a super frame is a debt that it waits for.  A queue that may
 * not send because of its own rate holds up nobody.
 *
 * A set of queues is settings and room for packets in one: other settings come
 * as another set, and the packets move.
 */

#include <stdbool.h>
#include <stdint.h>
#include <xvs/switch.h>

#include "packet/grace.h"
#include "switch/forward/policy/meter.h"

struct xvs_packet;

#define QUEUE_PACKETS 512u      /* that wait, unless set */
#define QUEUE_BYTES (1u << 20)
#define QUEUE_NEVER UINT64_MAX  /* a moment that does not come */

/* In packet->flags: the three bits above it are a priority, which the port
 * that the packet came from gave to it. */
#define QUEUE_MARKED 0x1000u
#define QUEUE_MARK_SHIFT 13u

struct queue {
    struct xvs_packet **ring;   /* mask + 1 */
    uint32_t mask;
    uint32_t first;             /* place of the oldest, before masking */
    uint32_t n;                 /* packets that wait */
    uint32_t max_packets;
    uint32_t weight;            /* 0: strict */
    uint32_t quantum;           /* bytes of a turn */
    uint64_t max_bytes;
    uint64_t bytes;             /* that wait */
    int64_t deficit;            /* bytes that it may send in this turn */
    struct meter max;           /* its own rate, in bytes */
};

struct queue_set {
    struct grace_call grace;    /* for freeing it */
    bool passes;                /* no settings any more: what waits goes, and
                                 * nothing else comes */
    uint32_t n;                 /* queues */
    uint32_t turn;              /* the queue whose turn it is */
    uint64_t n_packets;         /* that wait, in all queues */
    uint8_t queue_of[XVS_PRIORITIES];
    uint8_t priority_of[XVS_DSCPS];
    struct meter rate;          /* of the port, in bytes */
    struct queue queues[XVS_QUEUES];
};

/* What settings say, which were checked. */
struct queue_set *queue_set_create(const struct xvs_port_policy *wanted,
                                   uint64_t now_ns);
/* One queue without limits but its room, for what others leave behind. */
struct queue_set *queue_set_create_last(uint32_t n_packets);
/* Goes on with the rates where 'old' was, if they are the same. */
void queue_set_keep(struct queue_set *set, const struct queue_set *old);
/* Without the packets.  Accepts NULL. */
void queue_set_free(struct queue_set *set);
/* How many packets find room. */
uint32_t queue_set_room(const struct queue_set *set);

/* The priority that a port gave to the packet. */
void queue_mark(struct xvs_packet *packet, uint8_t priority);
/* 0 to 63; -1: it is no IP. */
int queue_dscp(const struct xvs_packet *packet);
/* The queue that the packet belongs to. */
uint32_t queue_choose(const struct queue_set *set,
                      const struct xvs_packet *packet);

/* Each counts in 'states', one for each queue: members are written by one
 * thread at a time and read by any. */

/* False: the queue is full. */
bool queue_push(struct queue_set *set, struct xvs_queue_state *states,
                uint32_t number, struct xvs_packet *packet);
/* Up to 'max' packets to be sent now.  When there are fewer, '*ready' is the
 * moment of the next one. */
uint32_t queue_pick(struct queue_set *set, struct xvs_queue_state *states,
                    uint64_t now_ns, struct xvs_packet **packets,
                    uint32_t max, uint64_t *ready);
/* The oldest packet of the lowest queue that has one, which is its number;
 * NULL: all are empty.  It counts as none that was sent. */
struct xvs_packet *queue_pull(struct queue_set *set,
                              struct xvs_queue_state *states,
                              uint32_t *number);

#endif
