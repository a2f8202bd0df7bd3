/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_CHAIN_PARTNERS_H
#define XVS_STAGE_CHAIN_PARTNERS_H

/*
 * Two stages that hold one place of a chain, as two firewalls of different
 * vendors.  They are entries next to each other, and a packet meets one of
 * them, whichever way it goes:
 *
 *                  +-> first  --+
 *     ingress   ---|            |--->       failover: all to the first
 *                  +-> second --+           aggregate: by flow
 *
 * A stage that has no process which takes its packets is "away": its partner
 * gets them.  First those that it had been given and not finished, undone and
 * in their order (rescued); then, and not before, new ones.  When it has a
 * process again, its packets come back to it at a moment when its partner has
 * none of them left: the worker lands what is in flight for that.  So a flow
 * keeps its order both ways.  When neither takes packets, they wait where they
 * are, and on_failure holds, the stricter of the two.
 *
 * All of it is a worker's own, in the counters of the stages: workers change
 * over one by one, when they have packets.
 *
 * A flow is what goes between two addresses of IP, and of TCP and SCTP between
 * two ports of them, in both directions; without IP, between two MAC
 * addresses.  The ports of UDP do not count, because a datagram may come in
 * fragments, which have none, and must not overtake others of its flow.
 */

#include <stdbool.h>
#include <stdint.h>
#include <xvs/packet.h>

#include "stage/chain/chain.h"
#include "stage/lane/lanes.h"

/* Which of two stages that aggregate gets the packet: 0 or 1. */
uint32_t partners_choose(const struct xvs_packet *packet);
/*
 * Divides the packets: those of the first stay in 'packets', to its front,
 * those of the second go to 'others', both in order.  Returns how many are the
 * first's.  Sets run->drain.
 */
uint32_t partners_split(const struct chain_entry two[2],
                        struct chain_run *run, struct xvs_packet **packets,
                        uint32_t n, struct xvs_packet *others[XVS_BURST]);
/* Whether the partner is to have the packets in the entry's lane, in which
 * there are some.  'now' is clock_cycles(). */
bool partners_must_rescue(const struct chain_entry *entry, uint32_t worker,
                          uint64_t now);
/* Takes them out, as lane_take() does; 0: its partner has no room yet. */
uint32_t partners_rescue(const struct chain_entry *entry, uint32_t worker,
                         uint32_t *direction,
                         struct lane_packet out[XVS_BURST]);

#endif
