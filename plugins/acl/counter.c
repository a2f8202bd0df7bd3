/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Counters in shards, see rules.h.  Sums may be a packet behind; that is all
 * that relaxed order costs.
 */
#include "rules.h"

#include <stdlib.h>
#include <string.h>

#include "thread.h"

unsigned int
acl_thread_number(void)
{
    static atomic_uint n_threads;
    static _Thread_local unsigned int number;   /* plus one; 0: not chosen */

    if (number == 0) {
        number = 1 + atomic_fetch_add_explicit(&n_threads, 1,
                                               memory_order_relaxed);
    }
    return number - 1;
}

struct acl_counter *
acl_counter_create(void)
{
    struct acl_counter *counter = aligned_alloc(64, sizeof(*counter));

    if (counter) {
        memset(counter, 0, sizeof(*counter));
    }
    return counter;
}

void
acl_counter_add(struct acl_counter *counter, uint64_t packets,
                uint64_t bytes, uint64_t now)
{
    unsigned int shard = acl_thread_number() % ACL_SHARDS;

    atomic_fetch_add_explicit(&counter->shards[shard].packets, packets,
                              memory_order_relaxed);
    atomic_fetch_add_explicit(&counter->shards[shard].bytes, bytes,
                              memory_order_relaxed);
    atomic_store_explicit(&counter->shards[shard].last, now,
                          memory_order_relaxed);
}

struct acl_count
acl_counter_read(const struct acl_counter *counter)
{
    struct acl_count count = { 0, 0, 0 };

    for (unsigned int i = 0; i < ACL_SHARDS; i++) {
        uint64_t last = atomic_load_explicit(&counter->shards[i].last,
                                             memory_order_relaxed);

        count.packets += atomic_load_explicit(&counter->shards[i].packets,
                                              memory_order_relaxed);
        count.bytes += atomic_load_explicit(&counter->shards[i].bytes,
                                            memory_order_relaxed);
        count.last = last > count.last ? last : count.last;
    }
    return count;
}

void
acl_counter_reset(struct acl_counter *counter)
{
    for (unsigned int i = 0; i < ACL_SHARDS; i++) {
        atomic_store_explicit(&counter->shards[i].packets, 0,
                              memory_order_relaxed);
        atomic_store_explicit(&counter->shards[i].bytes, 0,
                              memory_order_relaxed);
        atomic_store_explicit(&counter->shards[i].last, 0,
                              memory_order_relaxed);
    }
}
