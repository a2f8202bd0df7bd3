/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_CHAIN_CHAIN_H
#define XVS_STAGE_CHAIN_CHAIN_H

/*
 * The stages that packets of a switch pass: on ingress first to last
 * (capture, filter, forward), on egress last to first.  A chain never
 * changes; a new one is published and the old one retired.
 *
 * Rights are enforced here, behind every hook: only filters and forwarders
 * drop, only forwarders choose the way out, only they move or resize a frame,
 * and only on ingress, or on egress when a trait says that they do.  What
 * anyone else did to a packet's metadata is undone; a frame that left its
 * buffer is dropped and counted as broken.
 *
 * The hooks of a stage may run in another process.  A burst that comes to it
 * is parked in the worker's lane, and the run ends there; what comes out of
 * the lane goes on with chain_resume(), judged by the same rules.
 *
 * A port may enter the chain at a stage.  Its packets meet that one and what
 * is behind it, on ingress and, in reverse, on egress:
 *
 *     ingress   0  1 [2  3] ->        entry 2 of 4
 *     egress      <- [2  3]
 *
 * Two entries next to each other may hold one place: each packet meets one of
 * them (partners.h).
 */

#include <stdbool.h>
#include <stdint.h>
#include <xvs/extension.h>

#include "packet/grace.h"
#include "packet/tally.h"

struct domain;
struct lane_packet;
struct lanes;
struct pool;
struct pool_cache;
struct slice;
struct tap;

#define CHAIN_PARKED 0xfe       /* verdict on a packet that is in a lane */
#define CHAIN_NOWHERE UINT32_MAX
#define CHAIN_REASONS (XVS_REASONS + 1u)    /* and one for the others */

/* What one worker did in a stage. */
struct stage_counters {
    uint64_t packets;           /* that a hook got */
    uint64_t bytes;             /* of them */
    uint64_t drops;             /* by verdict */
    uint64_t broken;            /* dropped because a rule was broken */
    uint64_t cycles;            /* of the time stamp counter, in hooks and in
                                 * judging what they did */
    uint64_t bursts;            /* calls of hooks */
    uint64_t inside;            /* 1: in a hook now */
    uint64_t away;              /* 1: its partner gets its packets now */
    uint64_t turns;             /* times that this began */
    uint64_t diverted;          /* packets that its partner got for it */
    uint64_t rescued;           /* of them those that it had been given */
    uint64_t over_time;         /* packets that came when it had no time left */
    uint64_t reasons[CHAIN_REASONS];    /* drops by the stage's own number;
                                         * the last: all higher ones */
} __attribute__((aligned(64)));

struct chain_entry {
    const struct xvs_guid *id;  /* of the extension */
    void *self;                 /* for the hooks */
    void (*ingress)(void *self, struct xvs_burst *burst);   /* or NULL */
    void (*egress)(void *self, struct xvs_burst *burst);    /* or NULL */
    uint32_t extension_class;   /* enum xvs_class */
    uint32_t traits;            /* XVS_TRAIT_... */
    struct stage_counters *counters;    /* WORKERS_MAX of them */
    struct lanes *lanes;        /* hooks run elsewhere; NULL: here */
    int8_t partner;             /* steps to the entry that has the same place:
                                 * 1 or -1; 0: there is none */
    uint8_t sharing;            /* enum sharing, of both */
    uint16_t on_failure;        /* of both, when neither takes packets */
    uint32_t time_share;        /* percent of a worker's time; 0: no limit */
    bool opens;                 /* what comes beyond that passes by */
    struct slice *slices;       /* WORKERS_MAX of them, for that */
    struct domain *domain;      /* hooks run in it; NULL: with our rights */
};

struct chain {
    struct grace_call grace;    /* for retiring it */
    uint32_t n;
    uint32_t serial;            /* of the switch's chains; 0: not counted */
    bool has_lanes;             /* one of the entries has */
    bool has_copies;            /* ... for a process that works on copies */
    uint32_t n_wire;            /* entries up to the last XVS_TRAIT_WIRE */
    struct chain *next;         /* in the owner's list, once it is replaced */
    void *owner;                /* its switch, then */
    struct chain_entry entries[];
};

enum chain_direction { CHAIN_INGRESS, CHAIN_EGRESS };

/* Room for 'n' entries, which the caller fills. */
struct chain *chain_create(uint32_t n);
/* Frees it after a grace period.  Accepts NULL. */
void chain_retire(struct chain *chain);
/* Where the extension's place begins among the entries; CHAIN_NOWHERE: it has
 * none.  Of control_entry_network it is behind the last filter.  'chain' may
 * be NULL. */
uint32_t chain_find(const struct chain *chain, const struct xvs_guid *id);

/* Who runs a burst through a chain. */
struct chain_run {
    const struct pool *pool;    /* of the packets */
    uint32_t worker;            /* its slot in the counters */
    enum chain_direction direction;
    uint32_t entry;             /* the first that the port's packets meet on
                                 * ingress, and the last on egress */
    const struct tap *tap;      /* who looks on; NULL: nobody */
    struct pool_cache *cache;   /* of the worker */
    bool shared;                /* the caller needs the packets as they are:
                                 * what is parked or changed are copies */
    struct xvs_packet **twins;  /* where 'shared': room for as many as the
                                 * burst has */
    uint32_t n_twins;           /* out: copies that were made for a hook which
                                 * changes them; the caller's, to be given
                                 * back when they are not parked */
    bool again;                 /* what comes out of a lane is undone: the
                                 * partner is to have it */
    uint32_t n_short;           /* out: packets that there was no buffer for to
                                 * copy them */
    uint32_t parked;            /* out: packets that are in a lane now */
    bool drain;                 /* out: the packets of partners can be divided
                                 * anew when all that are parked have landed */
};

/* Runs the burst through; moves what survives to the front of 'packets' and
 * returns how many.  'chain' may be NULL. */
uint32_t chain_run(const struct chain *chain, struct chain_run *run,
                   struct xvs_packet **packets, uint32_t n);
/* The same from behind entry 'at', for packets that come out of its lane;
 * 'packets' has room for them. */
uint32_t chain_resume(const struct chain *chain, struct chain_run *run,
                      uint32_t at, const struct lane_packet *out,
                      struct xvs_packet **packets, uint32_t n);

#endif
