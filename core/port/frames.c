/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A slot's bytes fill a buffer of the pool, so that frames from a ring lie in
 * buffers as they lay in slots; towards a ring any chain will do.
 */

#include <config.h>

#include "port/frames.h"

#include <xvs/packet.h>

#include "packet/offload.h"
#include "packet/pool.h"
#include "port/port.h"
#include "port/ring.h"

_Static_assert(POOL_FRAME == RING_DATA, "a slot's bytes fill a buffer");
_Static_assert(POOL_FRAME_MAX == RING_FRAME_MAX, "any frame fits");

/* Copies the next frame into the packet, buffer by buffer. */
static bool
take(const struct ring_end *rx, const struct ring_head *head,
     struct pool_cache *cache, struct xvs_packet *packet)
{
    uint32_t at = 0;

    if (head->total < 14 || !pool_extend(cache, packet, head->total)) {
        return false;
    }
    for (struct xvs_packet *one = packet; one; one = one->next) {
        ring_read(rx, at, one->data, one->length);
        at += one->length;
    }
    return offload_take(packet, &head->virtio);
}

uint32_t
frames_receive(struct ring_end *rx, struct pool_cache *cache,
               struct xvs_packet **packets, uint32_t max,
               struct port_tally *tally)
{
    uint32_t waiting = rx->broken ? 0 : ring_waiting(rx), got, n = 0;
    struct ring_head head;

    if (waiting == 0) {
        return 0;
    }
    got = pool_get(cache, packets, waiting < max ? waiting : max);
    while (n < got && ring_next(rx, &head)) {
        if (take(rx, &head, cache, packets[n])) {
            tally->bytes += packets[n++]->total;
        } else {
            tally->dropped++;
            pool_put(cache, &packets[n], 1);
            packets[n] = packets[--got];
        }
        ring_skip(rx, head.total);
    }
    tally->packets += n;
    pool_put(cache, packets + n, got - n);
    if (!rx->broken) {
        ring_free(rx);
    }
    return n;
}

bool
frames_give(struct ring_end *tx, const struct xvs_packet *packet,
            const void *before, uint32_t n)
{
    uint32_t total = packet->total + n, slots = ring_slots_of(total), at = n;
    struct virtio_net_hdr virtio;

    if (total > RING_FRAME_MAX || ring_room(tx, slots) < slots) {
        return false;
    }
    ring_fill(tx, 0, before, n);
    for (const struct xvs_packet *one = packet; one; one = one->next) {
        ring_fill(tx, at, one->data, one->length);
        at += one->length;
    }
    offload_give(packet, &virtio);
    ring_add(tx, total, &virtio);
    return true;
}
