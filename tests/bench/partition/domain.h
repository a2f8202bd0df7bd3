/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_BENCH_PARTITION_DOMAIN_H
#define XVS_BENCH_PARTITION_DOMAIN_H

/*
 * Stages in domains, as xvs-switch has them, with their control threads.
 */

#include <stdint.h>

struct pool;
struct stage;

/* One that is active and has its standbys.  'file' is of the folder where the
 * bench has its plugins.  'processor': of its control thread. */
struct stage *domain_make(const char *file, const struct pool *pool,
                          int processor);
/* Until it has all standbys again, and nothing is to be told. */
void domain_await(struct stage *stage);
/* What its instance that gets packets is known by to itself. */
uintptr_t domain_self(const struct stage *stage);
/* Packets that were kept for ending instances since the last call. */
uint32_t domain_quarantined(void);

#endif
