/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See virtio-driver.h; written from the virtio specification, version 1.3.
 */

#include <config.h>

#include "virtio-driver.h"

#include <string.h>

#define AVAIL (1u << VRING_PACKED_DESC_F_AVAIL)
#define USED (1u << VRING_PACKED_DESC_F_USED)
#define ENTRY 16u               /* bytes of a descriptor of either kind */

static uint32_t
align(uint32_t size)
{
    return (size + 63) & ~63u;
}

uint32_t
driver_layout(bool packed, uint32_t size, uint32_t *avail, uint32_t *used)
{
    *avail = align(size * ENTRY);
    *used = *avail + align(packed ? 4 : 6 + 2 * size);
    return *used + align(packed ? 4 : 6 + 8 * size);
}

static struct vring_desc *
split_desc(const struct driver_ring *ring)
{
    return (struct vring_desc *) (void *) ring->desc;
}

static struct vring_avail *
split_avail(const struct driver_ring *ring)
{
    return (struct vring_avail *) (void *) ring->avail;
}

static struct vring_used *
split_used(const struct driver_ring *ring)
{
    return (struct vring_used *) (void *) ring->used;
}

static struct vring_packed_desc *
packed_desc(const struct driver_ring *ring)
{
    return (struct vring_packed_desc *) (void *) ring->desc;
}

static struct vring_packed_desc_event *
event_area(uint8_t *at)
{
    return (struct vring_packed_desc_event *) (void *) at;
}

void
driver_start(struct driver_ring *ring, uint8_t *at, uint32_t size,
             bool packed, bool event_index)
{
    uint32_t avail, used;

    memset(ring, 0, sizeof *ring);
    driver_layout(packed, size, &avail, &used);
    ring->packed = packed;
    ring->event_index = event_index;
    ring->size = size;
    ring->desc = at;
    ring->avail = at + avail;
    ring->used = at + used;
    ring->wrap = ring->last_wrap = true;
    ring->n_free = ring->n_ids = (uint16_t) size;
    for (uint32_t i = 0; i < size; i++) {
        ring->free[i] = (uint16_t) (size - 1 - i);
    }
}

/* ---- Split -------------------------------------------------------------- */

static int
split_add(struct driver_ring *ring, const struct driver_part *parts,
          uint32_t n, uint16_t kind)
{
    struct vring_avail *avail = split_avail(ring);
    uint16_t head = ring->free[ring->n_free - 1];

    for (uint32_t i = 0; i < n; i++) {
        uint16_t index = ring->free[--ring->n_free];
        bool more = i + 1 < n;

        split_desc(ring)[index] = (struct vring_desc) {
            parts[i].address, parts[i].size,
            (uint16_t) (kind | (more ? VRING_DESC_F_NEXT : 0)),
            more ? ring->free[ring->n_free - 1] : 0 };
    }
    ring->count[head] = (uint16_t) n;
    avail->ring[ring->next % ring->size] = head;
    ring->next++;
    __atomic_store_n(&avail->idx, ring->next, __ATOMIC_SEQ_CST);
    return head;
}

static int
split_take(struct driver_ring *ring, uint32_t *written)
{
    struct vring_used *used = split_used(ring);
    const struct vring_used_elem *element;
    uint16_t index;

    if (__atomic_load_n(&used->idx, __ATOMIC_ACQUIRE) == ring->last) {
        return -1;
    }
    element = &used->ring[ring->last++ % ring->size];
    *written = element->len;
    index = (uint16_t) element->id;
    for (uint32_t i = 0; i < ring->count[element->id]; i++) {
        ring->free[ring->n_free++] = index;
        index = split_desc(ring)[index].next;
    }
    return (int) element->id;
}

/* ---- Packed ------------------------------------------------------------- */

static void
advance(const struct driver_ring *ring, uint16_t *at, bool *wrap, uint32_t n)
{
    uint32_t next = *at + n;

    if (next >= ring->size) {
        next -= ring->size;
        *wrap = !*wrap;
    }
    *at = (uint16_t) next;
}

static int
packed_add(struct driver_ring *ring, const struct driver_part *parts,
           uint32_t n, uint16_t kind)
{
    struct vring_packed_desc *first = &packed_desc(ring)[ring->next];
    uint16_t id = ring->free[--ring->n_ids], first_flags = 0;

    for (uint32_t i = 0; i < n; i++) {
        struct vring_packed_desc *desc = &packed_desc(ring)[ring->next];
        uint16_t flags = (uint16_t) (kind | (ring->wrap ? AVAIL : USED)
                                     | (i + 1 < n ? VRING_DESC_F_NEXT : 0));

        desc->addr = parts[i].address;
        desc->len = parts[i].size;
        desc->id = id;
        if (i == 0) {
            first_flags = flags;
        } else {
            desc->flags = flags;
        }
        advance(ring, &ring->next, &ring->wrap, 1);
    }
    __atomic_store_n(&first->flags, first_flags, __ATOMIC_SEQ_CST);
    ring->n_free = (uint16_t) (ring->n_free - n);
    ring->count[id] = (uint16_t) n;
    return id;
}

static int
packed_take(struct driver_ring *ring, uint32_t *written)
{
    const struct vring_packed_desc *desc = &packed_desc(ring)[ring->last];
    uint16_t flags = __atomic_load_n(&desc->flags, __ATOMIC_ACQUIRE);
    uint16_t id = desc->id;

    if ((flags & AVAIL ? 1 : 0) != ring->last_wrap
        || (flags & USED ? 1 : 0) != ring->last_wrap) {
        return -1;
    }
    *written = flags & VRING_DESC_F_WRITE ? desc->len : 0;
    advance(ring, &ring->last, &ring->last_wrap, ring->count[id]);
    ring->n_free = (uint16_t) (ring->n_free + ring->count[id]);
    ring->free[ring->n_ids++] = id;
    return id;
}

/* ---- Both --------------------------------------------------------------- */

int
driver_add(struct driver_ring *ring, const struct driver_part *parts,
           uint32_t n, bool writable, uint8_t *table, uint64_t table_address)
{
    uint16_t kind = writable ? VRING_DESC_F_WRITE : 0;
    struct driver_part whole = { table_address, n * ENTRY };

    if ((table ? 1 : n) > ring->n_free) {
        return -1;
    }
    for (uint32_t i = 0; table && i < n; i++) {
        struct vring_desc entry = { parts[i].address, parts[i].size, kind, 0 };

        if (!ring->packed && i + 1 < n) {
            entry.flags |= VRING_DESC_F_NEXT;
            entry.next = (uint16_t) (i + 1);
        } else if (ring->packed) {
            /* id, flags */
            entry.next = kind;
            entry.flags = 0;
        }
        memcpy(table + i * ENTRY, &entry, sizeof entry);
    }
    if (table) {
        parts = &whole;
        n = 1;
        kind = VRING_DESC_F_INDIRECT;
    }
    return ring->packed ? packed_add(ring, parts, n, kind)
                        : split_add(ring, parts, n, kind);
}

int
driver_take(struct driver_ring *ring, uint32_t *written)
{
    return ring->packed ? packed_take(ring, written)
                        : split_take(ring, written);
}

bool
driver_wants_kick(struct driver_ring *ring)
{
    uint16_t before = ring->kicked;
    uint16_t flags;

    ring->kicked = ring->next;
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (ring->packed) {
        flags = event_area(ring->used)->flags;
        return flags == VRING_PACKED_EVENT_FLAG_ENABLE;
    }
    if (ring->event_index) {
        uint16_t event;

        memcpy(&event, &split_used(ring)->ring[ring->size], sizeof event);
        return vring_need_event(event, ring->next, before);
    }
    return !(split_used(ring)->flags & VRING_USED_F_NO_NOTIFY);
}

bool
driver_want_interrupts(struct driver_ring *ring, bool want)
{
    if (ring->packed && ring->event_index && want) {
        event_area(ring->avail)->off_wrap =
            (uint16_t) (ring->last | ring->last_wrap << 15);
        event_area(ring->avail)->flags = VRING_PACKED_EVENT_FLAG_DESC;
    } else if (ring->packed) {
        event_area(ring->avail)->flags = want
            ? VRING_PACKED_EVENT_FLAG_ENABLE : VRING_PACKED_EVENT_FLAG_DISABLE;
    } else if (ring->event_index) {
        /* One that was given back already is far ahead. */
        split_avail(ring)->ring[ring->size] =
            (uint16_t) (want ? ring->last : ring->last - 1);
    } else {
        split_avail(ring)->flags = want ? 0 : VRING_AVAIL_F_NO_INTERRUPT;
    }
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (ring->packed) {
        uint16_t flags = packed_desc(ring)[ring->last].flags;

        return (flags & AVAIL ? 1 : 0) == ring->last_wrap
            && (flags & USED ? 1 : 0) == ring->last_wrap;
    }
    return __atomic_load_n(&split_used(ring)->idx, __ATOMIC_ACQUIRE)
        != ring->last;
}
