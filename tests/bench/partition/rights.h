/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_BENCH_PARTITION_RIGHTS_H
#define XVS_BENCH_PARTITION_RIGHTS_H

/*
 * Protection keys for the bench, or what it does without them: on a processor
 * that has none, its own copy of the gate loses the instructions that write
 * rights, and keys are given but mean nothing.  All else of a domain is as it
 * is: what is measured lacks what these instructions cost (two of them for
 * each burst and stage), and hooks may write wherever they like.
 */

#include <stdbool.h>

/* Before there is another thread. */
void rights_prepare(void);
/* Whether this processor has keys. */
bool rights_are_real(void);

#endif
