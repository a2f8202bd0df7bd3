/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See ring-guest.h.
 */

#include <config.h>

#include "ring-guest.h"

#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/error.h"
#include "port/vhost/wire.h"

#include "unit.h"

const struct guest_kind guest_kinds[GUEST_KINDS] = {
    { false, false }, { false, true }, { true, false }, { true, true },
};

void
guest_start_ring(struct guest *guest)
{
    struct error error;

    CU_ASSERT_FATAL(ring_start(&guest->ring, &guest->setup, &error));
}

/* Both halves are neighbours for the guest, and none for us. */
static void
map(struct guest *guest)
{
    struct wire_region low = { GUEST_BASE, GUEST_HALF, GUEST_USER, 0 };
    struct wire_region high = { GUEST_BASE + GUEST_HALF, GUEST_HALF,
                                GUEST_USER + 2 * GUEST_HALF, GUEST_HALF };
    struct error error;

    CU_ASSERT_FATAL(memory_add(&guest->memory, &low, guest->file,
                               guest->setup.trouble, &error));
    CU_ASSERT_FATAL(memory_add(&guest->memory, &high, guest->file,
                               guest->setup.trouble, &error));
}

struct guest *
guest_start(const struct guest_kind *kind, bool to_guest, uint32_t size)
{
    struct guest *guest = calloc(1, sizeof *guest);
    uint32_t avail, used;

    guest->file = memfd_create("guest", MFD_CLOEXEC);
    CU_ASSERT_FATAL(ftruncate(guest->file, 2 * GUEST_HALF) == 0);
    guest->at = mmap(NULL, 2 * GUEST_HALF, PROT_READ | PROT_WRITE, MAP_SHARED,
                     guest->file, 0);
    guest->pool = pool_create(512, NULL);
    guest->cache = pool_cache_create(guest->pool);
    driver_start(&guest->driver, guest->at, size, kind->packed,
                 kind->event_index);
    driver_layout(kind->packed, size, &avail, &used);
    guest->setup = (struct ring_setup) {
        .packed = kind->packed, .event_index = kind->event_index,
        .mergeable = true, .checksum = true, .to_guest = to_guest,
        .head = GUEST_HEAD, .size = size, .desc = GUEST_USER,
        .avail = GUEST_USER + avail, .used = GUEST_USER + used,
        .base = kind->packed ? 0x80008000u : 0,
        .kick = eventfd(0, EFD_NONBLOCK), .call = eventfd(0, EFD_NONBLOCK),
        .trouble = eventfd(0, EFD_NONBLOCK), .memory = &guest->memory,
    };
    map(guest);
    guest_start_ring(guest);
    return guest;
}

void
guest_stop(struct guest *guest)
{
    ring_stop(&guest->ring);
    memory_clear(&guest->memory);
    pool_cache_destroy(guest->cache);
    CU_ASSERT_EQUAL(pool_available(guest->pool), 512);
    pool_destroy(guest->pool);
    munmap(guest->at, 2 * GUEST_HALF);
    close(guest->file);
    close(guest->setup.kick);
    close(guest->setup.call);
    close(guest->setup.trouble);
    free(guest);
}

bool
guest_was_called(const struct guest *guest)
{
    eventfd_t count;

    return eventfd_read(guest->setup.call, &count) == 0;
}

/* Whether the ring is broken; by what that has 'what' in its name. */
bool
guest_is_broken_by(const struct guest *guest, const char *what)
{
    char text[160] = "";
    eventfd_t count;
    bool broken = ring_is_broken(&guest->ring, text, sizeof text);

    CU_ASSERT(!broken || strstr(text, what));

    CU_ASSERT_EQUAL(eventfd_read(guest->setup.trouble, &count) == 0, broken);
    return broken;
}

bool
guest_is_broken(const struct guest *guest)
{
    return guest_is_broken_by(guest, "");
}

/* Room in the guest's memory, wherever it comes to lie. */
struct driver_part
guest_room(struct guest *guest, uint32_t size)
{
    struct driver_part part = { GUEST_BASE + GUEST_BUFFERS + guest->used,
                                size };

    guest->used = (guest->used + size + 63) & ~63u;
    if (guest->used > 2 * GUEST_HALF - GUEST_BUFFERS - 0x20000) {
        guest->used = 0;
    }
    return part;
}

uint8_t *
guest_at(const struct guest *guest, uint64_t address)
{
    return guest->at + (address - GUEST_BASE);
}

uint8_t
guest_byte(uint32_t seed, uint32_t i)
{
    return (uint8_t) (seed * 31 + i * 7 + (i >> 8));
}

/* A header that asks for nothing and a frame of 'size' bytes, in parts of at
 * most 'part' bytes. */
int
guest_send(struct guest *guest, uint32_t seed, uint32_t size, uint32_t part,
           bool indirect)
{
    struct driver_part parts[64];
    struct driver_part table = guest_room(guest, 64 * 16);
    uint32_t n = 0, done = 0;

    for (uint32_t total = GUEST_HEAD + size; done < total; n++) {
        uint32_t bytes = total - done < part ? total - done : part;

        parts[n] = guest_room(guest, bytes);
        for (uint32_t i = 0; i < bytes; i++, done++) {
            guest_at(guest, parts[n].address)[i] = done < GUEST_HEAD
                ? 0 : guest_byte(seed, done - GUEST_HEAD);
        }
    }
    return driver_add(&guest->driver, parts, n, false,
                      indirect ? guest_at(guest, table.address) : NULL,
                      table.address);
}

bool
guest_is_frame(const struct xvs_packet *packet, uint32_t seed, uint32_t size)
{
    uint32_t at_byte = 0;

    if (packet->total != size) {
        return false;
    }
    for (; packet; packet = packet->next) {
        for (uint32_t i = 0; i < packet->length; i++, at_byte++) {
            if (packet->data[i] != guest_byte(seed, at_byte)) {
                return false;
            }
        }
    }
    return at_byte == size;
}

uint32_t
guest_receive(struct guest *guest, struct xvs_packet **packets)
{
    return ring_receive(&guest->ring, guest->cache, packets, XVS_BURST,
                        &guest->tally);
}

/* A packet of the pool with such a frame. */
struct xvs_packet *
guest_make_packet(struct guest *guest, uint32_t seed, uint32_t size)
{
    struct xvs_packet *packet;
    uint32_t i = 0;

    CU_ASSERT_FATAL(pool_get(guest->cache, &packet, 1) == 1
                    && pool_extend(guest->cache, packet, size));
    for (struct xvs_packet *one = packet; one; one = one->next) {
        for (uint32_t j = 0; j < one->length; j++, i++) {
            one->data[j] = guest_byte(seed, i);
        }
    }
    return packet;
}

void
guest_transmit(struct guest *guest, uint32_t seed, uint32_t size)
{
    struct xvs_packet *packet = guest_make_packet(guest, seed, size);

    ring_transmit(&guest->ring, &packet, 1, &guest->tally);
    pool_put(guest->cache, &packet, 1);
}
