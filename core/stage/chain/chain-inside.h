/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_CHAIN_CHAIN_INSIDE_H
#define XVS_STAGE_CHAIN_CHAIN_INSIDE_H

/*
 * What the files of chain.h share.
 *
 *     chain.c       runs hooks and judges them
 *     chain-away.c  packets whose hook runs in another process
 *     chain-tell.c  packets that somebody looks at
 */

#include <stdint.h>

#include "stage/chain/chain.h"

struct lane_packet;
struct pool;

#define CHAIN_BROKEN 0xff       /* verdict on a frame outside its buffer */

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
