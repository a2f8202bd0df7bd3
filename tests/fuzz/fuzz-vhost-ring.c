/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Rings of hostile guests: whatever is in a guest's memory, nothing outside
 * of it is touched, every call returns, and no packet is lost.
 *
 * The input: a byte of flags, a byte that chooses the ring's size, and images
 * of the guest's memory, one for each time that a worker comes.
 */

#include <config.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xvs/packet.h>

#include "base/error.h"
#include "packet/pool.h"
#include "port/port.h"
#include "port/vhost/ring/ring.h"
#include "port/vhost/wire.h"

#define ROUNDS 3u
#define MEMORY 0x10000u         /* bytes of the guest's memory */
#define GUEST 0x1000u           /* its address for the guest */
#define USER 0x100000u          /* and for its front end */
#define PACKETS 96u
#define STEP 0x800u             /* from desc to avail to used */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What stays from input to input. */
struct bed {
    struct pool *pool;
    struct pool_cache *cache;
    struct memory memory;
    uint8_t *image;             /* the guest's memory, as the guest sees it */
    int trouble;
};

static void
prepare(struct bed *bed)
{
    struct wire_region low = { GUEST, MEMORY / 2, USER, 0 };
    struct wire_region high = { GUEST + MEMORY / 2, MEMORY / 2,
                                USER + MEMORY, MEMORY / 2 };
    int fd = memfd_create("guest", MFD_CLOEXEC);

    bed->pool = pool_create(PACKETS, NULL);
    bed->cache = pool_cache_create(bed->pool);
    bed->trouble = eventfd(0, EFD_NONBLOCK);
    if (ftruncate(fd, MEMORY) != 0
        || !memory_add(&bed->memory, &low, fd, -1, NULL)
        || !memory_add(&bed->memory, &high, fd, -1, NULL)) {
        abort();
    }
    bed->image = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
}

static void
setup_of(const struct bed *bed, uint8_t flags, uint8_t size,
         struct ring_setup *setup)
{
    *setup = (struct ring_setup) {
        .packed = flags & 1, .event_index = flags & 2, .mergeable = flags & 4,
        .to_guest = flags & 8, .checksum = flags & 16,
        .head = flags & 32 ? 10 : 12, .size = 1u << (size % 7),
        .desc = USER, .avail = USER + STEP,
        .used = USER + 2 * STEP, .base = 0x80008000u,
        .kick = -1, .call = -1, .trouble = bed->trouble,
        .memory = &bed->memory,
    };
}

/* The frame is in the pool, and as long as it says. */
static void
check_frame(const struct bed *bed, const struct xvs_packet *packet)
{
    uint32_t total = packet->length;

    for (const struct xvs_packet *one = packet->next; one; one = one->next) {
        total += one->length;
    }
    if (!pool_holds(bed->pool, packet) || total != packet->total) {
        abort();
    }
}

static void
receive(struct bed *bed, struct ring *ring)
{
    struct xvs_packet *packets[XVS_BURST];
    struct port_tally tally = { 0 };
    uint32_t n = ring_receive(ring, bed->cache, packets, XVS_BURST, &tally);

    for (uint32_t i = 0; i < n; i++) {
        check_frame(bed, packets[i]);
    }
    pool_put(bed->cache, packets, n);
}

static void
transmit(struct bed *bed, struct ring *ring)
{
    static const uint32_t sizes[] = { 60, 1514, 5000, 65550 };
    struct xvs_packet *packets[4];
    struct port_tally tally = { 0 };
    uint32_t n = pool_get(bed->cache, packets, 4);

    for (uint32_t i = 0; i < n; i++) {
        if (!pool_extend(bed->cache, packets[i], sizes[i])) {
            abort();
        }
    }
    ring_transmit(ring, packets, n, &tally);
    if (tally.packets + tally.dropped > n) {
        abort();
    }
    pool_put(bed->cache, packets, n);
}

/* All packets are there again. */
static void
check_pool(struct bed *bed)
{
    struct xvs_packet *packets[PACKETS];
    uint32_t n = pool_get(bed->cache, packets, PACKETS);

    if (n != PACKETS) {
        abort();
    }
    pool_put(bed->cache, packets, n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct bed bed;
    static struct ring ring;
    struct ring_setup setup;
    size_t part;

    if (size < 2) {
        return 0;
    }
    if (!bed.pool) {
        prepare(&bed);
    }
    setup_of(&bed, data[0], data[1], &setup);
    part = (size - 2) / ROUNDS < MEMORY ? (size - 2) / ROUNDS : MEMORY;
    memset(bed.image, 0, MEMORY);
    memcpy(bed.image, data + 2, part);
    if (!ring_start(&ring, &setup, NULL)) {
        return 0;
    }
    for (uint32_t i = 0; i < ROUNDS; i++) {
        memcpy(bed.image, data + 2 + i * part, part);
        if (setup.to_guest) {
            transmit(&bed, &ring);
        } else {
            receive(&bed, &ring);
            ring_arm(&ring);
        }
    }
    ring_stop(&ring);
    check_pool(&bed);
    return 0;
}
