/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_CHAIN_SLICE_H
#define XVS_STAGE_CHAIN_SLICE_H

/*
 * How much of a worker's time a stage may use, in percent.  The chain counts
 * the cycles of each stage; in every window of 10 ms a stage may use so many,
 * and what a call took beyond that is missing in the next windows, but for no
 * longer than a second.  Each worker keeps its own account.
 */

#include <stdbool.h>
#include <stdint.h>

#define SLICE_WINDOW_US 10000u

/* One worker's account of a stage. */
struct slice {
    uint64_t since;             /* cycles: the window began; 0: none has */
    uint64_t base;              /* what the stage had used then, and debts are
                                 * taken off */
} __attribute__((aligned(64)));

/* Whether the stage, which has used 'cycles' so far, may use more at 'now'.
 * 'percent' is 1 to 100. */
bool slice_has(struct slice *slice, uint32_t percent, uint64_t cycles,
               uint64_t now);

#endif
