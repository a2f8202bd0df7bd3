/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A ring of bytes; see ring.h.
 */

#include <config.h>

#include "tap/ring.h"

#include <stdlib.h>
#include <string.h>
#include <xvs/packet.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "packet/tally.h"

#define MASK (RING_SIZE - 1)

struct ring {
    uint64_t head;              /* the writer's; published */
    uint64_t n;                 /* records put */
    uint64_t lost;              /* records that did not fit */
    uint64_t tail __attribute__((aligned(64)));     /* the reader's */
    uint8_t bytes[RING_SIZE] __attribute__((aligned(64)));
};

struct ring *
ring_create(void)
{
    void *ring = NULL;

    if (posix_memalign(&ring, 64, sizeof(struct ring))) {
        abort();
    }
    memset(ring, 0, offsetof(struct ring, bytes));
    return ring;
}

void
ring_destroy(struct ring *ring)
{
    free(ring);
}

static void
copy_in(struct ring *ring, uint64_t at, const void *data, size_t size)
{
    size_t first = RING_SIZE - (at & MASK);

    first = first < size ? first : size;
    memcpy(ring->bytes + (at & MASK), data, first);
    memcpy(ring->bytes, (const uint8_t *) data + first, size - first);
}

static void
copy_out(const struct ring *ring, uint64_t at, void *data, size_t size)
{
    size_t first = RING_SIZE - (at & MASK);

    first = first < size ? first : size;
    memcpy(data, ring->bytes + (at & MASK), first);
    memcpy((uint8_t *) data + first, ring->bytes, size - first);
}

void
ring_put(struct ring *ring, const struct control_tap *record,
         const struct xvs_packet *packet)
{
    uint64_t head = ring->head, at = head + sizeof *record;
    uint64_t end = at + CONTROL_ALIGN(record->size);
    uint32_t left = record->size;

    if (end - __atomic_load_n(&ring->tail, __ATOMIC_ACQUIRE) > RING_SIZE) {
        tally_add(&ring->lost, 1);
        return;
    }
    copy_in(ring, head, record, sizeof *record);
    for (; packet && left; packet = packet->next) {
        uint32_t size = packet->length < left ? packet->length : left;

        copy_in(ring, at, packet->data, size);
        at += size;
        left -= size;
    }
    tally_add(&ring->n, 1);
    __atomic_store_n(&ring->head, end, __ATOMIC_RELEASE);
}

bool
ring_peek(const struct ring *ring, struct control_tap *record)
{
    if (__atomic_load_n(&ring->head, __ATOMIC_ACQUIRE) == ring->tail) {
        return false;
    }
    copy_out(ring, ring->tail, record, sizeof *record);
    return true;
}

void
ring_take(struct ring *ring, const struct control_tap *record,
          struct buffer *out)
{
    size_t size = CONTROL_ALIGN(record->size);
    size_t at;

    buffer_put(out, record, sizeof *record);
    at = buffer_extend(out, size);
    copy_out(ring, ring->tail + sizeof *record, out->data + at, record->size);
    __atomic_store_n(&ring->tail, ring->tail + sizeof *record + size,
                     __ATOMIC_RELEASE);
}

uint64_t
ring_count(const struct ring *ring)
{
    return tally_read(&ring->n);
}

uint64_t
ring_lost(const struct ring *ring)
{
    return tally_read(&ring->lost);
}
