/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Split rings:
 *
 *     avail: idx, ring of descriptor numbers    written by the guest
 *     desc:  address, size, flags, next         written by the guest
 *     used:  idx, ring of numbers and sizes     written by us
 *
 * Indexes run freely over 16 bits; the ring's size is a power of two.
 */

#include <config.h>

#include "port/vhost/ring/ring.h"

#define USED_LINE 8u            /* entries of the used ring in a line of the
                                 * cache */

/* The descriptor's words, each read once. */
static inline struct vring_desc
read_desc(const struct vring_desc *desc)
{
    return (struct vring_desc) { RING_READ(desc->addr), RING_READ(desc->len),
                                 RING_READ(desc->flags),
                                 RING_READ(desc->next) };
}

/* How many buffers are available from 'at' on. */
static uint32_t
available(struct ring *ring, uint16_t at, uint32_t enough)
{
    uint32_t n = (uint16_t) (ring->seen - at);

    if (n < enough) {
        ring->seen = __atomic_load_n(&ring->avail->idx, __ATOMIC_ACQUIRE);
        n = (uint16_t) (ring->seen - at);
        if ((uint16_t) (ring->seen - ring->next) > ring->setup.size) {
            ring_break(ring, "more buffers than the ring has", n);
            n = 0;
        }
    }
    return n < enough ? n : enough;
}

void
split_fetch(struct ring *ring)
{
    uint16_t mask = (uint16_t) (ring->setup.size - 1);
    uint32_t have = ring->n_ready + ring->n_fetched;
    uint32_t room = RING_SLOTS - have;
    uint16_t at = (uint16_t) (ring->next + have);
    uint32_t n = available(ring, at, room < RING_BURST ? room : RING_BURST);

    for (uint32_t i = 0; i < n; i++) {
        uint16_t index = (uint16_t) (at + i) & mask;
        uint16_t id = RING_READ(ring->avail->ring[index]);

        ring_slot(ring, have + i)->id = id;
        __builtin_prefetch(&ring->desc[id & mask]);
        if (i == 0 || index % USED_LINE == USED_LINE - 1) {
            /* The second half of the last one lies in the next line. */
            ring_prefetch(&ring->used->ring[index].len, true);
        }
    }
    ring->n_fetched += n;
}

/* One buffer; false when that broke the ring. */
static inline bool
resolve(struct ring *ring, struct slot *slot, bool to_guest)
{
    struct vring_desc desc;

    if (slot->id >= ring->setup.size) {
        ring_break(ring, "a descriptor behind the ring's end", slot->id);
        return false;
    }
    desc = read_desc(&ring->desc[slot->id]);
    slot->size = desc.len;
    slot->written = 0;
    slot->at = desc.flags == (to_guest ? VRING_DESC_F_WRITE : 0)
        ? ring_at(ring, desc.addr, desc.len) : NULL;
    if (slot->at) {
        ring_prefetch(slot->at, to_guest);
        ring_prefetch(slot->at + 64, to_guest);
    }
    return true;
}

void
split_resolve(struct ring *ring, uint32_t max)
{
    uint32_t n = ring->n_fetched < max ? ring->n_fetched : max, i = 0;
    uint32_t ready = ring->n_ready;

    if (ring->setup.to_guest) {
        while (i < n && resolve(ring, ring_slot(ring, ready + i), true)) {
            i++;
        }
    } else {
        while (i < n && resolve(ring, ring_slot(ring, ready + i), false)) {
            i++;
        }
    }
    ring->n_ready += i;
    ring->n_fetched -= i;
}

/* Appends a descriptor's piece. */
static bool
add(struct ring *ring, const struct vring_desc *desc, uint32_t index,
    struct piece *pieces, uint32_t *n)
{
    if (!(desc->flags & VRING_DESC_F_WRITE) == ring->setup.to_guest) {
        ring_break(ring, "a buffer for the wrong direction", index);
        return false;
    }
    return ring_add_piece(ring, pieces, n, desc->addr, desc->len);
}

/* The chain in the table behind an indirect descriptor. */
static bool
follow_table(struct ring *ring, const struct vring_desc *desc,
             struct piece *pieces, uint32_t *n)
{
    uint32_t size, index = 0, count = 0;
    const uint8_t *table = ring_table(ring, desc->addr, desc->len, &size);
    struct vring_desc entry = { 0 };

    if (!table || (desc->flags & VRING_DESC_F_NEXT)) {
        ring_break(ring, "an indirect table within a chain", 0);
        return false;
    }
    do {
        if (index >= size || count++ >= size) {
            ring_break(ring, "a chain in an indirect table that does not end",
                       index);
            return false;
        }
        ring_read_entry(&entry, table, index);
        if (entry.flags & VRING_DESC_F_INDIRECT) {
            ring_break(ring, "an indirect table in an indirect table", index);
            return false;
        }
        if (!add(ring, &entry, index, pieces, n)) {
            return false;
        }
        index = entry.next;
    } while (entry.flags & VRING_DESC_F_NEXT);
    return true;
}

uint32_t
split_pieces(struct ring *ring, const struct slot *slot, struct piece *pieces)
{
    uint32_t index = slot->id, count = 0, n = 0;
    struct vring_desc desc;

    do {
        if (index >= ring->setup.size || count++ >= ring->setup.size) {
            ring_break(ring, "a chain that does not end", index);
            return 0;
        }
        desc = read_desc(&ring->desc[index]);
        if (desc.flags & VRING_DESC_F_INDIRECT) {
            return follow_table(ring, &desc, pieces, &n) ? n : 0;
        }
        if (!add(ring, &desc, index, pieces, &n)) {
            return 0;
        }
        index = desc.next;
    } while (desc.flags & VRING_DESC_F_NEXT);
    return n;
}

bool
split_wants_interrupt(const struct ring *ring)
{
    if (ring->setup.event_index) {
        return vring_need_event(RING_READ(ring->avail->ring[ring->setup.size]),
                                ring->next,
                                (uint16_t) (ring->next - ring->unsaid));
    }
    return !(RING_READ(ring->avail->flags) & VRING_AVAIL_F_NO_INTERRUPT);
}

static void
log_used(const struct ring *ring, uint16_t before, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        uint32_t index = (before + i) & (ring->setup.size - 1);

        ring_log_used(ring, (uint32_t) offsetof(struct vring_used, ring)
                          + index * (uint32_t) sizeof(struct vring_used_elem),
                      sizeof(struct vring_used_elem));
    }
    ring_log_used(ring, 0, offsetof(struct vring_used, ring));
}

void
split_give(struct ring *ring, uint32_t n)
{
    uint16_t before = ring->next, mask = (uint16_t) (ring->setup.size - 1);

    for (uint32_t i = 0; i < n; i++) {
        struct vring_used_elem *used = &ring->used->ring[(before + i) & mask];
        const struct slot *slot = ring_slot(ring, i);

        RING_WRITE(used->id, slot->id);
        RING_WRITE(used->len, slot->written);
    }
    ring->next = (uint16_t) (before + n);
    ring->unsaid = (uint16_t) (ring->unsaid + n);
    if (ring->setup.dirty) {
        log_used(ring, before, n);
    }
    __atomic_store_n(&ring->used->idx, ring->next, __ATOMIC_RELEASE);
    if (ring->setup.inflight) {
        RING_WRITE(ring->setup.inflight->split_used, ring->next);
    }
}

bool
split_arm(struct ring *ring)
{
    uint32_t event = ring->setup.size;

    if (ring->setup.event_index) {
        uint16_t *avail_event = (void *) &ring->used->ring[event];

        RING_WRITE(*avail_event, ring->next);
        ring_log_used(ring, (uint32_t) offsetof(struct vring_used, ring)
                          + event * (uint32_t) sizeof(struct vring_used_elem),
                      2);
    } else {
        RING_WRITE(ring->used->flags, 0);
        ring_log_used(ring, 0, 2);
    }
    ring_barrier();
    return RING_READ(ring->avail->idx) == ring->next;
}

/* With an event index the one that is behind us does no harm. */
void
split_disarm(struct ring *ring)
{
    if (!ring->setup.event_index) {
        RING_WRITE(ring->used->flags, VRING_USED_F_NO_NOTIFY);
        ring_log_used(ring, 0, 2);
    }
}
