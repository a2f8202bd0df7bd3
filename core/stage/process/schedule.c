/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See schedule.h.  From Linux 6.12 on threads have slices of their own, and one
 * that wakes up takes the processor at once from one with longer slices; else
 * it waits until that one's is over, which is looked at every few milliseconds.
 * Older kernels go by the shares that threads have.
 */

#include <config.h>

#include "stage/process/schedule.h"

#include <sched.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SHORTEST_NS 100000u
#define LONGEST_NS 100000000u
#define NICE 10                 /* of what gives way: a tenth of a share */

/* The first version of struct sched_attr, which C libraries do not have. */
struct attributes {
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime, deadline, period;
};

void
schedule_briefly(void)
{
    struct attributes attributes = { 0 };

    if (syscall(SYS_sched_getattr, 0, &attributes, sizeof attributes, 0) == 0
        && attributes.policy == SCHED_OTHER) {
        attributes.runtime = SHORTEST_NS;
        syscall(SYS_sched_setattr, 0, &attributes, 0);
    }
}

void
schedule_behind(pid_t thread)
{
    struct attributes attributes = { .size = sizeof attributes,
                                     .policy = SCHED_BATCH, .nice = NICE,
                                     .runtime = LONGEST_NS };

    syscall(SYS_sched_setattr, thread, &attributes, 0);
}
