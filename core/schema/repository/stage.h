/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SCHEMA_STAGE_H
#define XVS_SCHEMA_STAGE_H

/*
 * Building the next world from the present one and the texts that come or
 * go.  Nothing of the present world is changed.  Private to the repository.
 */

#include <stdbool.h>
#include <stddef.h>
#include "schema/compile.h"
#include "schema/repository.h"

struct cim_class;
struct error;
struct error_list;
struct map;
struct schema;
struct world;

/* One change: schemas that come (or replace theirs) and one that goes. */
struct stage {
    const struct world *old;
    struct schema **incoming;   /* one reference each; classes not yet read */
    size_t n_incoming;
    const struct schema *outgoing;      /* or NULL */
    struct error_list *errors;
    struct map *touched;        /* names of classes that cannot stay */
    struct map *homes;          /* class name -> the schema it will be in */
    struct schema **rebuilt;    /* incoming, then others with such classes */
    size_t n_rebuilt;
    struct schema_unit *unit;   /* all classes that are being made */
    struct world *next;         /* the result */
    struct repository_change change;
};

/* True when 'next' and 'change' are there; else 'errors' says why not. */
bool stage_run(struct stage *stage);
/* Frees everything that stage_run() made and was not taken ('next' set to
 * NULL), and the incoming references. */
void stage_clear(struct stage *stage);

/* Parts of stage_run(): stage-read.c. */

/* How texts of this change are compiled. */
struct schema_options stage_options(struct stage *stage);
/* True when the schema of that name comes, is replaced or goes. */
bool stage_changes(const struct stage *stage, const char *schema);
/* Finds what is touched and fills 'unit' with declared classes. */
bool stage_read(struct stage *stage);

/* stage-check.c. */

/* Adds the error, at the class's place when 'cls' is given; returns false. */
bool stage_error(struct stage *stage, const struct cim_class *cls,
                 struct error *error);
/* #pragma namespace names one of ours. */
bool stage_check_namespaces(struct stage *stage);
/* No class that stays uses one that goes. */
bool stage_check_uses(struct stage *stage);
/* What must hold for resolved classes. */
bool stage_check_classes(struct stage *stage);
/* UUIDs are unique. */
bool stage_check_identities(struct stage *stage);

#endif
