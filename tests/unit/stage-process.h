/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_TESTS_STAGE_PROCESS_H
#define XVS_TESTS_STAGE_PROCESS_H

/*
 * A real process at the other end of shared memory, that runs packet hooks
 * of the test.  The test must not have other threads when it starts one.
 */

struct share;
struct xvs_extension;

/* Returns when it lives; share->pid is set. */
void stage_process_start(struct share *share,
                         const struct xvs_extension *extension,
                         const int *bells);
/* Kills it, if it lives, and frees the share. */
void stage_process_end(struct share *share);

#endif
