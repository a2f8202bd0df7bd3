/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_TESTS_VIRTIO_DRIVER_H
#define XVS_TESTS_VIRTIO_DRIVER_H

/*
 * The guest's side of a virtio ring, split or packed: what a driver in a
 * guest's kernel does, so that tests can play guests.
 */

#include <linux/virtio_ring.h>
#include <stdbool.h>
#include <stdint.h>

#define DRIVER_RING_MAX 1024u

struct driver_ring {
    bool packed, event_index, in_order;
    uint32_t size;              /* descriptors */
    uint8_t *desc, *avail, *used;   /* the three parts, as they are mapped */
    uint16_t next;              /* split: of avail; packed: descriptor */
    uint16_t last;              /* the same of what was given back */
    bool wrap, last_wrap;       /* packed: wrap counters */
    uint16_t kicked;            /* 'next' at the last kick */
    uint16_t n_free;            /* descriptors */
    uint16_t free[DRIVER_RING_MAX];     /* split: stack of them; packed: ids */
    uint16_t n_ids;             /* packed: free ids */
    uint16_t count[DRIVER_RING_MAX];    /* descriptors of each buffer */
};

/* One part of a buffer, by the guest's address. */
struct driver_part {
    uint64_t address;
    uint32_t size;
};

/* Bytes that the three parts of a ring take, one after the other, and where
 * 'avail' and 'used' begin. */
uint32_t driver_layout(bool packed, uint32_t size, uint32_t *avail,
                       uint32_t *used);
/* 'at' is zeroed memory of that size, aligned to 16 bytes. */
void driver_start(struct driver_ring *ring, uint8_t *at, uint32_t size,
                  bool packed, bool event_index);
/*
 * Makes a buffer available; 'table' is memory for an indirect table and
 * 'table_address' its address, or NULL.  Returns its number, or -1 when there
 * is no room.
 */
int driver_add(struct driver_ring *ring, const struct driver_part *parts,
               uint32_t n, bool writable, uint8_t *table,
               uint64_t table_address);
/* Takes a buffer that was given back; -1: there is none. */
int driver_take(struct driver_ring *ring, uint32_t *written);
/* Whether the device wants a kick for what was added. */
bool driver_wants_kick(struct driver_ring *ring);
/* Asks for an interrupt when the next buffer is given back, or for none; true
 * when one has been given back already. */
bool driver_want_interrupts(struct driver_ring *ring, bool want);

#endif
