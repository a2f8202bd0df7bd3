/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CHANNEL_SOCKETS_H
#define CHANNEL_SOCKETS_H

/*
 * What links stand on (link.h): sockets, which the host opens when no event is
 * handled, so in timer(), several at once; and streams that guests open.
 */

#include "channel.h"

struct vm;

/* Fills in self->links. */
void sockets_begin(struct channel *self);
/* The link of a VM, as its way says; NULL: there is none, or no memory. */
struct link *sockets_link(struct channel *self, struct vm *vm);
/* For timer(): opens what is wished for, and what the loop's events wish
 * meanwhile, for some milliseconds. */
void sockets_serve(struct channel *self);
/* What is wished for of that grant, which goes, will not be opened. */
void sockets_forget(struct channel *self, const struct grant *grant);
/* Whether the host watches the loop.  That costs something at each event, and
 * is of no use while timer() looks at it.  False: it is still as it was. */
bool sockets_watch(struct channel *self, bool watched);
/* Opens one socket now, which only timer() may.  -1: 'reason' says why. */
int sockets_open(struct channel *self, const struct grant *grant,
                 char reason[160]);
/* Accepts one who waits at a unix socket, with the result of xvs_accept();
 * which only timer() may, too. */
int sockets_accept(struct channel *self, const struct grant *grant,
                   struct xvs_visitor *visitor);

#endif
