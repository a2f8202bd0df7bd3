/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See log.h.
 */

#include <config.h>

#include "stage/keep/log.h"

#include <string.h>

/* One entry, as it is now; false: it is none. */
static bool
undo_one(const struct xvs_keep_entry *entry, uint8_t *bytes, uint64_t size)
{
    bool added = entry->what == XVS_KEEP_ADDED;
    uint32_t n = added ? 8 : entry->what;

    if (n == 0 || n > 8 || entry->offset > size || size - entry->offset < n
        || (added && entry->offset % 8)) {
        return false;
    }
    if (added) {
        __atomic_fetch_sub(
            (uint64_t *) (void *) (bytes + entry->offset), entry->before,
            __ATOMIC_RELAXED);
    } else {
        memcpy(bytes + entry->offset, &entry->before, n);
    }
    return true;
}

bool
keep_log_undo(struct xvs_keep_log *log, void *bytes, uint64_t size,
              uint64_t *n)
{
    uint32_t left = __atomic_load_n(&log->n, __ATOMIC_ACQUIRE);
    bool good = left <= XVS_KEEP_ENTRIES;

    left = good ? left : 0;
    while (left > 0) {
        struct xvs_keep_entry entry;

        memcpy(&entry, &log->entries[--left], sizeof entry);
        /* Not once more than this. */
        __asm__ volatile("" : "+m"(entry));
        if (undo_one(&entry, bytes, size)) {
            ++*n;
        } else {
            good = false;
        }
    }
    __atomic_store_n(&log->n, 0, __ATOMIC_RELEASE);
    return good;
}

bool
keep_log_settle(struct xvs_keep_log *log, void *bytes, uint64_t size,
                const uint32_t *done, uint32_t n_workers, size_t stride,
                uint64_t *n)
{
    uint64_t whose = __atomic_load_n(&log->whose, __ATOMIC_ACQUIRE);
    uint64_t worker = (whose >> 32) - 1;
    const uint32_t *theirs;

    if (__atomic_load_n(&log->n, __ATOMIC_RELAXED) == 0) {
        return true;
    }
    if (whose == KEEP_LOG_HOOK) {
        return keep_log_undo(log, bytes, size, n);
    }
    if (worker < n_workers) {
        theirs = (const void *) ((const char *) done + worker * stride);
        if (__atomic_load_n(theirs, __ATOMIC_ACQUIRE) == (uint32_t) whose) {
            return keep_log_undo(log, bytes, size, n);
        }
    }
    __atomic_store_n(&log->n, 0, __ATOMIC_RELEASE);
    return worker < n_workers;
}
