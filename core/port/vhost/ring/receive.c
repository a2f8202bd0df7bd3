/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Frames from the guest: each is copied into buffers of the pool, out of the
 * guest's reach, and the guest's buffer is given back at once.
 */

#include <config.h>

#include <linux/virtio_net.h>
#include <string.h>
#include <xvs/packet.h>

#include "packet/offload.h"
#include "packet/pool.h"
#include "port/port.h"
#include "port/vhost/ring/copy.h"
#include "port/vhost/ring/ring.h"

#define FRAME_MIN 14u

/* Pieces that are read one after the other. */
struct reader {
    const struct piece *pieces;
    uint32_t n;
    uint32_t offset;            /* in the first piece */
};

static void
read_bytes(struct reader *reader, uint8_t *to, uint32_t size)
{
    while (size && reader->n) {
        uint32_t part = reader->pieces->size - reader->offset;

        part = part < size ? part : size;
        memcpy(to, reader->pieces->at + reader->offset, part);
        to += part;
        size -= part;
        reader->offset += part;
        if (reader->offset == reader->pieces->size) {
            reader->pieces++;
            reader->n--;
            reader->offset = 0;
        }
    }
}

static uint32_t
sum(const struct piece *pieces, uint32_t n)
{
    uint64_t total = 0;

    for (uint32_t i = 0; i < n; i++) {
        total += pieces[i].size;
    }
    return total > UINT32_MAX ? UINT32_MAX : (uint32_t) total;
}

/* What the sender asks for; most ask for nothing. */
static inline bool
take_head(struct xvs_packet *packet, const struct virtio_net_hdr *head)
{
    return (head->flags == 0 && head->gso_type == VIRTIO_NET_HDR_GSO_NONE)
        || offload_take(packet, head);
}

/* A frame of any shape and size into 'packet'; false: none that counts. */
static bool
take_pieces(struct ring *ring, struct pool_cache *cache,
            const struct slot *slot, struct xvs_packet *packet)
{
    struct piece pieces[RING_PIECES];
    struct reader reader = { pieces, 0, 0 };
    uint8_t space[sizeof(struct virtio_net_hdr_mrg_rxbuf)] = { 0 };
    struct virtio_net_hdr head;
    uint32_t size;

    reader.n = ring_pieces(ring, slot, pieces);
    size = sum(pieces, reader.n);
    if (size < ring->setup.head + FRAME_MIN
        || size - ring->setup.head > POOL_FRAME_MAX
        || !pool_extend(cache, packet, size - ring->setup.head)) {
        return false;
    }
    read_bytes(&reader, space, ring->setup.head);
    for (struct xvs_packet *one = packet; one; one = one->next) {
        read_bytes(&reader, one->data, one->length);
    }
    memcpy(&head, space, sizeof head);
    return take_head(packet, &head);
}

/* The usual frame: in one piece and not too large for one buffer. */
static inline bool
take_simple(const struct ring *ring, const struct slot *slot,
            struct xvs_packet *packet)
{
    uint32_t size = slot->size - ring->setup.head;
    struct virtio_net_hdr head;
    uint16_t wants;

    memcpy(&wants, slot->at, sizeof wants);     /* flags and gso_type */
    copy_frame(packet->data, slot->at + ring->setup.head, size);
    packet->length = size;
    packet->total = size;
    if (__builtin_expect(wants == 0, 1)) {
        return true;
    }
    memcpy(&head, slot->at, sizeof head);
    __asm__ volatile("" : "+m"(head));
    return take_head(packet, &head);
}

/* Returns how many packets the first 'n' buffers made; drops the others. */
static uint32_t
take(struct ring *ring, struct pool_cache *cache,
     struct xvs_packet **packets, uint32_t n, struct port_tally *tally)
{
    uint32_t low = ring->setup.head + FRAME_MIN, kept = 0;

    for (uint32_t i = 0; i < n; i++) {
        const struct slot *slot = ring_slot(ring, i);
        struct xvs_packet *packet = packets[i];
        bool good;

        if (i % RING_STEP == 0) {
            /* More than are taken here, so that bursts grow while the guest
             * has more for us. */
            ring_resolve(ring, 2 * RING_STEP);
        }
        good = slot->at && slot->size - low <= POOL_FRAME - FRAME_MIN
            ? take_simple(ring, slot, packet)
            : take_pieces(ring, cache, slot, packet);

        if (good && !ring->setup.discard) {
            packets[kept++] = packet;
            tally->bytes += packet->total;
        } else {
            pool_put(cache, &packet, 1);
        }
    }
    tally->packets += kept;
    tally->dropped += n - kept;
    return kept;
}

uint32_t
ring_receive(struct ring *ring, struct pool_cache *cache,
             struct xvs_packet **packets, uint32_t max,
             struct port_tally *tally)
{
    uint32_t n, kept;

    if (!ring_works(ring)) {
        return 0;
    }
    ring_tell(ring);
    if (ring->n_ready == 0) {
        ring_fetch(ring);
        ring_resolve(ring, RING_BURST);
    }
    n = ring->n_ready < max ? ring->n_ready : max;
    if (n == 0) {
        return 0;
    }
    ring_fetch(ring);
    /* Those that there is no room for stay with the guest. */
    n = pool_get(cache, packets, n < RING_BURST ? n : RING_BURST);
    kept = take(ring, cache, packets, n, tally);
    if (ring_works(ring)) {
        ring_give(ring, n);
    }
    return kept;
}
