/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * How packets were before a process got them.
 */

#include <config.h>

#include "stage/process/lanes-inside.h"

#include <string.h>

void
lane_remember(struct lane *lane, uint32_t n)
{
    if (!lane->lanes->undoes) {
        return;
    }
    for (uint32_t i = lane->tail - n; i != lane->tail; i++) {
        uint32_t at = i % SHARE_LANE;

        memcpy(lane->undo[at], lane->packets[at]->data,
               smaller(lane->packets[at]->length, LANES_UNDO));
    }
}

void
lane_undo(struct lane *lane)
{
    if (!lane->lanes->undoes) {
        return;
    }
    for (uint32_t i = lane->head; i != lane->given; i++) {
        uint32_t at = i % SHARE_LANE;

        memcpy(lane->packets[at]->data, lane->undo[at],
               smaller(lane->packets[at]->length, LANES_UNDO));
    }
}
