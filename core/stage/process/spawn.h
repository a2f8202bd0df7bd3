/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_PROCESS_SPAWN_H
#define XVS_STAGE_PROCESS_SPAWN_H

/*
 * Starting the program xvs-stage.  It is never a copy of xvs-switch: that
 * would stop packets for as long as its memory takes to be copied.
 */

#include <stddef.h>
#include <sys/types.h>

/* The program gets 'stream' as its descriptor CALL_FD, itself as the next one
 * (spawn_open_program(), or 0: by its path), and nothing else of ours.  0, or an
 * errno value. */
int spawn_stage(pid_t *pid, const char *program, int file, const char *who,
                int stream);

/*
 * A descriptor of the program as it is now: it stays the one that speaks as we
 * do when an upgrade puts another one in its place.  0: there is none, and who
 * starts it will hear why.
 */
int spawn_open_program(const char *program);

/* Path of xvs-stage: the one that was installed, or in a build tree the one
 * beside the program that runs. */
void spawn_find_program(char *path, size_t size);

#endif
