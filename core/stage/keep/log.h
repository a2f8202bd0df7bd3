/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_KEEP_LOG_H
#define XVS_STAGE_KEEP_LOG_H

/*
 * What an extension has noted of its writes to kept memory (xvs/keep.h), read
 * by somebody who does not trust it: any byte of the log may be anything, and
 * may change while it is read.
 */

#include <stdbool.h>
#include <stdint.h>
#include <xvs/keep.h>

/* What a log says of the packets whose hook has it: the worker's, from the
 * 'first' in its lane on. */
static inline uint64_t
keep_log_whose(uint32_t worker, uint32_t first)
{
    return (uint64_t) (worker + 1) << 32 | first;
}

/* Whatever packets are finished: it is taken back when the hook ends. */
#define KEEP_LOG_HOOK (UINT64_MAX << 32)

/* A hook begins: what was noted before is for good. */
static inline void
keep_log_begin(struct xvs_keep_log *log, uint64_t whose)
{
    __atomic_store_n(&log->n, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&log->whose, whose, __ATOMIC_RELEASE);
}

/*
 * Makes the 'size' bytes as they were when the log was begun, newest first,
 * and empties it.  Nobody else writes it any more, or it does not matter.
 * False: it had what no honest hook notes, which was left out.  '*n' grows by
 * what was taken back.
 */
bool keep_log_undo(struct xvs_keep_log *log, void *bytes, uint64_t size,
                   uint64_t *n);

/* The same when the packets that it is of are not finished: 'done' has for
 * each of 'n_workers' lanes the first that is not, and they are 'stride'
 * bytes apart; or when it is KEEP_LOG_HOOK.  Else what was written is for
 * good. */
bool keep_log_settle(struct xvs_keep_log *log, void *bytes, uint64_t size,
                     const uint32_t *done, uint32_t n_workers, size_t stride,
                     uint64_t *n);

#endif
