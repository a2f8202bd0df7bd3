/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_LANE_LANES_INSIDE_H
#define XVS_STAGE_LANE_LANES_INSIDE_H

/*
 * What a lane is made of, for its files:
 *
 *     lanes.c            packets go to a process, and come back from it
 *     lane-undo.c        how they were, to give them to the next one
 *     copies.c           what a process has that must not touch them
 *     lane-fault.c       the process is no good any more
 *     lane-forsaken.c    there is no other, or the packet is to blame
 *     lane-poison.c      the packet is kept then
 *
 * All functions are the worker's.
 */

#include "packet/tally.h"
#include "stage/chain/undo.h"
#include "stage/lane/copies.h"
#include "stage/lane/lanes.h"

struct lane {
    struct lanes *lanes;
    uint32_t worker;
    uint32_t head, tail;        /* oldest that waits; next to be given */
    uint32_t given;             /* next to be told to the process */
    uint32_t used;              /* places that the packets need */
    uint32_t n_dirty;           /* from 'given' on: had been given to one that
                                 * did not finish them, to be undone */
    struct share *share;        /* who has them; NULL: nobody */
    uint32_t offset;            /* see lanes.c */
    uint32_t copy, copies;      /* where the copy of the oldest is, and that
                                 * of the next to be told will be */
    uint32_t on_failure;        /* enum xvs_on_failure; 0: the extension's */
    uint32_t deaths;            /* of processes at this head */
    uint32_t unclaimed;         /* the same of those that said that they had
                                 * none of our packets */
    bool distrusts;             /* there were too many of these */
    bool alone;                 /* after a second: a packet at a time ... */
    uint32_t alone_until;       /* ... up to here */
    bool poison;                /* the first packet was alone at a death that
                                 * it caused */
    uint32_t outside;           /* deaths with it alone that may have had
                                 * another cause */
    struct share *doubted;      /* the process that died with it alone, while
                                 * it is not known of what; published */
    uint32_t ends;              /* deaths over it, or over some with it */
    int32_t ended;              /* the process that died last */
    uint64_t since;             /* cycles: last progress, or last look */
    uint64_t seen;              /* cycles: the worker's last look at all */
    uint64_t looked;            /* cycles: at the process's clock */
    uint64_t spent_ns;          /* what that said first; 0: not asked */
    uint64_t waited_ns;         /* what it had waited for a processor then */
    struct lanes_tally tally;
    struct xvs_packet *packets[SHARE_LANE];
    uint32_t directions[SHARE_LANE];
    struct undo undo;           /* how the packets were, if anything is
                                 * undone */
    uint32_t n_long;            /* packets of whose other buffers some are */
} __attribute__((aligned(64)));

struct lanes {
    struct lanes_config config;
    const struct xvs_packet *first;     /* of the pool */
    bool undoes;                /* what hooks changed, because they have the
                                 * packets themselves */
    uint32_t expects;           /* a successor is being made; atomic */
    struct share *active, *standby;     /* published */
    struct lanes_poison *poison;        /* newest first; atomic */
    uint32_t n_poison;          /* copies that there are; atomic */
    struct lane lanes[];
};

/* lane-undo.c: what was kept of the packet at this place is needed no more. */
void lane_forget(struct lane *lane, uint32_t at);

static inline uint32_t
smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* The oldest packet, which leaves the lane. */
static inline struct xvs_packet *
lane_pop(struct lane *lane)
{
    struct xvs_packet *packet = lane->packets[lane->head % SHARE_LANE];

    if (__builtin_expect(lane->n_long != 0, 0)) {
        lane_forget(lane, lane->head % SHARE_LANE);
    }
    lane->head++;
    lane->used -= lane_needs(lane, packet);
    return packet;
}

/* ---- lanes.c -------------------------------------------------------------- */

/* Finds somebody for the packets; all of them are to be given anew. */
void lane_find(struct lane *lane);
/* Tells the process of packets that it does not know of yet. */
void lane_submit(struct lane *lane);

/* ---- lane-undo.c ---------------------------------------------------------- */

/* Room for that, if anything is to be undone; and it is not needed any more. */
void lane_undo_create(struct lane *lane);
void lane_undo_destroy(struct lane *lane);
/* Keeps what a hook can change of the last 'n' packets of the lane. */
void lane_remember(struct lane *lane, uint32_t n);
/* Makes the packet at 'given' as it was, if need be. */
void lane_restore(const struct lane *lane);
/* The same for one that goes somewhere now: the next to be undone is the one
 * behind it. */
void lane_undo(struct lane *lane);

/* ---- lane-fault.c --------------------------------------------------------- */

/* Notes, and tells the first time, why the process is no good. */
void lane_condemn(struct lane *lane, enum share_fault fault);
/* The process can do nothing any more: its packets are nobody's, and to be
 * undone before they are anybody's. */
void lane_take_back(struct lane *lane);
/* Judges what the last process died of; false: it is not known yet. */
bool lane_judge(struct lane *lane, uint64_t now);
/* A look of the worker at packets that wait.  When it could not look for long,
 * because the machine stood still or had no processor for it, others had none
 * either: nearly nothing of that time counts. */
void lane_look(struct lane *lane, uint64_t now);
/* Whether a process that has packets makes no progress. */
bool lane_hangs(struct lane *lane, uint64_t now);

/* ---- lane-poison.c -------------------------------------------------------- */

/* Keeps a copy of the oldest packet, which is to blame, and counts it. */
void lane_keep_poison(struct lane *lane);

/* ---- lane-forsaken.c ------------------------------------------------------ */

/* lane_take() of a lane whose packets no process has. */
uint32_t lane_forsaken(struct lane *lane, uint64_t now, uint32_t *direction,
                       struct lane_packet out[XVS_BURST]);

#endif
