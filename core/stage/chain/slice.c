/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See slice.h.
 */

#include <config.h>

#include "stage/chain/slice.h"

#include "packet/cycles.h"

#define DEBT_WINDOWS 100u       /* of a second: a debt is forgotten */

static void
turn(struct slice *slice, uint64_t window, uint64_t budget, uint64_t cycles,
     uint64_t now)
{
    uint64_t passed = now - slice->since, n = passed / window, debt;

    n = n < DEBT_WINDOWS ? n : DEBT_WINDOWS;
    debt = cycles - slice->base;
    debt = slice->since && debt > n * budget ? debt - n * budget : 0;
    debt = debt < DEBT_WINDOWS * budget ? debt : DEBT_WINDOWS * budget;
    slice->base = cycles - debt;
    slice->since = now - passed % window;
}

bool
slice_has(struct slice *slice, uint32_t percent, uint64_t cycles,
          uint64_t now)
{
    uint64_t window = SLICE_WINDOW_US * cycles_per_us();
    uint64_t budget = window / 100 * percent;

    if (now - slice->since >= window) {
        turn(slice, window, budget, cycles, now);
    }
    return cycles - slice->base < budget;
}
