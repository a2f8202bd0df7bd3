/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See traffic.h.  Buffers for receiving lie at fixed places, one for each
 * number; frames that are sent take turns in a few chunks of memory.
 */

#include <config.h>

#include "traffic.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>

#define SLOT 2048u              /* bytes of a buffer for one frame */
#define BIG TRAFFIC_FRAME       /* of one without mergeable buffers */
#define CHUNK 65536u            /* of sending memory, for one frame... */
#define CHUNKS 64u              /* ...and so many of them are on their way */

void
traffic_fail(const char *what, uint64_t number)
{
    fprintf(stderr, "vhost-guest: %s (%llu)\n", what,
            (unsigned long long) number);
    exit(1);
}

static uint64_t
now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t) now.tv_sec * 1000 + (uint64_t) now.tv_nsec / 1000000;
}

/* Large buffers are fewer. */
static uint32_t
n_buffers(const struct front_end *front)
{
    return front->mergeable ? front->ring_size : 32;
}

/* ---- Receiving ---------------------------------------------------------- */

/* Where the buffer number 'id' of a ring is, for the guest. */
static uint64_t
buffer_address(const struct front_end *front, uint32_t ring, uint32_t id)
{
    uint32_t size = !front->mergeable ? BIG : SLOT;

    return FRONT_GUEST + FRONT_BUFFERS
        + ((uint64_t) ring / 2 * n_buffers(front) + id) * size;
}

static uint8_t *
at(const struct front_end *front, uint64_t address)
{
    return front->memory + (address - FRONT_GUEST);
}

/* The place is chosen before the ring says the number: they are given in the
 * order of a stack, which both know. */
static void
offer(struct front_end *front, uint32_t ring)
{
    struct driver_ring *driver = &front->rings[ring];
    uint16_t id = driver->free[(driver->packed ? driver->n_ids
                                               : driver->n_free) - 1];
    struct driver_part part = { buffer_address(front, ring, id),
                                !front->mergeable ? BIG : SLOT };

    if (driver_add(driver, &part, 1, true, NULL, 0) != id) {
        traffic_fail("buffers are out of step", id);
    }
}

void
traffic_offer(struct front_end *front)
{
    for (uint32_t ring = 0; ring < front->n_rings; ring += 2) {
        for (uint32_t i = 0; i < n_buffers(front); i++) {
            offer(front, ring);
        }
        driver_want_interrupts(&front->rings[ring], true);
        front_kick(front, ring);
    }
}

/* The next frame of a ring into 'frame'; its size without the header that
 * is put into 'head', or 0: there is none. */
uint32_t
traffic_take(struct front_end *front, uint32_t ring, uint8_t *frame,
     struct virtio_net_hdr_mrg_rxbuf *head)
{
    uint32_t written, size = 0, n = 1;

    for (uint32_t i = 0; i < n; i++) {
        int id = driver_take(&front->rings[ring], &written);
        uint64_t address;
        uint32_t skip = i ? 0 : FRONT_HEAD;

        if (id < 0) {
            if (i) {
                traffic_fail("a frame ends early", i);
            }
            return 0;
        }
        address = buffer_address(front, ring, (uint32_t) id);
        if (i == 0) {
            memcpy(head, at(front, address), FRONT_HEAD);
            n = head->num_buffers;
        }
        if (front->log >= 0 && !front_was_written(front, address)) {
            traffic_fail("a page was written and is not in the log", address);
        }
        memcpy(frame + size, at(front, address) + skip, written - skip);
        size += written - skip;
        offer(front, ring);
    }
    front_kick(front, ring);
    return size;
}

/* Sleeps until an interrupt; false: there was none for a second. */
bool
traffic_sleep(struct front_end *front)
{
    struct pollfd all[FRONT_RINGS / 2 + 1];
    uint32_t n = 0;
    eventfd_t count;

    for (uint32_t ring = 0; ring < front->n_rings; ring += 2) {
        if (driver_want_interrupts(&front->rings[ring], true)) {
            return true;
        }
        all[n++] = (struct pollfd) { front->call[ring], POLLIN, 0 };
    }
    all[n++] = (struct pollfd) { front->fd, POLLIN, 0 };
    if (poll(all, n, 1000) <= 0) {
        return false;
    }
    for (uint32_t ring = 0; ring < front->n_rings; ring += 2) {
        eventfd_read(front->call[ring], &count);
    }
    return true;
}

/* ---- Sending ------------------------------------------------------------ */

/* Takes back what was sent; returns how many descriptors are on their way. */
static uint32_t
reclaim(struct front_end *front)
{
    uint32_t written, n = 0;

    for (uint32_t ring = 1; ring < front->n_rings; ring += 2) {
        while (driver_take(&front->rings[ring], &written) >= 0) {
        }
        n += front->rings[ring].size - front->rings[ring].n_free;
    }
    return n;
}

/* Memory for frame number 'number'. */
static uint64_t
chunk_address(uint32_t number)
{
    return FRONT_GUEST + FRONT_SIZE - (16 << 20)
        + (uint64_t) (number % CHUNKS) * (2 * CHUNK);
}

/* Sends header and frame in pieces of 'piece' bytes; waits for room. */
void
traffic_send(struct front_end *front, uint32_t ring, uint32_t number,
           const struct virtio_net_hdr_mrg_rxbuf *head, const uint8_t *frame,
           uint32_t size, uint32_t piece, bool indirect)
{
    uint64_t address = chunk_address(number);
    uint64_t table = address + CHUNK + 4096;
    uint64_t limit = now_ms() + 5000;
    struct driver_part parts[200];
    uint32_t n = 0;

    for (uint32_t done = 0; done < FRONT_HEAD + size; n++) {
        uint32_t left = FRONT_HEAD + size - done;

        parts[n] = (struct driver_part) { address + done,
                                          left < piece ? left : piece };
        done += parts[n].size;
    }
    /* Never more in flight than there are chunks. */
    while (reclaim(front) > CHUNKS - 4 || front->rings[ring].n_free < n) {
        if (now_ms() > limit) {
            traffic_fail("the switch does not take frames any more", number);
        }
    }
    memcpy(at(front, address), head, FRONT_HEAD);
    memcpy(at(front, address) + FRONT_HEAD, frame, size);
    driver_add(&front->rings[ring], parts, n, false,
               indirect ? at(front, table) : NULL, table);
    front_kick(front, ring);
}
