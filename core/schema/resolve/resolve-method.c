/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Methods of a class, inherited in the same way as properties.
 */

#include <config.h>

#include <string.h>

#include "base/map.h"
#include "base/memory.h"
#include "schema/resolve/resolve.h"

static struct place
method_place(const struct cim_class *cls, const struct method *method)
{
    return (struct place){ .cls = cls, .what = "method",
                           .name = method->name, .line = method->line,
                           .column = method->column };
}

static bool
fill_parameter(struct resolver *resolver, const struct place *place,
               struct parameter *parameter)
{
    const struct qualifier *in;
    struct place at = *place;

    at.what = "parameter";
    at.name = parameter->name;
    if (!resolve_qualifiers(resolver, &at, parameter->qualifiers,
                            parameter->n_qualifiers, SCOPE_PARAMETER)
        || !resolve_embedded_type(resolver, &at, &parameter->type,
                                  &parameter->class_name,
                                  parameter->qualifiers,
                                  parameter->n_qualifiers)) {
        return false;
    }
    in = qualifier_find(parameter->qualifiers, parameter->n_qualifiers, "In");
    parameter->in = !in || qualifier_true(in);
    parameter->out = qualifier_true(qualifier_find(
        parameter->qualifiers, parameter->n_qualifiers, "Out"));
    return true;
}

static bool
fill_method(struct resolver *resolver, struct cim_class *cls,
            struct method *method)
{
    struct place place = method_place(cls, method);
    bool ok = resolve_qualifiers(resolver, &place, method->qualifiers,
                                 method->n_qualifiers, SCOPE_METHOD)
              && resolve_embedded_type(resolver, &place, &method->type,
                                       &method->class_name,
                                       method->qualifiers,
                                       method->n_qualifiers);

    for (uint32_t i = 0; i < method->n_parameters; i++) {
        ok &= fill_parameter(resolver, &place, &method->parameters[i]);
    }
    return ok;
}

static bool
override_method(struct resolver *resolver, struct cim_class *cls,
                const struct method *inherited, struct method *own)
{
    struct place place = method_place(cls, own);

    if (own->type != inherited->type) {
        return resolve_error(resolver, &place, ERROR_TYPE,
                             "it returns %s here and %s in class %s",
                             cim_type_name(own->type),
                             cim_type_name(inherited->type),
                             inherited->origin);
    }
    if (own->n_parameters != inherited->n_parameters) {
        return resolve_error(resolver, &place, ERROR_TYPE,
                             "it has %u parameters here and %u in class %s",
                             own->n_parameters, inherited->n_parameters,
                             inherited->origin);
    }
    own->origin = inherited->origin;
    return resolve_merge(resolver, &place, cls->arena,
                         inherited->qualifiers, inherited->n_qualifiers,
                         &own->qualifiers, &own->n_qualifiers);
}

static bool
inherit_method(struct resolver *resolver, struct cim_class *cls,
               const struct method *inherited, struct method *copy)
{
    struct place place = method_place(cls, inherited);

    *copy = *inherited;
    copy->propagated = true;
    return resolve_inherit(resolver, &place, cls->arena,
                           inherited->qualifiers, inherited->n_qualifiers,
                           &copy->qualifiers, &copy->n_qualifiers);
}

/* A class has either a property or a method of a name, inherited or not. */
static bool
check_names(struct resolver *resolver, const struct cim_class *cls,
            const struct map *own)
{
    const struct cim_class *super = cls->super;
    struct map *inherited = map_create(true);
    bool ok = true;

    for (uint32_t i = 0; super && i < super->n_methods; i++) {
        map_put(inherited, super->methods[i].name,
                (void *) &super->methods[i]);
    }
    for (uint32_t i = 0; i < cls->n_properties; i++) {
        const struct property *property = &cls->properties[i];
        const struct method *method = map_get(own, property->name);

        if (!method) {
            method = map_get(inherited, property->name);
        }
        if (method) {
            struct place place = method_place(cls, method);

            place.line = property->propagated ? method->line : property->line;
            place.column = property->propagated ? method->column
                                                : property->column;
            ok &= resolve_error(resolver, &place, ERROR_EXISTS,
                                "the class has a property of that name");
        }
    }
    map_destroy(inherited, NULL);
    return ok;
}

/* The superclass's methods, overridden or not; then the new ones. */
static bool
combine(struct resolver *resolver, struct cim_class *cls, struct map *own)
{
    const struct cim_class *super = cls->super;
    uint32_t n_super = super ? super->n_methods : 0;
    struct method *all = cls->methods;
    uint32_t n = 0;
    bool ok = true;

    if (n_super) {
        all = arena_alloc(cls->arena, ((size_t) n_super + cls->n_methods)
                                          * sizeof(*all));
    }
    for (; n < n_super; n++) {
        const struct method *inherited = &super->methods[n];
        struct method *mine = map_get(own, inherited->name);

        if (mine) {
            ok &= override_method(resolver, cls, inherited, mine);
            all[n] = *mine;
            mine->name = NULL;
        } else {
            ok &= inherit_method(resolver, cls, inherited, &all[n]);
        }
    }
    for (uint32_t i = 0; i < cls->n_methods; i++) {
        if (cls->methods[i].name) {
            all[n++] = cls->methods[i];
        }
    }
    cls->methods = all;
    cls->n_methods = n;
    return ok;
}

static bool
own_methods(struct resolver *resolver, struct cim_class *cls)
{
    struct map *own = map_create(true);
    bool ok = true;

    for (uint32_t i = 0; i < cls->n_methods; i++) {
        ok &= fill_method(resolver, cls, &cls->methods[i]);
        map_put(own, cls->methods[i].name, &cls->methods[i]);
    }
    ok = ok && check_names(resolver, cls, own)
         && combine(resolver, cls, own);
    map_destroy(own, NULL);
    return ok;
}

bool
resolve_methods(struct resolver *resolver, struct cim_class *cls)
{
    size_t n_super = cls->super ? cls->super->n_methods : 0;

    if (n_super + cls->n_methods == 0) {
        return true;
    }
    return resolve_room(resolver, cls, n_super, cls->n_methods, "methods")
           && own_methods(resolver, cls);
}
