/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_EXTTEST_STATE_H
#define XVS_EXTTEST_STATE_H

/*
 * All that an extension says of itself on switch 1 and its first port, for
 * comparing what it was before with what it is now.
 */

#include <stdbool.h>
#include <stdint.h>

struct error;
struct state;
struct trial;

/* Asks for all status classes.  NULL after a failure that was told. */
struct state *state_take(struct trial *trial);
void state_free(struct state *state);       /* accepts NULL */
/* Objects in all. */
uint32_t state_count(const struct state *state);
/* Whether both say the same, counters aside; else what is not the same. */
bool state_same(const struct state *before, const struct state *now,
                char *what, uint32_t size);

#endif
