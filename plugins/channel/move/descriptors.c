/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See descriptors.h.
 */

#include "move/descriptors.h"

#include <limits.h>
#include <sys/resource.h>

#define KEPT 256u               /* or a quarter of all, if that is less */

static rlim_t first = INT_MAX;  /* of those that are kept */

void
descriptors_look(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        first = limit.rlim_cur - (limit.rlim_cur / 4 < KEPT
                                  ? limit.rlim_cur / 4 : KEPT);
    }
}

bool
descriptors_are_few(int fd)
{
    return fd >= 0 && (rlim_t) fd >= first;
}
