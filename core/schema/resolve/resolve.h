/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SCHEMA_RESOLVE_H
#define XVS_SCHEMA_RESOLVE_H

/*
 * What the files of the resolver share.
 *
 *     resolve.c             finding classes, order, inheritance of one class
 *     resolve-member.c      properties of a class
 *     resolve-method.c      methods of a class
 *     resolve-declaration.c declarations of qualifiers
 *     resolve-qualifier.c   qualifiers: types, defaults, propagation
 *     resolve-embedded.c    classes embedded in others, and their hashes
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/error.h"
#include "schema/compile.h"

struct map;

/* Classes above each other. */
#define RESOLVE_MAX_DEPTH 128
/* Properties, methods and qualifiers that all classes inherit together:
 * a short text can ask for very many. */
#define RESOLVE_MAX_PARTS 1000000

struct resolver {
    struct schema_unit *unit;
    const struct schema_options *options;
    struct error_list *errors;
    struct map *classes;        /* name: struct cim_class, of the unit */
    struct map *qualifiers;     /* name: struct qualifier_type, of the unit */
    struct map *warned;         /* unknown qualifiers that were reported */
    struct cim_class **ordered; /* superclass first */
    size_t n_ordered;
    struct map *states;         /* classes that are in work, or failed */
    size_t n_parts;             /* inherited so far */
    bool too_large;             /* RESOLVE_MAX_PARTS was reported */
};

/* Where a qualifier or a member is, for errors. */
struct place {
    const struct cim_class *cls;
    const char *what;           /* "property", ... */
    const char *name;           /* of the member; NULL: the class itself */
    unsigned int line, column;
};

/* resolve.c */
/* Of the unit, known to the caller, or built in; NULL when unknown. */
struct cim_class *resolve_lookup(const struct resolver *resolver,
                                 const char *name);
/* A name that looks like it, or NULL. */
const char *resolve_nearest(const struct resolver *resolver,
                            const char *name);
/* Reports at the place; returns false. */
bool resolve_error(struct resolver *resolver, const struct place *place,
                   enum error_code code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
bool resolve_warn(struct resolver *resolver, const struct place *place,
                  const char *hint, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* Counts what is inherited; false (reported once) when it is too much. */
bool resolve_count(struct resolver *resolver, const struct cim_class *cls,
                   size_t n);

/* True when the class may have 'n' members of that kind and inherits
 * 'n_inherited' of them; reports else. */
bool resolve_room(struct resolver *resolver, const struct cim_class *cls,
                  size_t n_inherited, size_t n, const char *kind);

/* resolve-declaration.c */
/* Checks the unit's declarations against each other and what is known. */
void resolve_qualifier_types(struct resolver *resolver);
/* NULL when nobody declares it. */
const struct qualifier_type *
resolve_find_type(const struct resolver *resolver, const char *name);
/* The declared name that looks like it, or NULL. */
const char *resolve_nearest_type(const struct resolver *resolver,
                                 const char *name);
/* True for those that are known and have whatever type they are given. */
bool resolve_is_untyped(const char *name);

/* resolve-qualifier.c */
/* Gives each qualifier the type, default and flavor that are declared. */
bool resolve_qualifiers(struct resolver *resolver, const struct place *place,
                        struct qualifier *qualifiers, uint32_t n,
                        unsigned int scope);
/*
 * Replaces '*own' by what is inherited and its own ones together.  What is
 * inherited may be shared with the superclass.
 */
bool resolve_merge(struct resolver *resolver, const struct place *place,
                   struct arena *arena, const struct qualifier *inherited,
                   uint32_t n_inherited, struct qualifier **own,
                   uint32_t *n_own);

/* The same for one that is inherited as it is and has none of its own. */
bool resolve_inherit(struct resolver *resolver, const struct place *place,
                     struct arena *arena, const struct qualifier *inherited,
                     uint32_t n_inherited, struct qualifier **copy,
                     uint32_t *n_copy);

/* resolve-member.c */
bool resolve_properties(struct resolver *resolver, struct cim_class *cls);
bool resolve_methods(struct resolver *resolver, struct cim_class *cls);

/* resolve-embedded.c */
/* Types, and members that follow from qualifiers, of declared members. */
bool resolve_embedded_type(struct resolver *resolver,
                           const struct place *place, enum cim_type *type,
                           const char **class_name,
                           const struct qualifier *qualifiers, uint32_t n);
/* When all classes are resolved: embedded ones exist; their hashes. */
void resolve_embedded_classes(struct resolver *resolver);

#endif
