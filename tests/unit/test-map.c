/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The map keeps order, survives removal while iterating, folds case when
 * asked and stays right through growth and holes.
 */
#include <config.h>

#include "base/map.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "unit.h"

static int one, two, three;

static void
test_put_get_remove(void)
{
    struct map *map = map_create(false);

    CU_ASSERT_PTR_NULL(map_get(map, "a"));
    CU_ASSERT_PTR_NULL(map_remove(map, "a"));
    CU_ASSERT_PTR_NULL(map_put(map, "a", &one));
    CU_ASSERT_PTR_NULL(map_put(map, "A", &two));
    CU_ASSERT_PTR_EQUAL(map_put(map, "a", &three), &one);
    CU_ASSERT_PTR_EQUAL(map_get(map, "a"), &three);
    CU_ASSERT_PTR_EQUAL(map_get(map, "A"), &two);
    CU_ASSERT_EQUAL(map_count(map), 2);
    CU_ASSERT_PTR_EQUAL(map_remove(map, "a"), &three);
    CU_ASSERT_PTR_NULL(map_get(map, "a"));
    CU_ASSERT_EQUAL(map_count(map), 1);
    CU_ASSERT_PTR_NULL(map_put(map, "", &one));
    CU_ASSERT_PTR_EQUAL(map_get(map, ""), &one);
    map_destroy(map, NULL);
    map_destroy(NULL, NULL);
}

static void
test_fold(void)
{
    struct map *map = map_create(true);
    const char *key;
    size_t at = 0;

    map_put(map, "XVS_Switch", &one);
    CU_ASSERT_PTR_EQUAL(map_get(map, "xvs_sWITCH"), &one);
    CU_ASSERT_PTR_EQUAL(map_put(map, "XVS_SWITCH", &two), &one);
    CU_ASSERT(map_next(map, &at, &key, NULL));
    CU_ASSERT_STRING_EQUAL(key, "XVS_Switch");
    /* Only ASCII letters fold: '@' and '`' differ by the same bit. */
    map_put(map, "@", &one);
    CU_ASSERT_PTR_NULL(map_get(map, "`"));
    map_destroy(map, NULL);
}

/* Against a plain array, with many removals in between. */
static void
test_many(void)
{
    enum { N = 5000 };
    static char *values[N];
    struct map *map = map_create(false);
    char key[32];

    memset(values, 0, sizeof(values));
    srand(1);
    for (int round = 0; round < 8 * N; round++) {
        int i = rand() % N;

        snprintf(key, sizeof(key), "key-%d", i);
        if (rand() % 3) {
            char *value = mem_printf("%d", round);
            char *old = map_put(map, key, value);

            CU_ASSERT_PTR_EQUAL(old, values[i]);
            values[i] = value;
            free(old);
        } else {
            CU_ASSERT_PTR_EQUAL(map_remove(map, key), values[i]);
            free(values[i]);
            values[i] = NULL;
        }
    }
    size_t n = 0;

    for (int i = 0; i < N; i++) {
        snprintf(key, sizeof(key), "key-%d", i);
        CU_ASSERT_PTR_EQUAL(map_get(map, key), values[i]);
        n += values[i] != NULL;
    }
    CU_ASSERT_EQUAL(map_count(map), n);
    map_destroy(map, free);
}

static void
test_iteration(void)
{
    struct map *map = map_create(false);
    static const char *const keys[] = { "z", "a", "m", "b", "y" };
    const char *key;
    size_t at = 0;
    size_t n = 0;

    for (size_t i = 0; i < 5; i++) {
        map_put(map, keys[i], &one);
    }
    while (map_next(map, &at, &key, NULL)) {
        CU_ASSERT_STRING_EQUAL(key, keys[n]);
        if (n++ % 2 == 0) {
            CU_ASSERT_PTR_EQUAL(map_remove(map, key), &one);
        }
    }
    CU_ASSERT_EQUAL(n, 5);
    CU_ASSERT_EQUAL(map_count(map), 2);
    at = 0;
    CU_ASSERT(map_next(map, &at, &key, NULL));
    CU_ASSERT_STRING_EQUAL(key, "a");
    map_destroy(map, NULL);
}

static const struct unit_test tests[] = {
    { "put, get and remove", test_put_get_remove },
    { "keys without case", test_fold },
    { "many puts and removals", test_many },
    { "iteration in order, with removal", test_iteration },
};

UNIT_MAIN("map", tests)
