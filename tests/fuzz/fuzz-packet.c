/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Frames from a hostile guest: the parser leaves offsets inside the frame, the
 * SDK's views and changes stay inside of the first buffer, and cutting a super
 * frame loses nothing and stays inside its buffers.  The input is a virtio
 * header and a frame.
 */

#include <config.h>

#include <linux/virtio_net.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <xvs/headers.h>

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

/* A view is nowhere or inside. */
static void
check_view(const struct xvs_packet *packet, const void *view, uint32_t size)
{
    const uint8_t *at = view;

    if (at && (at < packet->data
               || at + size > packet->data + packet->length)) {
        abort();
    }
}

static void
check_views(const struct xvs_packet *packet)
{
    uint32_t size, at = xvs_packet_payload(packet, &size);

    check_view(packet, xvs_packet_ethernet(packet), 14);
    check_view(packet, xvs_packet_arp(packet), 28);
    check_view(packet, xvs_packet_ipv4(packet), 20);
    check_view(packet, xvs_packet_ipv6(packet), 40);
    check_view(packet, xvs_packet_tcp(packet), 20);
    check_view(packet, xvs_packet_udp(packet), 8);
    check_view(packet, xvs_packet_sctp(packet), 12);
    check_view(packet, xvs_packet_icmp(packet), 4);
    for (uint32_t i = 0; i < 10; i++) {
        check_view(packet, xvs_packet_vlan(packet, i), 4);
    }
    if (at > packet->total || size > packet->total - at
        || xvs_packet_read(packet, packet->total, &at, 4) != 0) {
        abort();
    }
}

/* Changes bytes, moves the front there and back; the frame is as before. */
static void
check_changes(struct xvs_packet *packet)
{
    struct xvs_packet before = *packet;
    uint32_t at = packet->total % 64, hash = xvs_packet_hash(packet);
    uint8_t old[4], *front = packet->data;

    if (xvs_packet_read(packet, at, old, 4) == 4
        && xvs_packet_write(packet, at, "abcd", 4)
        && !xvs_packet_write(packet, at, old, 4)) {
        abort();
    }
    if (before.length < 14) {
        return;
    }
    if (!xvs_packet_push(packet, 4) || !xvs_packet_pull(packet, 4)
        || packet->data != front || packet->total != before.total
        || packet->csum_start != before.csum_start
        || (packet->flags && packet->l3 != before.l3) || hash == 0) {
        abort();
    }
    parse_packet(packet);
    check_parse(packet);
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
    check_views(packet);
    check_changes(packet);
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
