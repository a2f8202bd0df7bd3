/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SWITCH_FORWARD_WATCH_H
#define XVS_SWITCH_FORWARD_WATCH_H

/*
 * Telling who looks at packets (tap/tap.h) what the switch itself does with
 * them.  All of it is called only while somebody looks.
 */

#include <stdbool.h>
#include <stdint.h>

#include "switch/forward/forward.h"
#include "switch/forward/table.h"

struct port;
struct port_tally;

static inline bool
watch_is_on(const struct forward *forward)
{
    return __builtin_expect(forward->tap.set != NULL, 0);
}

/* The way that was chosen for a packet; 'to' NULL drops it. */
void watch_choice(const struct forward *forward, const struct vport *to,
                  enum drop_reason reason, struct xvs_packet *packet);
/* It was dropped by a policy, before its way was chosen or behind it. */
void watch_drop(const struct forward *forward, uint32_t point,
                enum drop_reason reason, const struct xvs_packet *packet);
/* The same for those of 'before' that are not in 'after', which has the
 * others in the same order. */
void watch_lost(const struct forward *forward, uint32_t point,
                struct xvs_packet *const *before, uint32_t n,
                struct xvs_packet *const *after, uint32_t left);
/* It waits in a queue of the port now. */
void watch_queued(const struct forward *forward, struct xvs_packet *packet);
/* Transmits; packets that are looked at go out alone, so that their fate is
 * known.  'driver' NULL: there is no interface. */
void watch_transmit(struct forward *forward, const struct vport *port,
                    struct port *driver, struct xvs_packet **packets,
                    uint32_t n, struct port_tally *tally);

#endif
