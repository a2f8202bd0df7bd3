/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_PORT_RING_H
#define XVS_PORT_RING_H

/*
 * A ring of frames in memory that two parties share who do not trust each
 * other: the switch and a program at a pipe's other end (port/pipe,
 * sdk/pipe/pipe.c), or two threads (port/pcap).  Layout: doc/formats.md,
 * "Pipes".
 *
 *     producer                 shared                 consumer
 *     own: next free slot ---> head | slots | tail <--- own: next frame
 *
 * Each side writes one index, from a copy that only it has, and reads the
 * other's once, to compare it with its own: what does not fit means that the
 * other side lies, and the ring is broken for good.  A frame's head is copied
 * before it is judged.  Bytes of frames are the other side's to change until
 * they were copied, which does harm to nobody but itself.
 *
 * The consumer that wants to sleep says so in 'asleep'; the producer that
 * sees it there takes it back and wakes it.  No system call is needed while
 * both are awake.  This file knows nothing of the core, because the SDK's
 * library is made of it, too.
 */

#include <linux/virtio_net.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define RING_SLOTS 512u         /* a power of 2 */
#define RING_DATA 2048u         /* bytes of a frame in one slot */
#define RING_FRAME_MAX 65600u   /* of a frame, in as many slots */

/* What precedes a frame, in its first slot. */
struct ring_head {
    uint32_t total;             /* bytes of the frame */
    uint16_t reserved;          /* 0 */
    struct virtio_net_hdr virtio;   /* what the sender left to do */
};

struct ring_slot {
    struct ring_head head;
    uint8_t unused[48];
    uint8_t data[RING_DATA];
};

/* In shared memory. */
struct ring {
    uint32_t head;              /* producer's: slots filled, ever */
    uint8_t pad1[60];
    uint32_t tail;              /* consumer's: slots emptied, ever */
    uint32_t asleep;            /* 1: wake the consumer */
    uint32_t down;              /* producer's: 1, frames go nowhere now */
    uint8_t pad2[52];
    struct ring_slot slots[RING_SLOTS];
};

_Static_assert(sizeof(struct ring_head) == 16, "doc/formats.md");
_Static_assert(sizeof(struct ring_slot) == 2112, "doc/formats.md");
_Static_assert(sizeof(struct ring) == 128 + RING_SLOTS * 2112, "as above");

/* One side's own knowledge. */
struct ring_end {
    struct ring *ring;
    uint32_t own;               /* the index that this side writes */
    uint32_t other;             /* the other's, when last looked at */
    bool broken;                /* the other side lied */
};

static inline uint32_t
ring_slots_of(uint32_t total)
{
    return (total + RING_DATA - 1) / RING_DATA;
}

static inline struct ring_slot *
ring_slot(const struct ring_end *end, uint32_t i)
{
    return &end->ring->slots[(end->own + i) % RING_SLOTS];
}

/* Looks at the other side's index; 'used' slots lie between both. */
static inline bool
ring_look(struct ring_end *end, const uint32_t *index, uint32_t *used,
          bool is_producer)
{
    uint32_t other = __atomic_load_n(index, __ATOMIC_ACQUIRE);

    *used = is_producer ? end->own - other : other - end->own;
    if (*used > RING_SLOTS) {
        end->broken = true;
    }
    end->other = other;
    return !end->broken;
}

/* ---- Producer ----------------------------------------------------------- */

/* Free slots; looks for more only when there are less than 'wanted'. */
static inline uint32_t
ring_room(struct ring_end *end, uint32_t wanted)
{
    uint32_t used = end->own - end->other;

    if (RING_SLOTS - used < wanted
        && !ring_look(end, &end->ring->tail, &used, true)) {
        return 0;
    }
    return end->broken ? 0 : RING_SLOTS - used;
}

/* Copies bytes to 'at' of the frame that is being built. */
static inline void
ring_fill(const struct ring_end *end, uint32_t at, const void *data,
          uint32_t size)
{
    const uint8_t *from = data;

    while (size) {
        uint32_t room = RING_DATA - at % RING_DATA;
        uint32_t part = size < room ? size : room;

        memcpy(ring_slot(end, at / RING_DATA)->data + at % RING_DATA, from,
               part);
        from += part;
        at += part;
        size -= part;
    }
}

/* The frame is built: there was room for it. */
static inline void
ring_add(struct ring_end *end, uint32_t total,
         const struct virtio_net_hdr *virtio)
{
    ring_slot(end, 0)->head = (struct ring_head) { total, 0, *virtio };
    end->own += ring_slots_of(total);
}

/* Shows the consumer what was added; true: it has to be woken. */
static inline bool
ring_show(struct ring_end *end)
{
    __atomic_store_n(&end->ring->head, end->own, __ATOMIC_RELEASE);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (!__atomic_load_n(&end->ring->asleep, __ATOMIC_RELAXED)) {
        return false;
    }
    __atomic_store_n(&end->ring->asleep, 0, __ATOMIC_RELAXED);
    return true;
}

/* ---- Consumer ----------------------------------------------------------- */

/* Filled slots. */
static inline uint32_t
ring_waiting(struct ring_end *end)
{
    uint32_t used = end->other - end->own;

    if (used == 0 && !ring_look(end, &end->ring->head, &used, false)) {
        return 0;
    }
    return end->broken ? 0 : used;
}

/* The next frame's head; false: there is none, or the ring is broken. */
static inline bool
ring_next(struct ring_end *end, struct ring_head *head)
{
    uint32_t waiting = ring_waiting(end);

    if (waiting == 0) {
        return false;
    }
    *head = *(const volatile struct ring_head *) &ring_slot(end, 0)->head;
    if (head->total == 0 || head->total > RING_FRAME_MAX
        || ring_slots_of(head->total) > waiting) {
        end->broken = true;
    }
    return !end->broken;
}

/* Copies 'size' bytes from 'at' of the next frame. */
static inline void
ring_read(const struct ring_end *end, uint32_t at, void *out, uint32_t size)
{
    uint8_t *to = out;

    while (size) {
        uint32_t room = RING_DATA - at % RING_DATA;
        uint32_t part = size < room ? size : room;

        memcpy(to, ring_slot(end, at / RING_DATA)->data + at % RING_DATA,
               part);
        to += part;
        at += part;
        size -= part;
    }
}

/* The next frame was read, or is not wanted. */
static inline void
ring_skip(struct ring_end *end, uint32_t total)
{
    end->own += ring_slots_of(total);
}

/* Gives what was read back to the producer. */
static inline void
ring_free(struct ring_end *end)
{
    __atomic_store_n(&end->ring->tail, end->own, __ATOMIC_RELEASE);
}

/* The consumer will sleep; false: frames are there. */
static inline bool
ring_doze(struct ring_end *end)
{
    __atomic_store_n(&end->ring->asleep, 1, __ATOMIC_RELAXED);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    return ring_waiting(end) == 0;
}

static inline void
ring_rouse(const struct ring_end *end)
{
    __atomic_store_n(&end->ring->asleep, 0, __ATOMIC_RELAXED);
}

#endif
