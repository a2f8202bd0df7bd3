/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CHANNEL_GUESTS_H
#define CHANNEL_GUESTS_H

/*
 * Streams that VMs have opened, by the route that leads them on.
 */

#include "routes.h"

/* Takes the VM's side.  False: it was not taken, 'reason' says why. */
bool guest_begin(struct route *route, struct vm *vm, struct side *side,
                 char reason[128]);
/* Ends those of a VM; NULL: all of the route. */
void guests_end(struct route *route, const struct vm *vm);

#endif
