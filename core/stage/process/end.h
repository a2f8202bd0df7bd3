/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_PROCESS_END_H
#define XVS_STAGE_PROCESS_END_H

/*
 * The end of a process: reaped once, by whichever thread comes first, and put
 * in words.
 */

#include <stdbool.h>
#include <stddef.h>

struct process;

/* Any thread.  Waits for the end when 'wait'; whoever is in the middle of it
 * is killed then.  True: it has ended, and process->text says how. */
bool end_note(struct process *process, bool wait);

/* What a wait status says of an extension in a hook ("": in none).  'signal'
 * and 'address' are what the process itself has seen (0: nothing). */
void end_describe(char *out, size_t size, const char *who, const char *hook,
                  int code, int status, unsigned int signal,
                  unsigned long address);

#endif
