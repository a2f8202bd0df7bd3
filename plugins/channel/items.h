/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CHANNEL_ITEMS_H
#define CHANNEL_ITEMS_H

/*
 * Settings of a kind that are in force: a list in the order in which they
 * came.  What a setting means begins with an item.
 */

#include <stddef.h>
#include <string.h>
#include <xvs/types.h>

struct item {
    struct item *next;
    struct xvs_guid instance;   /* of the setting */
};

/* NULL: there is none. */
static inline void *
items_find(struct item *first, const struct xvs_guid *instance)
{
    while (first && memcmp(&first->instance, instance, sizeof(*instance))) {
        first = first->next;
    }
    return first;
}

static inline void
items_add(struct item **first, struct item *item)
{
    while (*first) {
        first = &(*first)->next;
    }
    item->next = NULL;
    *first = item;
}

static inline void
items_remove(struct item **first, const struct item *item)
{
    while (*first && *first != item) {
        first = &(*first)->next;
    }
    if (*first) {
        *first = item->next;
    }
}

static inline uint32_t
items_count(const struct item *first)
{
    uint32_t n = 0;

    for (; first; first = first->next) {
        n++;
    }
    return n;
}

#endif
