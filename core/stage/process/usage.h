/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_PROCESS_USAGE_H
#define XVS_STAGE_PROCESS_USAGE_H

/*
 * What the process of a stage costs the host, as the kernel counts it.
 */

#include <stdint.h>
#include <sys/types.h>

struct usage {
    uint64_t cpu_time;          /* of all its threads, nanoseconds */
    uint64_t memory;            /* of its own, bytes: not what it shares */
};

/* A child that was not waited for, so that nobody else has its number.  What
 * cannot be read is 0, as all is once it has ended. */
void usage_read(pid_t pid, struct usage *usage);

#endif
