/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_CHAIN_CHAIN_INSIDE_H
#define XVS_STAGE_CHAIN_CHAIN_INSIDE_H

/*
 * What the files of chain.h share.
 *
 *     chain.c        runs hooks
 *     chain-judge.c  what they did, and what they might do
 *     chain-away.c   packets whose hook runs in another process
 *     chain-tell.c   packets that somebody looks at
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <xvs/packet.h>

#include "packet/words.h"
#include "stage/chain/chain.h"
#include "stage/chain/rights.h"

struct lane_packet;
struct pool;

#define CHAIN_BROKEN 0xff       /* verdict on a frame outside its buffer */

/*
 * What a hook might change without the right to: the first members of a
 * packet, as one piece, so that to remember and to compare it takes a few
 * instructions.
 */
struct chain_head {
    words words[2];
};

#define CHAIN_HEAD_ENDS offsetof(struct xvs_packet, verdict)

_Static_assert(offsetof(struct xvs_packet, data) == 0
                   && offsetof(struct xvs_packet, next) < CHAIN_HEAD_ENDS
                   && offsetof(struct xvs_packet, length) < CHAIN_HEAD_ENDS
                   && offsetof(struct xvs_packet, total) < CHAIN_HEAD_ENDS
                   && offsetof(struct xvs_packet, in_port) < CHAIN_HEAD_ENDS
                   && offsetof(struct xvs_packet, out_port) < CHAIN_HEAD_ENDS
                   && CHAIN_HEAD_ENDS == sizeof(struct chain_head)
                   && offsetof(struct xvs_packet, drop_reason)
                       == CHAIN_HEAD_ENDS + 1,
               "struct chain_head is the beginning of a packet");

/* A burst on its way through the chain. */
struct passage {
    struct chain_run *run;
    struct xvs_packet **packets;
    uint32_t n;
    bool is_known;              /* 'heads' and 'bytes' are those of now */
    uint64_t bytes;
    uint64_t clock;             /* when the stage before was done; 0: none */
    struct chain_head heads[XVS_BURST];
};

/* Whether a stage may change bytes of packets. */
static inline bool
chain_may_change(const struct chain_entry *entry, const struct chain_run *run)
{
    return rights_may_change(entry->extension_class, entry->traits,
                             run->direction == CHAIN_EGRESS);
}

/* Judges what the hook did, and keeps the packets that go on. */
void chain_sift(const struct chain_entry *entry, struct passage *passage);

/* Gives packets, or copies of those that others need, to the process of the
 * stage; run->parked counts them. */
void chain_park(const struct chain_entry *entry, struct chain_run *run,
                struct xvs_packet *const *packets, uint32_t n);
/* Does to a packet what the hook did to its own copy. */
void chain_apply(const struct pool *pool, const struct lane_packet *out);

/* Before the hook, and behind it, which took so many cycles. */
void chain_tell_before(const struct chain_entry *entry,
                       const struct chain_run *run,
                       struct xvs_packet *const *packets, uint32_t n);
void chain_tell_after(const struct chain_entry *entry,
                      const struct chain_run *run,
                      struct xvs_packet *const *packets, uint32_t n,
                      uint64_t cycles);

#endif
