/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SCHEMA_REPOSITORY_H
#define XVS_SCHEMA_REPOSITORY_H

/*
 * The registered schemas of a host.  A schema is one text (MOF or CIM-XML)
 * under a name; the repository holds the resolved classes of all of them and
 * keeps the texts in a directory, so that they survive a restart.  Every
 * change is parse, check, stage, swap: it happens whole or not at all.
 *
 * Readers keep classes by reference (class_ref); a replaced class lives
 * until its last instance is gone.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cim_class;
struct error;
struct error_list;
struct qualifier_type;
struct repository;
struct xvs_guid;

/* What a change would do, shown to the holder of instances before the swap. */
struct repository_change {
    struct cim_class **added;       size_t n_added;
    struct cim_class **removed;     size_t n_removed;
    struct cim_class **replaced;    size_t n_replaced;  /* the old ones */
    struct cim_class **replacing;   /* the new ones, same order */
};

/* Returns false to refuse; the error says what holds the class. */
typedef bool (*repository_guard)(void *arg,
                                 const struct repository_change *change,
                                 struct error *error);
/* Called after a swap. */
typedef void (*repository_watch)(void *arg,
                                 const struct repository_change *change);

/*
 * Opens the repository in directory 'path' (NULL: in memory only) with the
 * prelude's classes, and loads what is stored there.  A stored text that no
 * longer compiles is set aside, logged, and reported in 'errors'.
 */
struct repository *repository_open(const char *path,
                                   struct error_list *errors);
void repository_close(struct repository *repository);   /* accepts NULL */

void repository_set_guard(struct repository *repository,
                          repository_guard guard, repository_watch watch,
                          void *arg);

/*
 * Registers the text under 'name' (letters, digits, '_', '-', '.'), or
 * replaces the schema of that name.  'check_only' stops before the swap.
 */
bool repository_register(struct repository *repository, const char *name,
                         const char *text, size_t size, bool check_only,
                         struct error_list *errors);
bool repository_unregister(struct repository *repository, const char *name,
                           struct error *error);

/* The names, sorted; "xvs_core" (built in) first.  Valid until a change. */
size_t repository_schemas(const struct repository *repository,
                          const char *const **names);
/* The text of a schema; NULL when there is none of that name. */
const char *repository_text(const struct repository *repository,
                            const char *name, size_t *size);
/* The schema that declares the class, or NULL. */
const char *repository_schema_of(const struct repository *repository,
                                 const struct cim_class *cls);

/* Borrowed pointers, valid until the next change. */
struct cim_class *repository_class(const struct repository *repository,
                                   const char *name);
struct cim_class *repository_feature(const struct repository *repository,
                                     const struct xvs_guid *uuid);
const struct qualifier_type *
repository_qualifier(const struct repository *repository, const char *name);
/* All classes, superclass first; valid until a change. */
size_t repository_classes(const struct repository *repository,
                          struct cim_class *const **classes);
size_t repository_qualifiers(const struct repository *repository,
                             const struct qualifier_type *const **types);
/* Increases with every change. */
uint64_t repository_generation(const struct repository *repository);

#endif
