/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SERVICE_SWITCH_EVENTS_H
#define XVS_SERVICE_SWITCH_EVENTS_H

/*
 * What xvs-switch says on its own, and its coming and going.
 */

#include "service/peer/peer.h"

/* The argument of each is the service. */
extern const struct peer_calls switch_calls;

#endif
