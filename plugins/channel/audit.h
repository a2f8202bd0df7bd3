/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CHANNEL_AUDIT_H
#define CHANNEL_AUDIT_H

/*
 * Who talked to which VM, and who was not allowed to: counters, lines of the
 * log, events.
 */

#include "channel.h"

/* For struct proxy_host. */
void audit_told(struct proxy_host *host, const struct proxy_end *end);
/* Each second: more may be told again; says how much was not. */
void audit_tick(struct channel *self);

#endif
