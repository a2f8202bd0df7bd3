/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See faults.h.
 */

#include <config.h>

#include "bench/partition/faults.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "bench/partition/domain.h"
#include "bench/partition/fail.h"
#include "bench/partition/lab.h"
#include "bench/partition/rights.h"
#include "bench/times.h"
#include "packet/cycles.h"

#define BURST 32u
#define CLEAN 2001u             /* bursts with which nothing fails */
#define SLOW 100u               /* of a kind that takes long, one of so many */

static const char *const names[FAILS] = {
    [FAIL_NULL] = "null", [FAIL_CORE] = "core", [FAIL_CODE] = "code",
    [FAIL_STACK] = "stack", [FAIL_DIVIDE] = "divide", [FAIL_WILD] = "wild",
    [FAIL_ILLEGAL] = "illegal", [FAIL_TRAP] = "trap", [FAIL_CALL] = "call",
    [FAIL_HANG] = "hang" };

struct times {
    double *bursts, *gaps;      /* microseconds */
    uint32_t n;
};

static void
show(const char *what, const struct times *times)
{
    uint32_t n = times->n;

    times_sort(times->bursts, n);
    times_sort(times->gaps, n);
    printf("%-8s %7u %8.2f %8.2f %8.2f %8.2f %8.2f %8.2f\n", what, n,
           times->bursts[n / 2], times->bursts[n * 99 / 100],
           times->bursts[n - 1], times->gaps[n / 2],
           times->gaps[n * 99 / 100], times->gaps[n - 1]);
}

/* Microseconds until the burst is out. */
static double
send(const struct lab_failing *failing)
{
    uint64_t begin = clock_cycles();

    lab_send_failing(BURST, failing);
    return (double) (lab_out() - begin) / (double) cycles_per_us();
}

/* In the place of packets that are not made to fail. */
static void
show_clean(void)
{
    struct times times = { mem_array(CLEAN, sizeof(double)),
                           mem_array(CLEAN, sizeof(double)), CLEAN };

    lab_load(1000);
    for (uint32_t i = 0; i < CLEAN; i++) {
        lab_watch();
        times.bursts[i] = send(NULL);
        times.gaps[i] = lab_gap();
    }
    show("none", &times);
    free(times.bursts);
    free(times.gaps);
}

/* Under load, at another place of the burst each time. */
static void
fail_one(struct stage *stage, struct times *times, uint8_t what, bool all,
         uint32_t i)
{
    const struct lab_failing failing = {
        .at = i * 7 % BURST, .what = what,
        .whom = all ? 0 : domain_self(stage) };

    lab_load(300);
    lab_watch();
    times->bursts[i] = send(&failing);
    lab_load(1000);
    times->gaps[i] = lab_gap();
    domain_await(stage);
}

/* 'all': the packet ends whoever gets it.  False: as faults_show(). */
static bool
show_kind(struct stage *stage, uint8_t what, bool all, uint32_t n)
{
    struct times times = { mem_array(n, sizeof(double)),
                           mem_array(n, sizeof(double)), n };
    uint32_t kept;

    domain_quarantined();
    for (uint32_t i = 0; i < n; i++) {
        fail_one(stage, &times, what, all, i);
    }
    show(names[what], &times);
    free(times.bursts);
    free(times.gaps);
    kept = domain_quarantined();
    if (kept != (all ? n : 0)) {
        fprintf(stderr, "%u packets were kept\n", kept);
        return false;
    }
    return true;
}

bool
faults_show(uint32_t faults, int processor)
{
    struct stage *stage = domain_make("fail.so", lab_pool, processor);
    bool good = true;

    lab_size = 64;
    lab_chain_domain(stage);
    printf("%17s a burst of %u, us:%10s no packet for, us:\n%-8s %7s %8s %8s"
           " %8s %8s %8s %8s\n", "", BURST, "", "fault", "faults", "median",
           "p99", "most", "median", "p99", "most");
    show_clean();
    for (uint8_t all = 0; all < 2; all++) {
        puts(all ? "by a packet that ends its standby, too:"
                 : "in one instance:");
        for (uint8_t what = 0; what < FAILS; what++) {
            uint32_t n = what == FAIL_HANG ? faults / SLOW + 1 : faults;

            if (what != FAIL_CORE || rights_are_real()) {
                good &= show_kind(stage, what, all, n);
            }
        }
    }
    return good;
}
