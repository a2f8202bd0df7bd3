/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Rings of guests: a guest sends and receives through split and packed rings
 * with everything that drivers do.
 */

#include <config.h>

#include <linux/virtio_net.h>
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

#include "ring-guest.h"
#include "unit.h"

/* ---- From the guest ----------------------------------------------------- */

/* Frames of all sizes and shapes, several times around the ring. */
static void
test_receive(void)
{
    static const uint32_t sizes[] = { 14, 60, 64, 76, 128, 255, 256, 257,
                                      1514, 2048, 2049, 9014, 65549 };

    for (size_t k = 0; k < GUEST_KINDS; k++) {
        struct guest *guest = guest_start(&guest_kinds[k], false, 64);
        uint32_t sent = 0;

        for (uint32_t i = 0; i < 400; i++) {
            uint32_t size = sizes[i % (sizeof sizes / sizeof sizes[0])];
            uint32_t part = i % 3 == 0 ? 70000
                : i % 3 == 1 ? GUEST_HEAD : 8000;
            struct xvs_packet *packets[XVS_BURST];
            uint32_t written = 1;
            int id;

            if (part == GUEST_HEAD && size > 400) {
                part = 4096;
            }
            id = guest_send(guest, i, size, part, i % 4 == 1);
            CU_ASSERT_FATAL(id >= 0);
            CU_ASSERT_EQUAL_FATAL(guest_receive(guest, packets), 1);
            CU_ASSERT(guest_is_frame(packets[0], i, size));
            pool_put(guest->cache, packets, 1);
            CU_ASSERT_EQUAL(driver_take(&guest->driver, &written), id);
            CU_ASSERT_EQUAL(written, 0);
            sent += size;
        }
        CU_ASSERT_EQUAL(guest->tally.packets, 400);
        CU_ASSERT_EQUAL(guest->tally.bytes, sent);
        CU_ASSERT_EQUAL(guest->tally.dropped, 0);
        guest_stop(guest);
    }
}

/* More than a burst at once stay in order. */
static void
test_bursts(void)
{
    for (size_t k = 0; k < GUEST_KINDS; k++) {
        struct guest *guest = guest_start(&guest_kinds[k], false, 256);
        struct xvs_packet *packets[XVS_BURST];
        uint32_t next = 0, written;

        for (uint32_t round = 0; round < 9; round++) {
            uint32_t n = 10 + round * 27, got = 0;

            for (uint32_t i = 0; i < n; i++) {
                CU_ASSERT(guest_send(guest, next + i, 60, 100, false) >= 0);
            }
            while (got < n) {
                uint32_t m = guest_receive(guest, packets);

                CU_ASSERT_FATAL(m > 0 && got + m <= n);
                for (uint32_t i = 0; i < m; i++) {
                    CU_ASSERT(guest_is_frame(packets[i], next + got + i, 60));
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
        guest_stop(guest);
    }
}

static void
test_offload(void)
{
    struct guest *guest = guest_start(&guest_kinds[0], false, 16);
    struct virtio_net_hdr head = { .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
                                   .gso_type = VIRTIO_NET_HDR_GSO_TCPV4,
                                   .gso_size = 1448, .csum_start = 34,
                                   .csum_offset = 16 };
    struct driver_part part = guest_room(guest, GUEST_HEAD + 20000);
    struct xvs_packet *packets[XVS_BURST];

    memcpy(guest_at(guest, part.address), &head, sizeof head);
    driver_add(&guest->driver, &part, 1, false, NULL, 0);
    CU_ASSERT_EQUAL_FATAL(guest_receive(guest, packets), 1);
    CU_ASSERT_EQUAL(packets[0]->gso_type, XVS_GSO_TCP4);
    CU_ASSERT_EQUAL(packets[0]->gso_size, 1448);
    CU_ASSERT_EQUAL(packets[0]->total, 20000);
    pool_put(guest->cache, packets, 1);

    /* A header that contradicts its frame costs the frame, no more. */
    head.csum_start = 60000;
    memcpy(guest_at(guest, part.address), &head, sizeof head);
    driver_add(&guest->driver, &part, 1, false, NULL, 0);
    CU_ASSERT_EQUAL(guest_receive(guest, packets), 0);
    CU_ASSERT_EQUAL(guest->tally.dropped, 1);
    guest_send(guest, 5, 60, 100, false);
    CU_ASSERT_EQUAL_FATAL(guest_receive(guest, packets), 1);
    pool_put(guest->cache, packets, 1);
    CU_ASSERT_FALSE(guest_is_broken(guest));
    guest_stop(guest);
}

/* Too short and too long ones are dropped and given back. */
static void
test_odd_sizes(void)
{
    for (size_t k = 0; k < GUEST_KINDS; k++) {
        struct guest *guest = guest_start(&guest_kinds[k], false, 16);
        struct xvs_packet *packets[XVS_BURST];
        uint32_t written;

        guest_send(guest, 1, 13, 1000, false);
        guest_send(guest, 2, 65601, 70000, false);
        guest_send(guest, 3, 65600, 70000, false);
        CU_ASSERT_EQUAL_FATAL(guest_receive(guest, packets), 1);
        CU_ASSERT(guest_is_frame(packets[0], 3, 65600));
        pool_put(guest->cache, packets, 1);
        CU_ASSERT_EQUAL(guest->tally.dropped, 2);
        for (int i = 0; i < 3; i++) {
            CU_ASSERT(driver_take(&guest->driver, &written) >= 0);
        }
        CU_ASSERT_FALSE(guest_is_broken(guest));
        guest_stop(guest);
    }
}

/* ---- To the guest ------------------------------------------------------- */

/* Makes 'n' buffers available, each in parts of these sizes. */
static void
offer(struct guest *guest, uint32_t n, uint32_t first, uint32_t second,
      uint64_t address[])
{
    for (uint32_t i = 0; i < n; i++) {
        struct driver_part parts[2] = { guest_room(guest, first),
                                        guest_room(guest, second) };
        int id = driver_add(&guest->driver, parts, second ? 2 : 1, true, NULL,
                            0);

        CU_ASSERT_FATAL(id >= 0);
        address[id] = parts[0].address;
        /* The second part is where guest_room() put it. */
    }
}

/* The next buffer that was given back: its bytes follow each other because
 * guest_room() gives neighbouring places for multiples of 64 bytes. */
static uint8_t *
taken(struct guest *guest, const uint64_t address[], uint32_t *written)
{
    int id = driver_take(&guest->driver, written);

    CU_ASSERT_FATAL(id >= 0);
    return guest_at(guest, address[id]);
}

static bool
is_sent(const uint8_t *bytes, uint32_t seed, uint32_t from, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (bytes[i] != guest_byte(seed, from + i)) {
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
    for (size_t k = 0; k < GUEST_KINDS; k++) {
        struct guest *guest = guest_start(&guest_kinds[k], true, 64);
        uint64_t address[64];

        for (uint32_t i = 0; i < 300; i++) {
            uint32_t size = 14 + i * 5, written;
            uint8_t *bytes;

            offer(guest, 1, i % 2 ? 2048 : 64, i % 2 ? 0 : 2048, address);
            guest_transmit(guest, i, size);
            bytes = taken(guest, address, &written);
            CU_ASSERT_EQUAL(written, GUEST_HEAD + size);
            CU_ASSERT_EQUAL(n_buffers(bytes), 1);
            CU_ASSERT(is_sent(bytes + GUEST_HEAD, i, 0, size));
        }
        CU_ASSERT_EQUAL(guest->tally.packets, 300);
        guest_stop(guest);
    }
}

/* A frame over as many buffers as it needs; one that does not fit into all
 * that there is takes none. */
static void
test_mergeable(void)
{
    for (size_t k = 0; k < GUEST_KINDS; k++) {
        struct guest *guest = guest_start(&guest_kinds[k], true, 128);
        uint64_t address[128];
        uint32_t written, done = 0;

        for (uint32_t round = 0; round < 5; round++) {
            offer(guest, 45, 1536, 0, address);
            guest_transmit(guest, round, 65500);
            CU_ASSERT_EQUAL(guest->tally.packets, round + 1);
            done = 0;
            for (uint32_t i = 0; done < 65500; i++) {
                uint8_t *bytes = taken(guest, address, &written);
                uint32_t head = i ? 0 : GUEST_HEAD;

                if (i == 0) {
                    CU_ASSERT_EQUAL(n_buffers(bytes), 43);
                }
                CU_ASSERT(is_sent(bytes + head, round, done, written - head));
                done += written - head;
            }
            CU_ASSERT_EQUAL(done, 65500);
            /* What is left does not do for another one. */
            guest_transmit(guest, 99, 65500);
            CU_ASSERT_EQUAL(guest->tally.dropped, round + 1);
            guest_transmit(guest, 98, 1000);
            taken(guest, address, &written);
            guest_transmit(guest, 98, 1000);
            taken(guest, address, &written);
            CU_ASSERT_EQUAL(driver_take(&guest->driver, &written), -1);
            guest->tally.packets -= 2;
        }
        guest_stop(guest);
    }
}

/* Without mergeable buffers a frame has one, of several parts or none. */
static void
test_big_buffers(void)
{
    for (size_t k = 0; k < GUEST_KINDS; k++) {
        struct guest *guest = guest_start(&guest_kinds[k], true, 16);
        uint64_t address[16];
        uint32_t written;
        uint8_t *bytes;

        ring_stop(&guest->ring);
        guest->setup.mergeable = false;
        guest_start_ring(guest);
        offer(guest, 2, 64, 1472, address);
        guest_transmit(guest, 1, 1600);
        CU_ASSERT_EQUAL(guest->tally.dropped, 1);
        guest_transmit(guest, 2, 1524);
        bytes = taken(guest, address, &written);
        CU_ASSERT_EQUAL(written, 1536);
        CU_ASSERT(is_sent(bytes + GUEST_HEAD, 2, 0, 1524));
        guest_transmit(guest, 3, 60);
        bytes = taken(guest, address, &written);
        CU_ASSERT(is_sent(bytes + GUEST_HEAD, 3, 0, 60));
        guest_transmit(guest, 4, 60);
        CU_ASSERT_EQUAL(guest->tally.dropped, 2);
        guest_stop(guest);
    }
}

/* Empty buffers are given back, in either direction. */
static void
test_empty(void)
{
    static const struct driver_part empty = { GUEST_BASE + GUEST_BUFFERS, 0 };

    for (size_t k = 0; k < GUEST_KINDS; k++) {
        struct guest *guest = guest_start(&guest_kinds[k], false, 16);
        struct xvs_packet *packets[XVS_BURST];
        uint64_t address[16];
        uint32_t written;

        driver_add(&guest->driver, &empty, 1, false, NULL, 0);
        CU_ASSERT_EQUAL(guest_receive(guest, packets), 0);
        CU_ASSERT(driver_take(&guest->driver, &written) >= 0);
        CU_ASSERT_FALSE(guest_is_broken(guest));
        guest_stop(guest);

        guest = guest_start(&guest_kinds[k], true, 16);
        driver_add(&guest->driver, &empty, 1, true, NULL, 0);
        offer(guest, 1, 2048, 0, address);
        guest_transmit(guest, 1, 100);
        CU_ASSERT(driver_take(&guest->driver, &written) >= 0);
        CU_ASSERT_EQUAL(written, 0);
        CU_ASSERT(driver_take(&guest->driver, &written) >= 0);
        CU_ASSERT_EQUAL(written, GUEST_HEAD + 100);
        CU_ASSERT_FALSE(guest_is_broken(guest));
        guest_stop(guest);
    }
}

/* ---- Notifications ------------------------------------------------------ */

static void
test_notifications(void)
{
    for (size_t k = 0; k < GUEST_KINDS; k++) {
        struct guest *guest = guest_start(&guest_kinds[k], false, 16);
        struct xvs_packet *packets[XVS_BURST];
        uint32_t written;

        /* Armed: the first frame kicks; then we look ourselves. */
        CU_ASSERT(ring_arm(&guest->ring));
        guest_send(guest, 1, 60, 100, false);
        CU_ASSERT(driver_wants_kick(&guest->driver));
        eventfd_write(guest->setup.kick, 1);
        ring_disarm(&guest->ring);
        guest_send(guest, 2, 60, 100, false);
        CU_ASSERT_FALSE(driver_wants_kick(&guest->driver));

        /* One interrupt for both, and only when it is wanted. */
        driver_want_interrupts(&guest->driver, true);
        CU_ASSERT_EQUAL_FATAL(guest_receive(guest, packets), 2);
        pool_put(guest->cache, packets, 2);
        CU_ASSERT_EQUAL(guest_receive(guest, packets), 0);
        CU_ASSERT(guest_was_called(guest));
        CU_ASSERT(driver_want_interrupts(&guest->driver, false));
        driver_take(&guest->driver, &written);
        driver_take(&guest->driver, &written);
        CU_ASSERT_FALSE(driver_want_interrupts(&guest->driver, false));
        guest_send(guest, 3, 60, 100, false);

        /* Arming finds what came before. */
        CU_ASSERT_FALSE(ring_arm(&guest->ring));
        CU_ASSERT_EQUAL_FATAL(guest_receive(guest, packets), 1);
        pool_put(guest->cache, packets, 1);
        CU_ASSERT(ring_arm(&guest->ring));
        CU_ASSERT_FALSE(guest_was_called(guest));
        guest_stop(guest);
    }
}

/* Wants to hear of the third buffer from now, wherever that is. */
static void
want_third(struct guest *guest)
{
    struct driver_ring *driver = &guest->driver;
    uint16_t third = (uint16_t) (driver->last + 2);

    if (driver->packed) {
        struct vring_packed_desc_event *event = (void *) driver->avail;
        bool wrap = driver->last_wrap;

        if (third >= driver->size) {
            third = (uint16_t) (third - driver->size);
            wrap = !wrap;
        }
        event->off_wrap = (uint16_t) (third | wrap << 15);
        event->flags = VRING_PACKED_EVENT_FLAG_DESC;
    } else {
        struct vring_avail *avail = (void *) driver->avail;

        avail->ring[driver->size] = third;
    }
}

static void
test_event_index(void)
{
    for (size_t k = 1; k < GUEST_KINDS; k += 2) {
        struct guest *guest = guest_start(&guest_kinds[k], false, 16);
        struct xvs_packet *packets[XVS_BURST];
        uint32_t written;

        for (uint32_t round = 0; round < 40; round++) {
            want_third(guest);
            for (uint32_t i = 0; i < 3; i++) {
                guest_send(guest, i, 60, 100, false);
                CU_ASSERT_EQUAL_FATAL(guest_receive(guest, packets), 1);
                pool_put(guest->cache, packets, 1);
                guest_receive(guest, packets);
                CU_ASSERT_EQUAL(guest_was_called(guest), i == 2);
            }
            for (uint32_t i = 0; i < 3; i++) {
                CU_ASSERT(driver_take(&guest->driver, &written) >= 0);
            }
        }
        guest_stop(guest);
    }
}

/* ---- Stopping and going on ---------------------------------------------- */

static void
test_restart(void)
{
    for (size_t k = 0; k < GUEST_KINDS; k++) {
        struct guest *guest = guest_start(&guest_kinds[k], false, 48 + 16);
        struct xvs_packet *packets[XVS_BURST];
        uint32_t written, next = 0;

        for (uint32_t round = 0; round < 20; round++) {
            for (uint32_t i = 0; i < 30; i++) {
                guest_send(guest, next + i, 60, 100, false);
            }
            CU_ASSERT_EQUAL_FATAL(ring_receive(&guest->ring, guest->cache,
                                               packets, 11, &guest->tally),
                                  11);
            pool_put(guest->cache, packets, 11);
            guest->setup.base = ring_stop(&guest->ring);
            guest_start_ring(guest);
            CU_ASSERT_EQUAL_FATAL(guest_receive(guest, packets), 19);
            for (uint32_t i = 0; i < 19; i++) {
                CU_ASSERT(guest_is_frame(packets[i], next + 11 + i, 60));
            }
            pool_put(guest->cache, packets, 19);
            for (uint32_t i = 0; i < 30; i++) {
                CU_ASSERT(driver_take(&guest->driver, &written) >= 0);
            }
            next += 30;
        }
        guest_stop(guest);
    }
}

/* The switch was killed: its position is with the front end. */
static void
test_inflight(void)
{
    static const struct guest_kind packed = { true, false };
    struct guest *guest = guest_start(&packed, false, 16);
    struct inflight inflight = { 0 };
    struct xvs_packet *packets[XVS_BURST];
    struct error error;
    uint64_t size;
    int fd = inflight_create(2, 16, &size);

    CU_ASSERT_FATAL(inflight_open(&inflight, fd, 0, size, 2, 16, -1, &error));
    ring_stop(&guest->ring);
    guest->setup.inflight = inflight_queue(&inflight, 1);
    guest_start_ring(guest);
    for (uint32_t i = 0; i < 10; i++) {
        guest_send(guest, i, 60, 100, false);
    }
    CU_ASSERT_EQUAL_FATAL(ring_receive(&guest->ring, guest->cache, packets,
                                       4, &guest->tally), 4);
    pool_put(guest->cache, packets, 4);

    /* Killed in the middle: the next burst was noted and not given back. */
    guest->setup.inflight->position = inflight_position(9, true, 4, true);
    guest_start_ring(guest);
    CU_ASSERT_EQUAL_FATAL(guest_receive(guest, packets), 6);
    CU_ASSERT(guest_is_frame(packets[0], 4, 60));
    pool_put(guest->cache, packets, 6);

    /* Given back and not noted as that. */
    guest->setup.inflight->position = inflight_position(10, true, 4, true);
    guest_start_ring(guest);
    guest_send(guest, 77, 60, 100, false);
    CU_ASSERT_EQUAL_FATAL(guest_receive(guest, packets), 1);
    CU_ASSERT(guest_is_frame(packets[0], 77, 60));
    pool_put(guest->cache, packets, 1);
    guest_stop(guest);
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
    for (size_t k = 0; k < GUEST_KINDS; k++) {
        struct guest *guest = guest_start(&guest_kinds[k], true, 16);
        uint64_t size = (GUEST_BASE + 2 * GUEST_HALF) / 4096 / 8;
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
        guest->setup.log = GUEST_BASE + guest->setup.used - GUEST_USER;
        guest_start_ring(guest);
        guest->used = 0x5000 - 64;
        offer(guest, 1, 2048, 0, address);
        guest_transmit(guest, 1, 1500);
        CU_ASSERT(is_dirty(dirty.bits, GUEST_BASE + GUEST_BUFFERS + 0x4000));
        CU_ASSERT(is_dirty(dirty.bits, GUEST_BASE + GUEST_BUFFERS + 0x5000));
        CU_ASSERT_FALSE(is_dirty(dirty.bits,
                                 GUEST_BASE + GUEST_BUFFERS + 0x3000));
        CU_ASSERT_FALSE(is_dirty(dirty.bits,
                                 GUEST_BASE + GUEST_BUFFERS + 0x6000));
        CU_ASSERT(is_dirty(dirty.bits, guest->setup.log));
        /* Far outside: nothing happens. */
        dirty_mark(&dirty, UINT64_MAX - 10, 100);
        guest_stop(guest);
        dirty_close(&dirty);
        close(fd);
    }
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
    { "event index", test_event_index },
    { "restart", test_restart },
    { "inflight", test_inflight },
    { "dirty pages", test_dirty },
};

UNIT_MAIN("vhost-ring", tests)
