/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Frames to the guest, into the buffers that it has made available: one for
 * each frame, or, with mergeable buffers, as many as the frame needs.
 */

#include <config.h>

#include <linux/virtio_net.h>
#include <string.h>
#include <xvs/packet.h>

#include "packet/offload.h"
#include "port/port.h"
#include "port/vhost/ring/copy.h"
#include "port/vhost/ring/ring.h"

/* Header and frame that are written one part after the other. */
struct writer {
    struct virtio_net_hdr_mrg_rxbuf head;
    uint32_t head_done, head_size;
    const struct xvs_packet *packet;    /* NULL: all is written */
    uint32_t offset;                    /* in this buffer of it */
};

/* What fits into 'size' bytes; returns how much that was. */
static uint32_t
write_bytes(struct writer *writer, uint8_t *to, uint32_t size)
{
    uint32_t done = 0, part;

    if (writer->head_done < writer->head_size) {
        part = writer->head_size - writer->head_done;
        done = part < size ? part : size;
        memcpy(to, (const uint8_t *) &writer->head + writer->head_done, done);
        writer->head_done += done;
    }
    while (done < size && writer->packet) {
        part = writer->packet->length - writer->offset;
        part = part < size - done ? part : size - done;
        memcpy(to + done, writer->packet->data + writer->offset, part);
        done += part;
        writer->offset += part;
        if (writer->offset == writer->packet->length) {
            writer->packet = writer->packet->next;
            writer->offset = 0;
        }
    }
    return done;
}

static void
make_head(const struct ring *ring, const struct xvs_packet *packet,
          uint32_t n_buffers, struct virtio_net_hdr_mrg_rxbuf *head)
{
    offload_give(packet, &head->hdr);
    if (!ring->setup.checksum) {
        head->hdr.flags = 0;
    }
    head->num_buffers = (uint16_t) n_buffers;
}

static void
fill(struct ring *ring, struct slot *slot, struct writer *writer)
{
    struct piece pieces[RING_PIECES];
    uint32_t n = ring_pieces(ring, slot, pieces);

    for (uint32_t i = 0; i < n; i++) {
        uint32_t done = write_bytes(writer, pieces[i].at, pieces[i].size);

        slot->written += done;
        ring_log(ring, pieces[i].at, done);
    }
}

static uint64_t
room_of(struct ring *ring, const struct slot *slot)
{
    struct piece pieces[RING_PIECES];
    uint32_t n = ring_pieces(ring, slot, pieces);
    uint64_t room = 0;

    for (uint32_t i = 0; i < n; i++) {
        room += pieces[i].size;
    }
    return room;
}

/* How many of the ready buffers behind 'first' the frame needs; 0: they are
 * not enough. */
static uint32_t
count(struct ring *ring, uint32_t first, const struct xvs_packet *packet)
{
    uint64_t need = (uint64_t) ring->setup.head + packet->total, room = 0;
    uint32_t n = ring->setup.mergeable ? ring->n_ready - first : 1;

    for (uint32_t i = 0; i < n && ring_works(ring); i++) {
        room += room_of(ring, ring_slot(ring, first + i));
        if (room >= need) {
            return i + 1;
        }
    }
    return 0;
}

/* A frame of any shape; returns how many buffers it took. */
static uint32_t
put_pieces(struct ring *ring, uint32_t first, const struct xvs_packet *packet)
{
    struct writer writer = { .head_size = ring->setup.head,
                             .packet = packet };
    uint32_t used = count(ring, first, packet);

    make_head(ring, packet, used, &writer.head);
    for (uint32_t i = 0; i < used; i++) {
        struct slot *slot = ring_slot(ring, first + i);

        slot->written = 0;
        fill(ring, slot, &writer);
    }
    return ring_works(ring) ? used : 0;
}

/* A header that asks for nothing.  Written from registers: a copy in memory
 * would be read back before it has been written, and that waits for all stores
 * to other guests' memory before it. */
static inline void
put_empty_head(uint8_t *to, uint32_t size)
{
    const uint64_t nothing = 0;
    const uint32_t one_buffer = 1u << 16;   /* and the checksum's offset */

    memcpy(to, &nothing, sizeof nothing);
    if (size == sizeof(struct virtio_net_hdr_mrg_rxbuf)) {
        memcpy(to + 8, &one_buffer, sizeof one_buffer);
    } else {
        memcpy(to + 8, &nothing, 2);
    }
}

/* The usual frame: one buffer of ours into one piece of the guest's. */
static inline void
put_simple(struct ring *ring, struct slot *slot,
           const struct xvs_packet *packet)
{
    struct virtio_net_hdr_mrg_rxbuf head;

    if (packet->offload == 0 && packet->gso_type == XVS_GSO_NONE) {
        put_empty_head(slot->at, ring->setup.head);
    } else {
        make_head(ring, packet, 1, &head);
        memcpy(slot->at, &head, ring->setup.head);
    }
    copy_frame(slot->at + ring->setup.head, packet->data, packet->length);
    slot->written = ring->setup.head + packet->length;
    ring_log(ring, slot->at, slot->written);
}

/* Packets that went out, and the buffers that they took. */
struct progress {
    uint32_t packets;
    uint32_t slots;
    uint64_t bytes;
};

/* Goes on until a packet finds no room. */
static struct progress
put(struct ring *ring, struct xvs_packet *const *packets, uint32_t n)
{
    struct progress done = { 0 };

    while (done.packets < n && done.slots < ring->n_ready) {
        const struct xvs_packet *packet = packets[done.packets];
        struct slot *slot = ring_slot(ring, done.slots);
        uint32_t used = 1;

        if (done.packets % RING_STEP == 0) {
            ring_resolve(ring, RING_STEP);
        }
        if (slot->at && !packet->next
            && slot->size >= ring->setup.head + packet->length) {
            put_simple(ring, slot, packet);
        } else {
            used = put_pieces(ring, done.slots, packet);
        }
        if (used == 0) {
            break;
        }
        done.bytes += packet->total;
        done.slots += used;
        done.packets++;
    }
    return done;
}

/* Whether more buffers became ready. */
static bool
get_more(struct ring *ring)
{
    uint32_t before = ring->n_ready;

    ring_fetch(ring);
    ring_resolve(ring, RING_BURST);
    return ring->n_ready > before;
}

/* One burst; returns how many packets are dealt with, 0: there is no room. */
static uint32_t
send_some(struct ring *ring, struct xvs_packet *const *packets, uint32_t n,
          struct port_tally *tally)
{
    struct progress done;

    if (ring->n_ready == 0 && !get_more(ring)) {
        return 0;
    }
    ring_fetch(ring);
    done = put(ring, packets, n < RING_BURST ? n : RING_BURST);
    while (done.packets == 0 && ring_works(ring) && get_more(ring)) {
        done = put(ring, packets, 1);
    }
    if (!ring_works(ring)) {
        return 0;
    }
    tally->packets += done.packets;
    tally->bytes += done.bytes;
    ring_give(ring, done.slots);
    if (done.packets == 0) {
        /* All that there is does not do for it. */
        tally->dropped++;
        return 1;
    }
    return done.packets;
}

/* All of them; returns how many are dealt with. */
static uint32_t
send_all(struct ring *ring, struct xvs_packet *const *packets, uint32_t n,
         struct port_tally *tally)
{
    uint32_t sent = 0, some = 1;

    while (sent < n && some && ring_works(ring)) {
        some = send_some(ring, packets + sent, n - sent, tally);
        sent += some;
    }
    ring_tell(ring);
    return sent;
}

/* A lock that nobody else wants costs as well: it waits until other
 * processors have seen all that was written to guests before. */
void
ring_transmit(struct ring *ring, struct xvs_packet *const *packets,
              uint32_t n, struct port_tally *tally)
{
    uint32_t sent;

    if (ring->setup.alone) {
        sent = send_all(ring, packets, n, tally);
    } else {
        pthread_mutex_lock(&ring->lock);
        sent = send_all(ring, packets, n, tally);
        pthread_mutex_unlock(&ring->lock);
    }
    tally->dropped += n - sent;
}
