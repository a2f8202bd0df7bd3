/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Judges what packet hooks did; see chain.h for the rules.
 */

#include <config.h>

#include <string.h>

#include "packet/parse.h"
#include "packet/pool.h"
#include "packet/tally.h"
#include "stage/chain/chain-inside.h"

/* Takes back what the class may not do; true when the frame has moved. */
static bool
enforce(const struct chain_entry *entry, const struct chain_run *run,
        const struct xvs_packet *before, struct xvs_packet *packet)
{
    bool ingress = run->direction == CHAIN_INGRESS;

    packet->in_port = before->in_port;
    if (!ingress || entry->extension_class != XVS_CLASS_FORWARD) {
        packet->out_port = before->out_port;
    }
    packet->next = before->next;
    if (entry->extension_class == XVS_CLASS_CAPTURE) {
        packet->verdict = XVS_PASS;
    }
    if (!chain_may_change(entry, run)) {
        packet->data = before->data;
        packet->length = before->length;
    }
    packet->total = before->total - before->length + packet->length;
    return packet->data != before->data || packet->length != before->length;
}

/* A frame that a hook moved or resized: false when it cannot be used. */
static bool
take_moved(const struct pool *pool, struct xvs_packet *packet)
{
    uint16_t flood = packet->flags & XVS_PACKET_FLOOD;

    if (!pool_holds(pool, packet) || packet->gso_type > XVS_GSO_UDP) {
        return false;
    }
    parse_packet(packet);
    packet->flags |= flood;
    return true;
}

void
chain_sift(const struct chain_entry *entry, struct passage *passage)
{
    struct stage_counters *counters = &entry->counters[passage->run->worker];
    uint32_t left = 0, broken = 0;

    for (uint32_t i = 0; i < passage->n; i++) {
        struct xvs_packet *packet = passage->packets[i], before;

        memcpy(&before, &passage->heads[i], sizeof passage->heads[i]);
        if (enforce(entry, passage->run, &before, packet)
            && !take_moved(passage->run->pool, packet)) {
            packet->data = before.data;
            packet->length = before.length;
            packet->total = before.total;
            packet->gso_type = XVS_GSO_NONE;
            packet->verdict = CHAIN_BROKEN;
            broken++;
        } else if (packet->verdict == XVS_PASS) {
            passage->packets[left++] = packet;
        } else {
            packet->verdict = XVS_DROP;
            tally_add(&counters->reasons[packet->drop_reason < CHAIN_REASONS
                                         ? packet->drop_reason
                                         : CHAIN_REASONS - 1], 1);
        }
    }
    tally_add(&counters->drops, passage->n - left - broken);
    tally_add(&counters->broken, broken);
    passage->n = left;
    passage->is_known = false;
}
