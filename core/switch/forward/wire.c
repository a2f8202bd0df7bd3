/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See wire.h.  A burst may become many: they follow each other in order.
 */

#include <config.h>

#include "switch/forward/wire.h"

#include <xvs/packet.h>

#include "packet/offload.h"
#include "packet/parse.h"
#include "packet/pool.h"
#include "stage/chain/chain.h"
#include "switch/forward/entry.h"
#include "switch/forward/forward.h"
#include "switch/forward/table.h"

/* What was finished and goes on together. */
struct finished {
    struct forward *forward;
    struct vport *in;
    uint32_t n;
    struct xvs_packet *packets[XVS_BURST];
};

bool
wire_is_wanted(const struct chain *chain, struct vport *in,
               struct xvs_packet *const *packets, uint32_t n)
{
    uint32_t bits = 0, at = entry_place(chain, in);

    for (uint32_t i = 0; i < n; i++) {
        bits |= packets[i]->gso_type
            | (packets[i]->offload & XVS_OFFLOAD_CHECKSUM);
    }
    return bits && at != CHAIN_NOWHERE && at < chain->n_wire;
}

static void
flush(struct finished *finished)
{
    if (finished->n) {
        forward_frames(finished->forward, finished->in, finished->packets,
                       finished->n);
        finished->n = 0;
    }
}

static void
push(struct finished *finished, struct xvs_packet *packet)
{
    if (finished->n == XVS_BURST) {
        flush(finished);
    }
    finished->packets[finished->n++] = packet;
}

/* Gives back one that goes no further. */
static void
drop(struct finished *finished, struct xvs_packet *packet)
{
    struct forward *forward = finished->forward;

    tally_add(&finished->in->counters[forward->worker].rx_dropped, 1);
    pool_put(forward->cache, &packet, 1);
}

/* One that is no super frame. */
static void
finish(struct finished *finished, struct xvs_packet *packet)
{
    if (!(packet->offload & XVS_OFFLOAD_CHECKSUM) || offload_finish(packet)) {
        push(finished, packet);
    } else {
        drop(finished, packet);
    }
}

static void
cut(struct finished *finished, struct xvs_packet *packet)
{
    struct pool_cache *cache = finished->forward->cache;
    struct offload_cut cut;
    struct xvs_packet *part;

    parse_packet(packet);
    if (!offload_cut_start(&cut, packet)) {
        drop(finished, packet);
        return;
    }
    while ((part = offload_cut_next(&cut, cache)) != NULL) {
        finish(finished, part);
    }
    if (offload_cut_done(&cut)) {
        pool_put(cache, &packet, 1);
    } else {
        drop(finished, packet);
    }
}

void
wire_burst(struct forward *forward, struct vport *in,
           struct xvs_packet **packets, uint32_t n)
{
    struct finished finished = { .forward = forward, .in = in };

    for (uint32_t i = 0; i < n; i++) {
        struct xvs_packet *packet = packets[i];

        if (packet->gso_type != XVS_GSO_NONE) {
            cut(&finished, packet);
        } else {
            finish(&finished, packet);
        }
    }
    flush(&finished);
}
