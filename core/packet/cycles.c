/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Measures the rate of the processor's clock against the system's.
 */

#include <config.h>

#include "packet/cycles.h"

#include <pthread.h>
#include <time.h>

#define MEASURE_NS 2000000u

static uint64_t rate;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static uint64_t
now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t) now.tv_sec * 1000000000u + (uint64_t) now.tv_nsec;
}

static void
measure(void)
{
    uint64_t start = now_ns(), first = clock_cycles(), end;

    do {
        end = now_ns();
    } while (end - start < MEASURE_NS);
    rate = (clock_cycles() - first) * 1000 / (end - start);
    rate = rate ? rate : 1;
}

uint64_t
cycles_per_us(void)
{
    pthread_once(&once, measure);
    return rate;
}
