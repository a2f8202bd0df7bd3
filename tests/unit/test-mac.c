/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The MAC table: learns per VLAN, follows an address that moves, forgets by
 * age and by port, and gives up the oldest when a bucket is full.
 */

#include <config.h>

#include "switch/forward/mac.h"

#include <string.h>
#include <xvs/types.h>

#include "unit.h"

static const uint8_t a[6] = { 2, 0, 0, 0, 0, 1 };
static const uint8_t b[6] = { 2, 0, 0, 0, 0, 2 };

static void
test_learns(void)
{
    struct mac_table *table = mac_create();

    CU_ASSERT_EQUAL(mac_find(table, a, 0, 10), XVS_PORT_NONE);
    mac_learn(table, a, 0, 7, 10);
    mac_learn(table, b, 0, 8, 10);
    mac_learn(table, a, 5, 9, 10);
    CU_ASSERT_EQUAL(mac_find(table, a, 0, 10), 7);
    CU_ASSERT_EQUAL(mac_find(table, b, 0, 10), 8);
    CU_ASSERT_EQUAL(mac_find(table, a, 5, 10), 9);
    CU_ASSERT_EQUAL(mac_find(table, b, 5, 10), XVS_PORT_NONE);
    /* Priority bits of the tag do not make another VLAN. */
    CU_ASSERT_EQUAL(mac_find(table, a, 0xe005, 10), 9);
    mac_learn(table, a, 0, 8, 11);
    CU_ASSERT_EQUAL(mac_find(table, a, 0, 11), 8);
    CU_ASSERT_EQUAL(mac_count(table, 11), 3);
    mac_destroy(table);
    mac_destroy(NULL);
}

static void
test_forgets(void)
{
    struct mac_table *table = mac_create();

    mac_learn(table, a, 0, 7, 10);
    CU_ASSERT_EQUAL(mac_find(table, a, 0, 10 + MAC_AGE), 7);
    CU_ASSERT_EQUAL(mac_find(table, a, 0, 11 + MAC_AGE), XVS_PORT_NONE);
    mac_learn(table, a, 0, 7, 400);
    CU_ASSERT_EQUAL(mac_find(table, a, 0, 401), 7);
    mac_learn(table, b, 0, 8, 400);
    mac_forget(table, 7);
    CU_ASSERT_EQUAL(mac_find(table, a, 0, 401), XVS_PORT_NONE);
    CU_ASSERT_EQUAL(mac_find(table, b, 0, 401), 8);
    mac_destroy(table);
}

/* The clock's seconds may wrap. */
static void
test_wraps(void)
{
    struct mac_table *table = mac_create();

    mac_learn(table, a, 0, 7, UINT32_MAX - 1);
    CU_ASSERT_EQUAL(mac_find(table, a, 0, 5), 7);
    CU_ASSERT_EQUAL(mac_find(table, a, 0, 5 + MAC_AGE), XVS_PORT_NONE);
    mac_destroy(table);
}

static void
test_many(void)
{
    struct mac_table *table = mac_create();
    uint32_t found = 0, n = MAC_BUCKETS * 4;
    uint8_t address[6] = { 2 };

    for (uint32_t i = 0; i < n; i++) {
        memcpy(address + 2, &i, 4);
        mac_learn(table, address, 0, i + 1, 10 + i / 1000);
    }
    for (uint32_t i = 0; i < n; i++) {
        uint32_t port;

        memcpy(address + 2, &i, 4);
        port = mac_find(table, address, 0, 20);
        CU_ASSERT(port == XVS_PORT_NONE || port == i + 1);
        found += port == i + 1;
    }
    /* The hash spreads: a full table still knows most of them. */
    CU_ASSERT(found > n * 3 / 4);
    /* The newest is never the one that was given up. */
    CU_ASSERT_EQUAL(mac_find(table, address, 0, 20), n);
    mac_destroy(table);
}

static const struct unit_test tests[] = {
    { "learns", test_learns },
    { "forgets", test_forgets },
    { "wraps", test_wraps },
    { "many", test_many },
};

UNIT_MAIN("mac", tests)
