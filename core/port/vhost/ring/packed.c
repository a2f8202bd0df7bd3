/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Packed rings: one ring of descriptors that guest and we both write.
 *
 * Whose a descriptor is say two bits of its flags, compared with a wrap
 * counter that is turned at each end of the ring:
 *
 *     AVAIL == counter, USED != counter     the guest made it available
 *     AVAIL == counter, USED == counter     we gave it back
 *
 * A buffer of several descriptors takes neighbouring ones; it is given back
 * by writing the first.  The first buffer of a burst is given back last, so
 * that the guest sees all of the burst or nothing.
 */

#include <config.h>

#include "port/vhost/ring/ring.h"

#define AVAIL (1u << VRING_PACKED_DESC_F_AVAIL)
#define USED (1u << VRING_PACKED_DESC_F_USED)
#define LINE 4u                 /* descriptors in a line of the cache */

static struct ring_place
advance(const struct ring *ring, struct ring_place place, uint32_t n)
{
    place.at += n;
    if (place.at >= ring->setup.size) {
        place.at -= ring->setup.size;
        place.wrap = !place.wrap;
    }
    return place;
}

static bool
is_available(uint16_t flags, bool wrap)
{
    return (flags & AVAIL ? 1 : 0) == wrap && (flags & USED ? 1 : 0) != wrap;
}

/* How many descriptors the buffer has, and its number, which the last one
 * tells.  0: that broke the ring. */
static uint16_t
measure(struct ring *ring, struct ring_place place, uint16_t *id)
{
    const struct vring_packed_desc *desc = &ring->packed[place.at];
    uint16_t n = 1;

    while (RING_READ(desc->flags) & VRING_DESC_F_NEXT) {
        if (n++ >= ring->setup.size) {
            ring_break(ring, "a chain that does not end", place.at);
            return 0;
        }
        place = advance(ring, place, 1);
        desc = &ring->packed[place.at];
    }
    *id = RING_READ(desc->id);
    return n;
}

/* False: there is none, or that broke the ring. */
static bool
look(struct ring *ring, struct ring_place place, struct slot *slot)
{
    const struct vring_packed_desc *desc = &ring->packed[place.at];
    uint16_t flags = __atomic_load_n(&desc->flags, __ATOMIC_ACQUIRE);
    uint16_t kind = flags & (VRING_DESC_F_NEXT | VRING_DESC_F_INDIRECT
                             | VRING_DESC_F_WRITE);

    if (!is_available(flags, place.wrap)) {
        return false;
    }
    slot->place = (uint16_t) place.at;
    slot->wrap = place.wrap;
    slot->written = 0;
    slot->size = RING_READ(desc->len);
    slot->at = kind == (ring->setup.to_guest ? VRING_DESC_F_WRITE : 0)
        ? ring_at(ring, RING_READ(desc->addr), slot->size) : NULL;
    if (slot->at) {
        slot->n = 1;
        slot->id = RING_READ(desc->id);
        ring_prefetch(slot->at, ring->setup.to_guest);
        ring_prefetch(slot->at + 64, ring->setup.to_guest);
        return true;
    }
    slot->n = measure(ring, place, &slot->id);
    return slot->n != 0;
}

/* Which are available their own flags tell, later. */
void
packed_fetch(struct ring *ring)
{
    for (uint32_t i = 0; i < RING_BURST; i += LINE) {
        __builtin_prefetch(&ring->packed[ring->ahead.at + i]);
    }
}

/* Descriptors of the buffers that are ready. */
static uint32_t
span(const struct ring *ring)
{
    uint32_t n = ring->ahead.at + ring->setup.size - ring->next;

    return ring->n_ready == 0 ? 0
        : ring->ahead.wrap == ring->wrap ? n - ring->setup.size : n;
}

void
packed_resolve(struct ring *ring, uint32_t max)
{
    uint32_t total = span(ring);

    for (uint32_t i = 0; i < max && ring->n_ready < RING_SLOTS; i++) {
        struct slot *slot = ring_slot(ring, ring->n_ready);

        if (total == ring->setup.size || !look(ring, ring->ahead, slot)) {
            return;
        }
        total += slot->n;
        if (total > ring->setup.size) {
            ring_break(ring, "more buffers than the ring has", slot->place);
            return;
        }
        ring->ahead = advance(ring, ring->ahead, slot->n);
        ring->n_ready++;
    }
}

/* The pieces in the table behind an indirect descriptor: all its entries, in
 * order. */
static bool
follow_table(struct ring *ring, uint64_t address, uint32_t bytes,
             struct piece *pieces, uint32_t *n)
{
    uint32_t size;
    const uint8_t *table = ring_table(ring, address, bytes, &size);

    for (uint32_t i = 0; table && i < size; i++) {
        struct vring_packed_desc entry;

        ring_read_entry(&entry, table, i);
        if (!(entry.flags & VRING_DESC_F_WRITE) == ring->setup.to_guest) {
            ring_break(ring, "a buffer for the wrong direction", i);
            return false;
        }
        if (!ring_add_piece(ring, pieces, n, entry.addr, entry.len)) {
            return false;
        }
    }
    return table != NULL;
}

uint32_t
packed_pieces(struct ring *ring, const struct slot *slot,
              struct piece *pieces)
{
    struct ring_place place = { slot->place, slot->wrap };
    uint32_t n = 0;

    for (uint32_t i = 0; i < slot->n; i++, place = advance(ring, place, 1)) {
        const struct vring_packed_desc *desc = &ring->packed[place.at];
        uint16_t flags = RING_READ(desc->flags);
        uint64_t address = RING_READ(desc->addr);
        uint32_t size = RING_READ(desc->len);

        if (flags & VRING_DESC_F_INDIRECT) {
            if (slot->n > 1) {
                ring_break(ring, "an indirect table within a chain", place.at);
                return 0;
            }
            return follow_table(ring, address, size, pieces, &n)
                ? n : 0;
        }
        if (!(flags & VRING_DESC_F_WRITE) == ring->setup.to_guest) {
            ring_break(ring, "a buffer for the wrong direction", place.at);
            return 0;
        }
        if (!ring_add_piece(ring, pieces, &n, address, size)) {
            return 0;
        }
    }
    return n;
}

/* ---- Giving back -------------------------------------------------------- */

static void
give_one(const struct ring *ring, const struct slot *slot, int order)
{
    struct vring_packed_desc *desc = &ring->packed[slot->place];
    uint16_t flags = (uint16_t) ((slot->wrap ? AVAIL | USED : 0)
                                 | (slot->written ? VRING_DESC_F_WRITE : 0));

    RING_WRITE(desc->id, slot->id);
    RING_WRITE(desc->len, slot->written);
    if (order == __ATOMIC_RELEASE) {
        __atomic_store_n(&desc->flags, flags, __ATOMIC_RELEASE);
    } else {
        RING_WRITE(desc->flags, flags);
    }
    ring_log(ring, desc, sizeof *desc);
}

bool
packed_wants_interrupt(const struct ring *ring)
{
    uint16_t flags = RING_READ(ring->driver_event->flags);
    uint16_t event, position;

    if (flags != VRING_PACKED_EVENT_FLAG_DESC || !ring->setup.event_index) {
        return flags != VRING_PACKED_EVENT_FLAG_DISABLE;
    }
    event = RING_READ(ring->driver_event->off_wrap);
    position = event & (uint16_t) ~(1u << VRING_PACKED_EVENT_F_WRAP_CTR);
    if ((bool) (event >> VRING_PACKED_EVENT_F_WRAP_CTR) != ring->wrap) {
        position = (uint16_t) (position - ring->setup.size);
    }
    return vring_need_event(position, ring->next,
                            (uint16_t) (ring->next - ring->unsaid));
}

static void
note(struct inflight_queue *inflight, struct ring_place now,
     struct ring_place before)
{
    __atomic_store_n(&inflight->position,
                     inflight_position((uint16_t) now.at, now.wrap,
                                       (uint16_t) before.at, before.wrap),
                     __ATOMIC_RELEASE);
}

void
packed_give(struct ring *ring, uint32_t n)
{
    struct inflight_queue *inflight = ring->setup.inflight;
    struct ring_place before = { ring->next, ring->wrap }, now;
    uint32_t total = 0;

    for (uint32_t i = 0; i < n; i++) {
        total += ring_slot(ring, i)->n;
    }
    now = advance(ring, before, total);
    ring->next = (uint16_t) now.at;
    ring->wrap = now.wrap;
    ring->unsaid = (uint16_t) (ring->unsaid + total);
    if (inflight) {
        note(inflight, now, before);
    }
    for (uint32_t i = 1; i < n; i++) {
        give_one(ring, ring_slot(ring, i), __ATOMIC_RELAXED);
    }
    give_one(ring, ring_slot(ring, 0), __ATOMIC_RELEASE);
    if (inflight) {
        note(inflight, now, now);
    }
}

bool
packed_arm(struct ring *ring)
{
    RING_WRITE(ring->device_event->flags, VRING_PACKED_EVENT_FLAG_ENABLE);
    ring_log(ring, ring->device_event, sizeof *ring->device_event);
    ring_barrier();
    return !is_available(RING_READ(ring->packed[ring->next].flags),
                         ring->wrap);
}

void
packed_disarm(struct ring *ring)
{
    RING_WRITE(ring->device_event->flags, VRING_PACKED_EVENT_FLAG_DISABLE);
    ring_log(ring, ring->device_event, sizeof *ring->device_event);
}
