/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_LANE_LANES_H
#define XVS_STAGE_LANE_LANES_H

/*
 * Packets that are in a process of a stage: each worker has a lane.
 *
 *     chain --give--> | own: packets, and their first bytes | --take--> chain
 *                       head                           tail
 *
 * The lane knows every packet that it gave away, in order, and how each was.
 * When the process ends, hangs or lies, what it has not finished is undone
 * and given, in the same order, to the process that takes its place; when
 * there is none, on_failure says what becomes of it.  Nothing leaves a lane
 * before the worker has seen its verdict, so nothing leaves it twice.
 *
 * A process has the packets themselves, all bytes of which are undone then (of
 * one with XVS_TRAIT_HEAD those of the head, chain/undo.h), or copies of them
 * (copies.h).
 *
 *     main thread: lanes_use()      which processes there are
 *     worker:      lane_...         its own lane
 *
 * After two ends over packets of a lane these go one at a time.  The one that
 * is alone when another process ends is dropped, if that was its doing: the
 * process crashed, exited, hung or lied.  A signal that anybody may have sent
 * (SIGKILL, as somebody who kills processes or a host short of memory sends
 * it) blames it only when it was alone at LANES_KILLS of them.  Whether it died
 * over packets of the lane a process says itself; one that denies it is believed
 * for as long as some packet comes back now and then.
 */

#include <stdbool.h>
#include <stdint.h>
#include <xvs/extension.h>

#include "stage/lane/share.h"

struct lane;
struct lanes;
struct pool;

#define LANES_KILLS 6u          /* ends from outside that blame a packet */
#define LANES_BUDGET_US 50000u  /* of processor time without progress */

/* A worker has no more to do with a process: fault says why.  Called on the
 * worker, which waits for nothing. */
typedef void (*lanes_fault)(void *arg, struct share *share);

struct lanes_config {
    const struct pool *pool;
    uint32_t n_workers;
    uint16_t extension_class;   /* enum xvs_class */
    uint16_t on_failure;        /* enum xvs_on_failure */
    uint32_t traits;            /* XVS_TRAIT_... */
    bool copies;                /* processes have copies of the packets */
    uint32_t budget_us;         /* until a process without progress hangs */
    lanes_fault on_fault;
    void *arg;
};

/* Of all workers together. */
struct lanes_tally {
    uint64_t replayed;          /* packets given a second time */
    uint64_t lost;              /* dropped for want of a process */
    uint64_t poison;            /* dropped because they end processes */
    uint64_t unkept;            /* of them those without a copy */
};

#define LANES_POISON 32u        /* copies that nobody took, at most */

/* A packet that was dropped because it ends processes, whole. */
struct lanes_poison {
    struct lanes_poison *next;
    uint64_t time;              /* when it was dropped: ns since 1970 */
    int32_t pid;                /* of the process that ended last */
    uint32_t ends;              /* processes that ended over it */
    uint32_t in_port;           /* where it came from */
    uint32_t size;              /* of 'frame' */
    uint16_t gso_size;          /* of a super frame */
    uint8_t offload, gso_type;  /* as of the packet */
    bool egress;
    uint8_t frame[];
};

/* Of the packet as it is now, to be freed; NULL: there is no memory. */
struct lanes_poison *lanes_poison_copy(const struct xvs_packet *packet,
                                       bool egress);

struct lanes *lanes_create(const struct lanes_config *config);
/* No worker uses them any more.  Accepts NULL. */
void lanes_destroy(struct lanes *lanes);

/*
 * Main thread.  'active' (NULL: none) is who gets packets; when it fails,
 * workers go on with 'standby' (NULL: none) by themselves.  One that is named
 * no more may be freed after a grace period, when nobody has it.
 */
void lanes_use(struct lanes *lanes, struct share *active,
               struct share *standby);
/* Main thread: whether a successor is being made, which is worth a moment's
 * wait before on_failure. */
void lanes_expect(struct lanes *lanes, bool successor);
bool lanes_have(const struct lanes *lanes, const struct share *share);
/* Main thread: those that were dropped since the last call, oldest first, to
 * be freed one by one; NULL: none. */
struct lanes_poison *lanes_take_poison(struct lanes *lanes);
/* Makes a list that begins with the newest one that begins with the oldest. */
struct lanes_poison *lanes_poison_turn(struct lanes_poison *newest);
void lanes_count(const struct lanes *lanes, struct lanes_tally *tally);

/* ---- Workers -------------------------------------------------------------- */

/* A packet that comes out of a lane. */
struct lane_packet {
    struct xvs_packet *packet;
    struct share_verdict verdict;
    struct share_change change; /* valid when the verdict says so */
};

struct lane *lanes_of(struct lanes *lanes, uint32_t worker);
bool lanes_copy(const struct lanes *lanes);     /* see lanes_config */
/* Places that it has left, and how many of them a packet needs: one, or with
 * copies one for each of its buffers. */
uint32_t lane_room(const struct lane *lane);
uint32_t lane_needs(const struct lane *lane, const struct xvs_packet *packet);
/* Packets that are in it. */
uint32_t lane_waiting(const struct lane *lane);
/* Takes over packets, for which there must be room. */
void lane_give(struct lane *lane, uint32_t direction,
               struct xvs_packet *const *packets, uint32_t n);
/* Packets that there was no room for, and that are dropped. */
void lane_lose(struct lane *lane, uint32_t n);
/*
 * The next packets that are finished, all of the same direction, which is 0
 * or SHARE_EGRESS; at most XVS_BURST.  'now' is clock_cycles().
 */
uint32_t lane_take(struct lane *lane, uint64_t now, uint32_t *direction,
                   struct lane_packet out[XVS_BURST]);
/* What on_failure is from now on; 0: what the extension says. */
void lane_fail_as(struct lane *lane, uint32_t on_failure);
/* Whether some process takes packets that are given now. */
bool lane_is_served(const struct lane *lane);
/* Whether it has packets that no process takes, nor will take soon. */
bool lane_is_stranded(struct lane *lane, uint64_t now);
/* The same as lane_take(), for packets of a stranded lane that are to go to
 * another one (NULL: to nobody's) as far as there is room: they are as they
 * were given, without a verdict. */
uint32_t lane_leave(struct lane *lane, const struct lane *to,
                    uint32_t *direction, struct lane_packet out[XVS_BURST]);
/* The worker is about to sleep, or awake again: whether it wants to hear of
 * what is finished by its eventfd. */
void lane_wait(struct lane *lane, bool waits);

#endif
