/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SWITCH_FORWARD_EGRESS_INSIDE_H
#define XVS_SWITCH_FORWARD_EGRESS_INSIDE_H

/*
 * What egress.c (workers) and egress-set.c (those who set and ask) share; see
 * egress.h.  Counters are written under the lock and read without.
 */

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <xvs/switch.h>

#include "packet/tally.h"

struct queue_set;
struct vport;

#define EGRESS_NOBODY UINT32_MAX

/* A port on a worker's list of waiting ports. */
struct waiting {
    struct egress *egress;      /* whose it is */
    struct waiting *next;
    uint64_t due;               /* ns, when it is looked at */
    bool is_listed;
};

struct egress {
    pthread_mutex_t lock;
    uint32_t references;        /* the port's, and of each list; atomic */
    struct vport *port;         /* published; NULL: it is deleted */
    struct queue_set *wanted;   /* to be taken over; atomic; or NULL */
    uint32_t n_queues;          /* that were set last; atomic */
    uint32_t room;              /* of the largest set; under the policy lock */
    struct queue_set *set;      /* under the lock, as all up to 'states' */
    bool is_sending;            /* a worker is at it */
    uint32_t promised;          /* the worker that comes back */
    uint64_t due;               /* ns, when it does */
    uint64_t tokens;            /* bytes that it could send; atomic */
    uint64_t waits;             /* how often there were none; atomic */
    struct xvs_queue_state states[XVS_QUEUES];
    struct waiting waiting[WORKERS_MAX];    /* each the worker's own */
};

/* Gives a reference up; the last one frees it. */
void egress_let_go(struct egress *egress);

#endif
