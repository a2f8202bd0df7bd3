/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The packet pool: nothing is given twice or lost, also when caches of
 * several threads pass packets on; chains grow, are copied and come back
 * whole.
 */

#include <config.h>

#include "packet/pool.h"

#include <pthread.h>
#include <string.h>

#include "unit.h"

static void
test_all(void)
{
    struct pool *pool = pool_create(8, NULL);
    struct pool_cache *cache = pool_cache_create(pool);
    struct xvs_packet *all[9];

    CU_ASSERT_EQUAL(pool_get(cache, all, 9), 8);
    CU_ASSERT_EQUAL(pool_get(cache, all, 1), 0);
    CU_ASSERT_EQUAL(pool_used(pool), 8);
    CU_ASSERT_EQUAL(pool_shortages(pool), 2);
    all[3]->length = 14;
    CU_ASSERT(pool_holds(pool, all[3]));
    all[3]->length = POOL_FRAME;
    CU_ASSERT(pool_holds(pool, all[3]));
    all[3]->data = all[4]->data;
    CU_ASSERT_FALSE(pool_holds(pool, all[3]));
    pool_put(cache, all, 8);
    CU_ASSERT_EQUAL(pool_get(cache, all, 8), 8);
    CU_ASSERT_EQUAL(all[3]->length, 0);
    pool_put(cache, all + 3, 5);
    CU_ASSERT_EQUAL(pool_used(pool), 3);
    pool_put(cache, all, 3);
    CU_ASSERT_EQUAL(pool_used(pool), 0);
    CU_ASSERT_EQUAL(pool_size(pool), 8);
    pool_cache_destroy(cache);
    CU_ASSERT_EQUAL(pool_available(pool), 8);
    CU_ASSERT_EQUAL(pool_used(pool), 0);
    pool_destroy(pool);
    pool_cache_destroy(NULL);
    pool_destroy(NULL);
}

/* Whoever was in use has one of the lowest numbers. */
static void
test_reached(void)
{
    struct pool *pool = pool_create(64, NULL);
    struct pool_cache *cache = pool_cache_create(pool);
    struct xvs_packet *packets[32];
    uint32_t reached;

    CU_ASSERT_EQUAL(pool_reached(pool), 0);
    for (uint32_t n = 1; n <= 32; n *= 2) {
        CU_ASSERT_EQUAL(pool_get(cache, packets, n), n);
        reached = pool_reached(pool);
        CU_ASSERT(reached >= n && reached < 64);
        for (uint32_t i = 0; i < n; i++) {
            CU_ASSERT(pool_number(pool, packets[i]) < reached);
        }
        pool_put(cache, packets, n);
        CU_ASSERT_EQUAL(pool_reached(pool), reached);
    }
    pool_cache_destroy(cache);
    pool_destroy(pool);
}

/* What one has used and given back is there for others: however small the
 * pool, a cache keeps a part of it only. */
static void
test_share(void)
{
    static struct xvs_packet *all[1024];
    static const uint32_t sizes[] = { 64, 1024, 16384 };

    for (size_t i = 0; i < 3; i++) {
        struct pool *pool = pool_create(sizes[i], NULL);
        struct pool_cache *one = pool_cache_create(pool);
        struct pool_cache *other = pool_cache_create(pool);
        uint32_t n = sizes[i] < 1024 ? sizes[i] : 1024;
        uint32_t most = sizes[i] - sizes[i] / 16;

        CU_ASSERT_EQUAL(pool_get(one, all, n), n);
        for (uint32_t at = 0; at < n; at += 16) {
            pool_put(one, all + at, 16);
        }
        most = most < 1024 ? most : 1024;
        CU_ASSERT_EQUAL(pool_get(other, all, most), most);
        pool_put(other, all, most);
        CU_ASSERT_EQUAL(pool_used(pool), 0);
        pool_cache_destroy(one);
        pool_cache_destroy(other);
        CU_ASSERT_EQUAL(pool_available(pool), sizes[i]);
        pool_destroy(pool);
    }
}

static void
test_chain(void)
{
    struct pool *pool = pool_create(8, NULL);
    struct pool_cache *cache = pool_cache_create(pool);
    struct xvs_packet *packet, *rest[8];
    uint8_t out[16] = { 0 };

    CU_ASSERT_EQUAL_FATAL(pool_get(cache, &packet, 1), 1);
    CU_ASSERT(pool_extend(cache, packet, 3 * POOL_FRAME - 10));
    CU_ASSERT_EQUAL(packet->length, POOL_FRAME);
    CU_ASSERT_EQUAL(packet->total, 3 * POOL_FRAME - 10);
    CU_ASSERT_PTR_NOT_NULL_FATAL(packet->next->next);
    CU_ASSERT_EQUAL(packet->next->next->length, POOL_FRAME - 10);
    CU_ASSERT_PTR_NULL(packet->next->next->next);
    memset(packet->data, 1, packet->length);
    memset(packet->next->data, 2, packet->next->length);
    memset(packet->next->next->data, 3, packet->next->next->length);
    CU_ASSERT_EQUAL(pool_copy(packet, POOL_FRAME - 2, out, 4), 4);
    CU_ASSERT_EQUAL(memcmp(out, "\1\1\2\2", 4), 0);
    CU_ASSERT_EQUAL(pool_copy(packet, packet->total - 3, out, 16), 3);
    CU_ASSERT_EQUAL(pool_copy(packet, packet->total, out, 16), 0);
    /* Too few left: nothing changes. */
    CU_ASSERT_FALSE(pool_extend(cache, packet, 9 * POOL_FRAME));
    CU_ASSERT_EQUAL(packet->total, 3 * POOL_FRAME - 10);
    CU_ASSERT_EQUAL(pool_get(cache, rest, 8), 5);
    pool_put(cache, rest, 5);
    pool_put(cache, &packet, 1);
    CU_ASSERT_EQUAL(pool_get(cache, rest, 8), 8);
    pool_put(cache, rest, 8);
    pool_cache_destroy(cache);
    pool_destroy(pool);
}

#define ROUNDS 20000
#define PART 300

static void *
churn(void *arg)
{
    struct pool_cache *cache = pool_cache_create(arg);
    struct xvs_packet *packets[PART];

    for (uint32_t i = 0; i < ROUNDS; i++) {
        uint32_t n = pool_get(cache, packets, 1 + i % PART);

        for (uint32_t j = 0; j < n; j++) {
            packets[j]->in_port = i;
        }
        for (uint32_t j = 0; j < n; j++) {
            if (packets[j]->in_port != i) {
                return (void *) "given twice";
            }
        }
        pool_put(cache, packets, n);
    }
    pool_cache_destroy(cache);
    return NULL;
}

static void
test_threads(void)
{
    struct pool *pool = pool_create(1500, NULL);
    pthread_t threads[3];
    void *result;

    for (int i = 0; i < 3; i++) {
        CU_ASSERT_FATAL(pthread_create(&threads[i], NULL, churn, pool) == 0);
    }
    for (int i = 0; i < 3; i++) {
        pthread_join(threads[i], &result);
        CU_ASSERT_PTR_NULL(result);
    }
    CU_ASSERT_EQUAL(pool_available(pool), 1500);
    CU_ASSERT_EQUAL(pool_used(pool), 0);
    pool_destroy(pool);
}

static const struct unit_test tests[] = {
    { "all packets", test_all },
    { "packets that have been in use", test_reached },
    { "share", test_share },
    { "chains", test_chain },
    { "threads", test_threads },
};

UNIT_MAIN("pool", tests)
