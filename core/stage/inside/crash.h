/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_INSIDE_CRASH_H
#define XVS_STAGE_INSIDE_CRASH_H

/*
 * A process of a stage that crashes leaves word where, and dies of it.
 */

struct share_state;

/* For all threads.  Words go to 'state'. */
void crash_begin(struct share_state *state);
/* For this thread: so that an overflow of its stack is told too. */
void crash_use_stack(void);

#endif
