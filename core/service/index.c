/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Binary search and insertion.  Moving the tail of the array costs less than
 * the allocations of a tree up to some 100,000 entries, and walking is a
 * step of one word.
 */

#include <config.h>

#include "service/index.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

size_t
index_lower(const struct index *index, const void *key)
{
    size_t low = 0, high = index->n;

    /* Loading goes in order: look at the end first. */
    if (high && index->compare(index->items[high - 1], key) < 0) {
        return high;
    }
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (index->compare(index->items[middle], key) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

void *
index_find(const struct index *index, const void *key)
{
    size_t at = index_lower(index, key);

    if (at < index->n && index->compare(index->items[at], key) == 0) {
        return index->items[at];
    }
    return NULL;
}

bool
index_insert(struct index *index, void *item)
{
    size_t at = index_lower(index, item);

    if (at < index->n && index->compare(index->items[at], item) == 0) {
        return false;
    }
    mem_grow(&index->items, &index->capacity, index->n,
             sizeof *index->items);
    memmove(&index->items[at + 1], &index->items[at],
            (index->n - at) * sizeof *index->items);
    index->items[at] = item;
    index->n++;
    index->changes++;
    return true;
}

bool
index_remove(struct index *index, const void *key)
{
    size_t at = index_lower(index, key);

    if (at == index->n || index->compare(index->items[at], key) != 0) {
        return false;
    }
    index->n--;
    memmove(&index->items[at], &index->items[at + 1],
            (index->n - at) * sizeof *index->items);
    index->changes++;
    return true;
}

void
index_free(struct index *index)
{
    free(index->items);
    index->items = NULL;
    index->n = index->capacity = 0;
}
