/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Declarations of qualifiers: of the unit, of the caller, built in, in this
 * order.
 */

#include <config.h>

#include <stdlib.h>

#include "base/map.h"
#include "base/memory.h"
#include "base/text.h"
#include "schema/resolve/resolve.h"

/* Known, and of whatever type they are given: they cannot be declared.  The
 * first four are numbers or strings, as are some of WMI's. */
static const char *const untyped[] = {
    "InterfaceVersion", "InterfaceRevision", "Default", "Locale",
    "EventType", "EventLevel", "WmiComplexity", "WmiVolatility",
};

#define N_UNTYPED (sizeof(untyped) / sizeof(untyped[0]))

const struct qualifier_type *
resolve_find_type(const struct resolver *resolver, const char *name)
{
    const struct schema_options *options = resolver->options;
    const struct qualifier_type *type = map_get(resolver->qualifiers, name);

    if (!type && options->lookup_qualifier) {
        type = options->lookup_qualifier(options->arg, name);
    }
    if (!type && !options->is_prelude) {
        type = prelude_qualifier(name);
    }
    return type;
}

static bool
same_type(const struct qualifier_type *a, const struct qualifier_type *b)
{
    return value_equal(&a->value, &b->value) && a->flavor == b->flavor
           && a->scope == b->scope;
}

static void
check_type(struct resolver *resolver, const struct qualifier_type *type)
{
    const struct schema_options *options = resolver->options;
    const struct qualifier_type *other = map_get(resolver->qualifiers,
                                                 type->name);
    struct error error;

    if (!other && options->lookup_qualifier) {
        other = options->lookup_qualifier(options->arg, type->name);
        /* What is built in gives way to what a schema says. */
        if (other && !options->is_prelude
            && other == prelude_qualifier(type->name)) {
            other = NULL;
        }
    }
    if (!other || same_type(type, other)) {
        return;
    }
    error_set(&error, ERROR_EXISTS, "qualifier %s is declared differently "
              "at %s:%u", type->name, other->file ? other->file : "",
              other->line);
    error_at(&error, type->file, type->line, 0);
    error_list_add(resolver->errors, &error);
}

void
resolve_qualifier_types(struct resolver *resolver)
{
    struct schema_unit *unit = resolver->unit;

    for (size_t i = 0; i < unit->n_qualifier_types; i++) {
        struct qualifier_type *type = &unit->qualifier_types[i];

        check_type(resolver, type);
        if (!map_get(resolver->qualifiers, type->name)) {
            map_put(resolver->qualifiers, type->name, type);
        }
    }
}

const char *
resolve_nearest_type(const struct resolver *resolver, const char *name)
{
    const struct schema_unit *unit = resolver->unit;
    const struct qualifier_type *builtin = NULL;
    size_t n_builtin = 0;
    const char **names;
    const char *nearest;
    size_t n = 0;

    if (!resolver->options->is_prelude) {
        n_builtin = prelude_qualifiers(&builtin);
    }
    names = mem_array(n_builtin + unit->n_qualifier_types + N_UNTYPED + 1,
                      sizeof(*names));
    for (size_t i = 0; i < N_UNTYPED; i++) {
        names[n++] = untyped[i];
    }
    for (size_t i = 0; i < n_builtin; i++) {
        names[n++] = builtin[i].name;
    }
    for (size_t i = 0; i < unit->n_qualifier_types; i++) {
        names[n++] = unit->qualifier_types[i].name;
    }
    nearest = text_nearest(name, names);
    free(names);
    return nearest;
}

bool
resolve_is_untyped(const char *name)
{
    for (size_t i = 0; i < N_UNTYPED; i++) {
        if (text_equal_fold(name, untyped[i])) {
            return true;
        }
    }
    return false;
}
