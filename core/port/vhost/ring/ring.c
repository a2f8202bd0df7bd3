/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Starting and stopping rings, what breaks them, and the choice between the
 * two kinds, once per burst.
 */

#include <config.h>

#include "port/vhost/ring/ring.h"

#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/error.h"
#include "port/vhost/ring/notify.h"

#define WRAP 0x8000u            /* of a position: its wrap counter */

/* ---- Main thread -------------------------------------------------------- */

static uint32_t
used_size(const struct ring_setup *setup)
{
    if (setup->packed) {
        return sizeof(struct vring_packed_desc_event);
    }
    return (uint32_t) sizeof(struct vring_used)
        + setup->size * (uint32_t) sizeof(struct vring_used_elem)
        + (setup->event_index ? 2 : 0);
}

static uint32_t
avail_size(const struct ring_setup *setup)
{
    if (setup->packed) {
        return sizeof(struct vring_packed_desc_event);
    }
    return (uint32_t) sizeof(struct vring_avail) + setup->size * 2
        + (setup->event_index ? 2 : 0);
}

static bool
check(const struct ring_setup *setup, struct error *error)
{
    if (setup->size == 0 || setup->size > RING_SIZE_MAX
        || (!setup->packed && (setup->size & (setup->size - 1)))) {
        return error_set(error, ERROR_INVALID, "its size %u is none that a"
                         " ring can have", setup->size);
    }
    if (setup->desc % 16 || setup->avail % (setup->packed ? 4 : 2)
        || setup->used % 4) {
        return error_set(error, ERROR_INVALID, "its address is not aligned");
    }
    return true;
}

static bool
map(struct ring *ring, struct error *error)
{
    const struct ring_setup *setup = &ring->setup;
    const struct memory *memory = setup->memory;

    ring->desc = memory_user(memory, setup->desc,
                             setup->size * sizeof(struct vring_desc));
    ring->avail = memory_user(memory, setup->avail, avail_size(setup));
    ring->used = memory_user(memory, setup->used, used_size(setup));
    return (ring->desc && ring->avail && ring->used)
        || error_set(error, ERROR_INVALID,
                     "it is outside of the guest's memory");
}

/* A burst that was noted may have been given back or not. */
static void
settle(struct ring *ring, uint64_t position)
{
    uint16_t at = (uint16_t) (position >> 16);
    bool wrap = position >> 40 & 1;
    uint16_t flags = at < ring->setup.size
        ? RING_READ(ring->packed[at].flags) : 0;
    bool given = (bool) (flags >> VRING_PACKED_DESC_F_AVAIL & 1) == wrap
        && (bool) (flags >> VRING_PACKED_DESC_F_USED & 1) == wrap;

    ring->next = given ? (uint16_t) position : at;
    ring->wrap = given ? position >> 32 & 1 : wrap;
}

static bool
position(struct ring *ring, struct error *error)
{
    const struct ring_setup *setup = &ring->setup;
    struct inflight_queue *inflight = setup->inflight;

    if (!setup->packed) {
        /* Equal to the base when nothing went wrong, and right if it did. */
        ring->next = RING_READ(ring->used->idx);
    } else if (inflight && inflight->version == 1
               && inflight->n_desc == setup->size) {
        settle(ring, RING_READ(inflight->position));
    } else {
        ring->next = (uint16_t) (setup->base & (WRAP - 1));
        ring->wrap = setup->base & WRAP;
    }
    if (setup->packed && ring->next >= setup->size) {
        return error_set(error, ERROR_INVALID, "its base %u is behind its end",
                         ring->next);
    }
    if (inflight) {
        inflight->n_desc = (uint16_t) setup->size;
        if (setup->packed) {
            inflight->position = inflight_position(ring->next,
                                                          ring->wrap,
                                                          ring->next,
                                                          ring->wrap);
        } else {
            inflight->split_used = ring->next;
        }
        __atomic_store_n(&inflight->version, 1, __ATOMIC_RELEASE);
    }
    return true;
}

static void
refuse_kicks(struct ring *ring)
{
    if (ring->setup.packed) {
        packed_disarm(ring);
    } else {
        split_disarm(ring);
    }
}

bool
ring_start(struct ring *ring, const struct ring_setup *setup,
           struct error *error)
{
    memset(ring, 0, sizeof *ring);
    ring->setup = *setup;
    ring->region = &setup->memory->regions[0];
    if (!check(setup, error) || !map(ring, error) || !position(ring, error)) {
        return false;
    }
    ring->seen = ring->next;
    ring->ahead = (struct ring_place) { ring->next, ring->wrap };
    pthread_mutex_init(&ring->lock, NULL);
    if (setup->to_guest) {
        refuse_kicks(ring);     /* of room for frames nobody needs to hear */
    } else {
        (void) (setup->packed ? packed_arm(ring) : split_arm(ring));
    }
    return true;
}

uint32_t
ring_stop(struct ring *ring)
{
    uint32_t base = ring->next;

    ring_tell(ring);
    pthread_mutex_destroy(&ring->lock);
    if (ring->setup.packed) {
        base |= ring->wrap ? WRAP : 0;
        base |= base << 16;
    }
    return base;
}

bool
ring_is_broken(const struct ring *ring, char *text, uint32_t size)
{
    if (!__atomic_load_n(&ring->broken, __ATOMIC_ACQUIRE)) {
        return false;
    }
    snprintf(text, size, "%s (descriptor %u)", ring->what, ring->number);
    return true;
}

/* ---- Worker ------------------------------------------------------------- */

void
ring_break(struct ring *ring, const char *what, uint32_t number)
{
    if (ring_works(ring)) {
        ring->what = what;
        ring->number = number;
        __atomic_store_n(&ring->broken, true, __ATOMIC_RELEASE);
        eventfd_write(ring->setup.trouble, 1);
    }
}

bool
ring_add_piece(struct ring *ring, struct piece *pieces, uint32_t *n,
               uint64_t address, uint32_t size)
{
    while (size) {
        uint32_t part = size;
        uint8_t *at = memory_part(ring->setup.memory, address, &part);

        if (!at || *n == RING_PIECES) {
            ring_break(ring, at ? "a buffer in too many pieces"
                                : "a buffer outside of the guest's memory",
                       *n);
            return false;
        }
        pieces[(*n)++] = (struct piece) { at, part };
        address += part;
        size -= part;
    }
    return true;
}

const uint8_t *
ring_table(struct ring *ring, uint64_t address, uint32_t size, uint32_t *n)
{
    const uint8_t *table = ring_at(ring, address, size);

    *n = size / (uint32_t) sizeof(struct vring_desc);
    if (!table || *n == 0 || *n > RING_SIZE_MAX
        || size % sizeof(struct vring_desc)) {
        ring_break(ring, table ? "an indirect table of a wrong size"
                   : "an indirect table outside of the guest's memory", 0);
        return NULL;
    }
    return table;
}

void
ring_log_used(const struct ring *ring, uint32_t offset, uint32_t size)
{
    if (ring->setup.dirty && ring->setup.log_used) {
        dirty_mark(ring->setup.dirty, ring->setup.log + offset, size);
    }
}

void
ring_fetch(struct ring *ring)
{
    if (ring->setup.packed) {
        packed_fetch(ring);
    } else {
        split_fetch(ring);
    }
}

void
ring_resolve(struct ring *ring, uint32_t max)
{
    if (ring->setup.packed) {
        packed_resolve(ring, max);
    } else {
        split_resolve(ring, max);
    }
}

uint32_t
ring_pieces(struct ring *ring, const struct slot *slot,
            struct piece pieces[RING_PIECES])
{
    if (slot->at) {
        pieces[0] = (struct piece) { slot->at, slot->size };
        return 1;
    }
    return ring->setup.packed ? packed_pieces(ring, slot, pieces)
                              : split_pieces(ring, slot, pieces);
}

void
ring_give(struct ring *ring, uint32_t n)
{
    if (n == 0) {
        return;
    }
    if (ring->setup.packed) {
        packed_give(ring, n);
    } else {
        split_give(ring, n);
    }
    ring->first = (ring->first + n) % RING_SLOTS;
    ring->n_ready -= n;
}

/* Either the guest sees what was given back before it sleeps, or we see that
 * it wants to be woken. */
void
ring_tell(struct ring *ring)
{
    if (ring->unsaid == 0) {
        return;
    }
    ring_barrier();
    if ((ring->setup.packed ? packed_wants_interrupt(ring)
                            : split_wants_interrupt(ring))
        && ring->setup.call >= 0) {
        notify(ring->setup.call);
    }
    ring->unsaid = 0;
}

bool
ring_arm(struct ring *ring)
{
    if (!ring_works(ring)) {
        return true;
    }
    ring_tell(ring);
    return !ring->setup.polled
        && (ring->setup.packed ? packed_arm(ring) : split_arm(ring));
}

void
ring_disarm(struct ring *ring)
{
    refuse_kicks(ring);
    notify_clear(ring->setup.kick);
}
