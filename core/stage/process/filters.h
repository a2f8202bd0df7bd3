/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_PROCESS_FILTERS_H
#define XVS_STAGE_PROCESS_FILTERS_H

/*
 * What the kernel says of the system calls that a process may make.
 */

#include <stdbool.h>
#include <sys/types.h>

/* It has two seccomp filters more than we: those of inside/filter.h. */
bool filters_are_there(pid_t pid);

#endif
