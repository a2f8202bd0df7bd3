/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_LANE_SERVE_H
#define XVS_STAGE_LANE_SERVE_H

/*
 * In the process of a stage: the thread that runs packet hooks on what comes
 * through the shared memory.  It tells the kernel which word says that it
 * lives, so that xvs-switch sees its end before anyone could tell it.
 */

#include <stdbool.h>
#include <stdint.h>
#include <xvs/extension.h>

struct error;
struct serve;
struct share;

/* Starts the thread, which takes packets from serve_open() on.  'bells' are
 * the workers' eventfds, share->size.n_workers of them; they stay the
 * caller's. */
struct serve *serve_create(struct share *share, const int *bells,
                           struct error *error);
/* Before serve_open(): what the extension keeps, and whether others have had
 * it before. */
void serve_keep(struct serve *serve, struct xvs_keep *keep);
/* The extension was initialised; until serve_close() hooks are called. */
void serve_open(struct serve *serve, const struct xvs_extension *extension,
                void *self);
/* Returns when no hook runs and none will.  Accepts one that is closed. */
void serve_close(struct serve *serve);
/* Any thread: what no hook can find any more at this moment may be freed when
 * serve_is_past(moment). */
uint64_t serve_moment(const struct serve *serve);
bool serve_is_past(const struct serve *serve, uint64_t moment);

#endif
