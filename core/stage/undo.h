/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_UNDO_H
#define XVS_STAGE_UNDO_H

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

struct undo {
    uint8_t first[POOL_STRIDE];
    uint8_t *others;            /* bytes of the other buffers; NULL: none */
};

/* Bytes of a buffer that are kept for an extension with these traits. */
static inline uint32_t
undo_keeps(uint32_t traits)
{
    return traits & XVS_TRAIT_HEAD ? UNDO_HEAD : POOL_STRIDE;
}

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

void undo_keep_others(struct undo *undo, const struct xvs_packet *packet);

/* Keeps it; true: there is memory, which undo_forget() frees. */
static inline bool
undo_keep(struct undo *undo, const struct xvs_packet *packet, uint32_t keeps)
{
    uint32_t n = packet->length < keeps ? packet->length : keeps;
    uint32_t head = n < UNDO_HEAD ? n : UNDO_HEAD;

    undo_copy_head(undo->first, packet->data, head);
    if (n > UNDO_HEAD) {
        memcpy(undo->first + UNDO_HEAD, packet->data + UNDO_HEAD,
               n - UNDO_HEAD);
    }
    if (__builtin_expect(packet->next != NULL, 0) && keeps > UNDO_HEAD) {
        undo_keep_others(undo, packet);
    }
    return undo->others != NULL;
}

/* Makes the packet as it was. */
void undo_restore(const struct undo *undo, const struct xvs_packet *packet,
                  uint32_t keeps);
void undo_forget(struct undo *undo);

#endif
