/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SWITCH_POLICY_LOOP_H
#define XVS_SWITCH_POLICY_LOOP_H

/*
 * Loops: a wire that brings back what a switch sent.
 *
 * Two signs make a port suspect: addresses that move to it from other ports
 * again and again, and floods without end.  Neither proves a loop (a guest can
 * forge addresses), so a suspect port is asked: a probe goes out of it, with a
 * number that only this switch knows.  A probe that comes back proves it, and
 * the port where it came in is blocked for a while.
 *
 *     moves, floods -> suspect --probe--> wire --probe--> blocked -> open
 *                         |                                  |
 *                         +-- no answer: not suspect any more
 *
 * While addresses flap, what a suspect port sends to many is limited to
 * LOOP_FLOOD frames a second, so that not even the time until the probe's
 * return costs much.  A port that is found looped again soon is blocked for
 * longer.
 */

#include <stdbool.h>
#include <stdint.h>

#include "switch/forward/policy/meter.h"

#define LOOP_FLOOD 1000u        /* frames a second to many, while suspect */
#define LOOP_FLOODS 4096u       /* floods a second that make it suspect */

struct forward;
struct path;
struct vport;

/* Of a port.  Workers share it without a lock: what they count may be a little
 * less than what was. */
struct loop_state {
    uint32_t second;            /* that is counted */
    uint32_t moves, floods;     /* in it */
    uint64_t suspect_until;     /* ns; 0: it is not */
    uint64_t asked;             /* ns: when the last probe was sent */
    uint64_t blocked_until;     /* ns; 0: it is not */
    uint32_t times;             /* blocked in a row */
    uint32_t loops;             /* blocked ever */
    uint32_t from;              /* port that the last probe was sent from */
    uint32_t seconds;           /* the block lasts */
    struct meter flood;         /* while it is suspect */
};

/* Of a switch. */
struct loop_watch {
    uint64_t secret;            /* in our probes */
    uint64_t asking_until;      /* ns: a probe may come back; atomic */
};

struct loop_watch *loop_watch_create(void);
/* Main thread, before workers see the port. */
void loop_start(struct loop_state *loop);

/* Workers.  An address moved to the burst's port. */
void loop_moved(struct forward *forward, const struct path *path,
                uint16_t vlan);
/* So many frames of the burst's port went to all ports. */
void loop_flooded(struct forward *forward, const struct path *path,
                  uint32_t n);
bool loop_is_suspect(struct vport *port, uint64_t now_ns);
/* Whether the port is blocked; opens it when its time is over. */
bool loop_is_blocked(struct vport *port, uint64_t now_ns);

/* Looks for probes among the first 'n' packets of forward.live, blocks the
 * port if there is one, and returns how many packets are left. */
uint32_t loop_look(struct forward *forward, const struct path *path,
                   uint32_t n);
/* Whether to call it. */
static inline bool
loop_is_asking(const struct loop_watch *watch, uint64_t now_ns)
{
    return __builtin_expect(
        __atomic_load_n(&watch->asking_until, __ATOMIC_RELAXED) > now_ns, 0);
}

#endif
