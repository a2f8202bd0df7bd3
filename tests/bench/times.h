/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BENCH_TIMES_H
#define BENCH_TIMES_H

/*
 * What a benchmark does with times: nanoseconds of a clock, and the order of
 * what was measured.
 */

#include <stddef.h>
#include <stdlib.h>
#include <time.h>

static inline double
times_now(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (double) now.tv_sec * 1e9 + (double) now.tv_nsec;
}

static inline int
times_compare(const void *one, const void *other)
{
    double a = *(const double *) one, b = *(const double *) other;

    return (a > b) - (a < b);
}

static inline void
times_sort(double *times, size_t n)
{
    qsort(times, n, sizeof *times, times_compare);
}

#endif
