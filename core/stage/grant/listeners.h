/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_GRANT_LISTENERS_H
#define XVS_STAGE_GRANT_LISTENERS_H

/*
 * Sockets that listen for extensions.  They are xvs-switch's own, and
 * processes get copies: who waits in the queue of one is served by the next
 * process when one ends, and by the new version during an upgrade.  Two
 * stages of one extension may have the same socket, as they do then; two
 * extensions cannot.
 *
 * Any thread.
 */

#include <stdbool.h>
#include <xvs/types.h>

#include "base/endpoint.h"

struct error;
struct listener;

/* The one of that extension there, which is made when there is none.  NULL
 * with an error. */
struct listener *listener_get(const struct endpoint *endpoint,
                              const char *text, const struct xvs_guid *owner,
                              struct error *error);
/* A copy of its descriptor; -1 with errno. */
int listener_copy(const struct listener *listener);
/* Takes one of those who wait, non-blocking; -1 with errno, EAGAIN: nobody
 * does. */
int listener_accept(const struct listener *listener);
/* The last one shuts it down, also for those who have copies; whether it was
 * that.  Accepts NULL. */
bool listener_put(struct listener *listener);

#endif
