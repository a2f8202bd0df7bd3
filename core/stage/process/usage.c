/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * CPU time by the process's clock, memory by /proc; see usage.h.
 */

#include <config.h>

#include "stage/process/usage.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static uint64_t
cpu_time(pid_t pid)
{
    struct timespec spent;
    clockid_t clock;

    if (clock_getcpuclockid(pid, &clock) != 0
        || clock_gettime(clock, &spent) != 0) {
        return 0;
    }
    return (uint64_t) spent.tv_sec * 1000000000u + (uint64_t) spent.tv_nsec;
}

/* Pages that are there, without those of files and shared memory: packets
 * are in these, and belong to xvs-switch. */
static uint64_t
memory(pid_t pid)
{
    unsigned long resident, shared;
    char path[32], text[128];
    ssize_t n;
    int fd;

    snprintf(path, sizeof path, "/proc/%d/statm", (int) pid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return 0;
    }
    n = read(fd, text, sizeof text - 1);
    close(fd);
    text[n > 0 ? n : 0] = 0;
    if (sscanf(text, "%*u %lu %lu", &resident, &shared) != 2
        || shared > resident) {
        return 0;
    }
    return (uint64_t) (resident - shared) * (uint64_t) sysconf(_SC_PAGESIZE);
}

void
usage_read(pid_t pid, struct usage *usage)
{
    memset(usage, 0, sizeof *usage);
    if (pid > 0) {
        usage->cpu_time = cpu_time(pid);
        usage->memory = memory(pid);
    }
}
