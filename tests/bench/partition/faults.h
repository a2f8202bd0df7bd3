/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_BENCH_PARTITION_FAULTS_H
#define XVS_BENCH_PARTITION_FAULTS_H

/*
 * How long a burst takes with which a stage in a domain fails, and how long no
 * packet comes then.
 */

#include <stdbool.h>
#include <stdint.h>

/* So many faults of each kind, in one instance (its standby goes on), and then
 * with packets that end whoever gets them.  False: packets were not all kept
 * that should have been, or more than those. */
bool faults_show(uint32_t faults, int processor);

#endif
