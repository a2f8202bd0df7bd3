/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Guests that break the rules of rings, in every way that we know, and memory
 * of guests that is not what it seems.
 */

#include <config.h>

#include <fcntl.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <xvs/packet.h>

#include "base/error.h"
#include "packet/pool.h"
#include "port/vhost/ring/notify.h"
#include "port/vhost/ring/ring.h"
#include "port/vhost/wire.h"

#include "ring-guest.h"
#include "unit.h"

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
check_broken(struct guest *guest, const char *what)
{
    struct xvs_packet *packets[XVS_BURST];

    CU_ASSERT_EQUAL(guest_receive(guest, packets), 0);
    CU_ASSERT(guest_is_broken_by(guest, what));
    /* And stays so, quietly. */
    guest_send(guest, 1, 60, 100, false);
    CU_ASSERT_EQUAL(guest_receive(guest, packets), 0);
    CU_ASSERT(ring_arm(&guest->ring));
    guest_stop(guest);
}

#define GOOD (GUEST_BASE + GUEST_BUFFERS)

static void
test_hostile_split(void)
{
    static const char end[] = "behind the ring's end";
    static const char outside[] = "outside of the guest's memory";
    static const char loop[] = "a chain that does not end";
    static const struct {
        const char *what;
        uint16_t index;
        uint64_t address;
        uint32_t size;
        uint16_t flags, next;
    } cases[] = {
        { end, 16, GOOD, 100, 0, 0 },
        { end, 0xffff, GOOD, 100, 0, 0 },
        { outside, 0, 0, 100, 0, 0 },
        { outside, 0, GUEST_BASE + 2 * GUEST_HALF - 50, 100, 0, 0 },
        { outside, 0, GOOD, 0xffffffff, 0, 0 },
        { outside, 0, UINT64_MAX - 10, 100, 0, 0 },
        { outside, 0, GUEST_BASE - 50, 100, 0, 0 },
        { "wrong direction", 0, GOOD, 100, VRING_DESC_F_WRITE, 0 },
        { loop, 0, GOOD, 100, VRING_DESC_F_NEXT, 0 },
        { loop, 0, GOOD, 100, VRING_DESC_F_NEXT, 16 },
        { "wrong size", 0, GOOD, 17, VRING_DESC_F_INDIRECT, 0 },
        { "wrong size", 0, GOOD, 0, VRING_DESC_F_INDIRECT, 0 },
        { outside, 0, 0, 16, VRING_DESC_F_INDIRECT, 0 },
        { outside, 0, GUEST_BASE + GUEST_HALF - 8, 16,
          VRING_DESC_F_INDIRECT, 0 },
        { "within a chain", 0, GOOD, 16,
          VRING_DESC_F_INDIRECT | VRING_DESC_F_NEXT, 1 },
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct guest *guest = guest_start(&guest_kinds[0], false, 16);

        raw(guest, cases[i].index, cases[i].address, cases[i].size,
            cases[i].flags, cases[i].next);
        check_broken(guest, cases[i].what);
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
        struct guest *guest = guest_start(&guest_kinds[0], false, 16);

        memcpy(guest_at(guest, GOOD), &entries[i], sizeof entries[i]);
        raw(guest, 0, GOOD, 32, VRING_DESC_F_INDIRECT, 0);
        if (entries[i].len == 0) {
            /* Only empty: no frame, and nothing broken. */
            struct xvs_packet *packets[XVS_BURST];

            CU_ASSERT_EQUAL(guest_receive(guest, packets), 0);
            CU_ASSERT_EQUAL(guest->tally.dropped, 1);
            guest_stop(guest);
        } else {
            check_broken(guest, "");
        }
    }
}

/* An index far ahead, a chain over the whole ring, and packed rings' own
 * ways. */
static void
test_hostile_rings(void)
{
    struct guest *guest = guest_start(&guest_kinds[0], false, 16);
    struct vring_avail *avail = (void *) guest->driver.avail;
    struct vring_packed_desc *desc;

    avail->idx = 17;
    check_broken(guest, "more buffers than");

    guest = guest_start(&guest_kinds[2], false, 16);
    desc = (void *) guest->driver.desc;
    for (uint32_t i = 0; i < 16; i++) {
        desc[i] = (struct vring_packed_desc) {
            GOOD, 100, 0,
            VRING_DESC_F_NEXT | 1u << VRING_PACKED_DESC_F_AVAIL };
    }
    check_broken(guest, "does not end");

    guest = guest_start(&guest_kinds[2], false, 16);
    desc = (void *) guest->driver.desc;
    desc[0] = (struct vring_packed_desc) {
        0, 100, 0, 1u << VRING_PACKED_DESC_F_AVAIL };
    check_broken(guest, "outside of");

    guest = guest_start(&guest_kinds[2], false, 16);
    desc = (void *) guest->driver.desc;
    desc[0] = (struct vring_packed_desc) {
        GOOD, 100, 0,
        VRING_DESC_F_WRITE | 1u << VRING_PACKED_DESC_F_AVAIL };
    check_broken(guest, "wrong direction");
}

/* A buffer may lie over two regions, whose mappings are not neighbours. */
static void
test_regions(void)
{
    struct guest *guest = guest_start(&guest_kinds[0], false, 16);
    struct driver_part part = { GUEST_BASE + GUEST_HALF - 40,
                                GUEST_HEAD + 1000 };
    struct xvs_packet *packets[XVS_BURST];

    for (uint32_t i = 0; i < 1000; i++) {
        guest_at(guest, part.address)[GUEST_HEAD + i] = guest_byte(3, i);
    }
    driver_add(&guest->driver, &part, 1, false, NULL, 0);
    CU_ASSERT_EQUAL_FATAL(guest_receive(guest, packets), 1);
    CU_ASSERT(guest_is_frame(packets[0], 3, 1000));
    pool_put(guest->cache, packets, 1);
    guest_stop(guest);
}

static void
test_memory(void)
{
    struct guest *guest = guest_start(&guest_kinds[0], false, 16);
    struct wire_region overlap = { GUEST_BASE + GUEST_HALF, 4096,
                                   GUEST_USER * 2, 0 };
    struct wire_region wrap = { UINT64_MAX - 10, 4096, 0, 0 };
    struct wire_region end = { 0, 4096, 0, 2 * GUEST_HALF - 4095 };
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
    bad.used = GUEST_USER + GUEST_HALF - 64;
    CU_ASSERT_FALSE(ring_start(&ring, &bad, &error));
    bad = guest->setup;
    bad.size = 12;
    CU_ASSERT_FALSE(ring_start(&ring, &bad, &error));
    bad.size = 0;
    CU_ASSERT_FALSE(ring_start(&ring, &bad, &error));
    bad = guest->setup;
    bad.desc += 8;
    CU_ASSERT_FALSE(ring_start(&ring, &bad, &error));
    guest_stop(guest);
}

/* The file of a guest's memory is cut off while frames are in it. */
static void
test_cut_off(void)
{
    struct guest *guest = guest_start(&guest_kinds[0], false, 16);
    struct driver_part part = { GUEST_BASE + GUEST_HALF + 8192, 100 };
    struct xvs_packet *packets[XVS_BURST];
    eventfd_t count;

    driver_add(&guest->driver, &part, 1, false, NULL, 0);
    CU_ASSERT_FALSE(memory_is_lost(&guest->memory));
    CU_ASSERT_FATAL(ftruncate(guest->file, GUEST_HALF) == 0);
    pool_put(guest->cache, packets, guest_receive(guest, packets));
    CU_ASSERT(memory_is_lost(&guest->memory));
    CU_ASSERT_EQUAL(eventfd_read(guest->setup.trouble, &count), 0);
    guest_stop(guest);
}

/* Eventfds that hold up who writes or reads them. */
static void
test_notify(void)
{
    const eventfd_t full = UINT64_MAX - 1;
    eventfd_t count = 0;
    int fd = eventfd(0, 0), file = open("/dev/null", O_RDWR);

    notify_prepare();
    alarm(20);                  /* ends us when it waits after all */
    notify_clear(fd);
    for (int i = 0; i < 1000; i++) {
        notify(fd);
    }
    CU_ASSERT_EQUAL(eventfd_read(fd, &count), 0);
    CU_ASSERT_EQUAL(count, 1000);
    eventfd_write(fd, full);
    for (int i = 0; i < 1000; i++) {
        notify(fd);
    }
    notify_clear(fd);
    notify_clear(fd);
    notify(fd);
    CU_ASSERT_EQUAL(eventfd_read(fd, &count), 0);
    CU_ASSERT_EQUAL(count, 1);
    /* What is none at all. */
    notify(file);
    notify_clear(file);
    notify(-1);
    alarm(0);
    close(fd);
    close(file);
}

static const struct unit_test tests[] = {
    { "notify", test_notify },
    { "hostile: split", test_hostile_split },
    { "hostile: tables", test_hostile_tables },
    { "hostile: rings", test_hostile_rings },
    { "regions", test_regions },
    { "memory", test_memory },
    { "cut off", test_cut_off },
};

UNIT_MAIN("vhost-hostile", tests)
