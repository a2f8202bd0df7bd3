/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * How packets were before a process got them (stage/undo.h).  One by one, when
 * they go on: what the dead process had touched last is in its processor's
 * cache, so that all of them together take as long as its successor takes for
 * its work.
 */

#include <config.h>

#include "stage/process/lanes-inside.h"

#include <stdlib.h>

#include "base/memory.h"

void
lane_undo_create(struct lane *lane)
{
    const struct lanes *lanes = lane->lanes;

    lane->keeps = undo_keeps(lanes->config.traits);
    if (lanes->undoes) {
        /* Pages come with the packets that use them. */
        lane->undo = mem_array(SHARE_LANE, sizeof *lane->undo);
    }
}

void
lane_undo_destroy(struct lane *lane)
{
    for (uint32_t i = 0; lane->n_long && i < SHARE_LANE; i++) {
        lane_forget(lane, i);
    }
    free(lane->undo);
}

void
lane_forget(struct lane *lane, uint32_t at)
{
    if (lane->undo[at].others) {
        undo_forget(&lane->undo[at]);
        lane->n_long--;
    }
}

void
lane_remember(struct lane *lane, uint32_t n)
{
    if (!lane->undo) {
        return;
    }
    for (uint32_t i = lane->tail - n; i != lane->tail; i++) {
        uint32_t at = i % SHARE_LANE;

        lane->n_long += undo_keep(&lane->undo[at], lane->packets[at],
                                  lane->keeps);
    }
}

void
lane_restore(const struct lane *lane)
{
    uint32_t at = lane->given % SHARE_LANE;

    if (lane->n_dirty) {
        undo_restore(&lane->undo[at], lane->packets[at], lane->keeps);
    }
}

void
lane_undo(struct lane *lane)
{
    lane_restore(lane);
    lane->n_dirty -= lane->n_dirty != 0;
}
