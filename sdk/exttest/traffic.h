/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_EXTTEST_TRAFFIC_H
#define XVS_EXTTEST_TRAFFIC_H

/*
 * Bursts through the stage of switch 1, by the real chain on packets of the
 * real pool, as a packet worker does it; with a look at the packets right
 * before and right behind each call of the plugin's hook, so that what it did
 * is seen before the chain takes it back.
 *
 *     burst -> chain_run -> [ look, hook, look ] -> judged -> pool
 *
 * One thread at a time per struct.  Beside the switch's own worker, which has
 * number 0, each is a worker of its own.
 */

#include <stdbool.h>
#include <stdint.h>
#include <xvs/packet.h>

struct chain;
struct chain_entry;
struct pool_cache;
struct rig;
struct trial;

/* A frame of a burst, as the test wants it. */
struct traffic_frame {
    const uint8_t *bytes;
    uint32_t size;
    uint32_t id;                /* for people */
    uint8_t gso_type;           /* enum xvs_gso */
    uint8_t offload;            /* XVS_OFFLOAD_... */
};

struct look;

struct traffic {
    struct rig *rig;
    struct trial *trial;        /* where what is wrong is told */
    uint32_t worker;            /* its number, 1 to 15 */
    struct pool_cache *cache;
    bool is_egress;
    uint32_t switch_id;         /* whose chain; 1 */
    bool is_brief;              /* the corpus without its largest frames */
    bool looks;                 /* compares what hooks did */
    const struct chain_entry *entry;    /* the stage, while a burst runs */
    struct look *look;          /* room for the comparison */
    uint64_t n, n_passed, n_dropped;    /* packets so far */
    uint64_t cycles;            /* spent in hooks */
};

/* 'trial' may be NULL when nothing looks. */
void traffic_open(struct traffic *traffic, struct rig *rig,
                  struct trial *trial, uint32_t worker);
void traffic_close(struct traffic *traffic);

/* Runs up to XVS_BURST frames from port 'in' to port 'out'.  False after a
 * failure that was told to the trial. */
bool traffic_burst(struct traffic *traffic, const struct traffic_frame *frames,
                   uint32_t n, uint32_t in, uint32_t out);
/* Whether the stage has a hook for the direction. */
bool traffic_has_hook(const struct rig *rig, bool is_egress);

/* All frames of the corpus, in bursts, on ingress and on egress. */
bool traffic_corpus(struct traffic *traffic);

#endif
