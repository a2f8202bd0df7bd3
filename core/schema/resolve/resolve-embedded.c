/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Classes inside others.  A property that the text declares as a string with
 * EmbeddedInstance or EmbeddedObject becomes one of an embedded type here.
 */

#include <config.h>

#include <stdlib.h>

#include "base/map.h"
#include "base/memory.h"
#include "base/text.h"
#include "schema/resolve/resolve.h"

/* Deeper embedding than this does not change a hash. */
#define HASH_ROUNDS 8

bool
resolve_embedded_type(struct resolver *resolver, const struct place *place,
                      enum cim_type *type, const char **class_name,
                      const struct qualifier *qualifiers, uint32_t n)
{
    const char *name = qualifier_text(qualifier_find(qualifiers, n,
                                                     "EmbeddedInstance"));
    bool is_object = qualifier_true(qualifier_find(qualifiers, n,
                                                   "EmbeddedObject"));

    if (!name && !is_object) {
        return true;
    }
    if (*type != CIM_STRING && *type != CIM_EMBEDDED && *type != CIM_OBJECT) {
        return resolve_error(resolver, place, ERROR_TYPE,
                             "%s is for strings, not for %s",
                             name ? "EmbeddedInstance" : "EmbeddedObject",
                             cim_type_name(*type));
    }
    if (name) {
        *type = CIM_EMBEDDED;
        *class_name = name;
    } else {
        *type = CIM_OBJECT;
    }
    return true;
}

static bool
check_target(struct resolver *resolver, const struct place *place,
             enum cim_type type, const char *name)
{
    const char *nearest;
    struct error error;

    if (!name || resolve_lookup(resolver, name)) {
        return true;
    }
    nearest = resolve_nearest(resolver, name);
    if (type == CIM_REFERENCE) {
        return resolve_warn(resolver, place, nearest,
                            "class %.80s is not known", name);
    }
    error_set(&error, ERROR_NO_CLASS, "%s %s of class %s: the embedded class "
              "%.80s is not known", place->what, place->name,
              place->cls->name, name);
    if (nearest) {
        error_hint(&error, "did you mean %s?", nearest);
    }
    error_at(&error, place->cls->file ? place->cls->file : "", place->line,
             place->column);
    return error_list_add(resolver->errors, &error);
}

/* What an embedded object keeps secret could not be kept when the object that
 * holds it changes: nobody knows which of several it was in. */
static void
check_no_secret(struct resolver *resolver, const struct place *place,
                const char *name)
{
    const struct cim_class *target = name ? resolve_lookup(resolver, name)
                                          : NULL;

    for (uint32_t i = 0; target && i < target->n_properties; i++) {
        if (target->properties[i].is_secret) {
            resolve_error(resolver, place, ERROR_INVALID,
                          "class %.80s cannot be embedded: its property "
                          "%.80s is Secret, which only a property of the "
                          "setting itself can be", name,
                          target->properties[i].name);
            return;
        }
    }
}

static void
check_class(struct resolver *resolver, const struct cim_class *cls)
{
    for (uint32_t i = 0; i < cls->n_properties; i++) {
        const struct property *property = &cls->properties[i];
        struct place place = { cls, "property", property->name,
                               property->line, property->column };

        if (!property->propagated) {
            check_target(resolver, &place, property->type,
                         property->class_name);
            if (property->type == CIM_EMBEDDED) {
                check_no_secret(resolver, &place, property->class_name);
            }
        }
    }
    for (uint32_t i = 0; i < cls->n_methods; i++) {
        const struct method *method = &cls->methods[i];
        struct place place = { cls, "method", method->name, method->line,
                               method->column };

        if (method->propagated) {
            continue;
        }
        check_target(resolver, &place, method->type, method->class_name);
        for (uint32_t j = 0; j < method->n_parameters; j++) {
            check_target(resolver, &place, method->parameters[j].type,
                         method->parameters[j].class_name);
        }
    }
}

/* An embedded property of the unit's classes. */
struct edge {
    struct property *property;
    size_t target;
};

struct target {
    const struct cim_class *cls;
    uint64_t hash;      /* from the round before */
};

struct edges {
    struct edge *items;
    size_t n, capacity;
    struct target *targets;
    size_t n_targets, target_capacity;
    struct map *places;         /* name: its target's place, from 1 */
};

static void
add_edge(struct edges *edges, struct property *property,
         const struct cim_class *target)
{
    size_t place = (size_t) (uintptr_t) map_get(edges->places, target->name);

    if (!place) {
        mem_grow(&edges->targets, &edges->target_capacity, edges->n_targets,
                 sizeof(*edges->targets));
        edges->targets[edges->n_targets++].cls = target;
        place = edges->n_targets;
        map_put(edges->places, target->name, (void *) (uintptr_t) place);
    }
    mem_grow(&edges->items, &edges->capacity, edges->n,
             sizeof(*edges->items));
    edges->items[edges->n++] = (struct edge){ property, place - 1 };
}

static void
collect_edges(const struct resolver *resolver, struct edges *edges)
{
    const struct schema_unit *unit = resolver->unit;

    for (size_t i = 0; i < unit->n_classes; i++) {
        const struct cim_class *cls = unit->classes[i];

        for (uint32_t j = 0; cls->is_resolved && j < cls->n_properties;
             j++) {
            struct property *property = &cls->properties[j];
            const struct cim_class *target = NULL;

            if (property->type == CIM_EMBEDDED && property->class_name) {
                target = resolve_lookup(resolver, property->class_name);
            }
            if (target && target->is_resolved) {
                add_edge(edges, property, target);
            }
        }
    }
}

/* True when a hash is not what it was. */
static bool
hash_round(struct edges *edges)
{
    bool changed = false;

    for (size_t i = 0; i < edges->n_targets; i++) {
        edges->targets[i].hash = class_hash(edges->targets[i].cls);
    }
    for (size_t i = 0; i < edges->n; i++) {
        struct property *property = edges->items[i].property;
        uint64_t hash = edges->targets[edges->items[i].target].hash;

        changed |= property->embedded_hash != hash;
        property->embedded_hash = hash;
    }
    return changed;
}

/*
 * The hash of a class has in it those of the classes it embeds, which may
 * embed others, even itself in an array.  All are computed again and again
 * from the ones before, so that the result depends neither on the order nor
 * on where a circle is entered.
 */
static void
fill_hashes(struct resolver *resolver)
{
    struct edges edges = { .places = map_create(true) };

    collect_edges(resolver, &edges);
    for (int round = 0; round < HASH_ROUNDS && hash_round(&edges); round++) {
    }
    free(edges.items);
    free(edges.targets);
    map_destroy(edges.places, NULL);
}

void
resolve_embedded_classes(struct resolver *resolver)
{
    const struct schema_unit *unit = resolver->unit;

    for (size_t i = 0; i < unit->n_classes; i++) {
        if (unit->classes[i]->is_resolved) {
            check_class(resolver, unit->classes[i]);
        }
    }
    fill_hashes(resolver);
}
