/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CHANNEL_RELAY_INSIDE_H
#define CHANNEL_RELAY_INSIDE_H

/*
 * What relay.c is made of: direction.c moves the bytes of one direction,
 * relay.c says when, and what the end of one means for the other.
 */

#include "move/loop.h"
#include "move/relay.h"

struct pipe;

struct direction {
    char *waiting;              /* what was not taken yet; or NULL */
    uint32_t at, size;          /* of it */
    struct pipe *pipe;          /* with bytes in it; or NULL */
    uint64_t moved;             /* bytes that have been taken */
    uint64_t filled, tokens;    /* when, and how many bytes may go */
    bool ended;                 /* its source has said all */
    bool finished;              /* and the other side knows, or is dead */
    bool throttled;             /* no tokens */
};

struct relay {
    struct loop *loop;
    struct side *side[2];
    struct direction d[2];      /* d[i]: from side i to the other */
    unsigned wanted[2];         /* what they were asked for last */
    struct alarm alarm;
    uint64_t rate, idle, over;  /* a second; ns; when, or 0 */
    uint64_t last;              /* when bytes moved */
    uint64_t own;               /* bytes down that are not the VM's, still */
    struct relay_count *count;  /* or NULL */
    void (*ended)(struct relay *relay, enum relay_end end);
    void *owner;
};

/* How a turn of a direction ended. */
enum turn { TURN_DONE, TURN_SOURCE_LOST, TURN_TARGET_LOST };

/* ---- direction.c -------------------------------------------------------- */

/* Moves what there is from side 'i' to the other, for one turn.  Unless it is
 * TURN_DONE, errno says why. */
enum turn relay_move(struct relay *relay, int i);
/* A copy of these waits to be written, ahead of what is read.  False: no
 * memory. */
bool direction_keep(struct direction *d, const void *bytes, size_t size);
/* Throws away what waits. */
void direction_drop(struct direction *d);

#endif
