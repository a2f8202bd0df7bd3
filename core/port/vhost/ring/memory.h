/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_PORT_VHOST_RING_MEMORY_H
#define XVS_PORT_VHOST_RING_MEMORY_H

/*
 * A guest's memory: files that the front end has given, mapped here.
 *
 *     address of the guest  --+
 *     address of the front end +-->  region, offset  -->  our pointer
 *
 * Every address comes from the guest or its front end and is looked up with
 * its size: a pointer is given out only for bytes that are all mapped.
 * The table changes only while no worker has a ring of the guest.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;
struct wire_region;

#define MEMORY_REGIONS 32u

struct memory_region {
    uint64_t guest;             /* first address, for the guest */
    uint64_t size;
    uint64_t user;              /* first address, for the front end */
    uint8_t *at;                /* first byte, for us */
    void *mapping;              /* whole pages around it */
    size_t mapped;              /* their size */
};

struct memory {
    uint32_t n;
    struct memory_region regions[MEMORY_REGIONS];
};

/* Maps one more region of the file 'fd', which stays the caller's.  'notify'
 * is an eventfd that is written when the file turns out shorter later. */
bool memory_add(struct memory *memory, const struct wire_region *region,
                int fd, int notify, struct error *error);
/* Unmaps the region with these addresses; false when there is none. */
bool memory_remove(struct memory *memory, const struct wire_region *region);
/* Unmaps all. */
void memory_clear(struct memory *memory);
/* Whether a file was cut off, and its bytes are gone. */
bool memory_is_lost(const struct memory *memory);

/* Our pointer to an address of the front end; NULL when not all of 'size'
 * bytes are in one region. */
void *memory_user(const struct memory *memory, uint64_t address,
                  uint64_t size);
/* Our pointer to an address of the guest, and how many of '*size' bytes
 * follow in the same region; NULL when it is in none. */
uint8_t *memory_part(const struct memory *memory, uint64_t address,
                     uint32_t *size);
/* The guest's address of our pointer, which is in a region. */
uint64_t memory_guest_address(const struct memory *memory, const void *at);

/* Our pointer to 'size' bytes in the region, or NULL. */
static inline uint8_t *
memory_in(const struct memory_region *region, uint64_t address, uint32_t size)
{
    uint64_t offset = address - region->guest;

    return size <= region->size && offset <= region->size - size
        ? region->at + offset : NULL;
}

#endif
