/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SERVICE_INDEX_H
#define XVS_SERVICE_INDEX_H

/*
 * A sorted array of pointers.  Small (one word per entry), and it can be
 * walked by key while it changes: the walker keeps the key of the last entry
 * it has seen and asks for the next greater one.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef int (*index_compare)(const void *a, const void *b);

struct index {
    void **items;
    size_t n, capacity;
    uint64_t changes;           /* insertions and removals so far */
    index_compare compare;
};

/* Position of the first item that is not less than 'key', an item itself. */
size_t index_lower(const struct index *index, const void *key);
/* The item that equals 'key', or NULL. */
void *index_find(const struct index *index, const void *key);
/* False when an equal item is there already. */
bool index_insert(struct index *index, void *item);
bool index_remove(struct index *index, const void *key);
void index_free(struct index *index);

#endif
