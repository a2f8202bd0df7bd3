/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A hash with chains that readers walk while writers change them; see
 * fixed.h.
 */

#include <config.h>

#include "switch/forward/policy/fixed.h"

#include <stdlib.h>
#include <string.h>
#include <xvs/extension.h>

#include "base/memory.h"
#include "base/text.h"

#define BUCKETS 4096u
#define PLACES 65536u           /* numbers for fixed_next(), in a bucket */

struct fixed {
    uint32_t n;
    struct fixed_entry *buckets[BUCKETS];
};

static uint32_t
bucket_of(uint64_t key)
{
    return (uint32_t) ((key * 0x9e3779b97f4a7c15u) >> 52);
}

_Static_assert(BUCKETS == 1u << (64 - 52), "bucket_of()");

const struct fixed_entry *
fixed_find(const struct fixed *table, uint64_t key)
{
    const struct fixed_entry *entry;

    if (!table) {
        return NULL;
    }
    entry = xvs_read(table->buckets[bucket_of(key)]);
    while (entry && entry->key != key) {
        entry = xvs_read(entry->next);
    }
    return entry;
}

bool
fixed_has(const struct fixed_entry *entry, uint32_t port)
{
    for (uint32_t i = 0; i < entry->n; i++) {
        if (entry->ports[i] == port) {
            return true;
        }
    }
    return false;
}

static void
release(struct grace_call *call)
{
    free(call);
}

_Static_assert(offsetof(struct fixed_entry, grace) == 0, "release()");

/* Where the entry hangs, or would. */
static struct fixed_entry **
place_of(struct fixed *table, uint64_t key)
{
    struct fixed_entry **at = &table->buckets[bucket_of(key)];

    while (*at && (*at)->key != key) {
        at = &(*at)->next;
    }
    return at;
}

/* Puts 'entry' (or nothing) where *at hangs. */
static void
replace(struct fixed *table, struct fixed_entry **at,
        struct fixed_entry *entry)
{
    struct fixed_entry *old = *at, *next = old ? old->next : NULL;

    if (entry) {
        entry->next = next;
        table->n++;
    }
    (void) xvs_publish(*at, entry ? entry : next);
    if (old) {
        table->n--;
        grace_defer(&old->grace, release);
    }
}

bool
fixed_put(struct fixed **published, uint64_t key,
          const struct xvs_guid *owner, const uint32_t *ports, uint32_t n)
{
    struct fixed *table = *published;
    struct fixed_entry *entry, **at;

    if (!table) {
        table = mem_zalloc(sizeof *table);
        (void) xvs_publish(*published, table);
    }
    at = place_of(table, key);
    if (!*at && table->n >= FIXED_MAX) {
        return false;
    }
    entry = mem_zalloc(sizeof *entry + n * sizeof *ports);
    entry->key = key;
    entry->owner = *owner;
    entry->n = n;
    memcpy(entry->ports, ports, n * sizeof *ports);
    replace(table, at, entry);
    return true;
}

void
fixed_remove(struct fixed *table, uint64_t key)
{
    struct fixed_entry **at = table ? place_of(table, key) : NULL;

    if (at && *at) {
        replace(table, at, NULL);
    }
}

/* A copy of the entry without the port. */
static struct fixed_entry *
without(const struct fixed_entry *entry, uint32_t port)
{
    size_t size = sizeof *entry + entry->n * sizeof entry->ports[0];
    struct fixed_entry *copy = mem_alloc(size);

    memcpy(copy, entry, size);
    copy->n = 0;
    for (uint32_t i = 0; i < entry->n; i++) {
        if (entry->ports[i] != port) {
            copy->ports[copy->n++] = entry->ports[i];
        }
    }
    return copy;
}

void
fixed_forget_port(struct fixed *table, uint32_t port, bool may_be_empty)
{
    for (uint32_t i = 0; table && i < BUCKETS; i++) {
        struct fixed_entry **at = &table->buckets[i];

        while (*at) {
            struct fixed_entry *entry = *at;
            bool stays = entry->n > 1 || may_be_empty;

            if (fixed_has(entry, port)) {
                replace(table, at, stays ? without(entry, port) : NULL);
            }
            /* What was taken out has its next one in its place now. */
            if (stays || *at == entry) {
                at = &(*at)->next;
            }
        }
    }
}

void
fixed_take_back(struct fixed *table, const struct xvs_guid *owner)
{
    for (uint32_t i = 0; table && i < BUCKETS; i++) {
        struct fixed_entry **at = &table->buckets[i];

        while (*at) {
            if (guid_equal(&(*at)->owner, owner)) {
                replace(table, at, NULL);
            } else {
                at = &(*at)->next;
            }
        }
    }
}

const struct fixed_entry *
fixed_next(const struct fixed *table, uint32_t *at)
{
    while (table && *at / PLACES < BUCKETS) {
        const struct fixed_entry *entry =
            xvs_read(table->buckets[*at / PLACES]);

        for (uint32_t i = *at % PLACES; entry && i > 0; i--) {
            entry = xvs_read(entry->next);
        }
        if (entry) {
            ++*at;
            return entry;
        }
        *at = (*at / PLACES + 1) * PLACES;
    }
    return NULL;
}

_Static_assert(FIXED_MAX < PLACES, "a place for each entry of a bucket");

void
fixed_destroy(struct fixed *table)
{
    for (uint32_t i = 0; table && i < BUCKETS; i++) {
        while (table->buckets[i]) {
            struct fixed_entry *entry = table->buckets[i];

            table->buckets[i] = entry->next;
            free(entry);
        }
    }
    free(table);
}
