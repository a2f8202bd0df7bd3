/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See undo.h.
 */

#include <config.h>

#include "stage/chain/undo.h"

#include <stdlib.h>

#include "base/memory.h"

void
undo_create(struct undo *undo, uint32_t n, uint32_t traits)
{
    const bool whole = !(traits & XVS_TRAIT_HEAD);

    /* Pages come with the packets that use them. */
    undo->keeps = whole ? POOL_STRIDE : UNDO_HEAD;
    undo->heads = mem_array(n, sizeof *undo->heads);
    undo->rests = whole ? mem_array(n, sizeof *undo->rests) : NULL;
    undo->others = mem_array(n, sizeof *undo->others);
}

void
undo_destroy(struct undo *undo)
{
    free(undo->heads);
    free(undo->rests);
    free(undo->others);
}

/* Between memory of ours and what is behind the first buffer. */
static void
copy_others(uint8_t *others, const struct xvs_packet *packet, bool back)
{
    while ((packet = packet->next)) {
        memcpy(back ? packet->data : others, back ? others : packet->data,
               packet->length);
        others += packet->length;
    }
}

void
undo_keep_others(struct undo *undo, uint32_t at,
                 const struct xvs_packet *packet)
{
    size_t size = 0;

    for (const struct xvs_packet *one = packet->next; one; one = one->next) {
        size += one->length;
    }
    undo->others[at] = mem_alloc(size);
    copy_others(undo->others[at], packet, false);
}

void
undo_restore(const struct undo *undo, uint32_t at,
             const struct xvs_packet *packet)
{
    uint32_t n =
        packet->length < undo->keeps ? packet->length : undo->keeps;

    memcpy(packet->data, undo->heads[at], n < UNDO_HEAD ? n : UNDO_HEAD);
    if (n > UNDO_HEAD) {
        memcpy(packet->data + UNDO_HEAD, undo->rests[at], n - UNDO_HEAD);
    }
    if (undo->others[at]) {
        copy_others(undo->others[at], packet, true);
    }
}

bool
undo_forget(struct undo *undo, uint32_t at)
{
    bool was_there = undo->others[at] != NULL;

    free(undo->others[at]);
    undo->others[at] = NULL;
    return was_there;
}
