/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See undo.h.
 */

#include <config.h>

#include "stage/undo.h"

#include <stdlib.h>

#include "base/memory.h"

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
undo_keep_others(struct undo *undo, const struct xvs_packet *packet)
{
    size_t size = 0;

    for (const struct xvs_packet *one = packet->next; one; one = one->next) {
        size += one->length;
    }
    undo->others = mem_alloc(size);
    copy_others(undo->others, packet, false);
}

void
undo_restore(const struct undo *undo, const struct xvs_packet *packet,
             uint32_t keeps)
{
    memcpy(packet->data, undo->first,
           packet->length < keeps ? packet->length : keeps);
    if (undo->others) {
        copy_others(undo->others, packet, true);
    }
}

void
undo_forget(struct undo *undo)
{
    free(undo->others);
    undo->others = NULL;
}
