/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_ENCRYPT_REPLAY_H
#define XVS_ENCRYPT_REPLAY_H

/*
 * Frames that were seen, so that none reaches a port twice.  A frame that
 * goes to several ports is seen once for each.
 *
 *     bucket -> windows of REPLAY_WAYS sessions and ports, each
 *
 *               ... seen? seen? seen? newest |  numbers
 *               <------ REPLAY_WINDOW ------->
 *
 * A session that was not heard for long gives its window to another one; its
 * frames would be taken once more then.
 */

#include <stdbool.h>
#include <stdint.h>

#define REPLAY_WINDOW 448u      /* numbers behind the newest */
#define REPLAY_WAYS 8u
#define REPLAY_BUCKETS 256u

struct replay;

struct replay *replay_create(void);     /* NULL: no memory */
void replay_destroy(struct replay *replay);     /* accepts NULL */

/* Any thread.  Notes an authentic frame of 'session' on its way to 'port';
 * false: it was seen, or is older than the window.  'now' in nanoseconds. */
bool replay_is_new(struct replay *replay, uint64_t session, uint32_t port,
                   uint64_t number, uint64_t now);

#endif
