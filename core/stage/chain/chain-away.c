/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Packets of a chain whose hook runs in another process: on their way into a
 * lane, and back.
 */

#include <config.h>

#include "stage/chain/chain-inside.h"

#include "packet/pool.h"
#include "stage/lane/lanes.h"

/* The packet, or the copy of one that others need, too; NULL: there is no
 * buffer for it, which is counted, or no room in the lane. */
static struct xvs_packet *
to_park(struct chain_run *run, const struct lane *lane, uint32_t *room,
        struct xvs_packet *packet)
{
    uint32_t needed;

    if (run->shared) {
        packet = pool_twin(run->cache, packet);
    }
    if (!packet) {
        run->n_short++;
        return NULL;
    }
    needed = packet->next ? lane_needs(lane, packet) : 1;
    if (needed <= *room) {
        *room -= needed;
        return packet;
    }
    if (run->shared) {
        pool_put(run->cache, &packet, 1);
    }
    return NULL;
}

void
chain_park(const struct chain_entry *entry, struct chain_run *run,
           struct xvs_packet *const *packets, uint32_t n)
{
    struct lane *lane = lanes_of(entry->lanes, run->worker);
    uint32_t room = lane_room(lane), n_parked = 0, n_short = run->n_short;
    struct xvs_packet *parked[XVS_BURST];

    for (uint32_t i = 0; i < n && room; i++) {
        struct xvs_packet *packet = to_park(run, lane, &room, packets[i]);

        if (packet) {
            packet->verdict = CHAIN_PARKED;
            parked[n_parked++] = packet;
        }
    }
    lane_give(lane, run->direction == CHAIN_EGRESS ? SHARE_EGRESS : 0,
              parked, n_parked);
    lane_lose(lane, n - n_parked - (run->n_short - n_short));
    run->parked += n_parked;
}

/* A process is believed only what no port stumbles over. */
static bool
is_sound(const struct xvs_packet *packet, const struct share_change *change)
{
    return (change->gso_type == packet->gso_type
            || change->gso_type == XVS_GSO_NONE)
        && (change->gso_type == XVS_GSO_NONE || change->gso_size)
        && (!(change->offload & XVS_OFFLOAD_CHECKSUM)
            || change->csum_start + change->csum_offset + 2u
                <= change->length);
}

void
chain_apply(const struct pool *pool, const struct lane_packet *out)
{
    const struct share_change *change = &out->change;
    struct xvs_packet *packet = out->packet;

    packet->verdict = out->verdict.verdict;
    packet->drop_reason = out->verdict.reason;
    if (!out->verdict.changed) {
        return;
    }
    if (!is_sound(packet, change)) {
        packet->length = 0;     /* no frame: judged as broken */
        return;
    }
    packet->data = pool_buffer(pool, packet) + change->data;
    packet->length = change->length;
    packet->out_port = change->out_port;
    packet->csum_start = change->csum_start;
    packet->csum_offset = change->csum_offset;
    packet->gso_size = change->gso_size;
    packet->gso_type = change->gso_type;
    packet->offload = change->offload;
}
