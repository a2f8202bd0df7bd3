/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Open addressing over a dense array of entries.  The array keeps insertion
 * order; the slots hold indices into it (plus one, 0 is empty), so growing
 * the table moves 4-byte numbers and iteration is a walk through memory.
 * A removed entry leaves a hole (key NULL) whose slot keeps pointing at it,
 * so that probing goes on; holes vanish at the next rebuild.  Nothing moves
 * in map_remove(): that is what lets the current entry go while iterating.
 */
#include <config.h>

#include "base/map.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define SMALLEST 16     /* slots of a map with its first entry */

struct entry {
    char *key;          /* owned; NULL: a hole */
    void *value;        /* the caller's */
    uint32_t hash;      /* of the (folded) key */
    uint32_t size;      /* of the key, without NUL */
};

struct map {
    struct entry *entries;  /* in insertion order, with holes */
    uint32_t *slots;        /* index of entry + 1, or 0 */
    size_t n_entries;       /* with holes */
    size_t n_live;          /* without holes */
    size_t n_slots;         /* a power of two, or 0 */
    bool fold;              /* keys compare without ASCII case */
};

static inline unsigned char
folded(unsigned char c)
{
    return c >= 'A' && c <= 'Z' ? (unsigned char) (c | 0x20) : c;
}

static uint32_t
hash_key(const struct map *map, const char *key, size_t *size)
{
    const unsigned char *at = (const unsigned char *) key;
    uint64_t hash = 0xcbf29ce484222325u;

    for (; *at; at++) {
        hash ^= map->fold ? folded(*at) : *at;
        hash *= 0x100000001b3u;
    }
    *size = (size_t) (at - (const unsigned char *) key);
    return (uint32_t) (hash ^ hash >> 32);
}

static bool
same_key(const struct map *map, const struct entry *entry, const char *key,
         size_t size)
{
    if (!entry->key || entry->size != size) {
        return false;
    }
    if (!map->fold) {
        return memcmp(entry->key, key, size) == 0;
    }
    for (size_t i = 0; i < size; i++) {
        if (folded((unsigned char) entry->key[i])
            != folded((unsigned char) key[i])) {
            return false;
        }
    }
    return true;
}

static struct entry *
find(const struct map *map, const char *key, uint32_t hash, size_t size)
{
    if (map->n_slots == 0) {
        return NULL;
    }
    for (size_t at = hash;; at++) {
        uint32_t index = map->slots[at & (map->n_slots - 1)];

        if (index == 0) {
            return NULL;
        }
        struct entry *entry = &map->entries[index - 1];

        if (entry->hash == hash && same_key(map, entry, key, size)) {
            return entry;
        }
    }
}

static void
occupy(struct map *map, uint32_t hash, size_t index)
{
    size_t at = hash;

    while (map->slots[at & (map->n_slots - 1)]) {
        at++;
    }
    map->slots[at & (map->n_slots - 1)] = (uint32_t) index + 1;
}

/* Drops the holes and makes room for at least one more entry. */
static void
rebuild(struct map *map)
{
    size_t n_slots = SMALLEST;
    size_t n = 0;

    while (n_slots < map->n_live * 4) {
        n_slots *= 2;
    }
    for (size_t i = 0; i < map->n_entries; i++) {
        if (map->entries[i].key) {
            map->entries[n++] = map->entries[i];
        }
    }
    map->n_entries = n;
    map->n_slots = n_slots;
    map->entries = mem_realloc(map->entries,
                               n_slots / 2 * sizeof(*map->entries));
    free(map->slots);
    map->slots = mem_array(n_slots, sizeof(*map->slots));
    for (size_t i = 0; i < n; i++) {
        occupy(map, map->entries[i].hash, i);
    }
}

struct map *
map_create(bool fold)
{
    struct map *map = mem_zalloc(sizeof(*map));

    map->fold = fold;
    return map;
}

void
map_destroy(struct map *map, void (*free_value)(void *))
{
    if (!map) {
        return;
    }
    for (size_t i = 0; i < map->n_entries; i++) {
        struct entry *entry = &map->entries[i];

        if (entry->key && free_value) {
            free_value(entry->value);
        }
        free(entry->key);
    }
    free(map->entries);
    free(map->slots);
    free(map);
}

void *
map_get(const struct map *map, const char *key)
{
    size_t size;
    uint32_t hash = hash_key(map, key, &size);
    const struct entry *entry = find(map, key, hash, size);

    return entry ? entry->value : NULL;
}

void *
map_put(struct map *map, const char *key, void *value)
{
    size_t size;
    uint32_t hash = hash_key(map, key, &size);
    struct entry *entry = find(map, key, hash, size);

    if (entry) {
        void *old = entry->value;

        entry->value = value;
        return old;
    }
    if (map->n_entries >= map->n_slots / 2) {
        rebuild(map);
    }
    map->entries[map->n_entries] = (struct entry) {
        .key = mem_dup(key, size + 1),
        .value = value,
        .hash = hash,
        .size = (uint32_t) size,
    };
    occupy(map, hash, map->n_entries++);
    map->n_live++;
    return NULL;
}

void *
map_remove(struct map *map, const char *key)
{
    size_t size;
    uint32_t hash = hash_key(map, key, &size);
    struct entry *entry = find(map, key, hash, size);

    if (!entry) {
        return NULL;
    }
    void *value = entry->value;

    /* 'key' may be the entry's own, from map_next(). */
    free(entry->key);
    *entry = (struct entry) { .hash = hash };
    map->n_live--;
    return value;
}

size_t
map_count(const struct map *map)
{
    return map->n_live;
}

bool
map_next(const struct map *map, size_t *at, const char **key, void **value)
{
    while (*at < map->n_entries) {
        const struct entry *entry = &map->entries[(*at)++];

        if (!entry->key) {
            continue;
        }
        if (key) {
            *key = entry->key;
        }
        if (value) {
            *value = entry->value;
        }
        return true;
    }
    return false;
}
