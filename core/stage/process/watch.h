/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_PROCESS_WATCH_H
#define XVS_STAGE_PROCESS_WATCH_H

/*
 * The main thread's part of a process: its end and its news.
 */

struct process;

/* Control thread: the main thread begins to watch, soon. */
void watch_begin(struct process *process);
/* Control thread: the main thread ends that, soon, and frees the process. */
void watch_end(struct process *process);

#endif
