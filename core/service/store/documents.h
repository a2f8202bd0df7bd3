/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SERVICE_DOCUMENTS_H
#define XVS_SERVICE_DOCUMENTS_H

/*
 * All documents of a store in memory: a map of name -> struct document.  One
 * that was removed stays in the map, empty, until its file is removed.
 */

#include <stdbool.h>
#include <stddef.h>

struct document;
struct map;

/* Applies a journal record's payload; false when it is malformed. */
bool documents_apply(struct map *documents, const void *payload, size_t size);
/* One that is there and not removed, or NULL. */
struct document *documents_find(const struct map *documents,
                                const char *name);
/* Walks the names of those that are not removed; '*at' begins with 0. */
bool documents_next(const struct map *documents, size_t *at,
                    const char **name);
/* Whether a file has to be rewritten or removed. */
bool documents_dirty(const struct map *documents);

#endif
