/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_CLIENT_NOUN_SCHEMA_H
#define XVS_CLIENT_NOUN_SCHEMA_H

/*
 * Verbs of "schema" that live in files of their own.
 */

#include <stdbool.h>
#include <stddef.h>

struct buffer;
struct run;

bool schema_add(struct run *run);           /* schema-add.c */
bool schema_check(struct run *run);         /* schema-check.c */
/* Registers the text under the name, or replaces the schema of that name. */
bool schema_register(struct run *run, const char *name, const char *text);
/* Adds a class of another server and what it needs (schema-from.c). */
bool schema_add_from(struct run *run, const char *from);

/*
 * Compiles the file against the server's classes (or, without 'connected',
 * the built-in ones), prints what is wrong with it, and counts its classes.
 */
bool schema_check_file(struct run *run, const char *file, bool connected,
                       size_t *n_classes);
/* Folders of all -I options, in an array on the heap (entries borrowed). */
const char **schema_folders(const struct run *run, size_t *n);

#endif
