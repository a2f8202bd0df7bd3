/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_PROCESS_LANES_H
#define XVS_STAGE_PROCESS_LANES_H

/*
 * Packets that are in a process of a stage: each worker has a lane.
 *
 *     chain --give--> | own: packet, its first bytes | --take--> chain
 *                       head                     tail
 *
 * The lane knows every packet that it gave away, in order, and how each was.
 * When the process dies, hangs or lies, what it has not finished is undone
 * and given, in the same order, to the process that takes its place; when
 * there is none, on_failure says what becomes of it.  Nothing leaves a lane
 * before the worker has seen its verdict, so nothing can leave it twice.
 *
 *     main thread: lanes_use()      which processes there are
 *     worker:      all the rest     of its own lane
 */

#include <stdbool.h>
#include <stdint.h>
#include <xvs/extension.h>

struct lane;
struct lanes;
struct pool;
struct share;

/* What happened to a process as a worker saw it; on the main thread's loop
 * it is told to 'on_fault'. */
typedef void (*lanes_fault)(void *arg, struct share *share);

struct lanes_config {
    struct pool *pool;
    uint32_t n_workers;
    uint16_t extension_class;   /* enum xvs_class */
    uint16_t on_failure;        /* enum xvs_on_failure */
    uint32_t budget_us;         /* without progress, until it hangs */
    lanes_fault on_fault;       /* on a worker: must only post */
    void *arg;
};

struct lanes *lanes_create(const struct lanes_config *config);
/* No worker uses them any more.  Accepts NULL. */
void lanes_destroy(struct lanes *lanes);

/*
 * Main thread.  'active' (NULL: none) is who gets packets from now on; when
 * it fails workers go on with 'standby' (NULL: none) by themselves.  A share
 * that is named no more may be freed after a grace period and when
 * lanes_users() of it is 0.
 */
void lanes_use(struct lanes *lanes, struct share *active,
               struct share *standby);
uint32_t lanes_users(const struct lanes *lanes, const struct share *share);

#endif
