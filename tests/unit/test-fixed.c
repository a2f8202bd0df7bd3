/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Addresses that were told: found, replaced, walked, and taken back by owner
 * and by port.
 */

#include <config.h>

#include "switch/forward/policy/fixed.h"

#include <string.h>

#include "switch/forward/mac.h"
#include "unit.h"

static const struct xvs_guid one = { .a = 1 }, two = { .a = 2 };

static uint64_t
key(uint32_t i)
{
    uint8_t address[6] = { 1, 0 };

    memcpy(address + 2, &i, 4);
    return mac_key(address, 0);
}

static uint32_t
count(const struct fixed *table)
{
    uint32_t at = 0, n = 0;

    while (fixed_next(table, &at)) {
        n++;
    }
    return n;
}

static void
test_entries(void)
{
    const uint32_t ports[] = { 3, 4, 5 };
    struct fixed *table = NULL;
    const struct fixed_entry *entry;

    CU_ASSERT_PTR_NULL(fixed_find(NULL, key(1)));
    CU_ASSERT_EQUAL(count(NULL), 0);
    CU_ASSERT(fixed_put(&table, key(1), &one, ports, 3));
    CU_ASSERT(fixed_put(&table, key(2), &two, ports, 1));
    entry = fixed_find(table, key(1));
    CU_ASSERT_PTR_NOT_NULL_FATAL(entry);
    CU_ASSERT(entry->n == 3 && fixed_has(entry, 5) && !fixed_has(entry, 6));
    CU_ASSERT(fixed_put(&table, key(1), &one, ports + 1, 2));
    CU_ASSERT(!fixed_has(fixed_find(table, key(1)), 3));
    CU_ASSERT_EQUAL(count(table), 2);
    fixed_remove(table, key(1));
    fixed_remove(table, key(7));
    CU_ASSERT_PTR_NULL(fixed_find(table, key(1)));
    CU_ASSERT_EQUAL(count(table), 1);
    grace_drain();
    fixed_destroy(table);
    fixed_destroy(NULL);
}

/* Many, so that buckets have several. */
static void
test_leaving(void)
{
    struct fixed *table = NULL;

    for (uint32_t i = 0; i < FIXED_MAX; i++) {
        const uint32_t ports[] = { i % 3, 9 };

        CU_ASSERT(fixed_put(&table, key(i), i % 2 ? &one : &two, ports, 2));
    }
    CU_ASSERT(!fixed_put(&table, key(FIXED_MAX), &one, NULL, 0));
    CU_ASSERT_EQUAL(count(table), FIXED_MAX);
    fixed_take_back(table, &two);
    CU_ASSERT_EQUAL(count(table), FIXED_MAX / 2);
    CU_ASSERT_PTR_NULL(fixed_find(table, key(0)));
    fixed_forget_port(table, 1, true);
    CU_ASSERT_EQUAL(fixed_find(table, key(1))->n, 1);
    CU_ASSERT_EQUAL(fixed_find(table, key(3))->n, 2);
    fixed_forget_port(table, 9, false);
    CU_ASSERT_PTR_NULL(fixed_find(table, key(1)));
    CU_ASSERT_EQUAL(fixed_find(table, key(3))->n, 1);
    fixed_forget_port(table, 0, true);
    CU_ASSERT_EQUAL(fixed_find(table, key(3))->n, 0);
    grace_drain();
    fixed_destroy(table);
}

static const struct unit_test tests[] = {
    { "entries", test_entries },
    { "leaving", test_leaving },
};

UNIT_MAIN("fixed", tests)
