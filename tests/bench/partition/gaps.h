/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_BENCH_PARTITION_GAPS_H
#define XVS_BENCH_PARTITION_GAPS_H

/*
 * How long no packet comes when the process of a stage dies under load, or
 * another one takes its place as planned.
 */

#include <stdbool.h>
#include <stdint.h>

#include "bench/partition/lab.h"

/* Kills so many, each with a standby behind it; 'other': another process kills
 * them, when it likes. */
void gaps_show_deaths(enum lab_place place, uint32_t kills, bool other);
/* Has so many new ones take the place of the one before. */
void gaps_show_updates(enum lab_place place, uint32_t updates);

#endif
