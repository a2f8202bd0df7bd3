/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SCHEMA_SHELF_H
#define XVS_SCHEMA_SHELF_H

/*
 * The texts of registered schemas on disk: <name>.mof or <name>.xml in one
 * directory.  Private to the repository.
 */

#include <stdbool.h>
#include <stddef.h>

struct error;
struct error_list;
struct schema;
struct shelf;

/* Largest text that is kept. */
#define SHELF_TEXT_LIMIT ((size_t) 64 << 20)

/* Opens (and makes) the directory. */
struct shelf *shelf_open(const char *path, struct error *error);
void shelf_close(struct shelf *shelf);      /* accepts NULL */
/* Letters, digits, '_', '-', '.', at most 63; not hidden, not built in. */
bool shelf_name_ok(const char *name, struct error *error);
bool shelf_write(struct shelf *shelf, const struct schema *schema,
                 struct error *error);
bool shelf_remove(struct shelf *shelf, const struct schema *schema,
                  struct error *error);
/* Reads all texts; returns how many.  '*schemas' is on the heap, with one
 * reference each.  What cannot be read is reported. */
size_t shelf_load(struct shelf *shelf, struct schema ***schemas,
                  struct error_list *errors);
/* Renames the schema's file to <file>.damaged, so that it is not loaded
 * again and not lost. */
void shelf_set_aside(struct shelf *shelf, const struct schema *schema);

#endif
