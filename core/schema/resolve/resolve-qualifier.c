/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Qualifiers: what a use means follows from its declaration (of this unit,
 * of the caller, built in).  Without one its type is that of its value, as
 * WMI has it, and the reader is warned: it may be a typing error.
 */

#include <config.h>

#include <string.h>

#include "base/map.h"
#include "base/memory.h"
#include "base/text.h"
#include "schema/resolve/resolve.h"
#include "schema/unit.h"

/* A class without one of these means something else: never only a warning. */
static const char *const vital[] = {
    "InterfaceVersion", "InterfaceRevision", "UUID", "ExtensionId",
    "WmiDataId", NULL,
};

/* Names of undeclared qualifiers in one unit. */
#define MAX_UNKNOWN 1000

/* Places where the standard's scopes do not tell apart what people do. */
#define SCOPE_PROPERTIES (SCOPE_PROPERTY | SCOPE_REFERENCE)
#define SCOPE_CLASSES (SCOPE_CLASS | SCOPE_ASSOCIATION | SCOPE_INDICATION)

static bool
is_vital(const char *name)
{
    for (size_t i = 0; name && vital[i]; i++) {
        if (text_equal_fold(name, vital[i])) {
            return true;
        }
    }
    return false;
}

static struct place
qualifier_place(const struct place *place, const struct qualifier *qualifier)
{
    struct place at = *place;

    if (qualifier->line) {
        at.line = qualifier->line;
        at.column = qualifier->column;
    }
    return at;
}

/* Told once per name; a vital one that is misspelt is an error each time. */
static bool
report_unknown(struct resolver *resolver, const struct place *place,
               const struct qualifier *qualifier)
{
    struct place at = qualifier_place(place, qualifier);
    const char *nearest;

    if (resolve_is_untyped(qualifier->name)
        || map_get(resolver->warned, qualifier->name)) {
        return true;
    }
    if (map_count(resolver->warned) >= MAX_UNKNOWN) {
        return resolve_error(resolver, &at, ERROR_LIMIT, "there are more than "
                             "%d different qualifiers that are not declared",
                             MAX_UNKNOWN);
    }
    nearest = resolve_nearest_type(resolver, qualifier->name);
    if (is_vital(nearest)) {
        struct error error;

        error_set(&error, ERROR_INVALID, "class %s: unknown qualifier "
                  "%.80s, which looks like %s misspelt", at.cls->name,
                  qualifier->name, nearest);
        error_hint(&error, "did you mean %s?", nearest);
        error_at(&error, at.cls->file ? at.cls->file : "", at.line,
                 at.column);
        return error_list_add(resolver->errors, &error);
    }
    map_put(resolver->warned, qualifier->name, resolver);
    return resolve_warn(resolver, &at, nearest,
                        "qualifier %.80s is not declared", qualifier->name);
}

/* The smallest of the types that WMI gives to integers. */
static enum cim_type
inferred_integer(const struct value *items, uint32_t n)
{
    enum cim_type type = CIM_SINT32;

    for (uint32_t i = 0; i < n; i++) {
        if (!cim_type_is_signed(items[i].type) && items[i].u > INT64_MAX) {
            return CIM_UINT64;
        }
        if (items[i].i > INT32_MAX || items[i].i < INT32_MIN) {
            type = CIM_SINT64;
        }
    }
    return type;
}

/* The value of a qualifier that nobody declared. */
static bool
infer_type(struct resolver *resolver, const struct place *place,
           struct qualifier *qualifier, struct arena *arena)
{
    struct value *value = &qualifier->value;
    enum cim_type type = value->type;
    struct error error;

    if (type == CIM_NONE && !value->is_array && !value->is_null) {
        *value = value_boolean(true);
        return true;
    }
    if (type == CIM_NONE) {
        type = CIM_STRING;
    } else if (type == CIM_REAL32) {
        type = CIM_REAL64;
    } else if (cim_type_is_integer(type)) {
        type = inferred_integer(value->is_array ? value->items : value,
                                value->is_array ? value->n : 1);
    }
    if (!value_convert_arena(value, type, arena, &error)) {
        return resolve_error(resolver, place, ERROR_TYPE,
                             "the values of qualifier %.80s differ in type",
                             qualifier->name);
    }
    return true;
}

static bool
apply_type(struct resolver *resolver, const struct place *place,
           struct qualifier *qualifier, const struct qualifier_type *type,
           struct arena *arena)
{
    struct value *value = &qualifier->value;
    struct error error;

    if (value->type == CIM_NONE && !value->is_array && !value->is_null) {
        if (type->value.type == CIM_BOOLEAN && !type->value.is_array) {
            *value = value_boolean(true);
        } else {
            value_copy_arena(value, &type->value, arena);
        }
        return true;
    }
    if (value->is_null) {
        *value = value_null(type->value.type, type->value.is_array);
        return true;
    }
    if (value->is_array != type->value.is_array) {
        return resolve_error(resolver, place, ERROR_TYPE,
                             "qualifier %s takes %s", qualifier->name,
                             value->is_array ? "one value in parentheses"
                                             : "a list of values in braces");
    }
    if (!value_convert_arena(value, type->value.type, arena, &error)) {
        return resolve_error(resolver, place, ERROR_TYPE,
                             "qualifier %s: %s", qualifier->name,
                             error.text);
    }
    return true;
}

/* What is said at the use counts, then what the declaration says. */
static uint8_t
complete_flavor(uint8_t said, uint8_t declared)
{
    uint8_t flavor = said | declared;

    if (said & FLAVOR_NOT_OVERRIDABLE) {
        flavor &= (uint8_t) ~FLAVOR_OVERRIDABLE;
    }
    if (said & FLAVOR_NOT_TO_SUBCLASS) {
        flavor &= (uint8_t) ~FLAVOR_TO_SUBCLASS;
    }
    if (said & FLAVOR_NOT_TO_INSTANCE) {
        flavor &= (uint8_t) ~FLAVOR_TO_INSTANCE;
    }
    return flavor & (uint8_t) ~(FLAVOR_NOT_OVERRIDABLE
                                | FLAVOR_NOT_TO_SUBCLASS
                                | FLAVOR_NOT_TO_INSTANCE);
}

static bool
check_scope(struct resolver *resolver, const struct place *place,
            const struct qualifier *qualifier,
            const struct qualifier_type *type, unsigned int scope)
{
    unsigned int allowed = type->scope;

    if (allowed & SCOPE_PROPERTIES) {
        allowed |= SCOPE_PROPERTIES;
    }
    if (allowed & SCOPE_CLASS) {
        allowed |= SCOPE_CLASSES;
    }
    if (allowed & scope) {
        return true;
    }
    return resolve_warn(resolver, place, NULL,
                        "qualifier %s is not meant for this place",
                        qualifier->name);
}

bool
resolve_qualifiers(struct resolver *resolver, const struct place *place,
                   struct qualifier *qualifiers, uint32_t n,
                   unsigned int scope)
{
    struct arena *arena = place->cls->arena;
    bool ok = true;

    for (uint32_t i = 0; i < n; i++) {
        struct qualifier *qualifier = &qualifiers[i];
        const struct qualifier_type *type = resolve_find_type(
            resolver, qualifier->name);
        struct place at = qualifier_place(place, qualifier);

        if (type) {
            ok &= apply_type(resolver, &at, qualifier, type, arena)
                  && check_scope(resolver, &at, qualifier, type, scope);
        } else {
            ok &= report_unknown(resolver, place, qualifier)
                  && infer_type(resolver, &at, qualifier, arena);
        }
        qualifier->flavor = complete_flavor(
            qualifier->flavor, type ? type->flavor : FLAVOR_DEFAULT);
    }
    return ok;
}

/* True when all are just as a subclass would get them. */
static bool
is_shareable(const struct qualifier *qualifiers, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (!qualifiers[i].propagated
            || !(qualifiers[i].flavor & FLAVOR_TO_SUBCLASS)) {
            return false;
        }
    }
    return true;
}

/* What the class says instead of an inherited one. */
static bool
override(struct resolver *resolver, const struct place *place,
         const struct qualifier *inherited, const struct qualifier *own)
{
    struct place at = qualifier_place(place, own);

    if ((inherited->flavor & FLAVOR_OVERRIDABLE)
        || value_equal(&inherited->value, &own->value)) {
        return true;
    }
    return resolve_error(resolver, &at, ERROR_INVALID,
                         "qualifier %s cannot be changed: the superclass "
                         "has it with DisableOverride", own->name);
}

bool
resolve_merge(struct resolver *resolver, const struct place *place,
              struct arena *arena, const struct qualifier *inherited,
              uint32_t n_inherited, struct qualifier **own, uint32_t *n_own)
{
    struct qualifier *merged;
    uint32_t n = 0;
    bool ok = true;

    if (*n_own == 0 && is_shareable(inherited, n_inherited)) {
        /* Nobody writes to a class that is resolved, nor to this one's. */
        *own = (struct qualifier *) (uintptr_t) inherited;
        *n_own = n_inherited;
        return true;
    }
    if (!resolve_count(resolver, place->cls, n_inherited)) {
        return false;
    }
    merged = arena_alloc(arena, (n_inherited + *n_own) * sizeof(*merged));
    for (uint32_t i = 0; i < n_inherited; i++) {
        const struct qualifier *mine = qualifier_find(*own, *n_own,
                                                      inherited[i].name);

        if (!(inherited[i].flavor & FLAVOR_TO_SUBCLASS)) {
            continue;
        }
        ok &= !mine || override(resolver, place, &inherited[i], mine);
        merged[n] = mine ? *mine : inherited[i];
        merged[n++].propagated = !mine;
    }
    for (uint32_t i = 0; i < *n_own; i++) {
        if (!qualifier_find(merged, n, (*own)[i].name)) {
            merged[n++] = (*own)[i];
        }
    }
    *own = merged;
    *n_own = n;
    return ok;
}

bool
resolve_inherit(struct resolver *resolver, const struct place *place,
                struct arena *arena, const struct qualifier *inherited,
                uint32_t n_inherited, struct qualifier **copy,
                uint32_t *n_copy)
{
    *copy = NULL;
    *n_copy = 0;
    return resolve_merge(resolver, place, arena, inherited, n_inherited,
                         copy, n_copy);
}
