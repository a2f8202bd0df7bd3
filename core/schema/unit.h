/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SCHEMA_UNIT_H
#define XVS_SCHEMA_UNIT_H

/*
 * What the readers share: adding to a unit, and reporting.  A unit that is
 * all zeros is empty; several texts may be read into one.
 */

#include <stdbool.h>
#include "schema/compile.h"

struct error;
struct error_list;

/* Limits of one unit; beyond them a text is refused, not read. */
#define UNIT_MAX_CLASSES 65536
#define UNIT_MAX_INSTANCES 65536
#define UNIT_MAX_MEMBERS 4096       /* properties, methods, qualifiers... */
#define UNIT_MAX_ITEMS 65536        /* elements of one array */
#define UNIT_MAX_STRING (1u << 20)  /* bytes of one string */

/* The arena of what is not part of a class; made when there is none. */
struct arena *unit_arena(struct schema_unit *unit);
/* Takes over the reference.  False when the unit is full (and releases). */
bool unit_add_class(struct schema_unit *unit, struct cim_class *cls);
bool unit_add_qualifier_type(struct schema_unit *unit,
                             const struct qualifier_type *type);
bool unit_add_instance(struct schema_unit *unit,
                       const struct declared_instance *instance);
/* Keeps 'file' for as long as the unit; for structs that point to it. */
const char *unit_file(struct schema_unit *unit, const char *file);

/*
 * Adds '*error' as a warning: an error when the options say "strict".
 * Returns true unless it became an error.
 */
bool schema_warn(const struct schema_options *options,
                 struct error_list *errors, struct error *error);

#endif
