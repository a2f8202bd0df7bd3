/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A unit's arrays have no capacity of their own: they are reallocated each
 * time the count is a power of two.
 */

#include <config.h>

#include "schema/unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

#define FIRST_ITEMS 8

/* 'items' with room for one more than 'n'. */
static void *
grown(void *items, size_t n, size_t size)
{
    if (n == 0) {
        return mem_array(FIRST_ITEMS, size);
    }
    if (n < FIRST_ITEMS || (n & (n - 1)) != 0) {
        return items;
    }
    return mem_realloc(items, 2 * n * size);
}

struct arena *
unit_arena(struct schema_unit *unit)
{
    if (!unit->arena) {
        unit->arena = arena_create(0);
    }
    return unit->arena;
}

bool
unit_add_class(struct schema_unit *unit, struct cim_class *cls)
{
    if (unit->n_classes >= UNIT_MAX_CLASSES) {
        class_unref(cls);
        return false;
    }
    unit->classes = grown(unit->classes, unit->n_classes,
                          sizeof(*unit->classes));
    unit->classes[unit->n_classes++] = cls;
    return true;
}

bool
unit_add_qualifier_type(struct schema_unit *unit,
                        const struct qualifier_type *type)
{
    if (unit->n_qualifier_types >= UNIT_MAX_MEMBERS) {
        return false;
    }
    unit->qualifier_types = grown(unit->qualifier_types,
                                  unit->n_qualifier_types, sizeof(*type));
    unit->qualifier_types[unit->n_qualifier_types++] = *type;
    return true;
}

bool
unit_add_instance(struct schema_unit *unit,
                  const struct declared_instance *instance)
{
    if (unit->n_instances >= UNIT_MAX_INSTANCES) {
        return false;
    }
    unit->instances = grown(unit->instances, unit->n_instances,
                            sizeof(*instance));
    unit->instances[unit->n_instances++] = *instance;
    return true;
}

const char *
unit_file(struct schema_unit *unit, const char *file)
{
    return arena_strdup(unit_arena(unit), file);
}

void
schema_unit_clear(struct schema_unit *unit)
{
    for (size_t i = 0; i < unit->n_classes; i++) {
        class_unref(unit->classes[i]);
    }
    free(unit->classes);
    free(unit->qualifier_types);
    free(unit->instances);
    arena_destroy(unit->arena);
    memset(unit, 0, sizeof(*unit));
}

bool
schema_warn(const struct schema_options *options, struct error_list *errors,
            struct error *error)
{
    error->severity = options && options->strict ? SEVERITY_ERROR
                                                 : SEVERITY_WARNING;
    return error_list_add(errors, error);
}
