/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_DOMAIN_PAGES_H
#define XVS_STAGE_DOMAIN_PAGES_H

/*
 * Memory that is there before a hook needs it: a spare that takes over in the
 * middle of a burst would have each page brought to it by a fault.
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/mman.h>

#ifndef MADV_POPULATE_READ      /* Linux 5.14 */
#define MADV_POPULATE_READ 22
#define MADV_POPULATE_WRITE 23
#endif

/* Whole pages.  An older kernel brings them when they are needed. */
static inline void
pages_bring(void *memory, size_t size, bool to_write)
{
    (void) madvise(memory, size,
                   to_write ? MADV_POPULATE_WRITE : MADV_POPULATE_READ);
}

#endif
