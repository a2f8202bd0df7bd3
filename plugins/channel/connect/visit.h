/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONNECT_VISIT_H
#define CONNECT_VISIT_H

/*
 * Somebody on this host who wants to talk to a VM: standard input and output,
 * or who has connected to a listener.  From the first byte to the report.
 */

#include "outcome.h"

struct client;
struct side;
struct target;

/* Takes 'side'.  'target' NULL: SOCKS5 says which.  ended() is called when all
 * is over, not from within visit_begin(); it may be NULL.  False: no memory;
 * the side is closed. */
bool visit_begin(const struct client *client, struct side *side,
                 const struct target *target,
                 void (*ended)(void *arg, enum outcome_code code), void *arg);

#endif
