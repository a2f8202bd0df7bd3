/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See cost.h.
 */

#include <config.h>

#include "bench/partition/cost.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/times.h"
#include "packet/cycles.h"

#define RUNS 7
#define HOPS 2001

static double
measure(uint32_t burst, uint64_t milliseconds)
{
    uint64_t start = clock_cycles(), sent = 0;
    uint64_t limit = milliseconds * 1000 * cycles_per_us();

    while (clock_cycles() - start < limit) {
        while (!lab_has_room()) {
            lab_land();
            sched_yield();      /* as a worker does */
        }
        lab_send(burst);
        lab_land();
        sent += burst;
    }
    lab_land_all();
    return (double) (clock_cycles() - start) * 1000
        / (double) cycles_per_us() / (double) sent;
}

double
cost_least(uint32_t n, enum lab_place place, uint32_t burst,
           uint64_t milliseconds)
{
    double best = 1e9;

    lab_chain(0, n, place);
    for (int i = 0; i < RUNS; i++) {
        double one = measure(burst, milliseconds);

        best = one < best ? one : best;
    }
    return best;
}

/* A row: chains of so many stages, in all places. */
static void
show_stages(uint32_t n, uint32_t burst, uint64_t milliseconds)
{
    double costs[LAB_PLACES], here;

    printf("%5u %5u %6u", lab_size, burst, n);
    for (enum lab_place place = 0; place < LAB_PLACES; place++) {
        costs[place] = cost_least(n, place, burst, milliseconds);
        printf(" %8.1f", costs[place]);
    }
    here = costs[LAB_HERE];
    printf(" %8.2f %8.1f %8.1f %6.2f\n", (costs[LAB_DOMAIN] - here) / n,
           (costs[LAB_PROCESS] - here) / n, (costs[LAB_COPY] - here) / n,
           (costs[LAB_COPY] - here) / (costs[LAB_PROCESS] - here));
}

/* Microseconds that one burst takes, with nothing else under way: the median.
 * Its process is awake, for it has just had another one. */
static double
hop(enum lab_place place)
{
    double took[HOPS];

    lab_chain(0, 1, place);
    for (int i = 0; i < HOPS; i++) {
        uint64_t begin = clock_cycles();

        lab_send(32);
        lab_land_all();
        took[i] = (double) (clock_cycles() - begin)
            / (double) cycles_per_us();
    }
    times_sort(took, HOPS);
    return took[HOPS / 2];
}

void
cost_show(uint64_t milliseconds)
{
    static const uint32_t sizes[] = { 64, 1500 }, bursts[] = { 32, 256 },
        stages[] = { 1, 2, 4 };

    printf("%53s more per stage:\n%5s %5s %6s %8s %8s %8s %8s %8s %8s %8s"
           " %6s\n", "", "bytes", "burst", "stages", "here", "domain",
           "process", "copy", "domain", "process", "copy", "ratio");
    for (size_t b = 0; b < 4; b++) {
        lab_size = sizes[b / 2];
        printf("%5u %5u %6u %8.1f\n", lab_size, bursts[b % 2], 0,
               cost_least(0, LAB_HERE, bursts[b % 2], milliseconds));
        for (size_t s = 0; s < sizeof stages / sizeof stages[0]; s++) {
            show_stages(stages[s], bursts[b % 2], milliseconds);
        }
    }
    lab_size = sizes[0];
    printf("a burst of 32, alone: %.2f us here, %.2f in a domain, %.2f in a"
           " process, %.2f with copies\n", hop(LAB_HERE), hop(LAB_DOMAIN),
           hop(LAB_PROCESS), hop(LAB_COPY));
}
