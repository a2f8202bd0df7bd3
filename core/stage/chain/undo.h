/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_CHAIN_UNDO_H
#define XVS_STAGE_CHAIN_UNDO_H

/*
 * How a packet was before a hook got it that has its bytes: all of them, unless
 * the extension says that it changes none behind the head.  A packet of several
 * buffers is rare and large; what is in the others is in memory of its own.
 */

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <xvs/extension.h>
#include <xvs/packet.h>

#include "packet/pool.h"

#define UNDO_HEAD 128u          /* bytes */

/* Of as many packets as it was made for.  What most packets need is together, so
 * that it stays in the cache. */
struct undo {
    uint32_t keeps;             /* bytes of a packet's buffers */
    uint8_t (*heads)[UNDO_HEAD];
    uint8_t (*rests)[POOL_STRIDE - UNDO_HEAD];  /* behind them; NULL: nothing
                                                 * of that is kept */
    uint8_t **others;           /* bytes of the other buffers; NULL: none */
};

/* Room for 'n' packets that an extension with these traits has. */
void undo_create(struct undo *undo, uint32_t n, uint32_t traits);
/* Nothing is kept any more. */
void undo_destroy(struct undo *undo);

/* Copies up to UNDO_HEAD bytes in blocks of a size that is known: one of any
 * size costs as much as all the rest of lane_remember(). */
static inline void
undo_copy_head(uint8_t *to, const uint8_t *from, uint32_t n)
{
    const uint32_t block = UNDO_HEAD / 2;

    if (n < block) {
        memcpy(to, from, n);
        return;
    }
    memcpy(to, from, block);
    if (n > block) {
        memcpy(to + n - block, from + n - block, block);
    }
}

void undo_keep_others(struct undo *undo, uint32_t at,
                      const struct xvs_packet *packet);

/* Keeps it; true: there is memory, which undo_forget() frees. */
static inline bool
undo_keep(struct undo *undo, uint32_t at, const struct xvs_packet *packet)
{
    uint32_t n =
        packet->length < undo->keeps ? packet->length : undo->keeps;

    undo_copy_head(undo->heads[at], packet->data,
                   n < UNDO_HEAD ? n : UNDO_HEAD);
    if (n > UNDO_HEAD) {
        memcpy(undo->rests[at], packet->data + UNDO_HEAD, n - UNDO_HEAD);
    }
    if (__builtin_expect(packet->next != NULL, 0) && undo->rests) {
        undo_keep_others(undo, at, packet);
        return true;
    }
    return false;
}

/* Makes the packet as it was. */
void undo_restore(const struct undo *undo, uint32_t at,
                  const struct xvs_packet *packet);
/* True: there was memory. */
bool undo_forget(struct undo *undo, uint32_t at);

#endif
