/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_PROCESS_SCHEDULE_H
#define XVS_STAGE_PROCESS_SCHEDULE_H

/*
 * Who has a processor when, as far as that can be said without a privilege.
 * What a kernel does not know is left as it is.
 */

#include <sys/types.h>

/* The calling thread, and those that it starts, are given a processor soon
 * after they wake up. */
void schedule_briefly(void);
/* The thread, which ends, lets others go first that wake up, and has less of
 * the processor than they. */
void schedule_behind(pid_t thread);

#endif
