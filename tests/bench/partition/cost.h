/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_BENCH_PARTITION_COST_H
#define XVS_BENCH_PARTITION_COST_H

/*
 * What a stage costs, here, in a domain, and in a process of its own.
 */

#include <stdint.h>

#include "bench/partition/lab.h"

/* Prints it for frames, bursts and chains of several sizes. */
void cost_show(uint64_t milliseconds);
/* Nanoseconds per packet: the least of several runs of so long. */
double cost_least(uint32_t n, enum lab_place place, uint32_t burst,
                  uint64_t milliseconds);

#endif
