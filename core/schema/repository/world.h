/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SCHEMA_WORLD_H
#define XVS_SCHEMA_WORLD_H

/*
 * All schemas of a host at one moment, with the indexes that answer
 * questions about them.  A world never changes: a change of the repository
 * makes the next world beside the present one and swaps the two.  Schemas
 * that a change does not touch are shared between both.  Private to the
 * repository (repository.c, stage.c, store.c).
 */

#include <stdbool.h>
#include <stddef.h>
#include "schema/compile.h"

struct map;
struct xvs_guid;

/* The name of the built-in schema. */
#define SCHEMA_BUILTIN "xvs_core"

struct schema {
    unsigned int references;    /* worlds that hold it */
    char *name;
    char *text;                 /* as registered; NUL behind it */
    size_t size;                /* bytes of text */
    struct cim_class **classes; /* resolved; one reference each */
    size_t n_classes;
    size_t capacity;            /* of 'classes' */
    struct schema_unit unit;    /* keeps its qualifier declarations */
};

struct world {
    struct schema **schemas;    /* built-in first, then by name */
    size_t n_schemas;
    const char **names;         /* of the schemas, same order */
    struct map *classes;        /* name -> struct cim_class */
    struct map *owners;         /* class name -> struct schema */
    struct map *features;       /* GUID text -> struct cim_class */
    struct map *qualifiers;     /* name -> struct qualifier_type */
    struct cim_class **ordered; /* all classes, superclass first */
    size_t n_ordered;
    const struct qualifier_type **types;    /* all qualifier declarations */
    size_t n_types;
};

/* Copies the texts; has no classes yet; one reference. */
struct schema *schema_create(const char *name, const char *text, size_t size);
struct schema *schema_ref(struct schema *schema);
void schema_unref(struct schema *schema);   /* accepts NULL */
/* Takes over the reference. */
void schema_add_class(struct schema *schema, struct cim_class *cls);
/* The built-in schema with the prelude's classes. */
struct schema *schema_builtin(void);
/* Name of its file: "acl.mof" or "acl.xml" (heap). */
char *schema_file(const struct schema *schema);

/* Takes over one reference of each schema, and sorts. */
struct world *world_create(struct schema **schemas, size_t n);
void world_destroy(struct world *world);    /* accepts NULL */
struct schema *world_schema(const struct world *world, const char *name);
struct cim_class *world_class(const struct world *world, const char *name);
struct cim_class *world_feature(const struct world *world,
                                const struct xvs_guid *uuid);
/* Finds two classes with one UUID; false when there are none. */
bool world_twins(const struct world *world, struct cim_class **first,
                 struct cim_class **second);

#endif
