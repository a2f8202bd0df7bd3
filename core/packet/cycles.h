/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_PACKET_CYCLES_H
#define XVS_PACKET_CYCLES_H

/*
 * A clock that costs a few nanoseconds to read, for the packet path: it counts
 * at a constant rate that is measured once.
 */

#include <stdint.h>

#if defined(__x86_64__)
#include <x86intrin.h>
static inline uint64_t
clock_cycles(void)
{
    return __rdtsc();
}
#elif defined(__aarch64__)
static inline uint64_t
clock_cycles(void)
{
    uint64_t now;

    __asm__ volatile("mrs %0, cntvct_el0" : "=r"(now));
    return now;
}
#else
#include <time.h>
static inline uint64_t
clock_cycles(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t) now.tv_sec * 1000000000u + (uint64_t) now.tv_nsec;
}
#endif

/* How many there are in a microsecond; takes 2 ms at the first call. */
uint64_t cycles_per_us(void);

#endif
