/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The MAC table: learns per VLAN, follows an address that moves, forgets by
 * age and by port; counts what ports have, keeps their limits, and does not
 * let a port push out the addresses of others.
 */

#include <config.h>

#include "switch/forward/mac.h"

#include <stdlib.h>
#include <string.h>
#include <xvs/types.h>

#include "switch/forward/table.h"
#include "unit.h"

#define AGE 300u
#define PLACES (MAC_BUCKETS * 4)

static const uint8_t a[6] = { 2, 0, 0, 0, 0, 1 };
static const uint8_t b[6] = { 2, 0, 0, 0, 0, 2 };

static struct vport ports[3] = { { .next = &ports[1], .id = 7 },
                                 { .next = &ports[2], .id = 8 },
                                 { .id = 9 } };
static struct port_table *table;
static struct mac_table *macs;

static void
start(void)
{
    macs = mac_create();
    table = table_create(ports);
    for (int i = 0; i < 3; i++) {
        ports[i].n_addresses = 0;
    }
}

static void
end(void)
{
    mac_destroy(macs);
    free(table->slots);
    free(table);
}

static enum mac_result
learn_up_to(const uint8_t *address, uint16_t vlan, uint32_t port,
            uint32_t limit, uint32_t now)
{
    struct mac_learner learner = { table, &ports[port - 7], limit, AGE, now };

    return mac_learn(macs, mac_key(address, vlan), &learner);
}

static enum mac_result
learn(const uint8_t *address, uint16_t vlan, uint32_t port, uint32_t now)
{
    return learn_up_to(address, vlan, port, 0, now);
}

static uint32_t
find(const uint8_t *address, uint16_t vlan, uint32_t now)
{
    return mac_find(macs, mac_key(address, vlan), AGE, now);
}

/* The address number 'i' of a maker; as good as random, so that buckets are
 * filled as unevenly as in life. */
static const uint8_t *
made(uint8_t maker, uint32_t i)
{
    static uint8_t address[6];

    i = (i ^ i >> 15) * 0x2c1b3c6du;
    i = (i ^ i >> 12) * 0x297a2d39u;
    i ^= i >> 15;
    address[0] = 2;
    address[1] = maker;
    memcpy(address + 2, &i, 4);
    return address;
}

static void
test_learns(void)
{
    start();
    CU_ASSERT_EQUAL(find(a, 0, 10), XVS_PORT_NONE);
    CU_ASSERT_EQUAL(learn(a, 0, 7, 10), MAC_NEW);
    CU_ASSERT_EQUAL(learn(a, 0, 7, 10), MAC_SAME);
    CU_ASSERT_EQUAL(learn(a, 0, 7, 11), MAC_SAME);
    learn(b, 0, 8, 10);
    learn(a, 5, 9, 10);
    CU_ASSERT_EQUAL(find(a, 0, 10), 7);
    CU_ASSERT_EQUAL(find(b, 0, 10), 8);
    CU_ASSERT_EQUAL(find(a, 5, 10), 9);
    CU_ASSERT_EQUAL(find(b, 5, 10), XVS_PORT_NONE);
    /* Priority bits of the tag do not make another VLAN. */
    CU_ASSERT_EQUAL(find(a, 0xe005, 10), 9);
    CU_ASSERT_EQUAL(learn(a, 0, 8, 11), MAC_MOVED);
    CU_ASSERT_EQUAL(find(a, 0, 11), 8);
    CU_ASSERT_EQUAL(ports[0].n_addresses, 0);
    CU_ASSERT_EQUAL(ports[1].n_addresses, 2);
    CU_ASSERT_EQUAL(ports[2].n_addresses, 1);
    end();
    mac_destroy(NULL);
}

static void
test_forgets(void)
{
    start();
    learn(a, 0, 7, 10);
    CU_ASSERT_EQUAL(find(a, 0, 10 + AGE), 7);
    CU_ASSERT_EQUAL(find(a, 0, 11 + AGE), XVS_PORT_NONE);
    /* Not a move: nobody has seen it for long. */
    CU_ASSERT_EQUAL(learn(a, 0, 8, 11 + AGE), MAC_NEW);
    learn(b, 0, 7, 400);
    mac_forget(macs, 8);
    CU_ASSERT_EQUAL(find(a, 0, 401), XVS_PORT_NONE);
    CU_ASSERT_EQUAL(find(b, 0, 401), 7);
    mac_sweep(macs, table, 0, MAC_BUCKETS, AGE, 400 + AGE);
    CU_ASSERT_EQUAL(ports[0].n_addresses, 1);
    mac_sweep(macs, table, 0, MAC_BUCKETS, AGE, 401 + AGE);
    CU_ASSERT_EQUAL(ports[0].n_addresses, 0);
    CU_ASSERT_EQUAL(find(b, 0, 401), XVS_PORT_NONE);
    end();
}

/* The clock's seconds may wrap. */
static void
test_wraps(void)
{
    start();
    learn(a, 0, 7, UINT32_MAX - 1);
    CU_ASSERT_EQUAL(find(a, 0, 5), 7);
    CU_ASSERT_EQUAL(find(a, 0, 5 + AGE), XVS_PORT_NONE);
    end();
}

static uint32_t
count_known(uint8_t maker, uint32_t n, uint32_t port, uint32_t now)
{
    uint32_t known = 0;

    for (uint32_t i = 0; i < n; i++) {
        known += find(made(maker, i), 0, now) == port;
    }
    return known;
}

static void
test_many(void)
{
    uint32_t at = 0, n = 0;
    struct mac_sighting seen;
    uint8_t address[6];
    uint16_t vlan;

    start();
    for (uint32_t i = 0; i < 20000; i++) {
        CU_ASSERT_EQUAL(learn(made(1, i), 3, 7, 10), MAC_NEW);
    }
    CU_ASSERT_EQUAL(ports[0].n_addresses, 20000);
    while (mac_next(macs, &at, AGE, 12, &seen)) {
        mac_of_key(seen.key, address, &vlan);
        CU_ASSERT(address[1] == 1 && vlan == 3);
        CU_ASSERT(seen.port == 7 && seen.age == 2);
        n++;
    }
    CU_ASSERT_EQUAL(n, 20000);
    /* The hash spreads: a full table has most places taken. */
    for (uint32_t i = 0; i < PLACES; i++) {
        learn(made(2, i), 0, 7, 11 + i / 10000);
    }
    CU_ASSERT(ports[0].n_addresses > PLACES * 9 / 10);
    /* The newest is never the one that was given up. */
    CU_ASSERT_EQUAL(find(made(2, PLACES - 1), 0, 20), 7);
    end();
}

static void
test_limit(void)
{
    start();
    for (uint32_t i = 0; i < 10; i++) {
        CU_ASSERT_EQUAL(learn_up_to(made(1, i), 0, 7, 10, 10), MAC_NEW);
    }
    CU_ASSERT_EQUAL(learn_up_to(a, 0, 7, 10, 10), MAC_LIMIT);
    CU_ASSERT_EQUAL(learn_up_to(made(1, 3), 0, 7, 10, 11), MAC_SAME);
    /* Taking another port's address counts, too. */
    learn(b, 0, 8, 10);
    CU_ASSERT_EQUAL(learn_up_to(b, 0, 7, 10, 10), MAC_LIMIT);
    CU_ASSERT_EQUAL(find(b, 0, 10), 8);
    CU_ASSERT_EQUAL(ports[0].n_addresses, 10);
    /* One leaves, another one may come. */
    CU_ASSERT_EQUAL(learn(made(1, 0), 0, 8, 11), MAC_MOVED);
    CU_ASSERT_EQUAL(learn_up_to(a, 0, 7, 10, 11), MAC_NEW);
    end();
}

/* Port 9 makes up addresses; 7 has so many that some places beside each other
 * are all its own, 8 a few. */
static void
test_fair(void)
{
    uint32_t known;

    start();
    for (uint32_t i = 0; i < PLACES; i++) {
        learn(made(3, i), 0, 9, 10);
    }
    for (uint32_t i = 0; i < 40000; i++) {
        CU_ASSERT_EQUAL(learn(made(1, i), 0, 7, 10), MAC_NEW);
    }
    for (uint32_t i = 0; i < 100; i++) {
        learn(made(2, i), 0, 8, 10);
    }
    /* It has replaced some of its own where all places were its own. */
    known = count_known(1, 40000, 7, 10);
    CU_ASSERT(known > 39500);
    for (uint32_t i = 0; i < 4 * PLACES; i++) {
        learn(made(4, i), 0, 9, 20);
    }
    CU_ASSERT_EQUAL(count_known(1, 40000, 7, 20), known);
    CU_ASSERT_EQUAL(count_known(2, 100, 8, 20), 100);
    CU_ASSERT_EQUAL(ports[0].n_addresses, known);
    CU_ASSERT_EQUAL(ports[1].n_addresses, 100);
    CU_ASSERT(ports[2].n_addresses > PLACES / 2);
    /* The others still get places for new ones, at the cost of whoever has
     * most there. */
    for (uint32_t i = 100; i < 1000; i++) {
        CU_ASSERT_EQUAL(learn(made(2, i), 0, 8, 20), MAC_NEW);
    }
    CU_ASSERT_EQUAL(count_known(2, 1000, 8, 20), 1000);
    end();
}

static const struct unit_test tests[] = {
    { "learns", test_learns },
    { "forgets", test_forgets },
    { "wraps", test_wraps },
    { "many", test_many },
    { "limit", test_limit },
    { "fair", test_fair },
};

UNIT_MAIN("mac", tests)
