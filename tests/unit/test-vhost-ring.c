/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Rings of guests: a guest in this process, in a memory file as a real one's,
 * sends and receives through split and packed rings with everything that
 * drivers do; then guests that break the rules in every way that we know.
 */

#include <config.h>

#include <linux/virtio_net.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xvs/packet.h>

#include "base/error.h"
#include "packet/pool.h"
#include "port/port.h"
#include "port/vhost/ring/dirty.h"
#include "port/vhost/ring/ring.h"
#include "port/vhost/wire.h"

#include "unit.h"
#include "virtio-driver.h"

#define GUEST_BASE UINT64_C(0x40000000)     /* addresses for the guest */
#define USER_BASE UINT64_C(0x7f0000000000)  /* and for its front end */
#define HALF 0x200000u          /* of its memory: each half is a region */
#define BUFFERS 0x40000u        /* where buffers begin; rings lie below */
#define HEAD ((uint32_t) sizeof(struct virtio_net_hdr_mrg_rxbuf))

/* A guest with one ring, and our end of it. */
struct guest {
    int file;
    uint8_t *at;                /* its memory, as the guest sees it */
    struct memory memory;       /* as we see it */
    struct driver_ring driver;
    struct ring_setup setup;
    struct ring ring;
    struct pool *pool;
    struct pool_cache *cache;
    struct port_tally tally;
    uint32_t used;              /* bytes of buffers given out */
};

/* What a test varies. */
struct kind {
    bool packed, event_index;
};

static const struct kind kinds[] = {
    { false, false }, { false, true }, { true, false }, { true, true },
};

#define N_KINDS (sizeof kinds / sizeof kinds[0])

static void
start_ring(struct guest *guest)
{
    struct error error;

    CU_ASSERT_FATAL(ring_start(&guest->ring, &guest->setup, &error));
}

/* Both halves are neighbours for the guest, and none for us. */
static void
map(struct guest *guest)
{
    struct wire_region low = { GUEST_BASE, HALF, USER_BASE, 0 };
    struct wire_region high = { GUEST_BASE + HALF, HALF,
                                USER_BASE + 2 * HALF, HALF };
    struct error error;

    CU_ASSERT_FATAL(memory_add(&guest->memory, &low, guest->file,
                               guest->setup.trouble, &error));
    CU_ASSERT_FATAL(memory_add(&guest->memory, &high, guest->file,
                               guest->setup.trouble, &error));
}

static struct guest *
start(const struct kind *kind, bool to_guest, uint32_t size)
{
    struct guest *guest = calloc(1, sizeof *guest);
    uint32_t avail, used;

    guest->file = memfd_create("guest", MFD_CLOEXEC);
    CU_ASSERT_FATAL(ftruncate(guest->file, 2 * HALF) == 0);
    guest->at = mmap(NULL, 2 * HALF, PROT_READ | PROT_WRITE, MAP_SHARED,
                     guest->file, 0);
    guest->pool = pool_create(512, NULL);
    guest->cache = pool_cache_create(guest->pool);
    driver_start(&guest->driver, guest->at, size, kind->packed,
                 kind->event_index);
    driver_layout(kind->packed, size, &avail, &used);
    guest->setup = (struct ring_setup) {
        .packed = kind->packed, .event_index = kind->event_index,
        .mergeable = true, .checksum = true, .to_guest = to_guest,
        .head = HEAD, .size = size, .desc = USER_BASE,
        .avail = USER_BASE + avail, .used = USER_BASE + used,
        .base = kind->packed ? 0x80008000u : 0,
        .kick = eventfd(0, EFD_NONBLOCK), .call = eventfd(0, EFD_NONBLOCK),
        .trouble = eventfd(0, EFD_NONBLOCK), .memory = &guest->memory,
    };
    map(guest);
    start_ring(guest);
    return guest;
}

static void
stop(struct guest *guest)
{
    ring_stop(&guest->ring);
    memory_clear(&guest->memory);
    pool_cache_destroy(guest->cache);
    CU_ASSERT_EQUAL(pool_available(guest->pool), 512);
    pool_destroy(guest->pool);
    munmap(guest->at, 2 * HALF);
    close(guest->file);
    close(guest->setup.kick);
    close(guest->setup.call);
    close(guest->setup.trouble);
    free(guest);
}

static bool
was_called(const struct guest *guest)
{
    eventfd_t count;

    return eventfd_read(guest->setup.call, &count) == 0;
}

static bool
is_broken(const struct guest *guest)
{
    char text[160];
    eventfd_t count;
    bool broken = ring_is_broken(&guest->ring, text, sizeof text);

    CU_ASSERT_EQUAL(eventfd_read(guest->setup.trouble, &count) == 0, broken);
    return broken;
}

/* Room in the guest's memory, wherever it comes to lie. */
static struct driver_part
room(struct guest *guest, uint32_t size)
{
    struct driver_part part = { GUEST_BASE + BUFFERS + guest->used, size };

    guest->used = (guest->used + size + 63) & ~63u;
    if (guest->used > 2 * HALF - BUFFERS - 0x20000) {
        guest->used = 0;
    }
    return part;
}

static uint8_t *
at(const struct guest *guest, uint64_t address)
{
    return guest->at + (address - GUEST_BASE);
}

static uint8_t
byte_of(uint32_t seed, uint32_t i)
{
    return (uint8_t) (seed * 31 + i * 7 + (i >> 8));
}

/* A header that asks for nothing and a frame of 'size' bytes, in parts of at
 * most 'part' bytes. */
static int
send_frame(struct guest *guest, uint32_t seed, uint32_t size, uint32_t part,
           bool indirect)
{
    struct driver_part parts[64];
    struct driver_part table = room(guest, 64 * 16);
    uint32_t n = 0, done = 0;

    for (uint32_t total = HEAD + size; done < total; n++) {
        uint32_t bytes = total - done < part ? total - done : part;

        parts[n] = room(guest, bytes);
        for (uint32_t i = 0; i < bytes; i++, done++) {
            at(guest, parts[n].address)[i] = done < HEAD
                ? 0 : byte_of(seed, done - HEAD);
        }
    }
    return driver_add(&guest->driver, parts, n, false,
                      indirect ? at(guest, table.address) : NULL,
                      table.address);
}

static bool
is_frame(const struct xvs_packet *packet, uint32_t seed, uint32_t size)
{
    uint32_t at_byte = 0;

    if (packet->total != size) {
        return false;
    }
    for (; packet; packet = packet->next) {
        for (uint32_t i = 0; i < packet->length; i++, at_byte++) {
            if (packet->data[i] != byte_of(seed, at_byte)) {
                return false;
            }
        }
    }
    return at_byte == size;
}

static uint32_t
receive(struct guest *guest, struct xvs_packet **packets)
{
    return ring_receive(&guest->ring, guest->cache, packets, XVS_BURST,
                        &guest->tally);
}

/* A packet of the pool with such a frame. */
static struct xvs_packet *
make_packet(struct guest *guest, uint32_t seed, uint32_t size)
{
    struct xvs_packet *packet;
    uint32_t i = 0;

    CU_ASSERT_FATAL(pool_get(guest->cache, &packet, 1) == 1
                    && pool_extend(guest->cache, packet, size));
    for (struct xvs_packet *one = packet; one; one = one->next) {
        for (uint32_t j = 0; j < one->length; j++, i++) {
            one->data[j] = byte_of(seed, i);
        }
    }
    return packet;
}

static void
transmit(struct guest *guest, uint32_t seed, uint32_t size)
{
    struct xvs_packet *packet = make_packet(guest, seed, size);

    ring_transmit(&guest->ring, &packet, 1, &guest->tally);
    pool_put(guest->cache, &packet, 1);
}

/* ---- From the guest ----------------------------------------------------- */

/* Frames of all sizes and shapes, several times around the ring. */
static void
test_receive(void)
{
    static const uint32_t sizes[] = { 14, 60, 64, 76, 128, 255, 256, 257,
                                      1514, 2048, 2049, 9014, 65549 };

    for (size_t k = 0; k < N_KINDS; k++) {
        struct guest *guest = start(&kinds[k], false, 64);
        uint32_t sent = 0;

        for (uint32_t i = 0; i < 400; i++) {
            uint32_t size = sizes[i % (sizeof sizes / sizeof sizes[0])];
            uint32_t part = i % 3 == 0 ? 70000 : i % 3 == 1 ? HEAD : 8000;
            struct xvs_packet *packets[XVS_BURST];
            uint32_t written = 1;
            int id;

            if (part == HEAD && size > 400) {
                part = 4096;
            }
            id = send_frame(guest, i, size, part, i % 4 == 1);
            CU_ASSERT_FATAL(id >= 0);
            CU_ASSERT_EQUAL_FATAL(receive(guest, packets), 1);
            CU_ASSERT(is_frame(packets[0], i, size));
            pool_put(guest->cache, packets, 1);
            CU_ASSERT_EQUAL(driver_take(&guest->driver, &written), id);
            CU_ASSERT_EQUAL(written, 0);
            sent += size;
        }
        CU_ASSERT_EQUAL(guest->tally.packets, 400);
        CU_ASSERT_EQUAL(guest->tally.bytes, sent);
        CU_ASSERT_EQUAL(guest->tally.dropped, 0);
        stop(guest);
    }
}

/* More than a burst at once stay in order. */
static void
test_bursts(void)
{
    for (size_t k = 0; k < N_KINDS; k++) {
        struct guest *guest = start(&kinds[k], false, 256);
        struct xvs_packet *packets[XVS_BURST];
        uint32_t next = 0, written;

        for (uint32_t round = 0; round < 9; round++) {
            uint32_t n = 10 + round * 27, got = 0;

            for (uint32_t i = 0; i < n; i++) {
                CU_ASSERT(send_frame(guest, next + i, 60, 100, false) >= 0);
            }
            while (got < n) {
                uint32_t m = receive(guest, packets);

                CU_ASSERT_FATAL(m > 0 && got + m <= n);
                for (uint32_t i = 0; i < m; i++) {
                    CU_ASSERT(is_frame(packets[i], next + got + i, 60));
                }
                pool_put(guest->cache, packets, m);
                got += m;
            }
            for (uint32_t i = 0; i < n; i++) {
                CU_ASSERT(driver_take(&guest->driver, &written) >= 0);
            }
            CU_ASSERT_EQUAL(driver_take(&guest->driver, &written), -1);
            next += n;
        }
        stop(guest);
    }
}

static void
test_offload(void)
{
    struct guest *guest = start(&kinds[0], false, 16);
    struct virtio_net_hdr head = { .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
                                   .gso_type = VIRTIO_NET_HDR_GSO_TCPV4,
                                   .gso_size = 1448, .csum_start = 34,
                                   .csum_offset = 16 };
    struct driver_part part = room(guest, HEAD + 20000);
    struct xvs_packet *packets[XVS_BURST];

    memcpy(at(guest, part.address), &head, sizeof head);
    driver_add(&guest->driver, &part, 1, false, NULL, 0);
    CU_ASSERT_EQUAL_FATAL(receive(guest, packets), 1);
    CU_ASSERT_EQUAL(packets[0]->gso_type, XVS_GSO_TCP4);
    CU_ASSERT_EQUAL(packets[0]->gso_size, 1448);
    CU_ASSERT_EQUAL(packets[0]->total, 20000);
    pool_put(guest->cache, packets, 1);

    /* A header that contradicts its frame costs the frame, no more. */
    head.csum_start = 60000;
    memcpy(at(guest, part.address), &head, sizeof head);
    driver_add(&guest->driver, &part, 1, false, NULL, 0);
    CU_ASSERT_EQUAL(receive(guest, packets), 0);
    CU_ASSERT_EQUAL(guest->tally.dropped, 1);
    send_frame(guest, 5, 60, 100, false);
    CU_ASSERT_EQUAL_FATAL(receive(guest, packets), 1);
    pool_put(guest->cache, packets, 1);
    CU_ASSERT_FALSE(is_broken(guest));
    stop(guest);
}

/* Too short and too long ones are dropped and given back. */
static void
test_odd_sizes(void)
{
    for (size_t k = 0; k < N_KINDS; k++) {
        struct guest *guest = start(&kinds[k], false, 16);
        struct xvs_packet *packets[XVS_BURST];
        uint32_t written;

        send_frame(guest, 1, 13, 1000, false);
        send_frame(guest, 2, 65601, 70000, false);
        send_frame(guest, 3, 65600, 70000, false);
        CU_ASSERT_EQUAL_FATAL(receive(guest, packets), 1);
        CU_ASSERT(is_frame(packets[0], 3, 65600));
        pool_put(guest->cache, packets, 1);
        CU_ASSERT_EQUAL(guest->tally.dropped, 2);
        for (int i = 0; i < 3; i++) {
            CU_ASSERT(driver_take(&guest->driver, &written) >= 0);
        }
        CU_ASSERT_FALSE(is_broken(guest));
        stop(guest);
    }
}

/* ---- To the guest ------------------------------------------------------- */

/* Makes 'n' buffers available, each in parts of these sizes. */
static void
offer(struct guest *guest, uint32_t n, uint32_t first, uint32_t second,
      uint64_t address[])
{
    for (uint32_t i = 0; i < n; i++) {
        struct driver_part parts[2] = { room(guest, first),
                                        room(guest, second) };
        int id = driver_add(&guest->driver, parts, second ? 2 : 1, true, NULL,
                            0);

        CU_ASSERT_FATAL(id >= 0);
        address[id] = parts[0].address;
        /* The second part is where room() put it. */
    }
}

/* The next buffer that was given back: its bytes follow each other because
 * room() gives neighbouring places for sizes that are multiples of 64. */
static uint8_t *
taken(struct guest *guest, const uint64_t address[], uint32_t *written)
{
    int id = driver_take(&guest->driver, written);

    CU_ASSERT_FATAL(id >= 0);
    return at(guest, address[id]);
}

static bool
is_sent(const uint8_t *bytes, uint32_t seed, uint32_t from, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (bytes[i] != byte_of(seed, from + i)) {
            return false;
        }
    }
    return true;
}

static uint16_t
n_buffers(const uint8_t *bytes)
{
    struct virtio_net_hdr_mrg_rxbuf head;

    memcpy(&head, bytes, sizeof head);
    return head.num_buffers;
}

static void
test_transmit(void)
{
    for (size_t k = 0; k < N_KINDS; k++) {
        struct guest *guest = start(&kinds[k], true, 64);
        uint64_t address[64];

        for (uint32_t i = 0; i < 300; i++) {
            uint32_t size = 14 + i * 5, written;
            uint8_t *bytes;

            offer(guest, 1, i % 2 ? 2048 : 64, i % 2 ? 0 : 2048, address);
            transmit(guest, i, size);
            bytes = taken(guest, address, &written);
            CU_ASSERT_EQUAL(written, HEAD + size);
            CU_ASSERT_EQUAL(n_buffers(bytes), 1);
            CU_ASSERT(is_sent(bytes + HEAD, i, 0, size));
        }
        CU_ASSERT_EQUAL(guest->tally.packets, 300);
        stop(guest);
    }
}

/* A frame over as many buffers as it needs; one that does not fit into all
 * that there is takes none. */
static void
test_mergeable(void)
{
    for (size_t k = 0; k < N_KINDS; k++) {
        struct guest *guest = start(&kinds[k], true, 128);
        uint64_t address[128];
        uint32_t written, done = 0;

        for (uint32_t round = 0; round < 5; round++) {
            offer(guest, 45, 1536, 0, address);
            transmit(guest, round, 65500);
            CU_ASSERT_EQUAL(guest->tally.packets, round + 1);
            done = 0;
            for (uint32_t i = 0; done < 65500; i++) {
                uint8_t *bytes = taken(guest, address, &written);
                uint32_t head = i ? 0 : HEAD;

                if (i == 0) {
                    CU_ASSERT_EQUAL(n_buffers(bytes), 43);
                }
                CU_ASSERT(is_sent(bytes + head, round, done, written - head));
                done += written - head;
            }
            CU_ASSERT_EQUAL(done, 65500);
            /* What is left does not do for another one. */
            transmit(guest, 99, 65500);
            CU_ASSERT_EQUAL(guest->tally.dropped, round + 1);
            transmit(guest, 98, 1000);
            taken(guest, address, &written);
            transmit(guest, 98, 1000);
            taken(guest, address, &written);
            CU_ASSERT_EQUAL(driver_take(&guest->driver, &written), -1);
            guest->tally.packets -= 2;
        }
        stop(guest);
    }
}

/* Without mergeable buffers a frame has one, of several parts or none. */
static void
test_big_buffers(void)
{
    for (size_t k = 0; k < N_KINDS; k++) {
        struct guest *guest = start(&kinds[k], true, 16);
        uint64_t address[16];
        uint32_t written;
        uint8_t *bytes;

        ring_stop(&guest->ring);
        guest->setup.mergeable = false;
        start_ring(guest);
        offer(guest, 2, 64, 1472, address);
        transmit(guest, 1, 1600);
        CU_ASSERT_EQUAL(guest->tally.dropped, 1);
        transmit(guest, 2, 1524);
        bytes = taken(guest, address, &written);
        CU_ASSERT_EQUAL(written, 1536);
        CU_ASSERT(is_sent(bytes + HEAD, 2, 0, 1524));
        transmit(guest, 3, 60);
        bytes = taken(guest, address, &written);
        CU_ASSERT(is_sent(bytes + HEAD, 3, 0, 60));
        transmit(guest, 4, 60);
        CU_ASSERT_EQUAL(guest->tally.dropped, 2);
        stop(guest);
    }
}

/* Empty buffers are given back, in either direction. */
static void
test_empty(void)
{
    static const struct driver_part empty = { GUEST_BASE + BUFFERS, 0 };

    for (size_t k = 0; k < N_KINDS; k++) {
        struct guest *guest = start(&kinds[k], false, 16);
        struct xvs_packet *packets[XVS_BURST];
        uint64_t address[16];
        uint32_t written;

        driver_add(&guest->driver, &empty, 1, false, NULL, 0);
        CU_ASSERT_EQUAL(receive(guest, packets), 0);
        CU_ASSERT(driver_take(&guest->driver, &written) >= 0);
        CU_ASSERT_FALSE(is_broken(guest));
        stop(guest);

        guest = start(&kinds[k], true, 16);
        driver_add(&guest->driver, &empty, 1, true, NULL, 0);
        offer(guest, 1, 2048, 0, address);
        transmit(guest, 1, 100);
        CU_ASSERT(driver_take(&guest->driver, &written) >= 0);
        CU_ASSERT_EQUAL(written, 0);
        CU_ASSERT(driver_take(&guest->driver, &written) >= 0);
        CU_ASSERT_EQUAL(written, HEAD + 100);
        CU_ASSERT_FALSE(is_broken(guest));
        stop(guest);
    }
}

/* ---- Notifications ------------------------------------------------------ */

static void
test_notifications(void)
{
    for (size_t k = 0; k < N_KINDS; k++) {
        struct guest *guest = start(&kinds[k], false, 16);
        struct xvs_packet *packets[XVS_BURST];
        uint32_t written;

        /* Armed: the first frame kicks; then we look ourselves. */
        CU_ASSERT(ring_arm(&guest->ring));
        send_frame(guest, 1, 60, 100, false);
        CU_ASSERT(driver_wants_kick(&guest->driver));
        eventfd_write(guest->setup.kick, 1);
        ring_disarm(&guest->ring);
        send_frame(guest, 2, 60, 100, false);
        CU_ASSERT_FALSE(driver_wants_kick(&guest->driver));

        /* One interrupt for both, and only when it is wanted. */
        driver_want_interrupts(&guest->driver, true);
        CU_ASSERT_EQUAL_FATAL(receive(guest, packets), 2);
        pool_put(guest->cache, packets, 2);
        CU_ASSERT_EQUAL(receive(guest, packets), 0);
        CU_ASSERT(was_called(guest));
        CU_ASSERT(driver_want_interrupts(&guest->driver, false));
        driver_take(&guest->driver, &written);
        driver_take(&guest->driver, &written);
        CU_ASSERT_FALSE(driver_want_interrupts(&guest->driver, false));
        send_frame(guest, 3, 60, 100, false);

        /* Arming finds what came before. */
        CU_ASSERT_FALSE(ring_arm(&guest->ring));
        CU_ASSERT_EQUAL_FATAL(receive(guest, packets), 1);
        pool_put(guest->cache, packets, 1);
        CU_ASSERT(ring_arm(&guest->ring));
        CU_ASSERT_FALSE(was_called(guest));
        stop(guest);
    }
}

/* ---- Stopping and going on ---------------------------------------------- */

static void
test_restart(void)
{
    for (size_t k = 0; k < N_KINDS; k++) {
        struct guest *guest = start(&kinds[k], false, 48 + 16);
        struct xvs_packet *packets[XVS_BURST];
        uint32_t written, next = 0;

        for (uint32_t round = 0; round < 20; round++) {
            for (uint32_t i = 0; i < 30; i++) {
                send_frame(guest, next + i, 60, 100, false);
            }
            CU_ASSERT_EQUAL_FATAL(ring_receive(&guest->ring, guest->cache,
                                               packets, 11, &guest->tally),
                                  11);
            pool_put(guest->cache, packets, 11);
            guest->setup.base = ring_stop(&guest->ring);
            start_ring(guest);
            CU_ASSERT_EQUAL_FATAL(receive(guest, packets), 19);
            for (uint32_t i = 0; i < 19; i++) {
                CU_ASSERT(is_frame(packets[i], next + 11 + i, 60));
            }
            pool_put(guest->cache, packets, 19);
            for (uint32_t i = 0; i < 30; i++) {
                CU_ASSERT(driver_take(&guest->driver, &written) >= 0);
            }
            next += 30;
        }
        stop(guest);
    }
}

/* The switch was killed: its position is with the front end. */
static void
test_inflight(void)
{
    static const struct kind packed = { true, false };
    struct guest *guest = start(&packed, false, 16);
    struct inflight inflight = { 0 };
    struct xvs_packet *packets[XVS_BURST];
    struct error error;
    uint64_t size;
    int fd = inflight_create(2, 16, &size);

    CU_ASSERT_FATAL(inflight_open(&inflight, fd, 0, size, 2, 16, -1, &error));
    ring_stop(&guest->ring);
    guest->setup.inflight = inflight_queue(&inflight, 1);
    start_ring(guest);
    for (uint32_t i = 0; i < 10; i++) {
        send_frame(guest, i, 60, 100, false);
    }
    CU_ASSERT_EQUAL_FATAL(ring_receive(&guest->ring, guest->cache, packets,
                                       4, &guest->tally), 4);
    pool_put(guest->cache, packets, 4);

    /* Killed in the middle: the next burst was noted and not given back. */
    guest->setup.inflight->position = inflight_position(9, true, 4, true);
    start_ring(guest);
    CU_ASSERT_EQUAL_FATAL(receive(guest, packets), 6);
    CU_ASSERT(is_frame(packets[0], 4, 60));
    pool_put(guest->cache, packets, 6);

    /* Given back and not noted as that. */
    guest->setup.inflight->position = inflight_position(10, true, 4, true);
    start_ring(guest);
    send_frame(guest, 77, 60, 100, false);
    CU_ASSERT_EQUAL_FATAL(receive(guest, packets), 1);
    CU_ASSERT(is_frame(packets[0], 77, 60));
    pool_put(guest->cache, packets, 1);
    stop(guest);
    inflight_close(&inflight);
    close(fd);
}

/* ---- Migration ---------------------------------------------------------- */

static bool
is_dirty(const uint8_t *bits, uint64_t address)
{
    return bits[address / 4096 / 8] >> (address / 4096 % 8) & 1;
}

static void
test_dirty(void)
{
    for (size_t k = 0; k < N_KINDS; k++) {
        struct guest *guest = start(&kinds[k], true, 16);
        uint64_t size = (GUEST_BASE + 2 * HALF) / 4096 / 8;
        int fd = memfd_create("log", MFD_CLOEXEC);
        struct dirty dirty = { 0 };
        uint64_t address[16];
        struct error error;

        CU_ASSERT_FATAL(ftruncate(fd, (off_t) size) == 0);
        CU_ASSERT_FALSE(dirty_open(&dirty, fd, 0, size + 1, -1, &error));
        CU_ASSERT_FATAL(dirty_open(&dirty, fd, 0, size, -1, &error));
        ring_stop(&guest->ring);
        guest->setup.dirty = &dirty;
        guest->setup.log_used = true;
        guest->setup.log = GUEST_BASE + guest->setup.used - USER_BASE;
        start_ring(guest);
        guest->used = 0x5000 - 64;
        offer(guest, 1, 2048, 0, address);
        transmit(guest, 1, 1500);
        CU_ASSERT(is_dirty(dirty.bits, GUEST_BASE + BUFFERS + 0x4000));
        CU_ASSERT(is_dirty(dirty.bits, GUEST_BASE + BUFFERS + 0x5000));
        CU_ASSERT_FALSE(is_dirty(dirty.bits, GUEST_BASE + BUFFERS + 0x3000));
        CU_ASSERT_FALSE(is_dirty(dirty.bits, GUEST_BASE + BUFFERS + 0x6000));
        CU_ASSERT(is_dirty(dirty.bits, guest->setup.log));
        /* Far outside: nothing happens. */
        dirty_mark(&dirty, UINT64_MAX - 10, 100);
        stop(guest);
        dirty_close(&dirty);
        close(fd);
    }
}

/* ---- Hostile guests ----------------------------------------------------- */

/* Writes a descriptor of a split ring and makes it available. */
static void
raw(struct guest *guest, uint16_t index, uint64_t address, uint32_t size,
    uint16_t flags, uint16_t next)
{
    struct vring_desc *desc = (void *) guest->driver.desc;
    struct vring_avail *avail = (void *) guest->driver.avail;

    if (index < guest->driver.size) {
        desc[index] = (struct vring_desc) { address, size, flags, next };
    }
    avail->ring[avail->idx % guest->driver.size] = index;
    avail->idx++;
}

static void
check_broken(struct guest *guest)
{
    struct xvs_packet *packets[XVS_BURST];

    CU_ASSERT_EQUAL(receive(guest, packets), 0);
    CU_ASSERT(is_broken(guest));
    /* And stays so, quietly. */
    send_frame(guest, 1, 60, 100, false);
    CU_ASSERT_EQUAL(receive(guest, packets), 0);
    CU_ASSERT(ring_arm(&guest->ring));
    stop(guest);
}

#define GOOD (GUEST_BASE + BUFFERS)

static void
test_hostile_split(void)
{
    static const struct {
        uint16_t index;
        uint64_t address;
        uint32_t size;
        uint16_t flags, next;
    } cases[] = {
        { 16, GOOD, 100, 0, 0 },                        /* no such one */
        { 0xffff, GOOD, 100, 0, 0 },
        { 0, 0, 100, 0, 0 },                            /* outside */
        { 0, GUEST_BASE + 2 * HALF - 50, 100, 0, 0 },   /* over the end */
        { 0, GOOD, 0xffffffff, 0, 0 },
        { 0, UINT64_MAX - 10, 100, 0, 0 },              /* wraps around */
        { 0, GUEST_BASE - 50, 100, 0, 0 },
        { 0, GOOD, 100, VRING_DESC_F_WRITE, 0 },        /* wrong way */
        { 0, GOOD, 100, VRING_DESC_F_NEXT, 0 },         /* a loop of one */
        { 0, GOOD, 100, VRING_DESC_F_NEXT, 16 },        /* out of the ring */
        { 0, GOOD, 17, VRING_DESC_F_INDIRECT, 0 },      /* odd table */
        { 0, GOOD, 0, VRING_DESC_F_INDIRECT, 0 },
        { 0, 0, 16, VRING_DESC_F_INDIRECT, 0 },
        { 0, GOOD, 16, VRING_DESC_F_INDIRECT | VRING_DESC_F_NEXT, 1 },
        { 0, GUEST_BASE + HALF - 8, 16, VRING_DESC_F_INDIRECT, 0 },
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct guest *guest = start(&kinds[0], false, 16);

        raw(guest, cases[i].index, cases[i].address, cases[i].size,
            cases[i].flags, cases[i].next);
        check_broken(guest);
    }
}

/* Tables whose entries loop, nest and point outside. */
static void
test_hostile_tables(void)
{
    static const struct vring_desc entries[] = {
        { GOOD, 100, VRING_DESC_F_NEXT, 0 },
        { GOOD, 100, VRING_DESC_F_NEXT, 2 },
        { GOOD, 100, VRING_DESC_F_INDIRECT, 0 },
        { GOOD, 100, VRING_DESC_F_WRITE, 0 },
        { 5, 100, 0, 0 },
        { GOOD, 0, 0, 0 },
    };

    for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++) {
        struct guest *guest = start(&kinds[0], false, 16);

        memcpy(at(guest, GOOD), &entries[i], sizeof entries[i]);
        raw(guest, 0, GOOD, 32, VRING_DESC_F_INDIRECT, 0);
        if (entries[i].len == 0) {
            /* Only empty: no frame, and nothing broken. */
            struct xvs_packet *packets[XVS_BURST];

            CU_ASSERT_EQUAL(receive(guest, packets), 0);
            CU_ASSERT_EQUAL(guest->tally.dropped, 1);
            stop(guest);
        } else {
            check_broken(guest);
        }
    }
}

/* An index far ahead, a chain over the whole ring, and packed rings' own
 * ways. */
static void
test_hostile_rings(void)
{
    struct guest *guest = start(&kinds[0], false, 16);
    struct vring_avail *avail = (void *) guest->driver.avail;
    struct vring_packed_desc *desc;

    avail->idx = 17;
    check_broken(guest);

    guest = start(&kinds[2], false, 16);
    desc = (void *) guest->driver.desc;
    for (uint32_t i = 0; i < 16; i++) {
        desc[i] = (struct vring_packed_desc) {
            GOOD, 100, 0,
            VRING_DESC_F_NEXT | 1u << VRING_PACKED_DESC_F_AVAIL };
    }
    check_broken(guest);

    guest = start(&kinds[2], false, 16);
    desc = (void *) guest->driver.desc;
    desc[0] = (struct vring_packed_desc) {
        0, 100, 0, 1u << VRING_PACKED_DESC_F_AVAIL };
    check_broken(guest);

    guest = start(&kinds[2], false, 16);
    desc = (void *) guest->driver.desc;
    desc[0] = (struct vring_packed_desc) {
        GOOD, 100, 0,
        VRING_DESC_F_WRITE | 1u << VRING_PACKED_DESC_F_AVAIL };
    check_broken(guest);
}

/* A buffer may lie over two regions, whose mappings are not neighbours. */
static void
test_regions(void)
{
    struct guest *guest = start(&kinds[0], false, 16);
    struct driver_part part = { GUEST_BASE + HALF - 40, HEAD + 1000 };
    struct xvs_packet *packets[XVS_BURST];

    for (uint32_t i = 0; i < 1000; i++) {
        at(guest, part.address)[HEAD + i] = byte_of(3, i);
    }
    driver_add(&guest->driver, &part, 1, false, NULL, 0);
    CU_ASSERT_EQUAL_FATAL(receive(guest, packets), 1);
    CU_ASSERT(is_frame(packets[0], 3, 1000));
    pool_put(guest->cache, packets, 1);
    stop(guest);
}

static void
test_memory(void)
{
    struct guest *guest = start(&kinds[0], false, 16);
    struct wire_region overlap = { GUEST_BASE + HALF, 4096, USER_BASE * 2, 0 };
    struct wire_region wrap = { UINT64_MAX - 10, 4096, 0, 0 };
    struct wire_region end = { 0, 4096, 0, 2 * HALF - 4095 };
    struct ring_setup bad = guest->setup;
    struct error error;
    struct ring ring;

    CU_ASSERT_FALSE(memory_add(&guest->memory, &overlap, guest->file, -1,
                               &error));
    CU_ASSERT_FALSE(memory_add(&guest->memory, &wrap, guest->file, -1,
                               &error));
    CU_ASSERT_FALSE(memory_add(&guest->memory, &end, guest->file, -1,
                               &error));
    CU_ASSERT_FALSE(memory_add(&guest->memory, &end, -1, -1, &error));
    bad.used = USER_BASE + HALF - 64;
    CU_ASSERT_FALSE(ring_start(&ring, &bad, &error));
    bad = guest->setup;
    bad.size = 12;
    CU_ASSERT_FALSE(ring_start(&ring, &bad, &error));
    bad.size = 0;
    CU_ASSERT_FALSE(ring_start(&ring, &bad, &error));
    bad = guest->setup;
    bad.desc += 8;
    CU_ASSERT_FALSE(ring_start(&ring, &bad, &error));
    stop(guest);
}

/* The file of a guest's memory is cut off while frames are in it. */
static void
test_cut_off(void)
{
    struct guest *guest = start(&kinds[0], false, 16);
    struct driver_part part = { GUEST_BASE + HALF + 8192, 100 };
    struct xvs_packet *packets[XVS_BURST];
    eventfd_t count;

    driver_add(&guest->driver, &part, 1, false, NULL, 0);
    CU_ASSERT_FALSE(memory_is_lost(&guest->memory));
    CU_ASSERT_FATAL(ftruncate(guest->file, HALF) == 0);
    pool_put(guest->cache, packets, receive(guest, packets));
    CU_ASSERT(memory_is_lost(&guest->memory));
    CU_ASSERT_EQUAL(eventfd_read(guest->setup.trouble, &count), 0);
    stop(guest);
}

static const struct unit_test tests[] = {
    { "receive", test_receive },
    { "bursts", test_bursts },
    { "offload", test_offload },
    { "odd sizes", test_odd_sizes },
    { "transmit", test_transmit },
    { "mergeable", test_mergeable },
    { "big buffers", test_big_buffers },
    { "empty", test_empty },
    { "notifications", test_notifications },
    { "restart", test_restart },
    { "inflight", test_inflight },
    { "dirty pages", test_dirty },
    { "hostile: split", test_hostile_split },
    { "hostile: tables", test_hostile_tables },
    { "hostile: rings", test_hostile_rings },
    { "regions", test_regions },
    { "memory", test_memory },
    { "cut off", test_cut_off },
};

UNIT_MAIN("vhost-ring", tests)
