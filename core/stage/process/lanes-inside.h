/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_PROCESS_LANES_INSIDE_H
#define XVS_STAGE_PROCESS_LANES_INSIDE_H

/*
 * What a lane is made of, for its files:
 *
 *     lanes.c            packets go to a process, and come back from it
 *     lane-undo.c        how they were, to give them to the next one
 *     copies.c           what a process has that must not touch them
 *     lane-fault.c       the process is no good any more
 *     lane-forsaken.c    there is no other, or the packet is to blame
 *
 * All functions are the worker's.
 */

#include "packet/tally.h"
#include "stage/process/copies.h"
#include "stage/process/lanes.h"

struct lane {
    struct lanes *lanes;
    uint32_t worker;
    uint32_t head, tail;        /* oldest that waits; next to be given */
    uint32_t given;             /* next to be told to the process */
    uint32_t used;              /* places that the packets need */
    struct share *share;        /* who has them; NULL: nobody */
    uint32_t offset;            /* see lanes.c */
    uint32_t copy, copies;      /* where the copy of the oldest is, and that
                                 * of the next to be told will be */
    uint32_t on_failure;        /* enum xvs_on_failure; 0: the extension's */
    uint32_t deaths;            /* of processes at this head */
    bool alone;                 /* after a second: a packet at a time ... */
    uint32_t alone_until;       /* ... up to here */
    bool poison;                /* the first packet was alone at a death */
    uint64_t since;             /* cycles: last progress, or last look */
    uint64_t looked;            /* cycles: at the process's clock */
    uint64_t spent_ns;          /* what that said first; 0: not asked */
    struct lanes_tally tally;
    struct lanes_poison last;   /* written before it is counted */
    struct xvs_packet *packets[SHARE_LANE];
    uint32_t directions[SHARE_LANE];
    uint8_t undo[SHARE_LANE][LANES_UNDO];
} __attribute__((aligned(64)));

struct lanes {
    struct lanes_config config;
    bool undoes;                /* what hooks changed, because they have the
                                 * packets themselves */
    uint32_t expects;           /* a successor is being made; atomic */
    struct share *active, *standby;     /* published */
    struct lane lanes[];
};

static inline uint32_t
smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* The oldest packet, which leaves the lane. */
static inline struct xvs_packet *
lane_pop(struct lane *lane)
{
    struct xvs_packet *packet = lane->packets[lane->head++ % SHARE_LANE];

    lane->used -= lane_needs(lane, packet);
    return packet;
}

/* ---- lanes.c -------------------------------------------------------------- */

/* Finds somebody for the packets; all of them are to be given anew. */
void lane_find(struct lane *lane);
/* Tells the process of packets that it does not know of yet. */
void lane_submit(struct lane *lane);

/* ---- lane-undo.c ---------------------------------------------------------- */

/* Keeps what a hook may change of the last 'n' packets of the lane. */
void lane_remember(struct lane *lane, uint32_t n);
/* Makes the packets that were given to a process as they were. */
void lane_undo(struct lane *lane);

/* ---- lane-fault.c --------------------------------------------------------- */

/* Notes, and tells the first time, why the process is no good. */
void lane_condemn(struct lane *lane, enum share_fault fault);
/* The process can do nothing any more: its packets are nobody's. */
void lane_take_back(struct lane *lane);
/* Whether a process that has packets makes no progress. */
bool lane_hangs(struct lane *lane, uint64_t now);

/* ---- lane-forsaken.c ------------------------------------------------------ */

/* lane_take() of a lane whose packets no process has. */
uint32_t lane_forsaken(struct lane *lane, uint64_t now, uint32_t *direction,
                       struct lane_packet out[XVS_BURST]);

#endif
