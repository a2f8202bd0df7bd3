/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Resolving: every class gets what it inherits.  Classes are taken depth
 * first, so that a superclass is resolved before those below it, wherever in
 * the unit it stands.
 */

#include <config.h>

#include "schema/resolve/resolve.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/map.h"
#include "base/memory.h"
#include "base/text.h"
#include "schema/unit.h"

/* States of a class that is not resolved. */
static char is_open, has_failed;

struct cim_class *
resolve_lookup(const struct resolver *resolver, const char *name)
{
    const struct schema_options *options = resolver->options;
    struct cim_class *cls = map_get(resolver->classes, name);

    if (!cls && options->lookup) {
        cls = options->lookup(options->arg, name);
    }
    if (!cls && !options->is_prelude) {
        cls = prelude_lookup(name);
    }
    return cls;
}

/*
 * The name that shares the longest beginning: something was added to it or
 * left out at its end.  A few characters in common are no likeness.
 */
static const char *
longest_beginning(const char *name, const char *const *names)
{
    const char *best = NULL;
    size_t best_length = 0;

    for (; *names; names++) {
        size_t length = strlen(*names);
        size_t shorter = length < strlen(name) ? length : strlen(name);

        if (shorter > best_length && shorter >= 8
            && shorter * 4 >= (length + strlen(name) - shorter) * 3
            && strncasecmp(*names, name, shorter) == 0) {
            best = *names;
            best_length = shorter;
        }
    }
    return best;
}

const char *
resolve_nearest(const struct resolver *resolver, const char *name)
{
    const struct schema_unit *unit = resolver->unit;
    struct cim_class **builtin = NULL;
    size_t n_builtin = 0;
    const char **names;
    const char *nearest;
    size_t n = 0;

    /* Nobody reads the hints of so many errors; finding them takes time. */
    if (resolver->errors->n_dropped || unit->n_classes > 4096) {
        return NULL;
    }
    if (!resolver->options->is_prelude) {
        n_builtin = prelude_classes(&builtin);
    }
    names = mem_array(unit->n_classes + n_builtin + 1, sizeof(*names));
    for (size_t i = 0; i < n_builtin; i++) {
        names[n++] = builtin[i]->name;
    }
    for (size_t i = 0; i < unit->n_classes; i++) {
        if (!text_equal_fold(unit->classes[i]->name, name)) {
            names[n++] = unit->classes[i]->name;
        }
    }
    nearest = text_nearest(name, names);
    if (!nearest) {
        nearest = longest_beginning(name, names);
    }
    free(names);
    return nearest;
}

/* "property X of class Y: text", at the place. */
__attribute__((format(printf, 4, 0))) static void
place_error(struct error *error, const struct place *place,
            enum error_code code, const char *format, va_list args)
{
    char text[sizeof(error->text)];

    vsnprintf(text, sizeof(text), format, args);
    if (place->name) {
        error_set(error, code, "%s %s of class %s: %s", place->what,
                  place->name, place->cls->name, text);
    } else {
        error_set(error, code, "class %s: %s", place->cls->name, text);
    }
    error_at(error, place->cls->file ? place->cls->file : "", place->line,
             place->column);
}

bool
resolve_error(struct resolver *resolver, const struct place *place,
              enum error_code code, const char *format, ...)
{
    struct error error;
    va_list args;

    va_start(args, format);
    place_error(&error, place, code, format, args);
    va_end(args);
    return error_list_add(resolver->errors, &error);
}

bool
resolve_warn(struct resolver *resolver, const struct place *place,
             const char *hint, const char *format, ...)
{
    struct error error;
    va_list args;

    va_start(args, format);
    place_error(&error, place, ERROR_INVALID, format, args);
    va_end(args);
    if (hint) {
        error_hint(&error, "did you mean %s?", hint);
    }
    return schema_warn(resolver->options, resolver->errors, &error);
}

static struct place
class_place(const struct cim_class *cls)
{
    return (struct place){ .cls = cls, .line = cls->line,
                           .column = cls->column };
}

bool
resolve_count(struct resolver *resolver, const struct cim_class *cls,
              size_t n)
{
    struct place place = class_place(cls);

    resolver->n_parts += n;
    if (resolver->n_parts <= RESOLVE_MAX_PARTS) {
        return true;
    }
    if (!resolver->too_large) {
        resolver->too_large = true;
        resolve_error(resolver, &place, ERROR_LIMIT,
                      "the classes inherit more than %d properties, methods "
                      "and qualifiers together", RESOLVE_MAX_PARTS);
    }
    return false;
}

bool
resolve_room(struct resolver *resolver, const struct cim_class *cls,
             size_t n_inherited, size_t n, const char *kind)
{
    struct place place = class_place(cls);

    if (n_inherited + n > UNIT_MAX_MEMBERS) {
        return resolve_error(resolver, &place, ERROR_LIMIT,
                             "it has more than %d %s", UNIT_MAX_MEMBERS,
                             kind);
    }
    return resolve_count(resolver, cls, n_inherited);
}

static bool
class_qualifiers(struct resolver *resolver, struct cim_class *cls)
{
    const struct cim_class *super = cls->super;
    struct place place = class_place(cls);
    unsigned int scope = SCOPE_CLASS;

    if (class_qualifier(cls, "Association")) {
        scope = SCOPE_ASSOCIATION;
    } else if (class_qualifier(cls, "Indication")) {
        scope = SCOPE_INDICATION;
    }
    if (!resolve_qualifiers(resolver, &place, cls->qualifiers,
                            cls->n_qualifiers, scope)
        || (super
            && !resolve_merge(resolver, &place, cls->arena,
                              super->qualifiers, super->n_qualifiers,
                              &cls->qualifiers, &cls->n_qualifiers))) {
        return false;
    }
    cls->is_association = qualifier_true(class_qualifier(cls,
                                                         "Association"));
    cls->is_indication = qualifier_true(class_qualifier(cls, "Indication"));
    cls->is_abstract = qualifier_true(class_qualifier(cls, "Abstract"));
    return true;
}

static bool resolve_class(struct resolver *resolver, struct cim_class *cls,
                          unsigned int depth);

static bool
unknown_super(struct resolver *resolver, const struct cim_class *cls)
{
    const char *nearest = resolve_nearest(resolver, cls->super_name);
    struct error error;

    error_set(&error, ERROR_NO_SUPERCLASS,
              "class %s: its superclass %s is not known", cls->name,
              cls->super_name);
    if (nearest) {
        error_hint(&error, "did you mean %s?", nearest);
    }
    error_at(&error, cls->file ? cls->file : "", cls->line, cls->column);
    return error_list_add(resolver->errors, &error);
}

static bool
find_super(struct resolver *resolver, struct cim_class *cls,
           unsigned int depth)
{
    struct place place = class_place(cls);
    struct cim_class *super;

    if (!cls->super_name) {
        return true;
    }
    super = resolve_lookup(resolver, cls->super_name);
    if (!super) {
        return unknown_super(resolver, cls);
    }
    if (map_get(resolver->states, super->name) == &is_open
        && map_get(resolver->classes, super->name) == super) {
        return resolve_error(resolver, &place, ERROR_INVALID,
                             "it is derived from itself, through %s",
                             super->name);
    }
    if (depth >= RESOLVE_MAX_DEPTH) {
        return resolve_error(resolver, &place, ERROR_LIMIT, "it has more "
                             "than %d superclasses", RESOLVE_MAX_DEPTH);
    }
    if (!resolve_class(resolver, super, depth + 1)) {
        return false;
    }
    cls->super = class_ref(super);
    return true;
}

/* False when it cannot be resolved; that was reported, here or earlier. */
static bool
resolve_class(struct resolver *resolver, struct cim_class *cls,
              unsigned int depth)
{
    bool ok;

    if (cls->is_resolved) {
        return true;
    }
    if (map_get(resolver->classes, cls->name) != cls
        || map_get(resolver->states, cls->name) == &has_failed) {
        return false;
    }
    map_put(resolver->states, cls->name, &is_open);
    ok = find_super(resolver, cls, depth)
         && class_qualifiers(resolver, cls)
         && resolve_properties(resolver, cls)
         && resolve_methods(resolver, cls);
    if (!ok) {
        map_put(resolver->states, cls->name, &has_failed);
        return false;
    }
    map_remove(resolver->states, cls->name);
    cls->is_resolved = true;
    cls->is_builtin |= resolver->options->is_prelude;
    resolver->ordered[resolver->n_ordered++] = cls;
    return true;
}

/* Two classes of one name are a mistake, even when they are the same. */
static void
index_classes(struct resolver *resolver)
{
    const struct schema_unit *unit = resolver->unit;

    for (size_t i = 0; i < unit->n_classes; i++) {
        struct cim_class *cls = unit->classes[i];
        const struct cim_class *other = map_get(resolver->classes,
                                                cls->name);
        struct place place = class_place(cls);

        if (!other) {
            map_put(resolver->classes, cls->name, cls);
        } else {
            resolve_error(resolver, &place, ERROR_EXISTS,
                          "it is declared already, at %s:%u:%u",
                          other->file ? other->file : "", other->line,
                          other->column);
        }
    }
}

bool
schema_resolve(struct schema_unit *unit,
               const struct schema_options *options,
               struct error_list *errors)
{
    static const struct schema_options none;
    size_t errors_before = errors->n_errors;
    struct resolver resolver = {
        .unit = unit, .options = options ? options : &none,
        .errors = errors,
    };

    resolver.classes = map_create(true);
    resolver.qualifiers = map_create(true);
    resolver.warned = map_create(true);
    resolver.states = map_create(true);
    resolver.ordered = mem_array(unit->n_classes, sizeof(*unit->classes));
    resolve_qualifier_types(&resolver);
    index_classes(&resolver);
    for (size_t i = 0; i < unit->n_classes; i++) {
        resolve_class(&resolver, unit->classes[i], 0);
    }
    if (unit->n_classes && resolver.n_ordered == unit->n_classes) {
        memcpy(unit->classes, resolver.ordered,
               unit->n_classes * sizeof(*unit->classes));
    }
    resolve_embedded_classes(&resolver);
    free(resolver.ordered);
    map_destroy(resolver.classes, NULL);
    map_destroy(resolver.qualifiers, NULL);
    map_destroy(resolver.warned, NULL);
    map_destroy(resolver.states, NULL);
    return errors->n_errors == errors_before;
}
