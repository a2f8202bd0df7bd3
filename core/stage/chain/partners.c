/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Dividing packets between two stages; see partners.h.
 */

#include <config.h>

#include "stage/chain/partners.h"

#include "control/message.h"
#include "packet/tally.h"

enum protocol { TCP = 6, SCTP = 132 };

/* ---- Flows ---------------------------------------------------------------- */

/* Spreads what was added up, so that each bit counts. */
static uint64_t
mix(uint64_t sum)
{
    sum ^= sum >> 33;
    sum *= 0xff51afd7ed558ccdu;
    sum ^= sum >> 33;
    sum *= 0xc4ceb9fe1a85ec53u;
    return sum ^ sum >> 33;
}

/* Of one end of a flow. */
static uint64_t
hash_end(const uint8_t *address, uint32_t size)
{
    uint64_t hash = size;

    for (uint32_t i = 0; i + 2 <= size; i += 2) {
        hash = hash * 0x9e3779b97f4a7c15u + xvs_be16(address + i) + 1;
    }
    return mix(hash);
}

/* Both ends, whichever comes first. */
static uint64_t
hash_ends(const uint8_t *addresses, uint32_t size)
{
    return hash_end(addresses, size) + hash_end(addresses + size, size);
}

/* 0: it has none that count. */
static uint64_t
hash_ports(const struct xvs_packet *packet)
{
    const uint8_t *ports = packet->flags & XVS_PACKET_L4
        && !(packet->flags & XVS_PACKET_FRAGMENT)
        && (packet->protocol == TCP || packet->protocol == SCTP)
        ? xvs_packet_at(packet, packet->l4, 4) : NULL;

    return ports ? hash_ends(ports, 2) : 0;
}

uint32_t
partners_choose(const struct xvs_packet *packet)
{
    const uint8_t *at = NULL;
    uint32_t size = 6;

    if (packet->flags & XVS_PACKET_IPV4) {
        size = 4;
        at = xvs_packet_at(packet, packet->l3 + 12u, 2 * size);
    } else if (packet->flags & XVS_PACKET_IPV6) {
        size = 16;
        at = xvs_packet_at(packet, packet->l3 + 8u, 2 * size);
    }
    if (!at) {
        size = 6;
        at = xvs_packet_at(packet, 0, 2 * size);
    }
    return at ? mix(hash_ends(at, size) + hash_ports(packet)) & 1 : 0;
}

/* ---- Who takes packets ---------------------------------------------------- */

static struct lane *
lane_of(const struct chain_entry *entry, uint32_t worker)
{
    return entry->lanes ? lanes_of(entry->lanes, worker) : NULL;
}

static bool
is_served(const struct chain_entry *entry, uint32_t worker)
{
    return !entry->lanes || lane_is_served(lane_of(entry, worker));
}

static void
set_away(const struct chain_entry *entry, uint32_t worker, uint64_t away)
{
    __atomic_store_n(&entry->counters[worker].away, away, __ATOMIC_RELAXED);
}

/* Whether the stage's packets go to its partner.  They come back when that
 * has none of them. */
static bool
is_away(const struct chain_entry *entry, struct chain_run *run)
{
    const struct chain_entry *partner = entry + entry->partner;

    if (!tally_read(&entry->counters[run->worker].away)) {
        return false;
    }
    if (!is_served(entry, run->worker)) {
        return true;
    }
    if (partner->lanes && lane_waiting(lane_of(partner, run->worker))) {
        run->drain = true;
        return true;
    }
    set_away(entry, run->worker, 0);
    return false;
}

/* ---- New packets ---------------------------------------------------------- */

/* All to one of them. */
static uint32_t
give_all(uint32_t second, struct xvs_packet **packets, uint32_t n,
         struct xvs_packet *others[XVS_BURST])
{
    for (uint32_t i = 0; second && i < n; i++) {
        others[i] = packets[i];
    }
    return second ? 0 : n;
}

/* To each its own. */
static uint32_t
divide(struct xvs_packet **packets, uint32_t n,
       struct xvs_packet *others[XVS_BURST])
{
    uint32_t n_first = 0, n_second = 0;

    for (uint32_t i = 0; i < n; i++) {
        if (partners_choose(packets[i])) {
            others[n_second++] = packets[i];
        } else {
            packets[n_first++] = packets[i];
        }
    }
    return n_first;
}

/* How many of the packets would be the stage's if it were not away. */
static uint32_t
count_own(const struct chain_entry *entry, uint32_t which,
          struct xvs_packet *const *packets, uint32_t n)
{
    uint32_t own = 0;

    if (entry->sharing == SHARING_FAILOVER) {
        return n;
    }
    for (uint32_t i = 0; i < n; i++) {
        own += partners_choose(packets[i]) == which;
    }
    return own;
}

uint32_t
partners_split(const struct chain_entry two[2], struct chain_run *run,
               struct xvs_packet **packets, uint32_t n,
               struct xvs_packet *others[XVS_BURST])
{
    bool is_failover = two[0].sharing == SHARING_FAILOVER;
    uint32_t which = 0;

    if (!is_away(&two[0], run)) {
        if (is_failover) {
            return n;
        }
        which = 1;
        if (!is_away(&two[1], run)) {
            return divide(packets, n, others);
        }
    }
    tally_add(&two[which].counters[run->worker].diverted,
              count_own(&two[which], which, packets, n));
    return give_all(which == 0, packets, n, others);
}

/* ---- Packets of one that takes none --------------------------------------- */

bool
partners_must_rescue(const struct chain_entry *entry, uint32_t worker,
                     uint64_t now)
{
    return lane_is_stranded(lane_of(entry, worker), now)
        && is_served(entry + entry->partner, worker);
}

uint32_t
partners_rescue(const struct chain_entry *entry, uint32_t worker,
                uint32_t *direction, struct lane_packet out[XVS_BURST])
{
    const struct chain_entry *partner = entry + entry->partner;
    struct stage_counters *counters = &entry->counters[worker];
    struct lane *lane = lane_of(entry, worker);
    uint32_t n = lane_leave(lane, lane_of(partner, worker), direction, out);

    tally_add(&counters->rescued, n);
    tally_add(&counters->diverted, n);
    if (lane_waiting(lane)) {
        return n;
    }
    /* The second of a failover has no packets of its own. */
    if (entry->sharing == SHARING_AGGREGATE || entry->partner > 0) {
        tally_add(&counters->turns, !tally_read(&counters->away));
        set_away(entry, worker, 1);
    }
    return n;
}
