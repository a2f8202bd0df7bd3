/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Frames from a hostile guest: the parser leaves offsets inside the frame,
 * and cutting a super frame loses nothing and stays inside its buffers.  The
 * input is a virtio header and a frame.
 */

#include <config.h>

#include <linux/virtio_net.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "packet/offload.h"
#include "packet/parse.h"
#include "packet/pool.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_parse(const struct xvs_packet *packet)
{
    uint32_t size = packet->length;

    if (packet->l3 > size || packet->l4 > size
        || ((packet->flags & XVS_PACKET_L4) && packet->l4 < packet->l3)
        || ((packet->flags & XVS_PACKET_IPV4) && packet->l3 + 20u > size)
        || ((packet->flags & XVS_PACKET_IPV6) && packet->l3 + 40u > size)
        || ((packet->flags & XVS_PACKET_L4) && packet->protocol == 6
            && packet->l4 + 20u > size)) {
        abort();
    }
}

/* Every byte of the payload is in one segment, in order. */
static void
check_cut(struct pool_cache *cache, const struct xvs_packet *packet)
{
    struct offload_cut cut;
    struct xvs_packet *part;
    uint32_t total = 0;

    if (!offload_cut_start(&cut, packet)) {
        return;
    }
    while ((part = offload_cut_next(&cut, cache)) != NULL) {
        if (part->total <= cut.headers || !offload_finish(part)) {
            abort();
        }
        total += part->total - cut.headers;
        pool_put(cache, &part, 1);
    }
    if (!offload_cut_done(&cut) || total != packet->total - cut.headers) {
        abort();
    }
}

/* The frame in buffers of the pool, the first of them 'first' bytes long. */
static struct xvs_packet *
make_packet(struct pool_cache *cache, const uint8_t *frame, uint32_t size)
{
    struct xvs_packet *packet;
    uint32_t at = 0;

    if (pool_get(cache, &packet, 1) == 0
        || !pool_extend(cache, packet, size)) {
        abort();
    }
    for (struct xvs_packet *one = packet; one; one = one->next) {
        memcpy(one->data, frame + at, one->length);
        at += one->length;
    }
    return packet;
}

/* The first bytes are what the guest says of the frame. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct pool *pool;
    static struct pool_cache *cache;
    struct virtio_net_hdr head;
    struct xvs_packet *packet;

    if (size < sizeof head || size > sizeof head + POOL_FRAME_MAX) {
        return 0;
    }
    if (!pool) {
        pool = pool_create(256, NULL);
        cache = pool_cache_create(pool);
    }
    memcpy(&head, data, sizeof head);
    packet = make_packet(cache, data + sizeof head,
                         (uint32_t) (size - sizeof head));
    parse_packet(packet);
    check_parse(packet);
    if (packet->total >= 14 && offload_take(packet, &head)) {
        check_cut(cache, packet);
        if (!offload_finish(packet)) {
            abort();
        }
        offload_give(packet, &head);
    }
    pool_put(cache, &packet, 1);
    return 0;
}
