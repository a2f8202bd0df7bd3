/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SCHEMA_STORE_H
#define XVS_SCHEMA_STORE_H

/*
 * The texts of registered schemas on disk: <name>.mof or <name>.xml in one
 * directory.  Private to the repository.
 */

#include <stdbool.h>
#include <stddef.h>

struct error;
struct error_list;
struct schema;
struct store;

/* Largest text that is kept. */
#define STORE_TEXT_LIMIT ((size_t) 64 << 20)

/* Opens (and makes) the directory. */
struct store *store_open(const char *path, struct error *error);
void store_close(struct store *store);      /* accepts NULL */
/* Letters, digits, '_', '-', '.', at most 63; not hidden, not built in. */
bool store_name_ok(const char *name, struct error *error);
bool store_write(struct store *store, const struct schema *schema,
                 struct error *error);
bool store_remove(struct store *store, const struct schema *schema,
                  struct error *error);
/* Reads all texts; returns how many.  '*schemas' is on the heap, with one
 * reference each.  What cannot be read is reported. */
size_t store_load(struct store *store, struct schema ***schemas,
                  struct error_list *errors);
/* Renames the schema's file to <file>.damaged, so that it is not loaded
 * again and not lost. */
void store_set_aside(struct store *store, const struct schema *schema);

#endif
