/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Token buckets: the rate over time at small and large rates, what may come
 * at once, debt, a clock that wraps, and several workers at one bucket.
 */

#include <config.h>

#include "switch/forward/policy/meter.h"

#include <pthread.h>
#include <string.h>

#include "unit.h"

#define SECOND UINT64_C(1000000000)

/* Offers 'each' units every 'step' ns from 'from' on, for 'time' ns; returns
 * what passed. */
static uint64_t
offer(struct meter *meter, uint64_t from, uint64_t time, uint64_t step,
      uint64_t each)
{
    uint64_t passed = 0;

    for (uint64_t now = from; now - from < time; now += step) {
        struct meter_look look;

        meter_look(&look, meter, now);
        passed += meter_take(&look, each) ? each : 0;
        meter_commit(&look);
    }
    return passed;
}

static void
expect_rate(uint64_t rate, uint64_t step, uint64_t each, uint64_t from)
{
    struct meter meter;
    uint64_t passed;

    meter_set(&meter, rate, rate / 100, from);
    offer(&meter, from, SECOND, step, each);
    passed = offer(&meter, from + SECOND, 4 * SECOND, step, each) / 4;
    /* Within 1 % and a packet. */
    CU_ASSERT(passed > rate - rate / 100 - each);
    CU_ASSERT(passed < rate + rate / 100 + each);
}

static void
test_rates(void)
{
    expect_rate(10, 1000000, 1, SECOND);                /* frames */
    expect_rate(1000, 10000, 1, SECOND);
    expect_rate(125000, 100000, 1500, SECOND);          /* 1 Mbit/s */
    expect_rate(1250000000, 10000, 65536, SECOND);      /* 10 Gbit/s */
    expect_rate(UINT64_C(12500000000), 5000, 65536, SECOND);
    /* The moment in 1/64 ns wraps after nine years. */
    expect_rate(1000, 100000, 1, (UINT64_MAX >> 6) - 3 * SECOND);
}

static void
test_burst(void)
{
    struct meter meter;
    struct meter_look look;
    uint32_t passed = 0;

    meter_set(&meter, 100, 10, SECOND);
    meter_look(&look, &meter, SECOND);
    while (passed < 100 && meter_take(&look, 1)) {
        passed++;
    }
    meter_commit(&look);
    CU_ASSERT_EQUAL(passed, 10);
    /* Idle for long: not more than a burst again, and the one that finds it
     * a nanosecond from empty. */
    CU_ASSERT_EQUAL(offer(&meter, 1000 * SECOND, 20, 1, 1), 11);
}

static void
test_debt(void)
{
    struct meter meter;

    /* A super frame larger than the bucket passes, and is paid for. */
    meter_set(&meter, 10000, 1000, SECOND);
    CU_ASSERT_EQUAL(offer(&meter, SECOND, 1, 1, 60000), 60000);
    CU_ASSERT_EQUAL(offer(&meter, 2 * SECOND, SECOND, SECOND / 10, 100), 0);
    CU_ASSERT_EQUAL(offer(&meter, 6 * SECOND, SECOND / 2, SECOND, 100), 0);
    CU_ASSERT_EQUAL(offer(&meter, 7 * SECOND, SECOND / 2, SECOND, 100), 100);
}

static void
test_keeps(void)
{
    struct meter meter, same, other;

    meter_set(&meter, 10, 1, SECOND);
    CU_ASSERT_EQUAL(offer(&meter, SECOND, 1, 1, 1), 1);
    meter_set(&same, 10, 1, SECOND);
    meter_keep(&same, &meter);
    CU_ASSERT_EQUAL(offer(&same, SECOND, 1, 1, 1), 0);
    meter_set(&other, 20, 1, SECOND);
    meter_keep(&other, &meter);
    CU_ASSERT_EQUAL(offer(&other, SECOND, 1, 1, 1), 1);
}

static void *
work(void *arg)
{
    struct meter *meter = arg;
    uintptr_t passed = 0;

    /* All at one moment: what passes is the bucket, and overdraft. */
    for (int i = 0; i < 1000; i++) {
        struct meter_look look;

        meter_look(&look, meter, SECOND);
        passed += meter_take(&look, 1);
        meter_commit(&look);
    }
    return (void *) passed;
}

static void
test_workers(void)
{
    pthread_t threads[4];
    struct meter meter;
    uintptr_t sum = 0;

    meter_set(&meter, 1000, 100, SECOND);
    for (int i = 0; i < 4; i++) {
        pthread_create(&threads[i], NULL, work, &meter);
    }
    for (int i = 0; i < 4; i++) {
        void *passed;

        pthread_join(threads[i], &passed);
        sum += (uintptr_t) passed;
    }
    CU_ASSERT(sum >= 100 && sum <= 104);
}

static const struct unit_test tests[] = {
    { "rates", test_rates },
    { "burst", test_burst },
    { "debt", test_debt },
    { "keeps", test_keeps },
    { "workers", test_workers },
};

UNIT_MAIN("meter", tests)
