/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_INSIDE_FILTER_H
#define XVS_STAGE_INSIDE_FILTER_H

/*
 * Which system calls a stage's process may make.  Both are for all of its
 * threads, and cannot be undone.  'sockets' are bits of enum call_sockets.
 */

#include <stdbool.h>
#include <stdint.h>

/* What loading a plugin needs; all others fail with EPERM. */
bool filter_for_loading(uint32_t sockets);
/* What hooks need.  Those that an honest extension could come by fail with
 * EPERM; the rest ends the process with SIGSYS. */
bool filter_for_hooks(uint32_t sockets);

#endif
