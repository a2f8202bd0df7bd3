/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SNOOP_QUEUE_H
#define SNOOP_QUEUE_H

/*
 * What packet workers saw, on its way to the control thread: any number of
 * writers, one reader, no locks, a fixed number of places.  A place has the
 * number of the round in which it may be written or read:
 *
 *     number == turn         writer 'turn' may take the place
 *     number == turn + 1     it is written, reader 'turn' may read it
 *     ... + SNOOP_QUEUE      free for the next round
 *
 * A writer that finds no free place gives up; whoever calls counts that.
 */

#include <stdbool.h>
#include <stdint.h>

#include "parse.h"

#define SNOOP_QUEUE 8192u       /* places; a power of two */

enum snoop_what { SNOOP_SAW_JOIN, SNOOP_SAW_LEAVE, SNOOP_SAW_QUERY,
                  SNOOP_SAW_HELLO };

struct snoop_event {
    uint32_t port_id;           /* where it came in */
    uint16_t vlan;
    uint8_t what;               /* enum snoop_what */
    uint8_t version;            /* of its protocol */
    bool is_ipv6;
    uint32_t response_ms;       /* of a query */
    uint8_t group[SNOOP_ADDRESS];   /* a query: 0 when for all */
    uint8_t source[SNOOP_ADDRESS];  /* who sent it */
};

struct snoop_queue;

struct snoop_queue *snoop_queue_create(void);   /* NULL: no memory */
void snoop_queue_destroy(struct snoop_queue *queue);    /* accepts NULL */
/* Any thread.  False: it is full, and the event is lost. */
bool snoop_queue_put(struct snoop_queue *queue,
                     const struct snoop_event *event);
/* One thread.  False: it is empty. */
bool snoop_queue_take(struct snoop_queue *queue, struct snoop_event *event);

#endif
