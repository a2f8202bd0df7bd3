/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_BASE_MAP_H
#define XVS_BASE_MAP_H

/*
 * Hash map from text to pointer.  Keys are copied; with 'fold' set at
 * creation they compare without regard to ASCII case (CIM names).  Iteration
 * is in insertion order and the current entry may be removed while iterating.
 */

#include <stdbool.h>
#include <stddef.h>

struct map;

struct map *map_create(bool fold);
/* Accepts NULL.  'free_value' (may be NULL) is called for every value. */
void map_destroy(struct map *map, void (*free_value)(void *));
void *map_get(const struct map *map, const char *key);
/* Stores and returns the value that was there before, or NULL. */
void *map_put(struct map *map, const char *key, void *value);
/* Removes and returns the value, or NULL. */
void *map_remove(struct map *map, const char *key);
size_t map_count(const struct map *map);

/* size_t at = 0; while (map_next(map, &at, &key, &value)) ... */
bool map_next(const struct map *map, size_t *at,
              const char **key, void **value);

#endif
