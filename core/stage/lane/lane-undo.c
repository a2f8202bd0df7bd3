/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * How packets were before a process got them (chain/undo.h).  One by one, when
 * they go on: what the dead process had touched last is in its processor's
 * cache, so that all of them together take as long as its successor takes for
 * its work.
 */

#include <config.h>

#include "stage/lane/lanes-inside.h"

void
lane_undo_create(struct lane *lane)
{
    const struct lanes *lanes = lane->lanes;

    if (lanes->undoes) {
        undo_create(&lane->undo, SHARE_LANE, lanes->config.traits);
    }
}

void
lane_undo_destroy(struct lane *lane)
{
    for (uint32_t i = 0; lane->n_long && i < SHARE_LANE; i++) {
        lane_forget(lane, i);
    }
    undo_destroy(&lane->undo);
}

void
lane_forget(struct lane *lane, uint32_t at)
{
    lane->n_long -= undo_forget(&lane->undo, at);
}

void
lane_remember(struct lane *lane, uint32_t n)
{
    if (!lane->lanes->undoes) {
        return;
    }
    for (uint32_t i = lane->tail - n; i != lane->tail; i++) {
        uint32_t at = i % SHARE_LANE;

        lane->n_long += undo_keep(&lane->undo, at, lane->packets[at]);
    }
}

void
lane_restore(const struct lane *lane)
{
    uint32_t at = lane->given % SHARE_LANE;

    if (lane->n_dirty) {
        undo_restore(&lane->undo, at, lane->packets[at]);
    }
}

void
lane_undo(struct lane *lane)
{
    lane_restore(lane);
    lane->n_dirty -= lane->n_dirty != 0;
}
