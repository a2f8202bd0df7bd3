/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_PROCESS_SPAWN_H
#define XVS_STAGE_PROCESS_SPAWN_H

/*
 * Starting the program xvs-stage.  It is never a copy of xvs-switch: that
 * would stop packets for as long as its memory takes to be copied.
 */

#include <sys/types.h>

/* The program gets 'stream' as its descriptor CALL_FD and nothing else of
 * ours.  0, or an errno value. */
int spawn_stage(pid_t *pid, const char *program, const char *who,
                int stream);

#endif
