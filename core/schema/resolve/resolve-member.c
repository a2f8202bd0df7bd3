/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Properties and methods of a class: those of the superclass first, in its
 * order; one that the class declares again keeps the place and gets the
 * qualifiers of both.
 */

#include <config.h>

#include <string.h>

#include "base/endpoint.h"
#include "base/map.h"
#include "base/memory.h"
#include "base/text.h"
#include "schema/resolve/resolve.h"
#include "schema/unit.h"

static struct place
property_place(const struct cim_class *cls, const struct property *property)
{
    return (struct place){ .cls = cls, .what = "property",
                           .name = property->name, .line = property->line,
                           .column = property->column };
}

/* The number of an integer qualifier, checked; 0 when there is none. */
static bool
number_qualifier(struct resolver *resolver, const struct place *place,
                 const struct property *property, const char *name,
                 uint32_t high, uint32_t *number)
{
    const struct qualifier *qualifier = property_qualifier(property, name);
    const struct value *value;

    *number = 0;
    if (!qualifier || qualifier->value.is_null) {
        return true;
    }
    value = &qualifier->value;
    if (!cim_type_is_integer(value->type) || value->is_array
        || (cim_type_is_signed(value->type) && value->i < 1)
        || value->u < 1 || value->u > high) {
        return resolve_error(resolver, place, ERROR_INVALID,
                             "%s is not a number from 1 to %u", name, high);
    }
    *number = (uint32_t) value->u;
    return true;
}

/* The kind of socket that the property's value grants, if any. */
static bool
resolve_grant(struct resolver *resolver, const struct place *place,
              struct property *property)
{
    const char *text =
        qualifier_text(property_qualifier(property, "Grant"));

    property->grant = ENDPOINT_NONE;
    if (!text) {
        return true;
    }
    property->grant = (uint8_t) endpoint_kind_find(text);
    if (!property->grant) {
        return resolve_error(resolver, place, ERROR_INVALID,
                             "Grant(\"%.40s\") is none of tcp-connect, "
                             "tcp-listen, udp-connect, udp-listen, "
                             "unix-connect and unix-listen", text);
    }
    if (property->type != CIM_STRING || property->is_array) {
        return resolve_error(resolver, place, ERROR_TYPE, "Grant is for a "
                             "string, which is no array");
    }
    return true;
}

/* Members of the struct that follow from qualifiers. */
static bool
fill_property(struct resolver *resolver, const struct place *place,
              struct property *property)
{
    enum cim_type type = property->type;

    if (!number_qualifier(resolver, place, property, "WmiDataId", 65535,
                          &property->data_id)
        || !resolve_embedded_type(resolver, place, &property->type,
                                  &property->class_name,
                                  property->qualifiers,
                                  property->n_qualifiers)) {
        return false;
    }
    property->is_key = qualifier_true(property_qualifier(property, "Key"));
    property->is_secret =
        qualifier_true(property_qualifier(property, "Secret"));
    property->is_indexed = property->type == CIM_STRING
        && !property->is_secret
        && qualifier_true(property_qualifier(property, "Indexed"));
    if (!resolve_grant(resolver, place, property)) {
        return false;
    }
    property->max_elements = 0;
    /* Of a reference, Max is the cardinality of the association. */
    if (property->is_array
        && !number_qualifier(resolver, place, property, "Max",
                             UNIT_MAX_ITEMS, &property->max_elements)) {
        return false;
    }
    if (property->type != type && !property->initial.is_null) {
        return resolve_error(resolver, place, ERROR_TYPE,
                             "the default of an embedded object can only be "
                             "NULL");
    }
    property->initial.type = property->type;
    return true;
}

static bool
check_property(struct resolver *resolver, const struct place *place,
               const struct property *property)
{
    if (property->is_key
        && (property->is_array || property->type == CIM_EMBEDDED
            || property->type == CIM_OBJECT)) {
        return resolve_error(resolver, place, ERROR_INVALID,
                             "a key is neither an array nor an embedded "
                             "object");
    }
    if (property->array_size
        && property->max_elements > property->array_size) {
        return resolve_error(resolver, place, ERROR_INVALID,
                             "Max(%u) is more than its %u elements",
                             property->max_elements, property->array_size);
    }
    if (property->max_elements
        && property->initial.n > property->max_elements) {
        return resolve_error(resolver, place, ERROR_INVALID,
                             "the default has %u elements, Max allows %u",
                             property->initial.n, property->max_elements);
    }
    return true;
}

/* A reference may be narrowed to a subclass; else types are the same. */
static bool
same_target(const struct resolver *resolver, const char *own,
            const char *inherited)
{
    const struct cim_class *cls;

    if (!own || !inherited || text_equal_fold(own, inherited)) {
        return true;
    }
    cls = resolve_lookup(resolver, own);
    for (unsigned int depth = 0; cls && depth <= RESOLVE_MAX_DEPTH;
         depth++) {
        if (text_equal_fold(cls->name, inherited)) {
            return true;
        }
        cls = cls->super_name ? resolve_lookup(resolver, cls->super_name)
                              : NULL;
    }
    return false;
}

static bool
check_override(struct resolver *resolver, const struct place *place,
               const struct property *own, const struct property *inherited)
{
    if (own->type != inherited->type || own->is_array != inherited->is_array
        || own->array_size != inherited->array_size) {
        return resolve_error(resolver, place, ERROR_TYPE,
                             "it is %s%s here and %s%s in class %s",
                             cim_type_name(own->type),
                             own->is_array ? "[]" : "",
                             cim_type_name(inherited->type),
                             inherited->is_array ? "[]" : "",
                             inherited->origin);
    }
    if (!same_target(resolver, own->class_name, inherited->class_name)) {
        return resolve_error(resolver, place, ERROR_TYPE,
                             "class %s is not derived from %s, which it has "
                             "in class %s", own->class_name,
                             inherited->class_name, inherited->origin);
    }
    return true;
}

/* 'own' takes the place of 'inherited'. */
static bool
override_property(struct resolver *resolver, struct cim_class *cls,
                  const struct property *inherited, struct property *own)
{
    struct place place = property_place(cls, own);

    if (!resolve_merge(resolver, &place, cls->arena, inherited->qualifiers,
                       inherited->n_qualifiers, &own->qualifiers,
                       &own->n_qualifiers)
        || !fill_property(resolver, &place, own)
        || !check_override(resolver, &place, own, inherited)
        || !check_property(resolver, &place, own)) {
        return false;
    }
    own->origin = inherited->origin;
    if (own->initial.is_null) {
        own->initial = inherited->initial;
    }
    return true;
}

static bool
inherit_property(struct resolver *resolver, struct cim_class *cls,
                 const struct property *inherited, struct property *copy)
{
    struct place place = property_place(cls, inherited);

    *copy = *inherited;
    copy->propagated = true;
    return resolve_inherit(resolver, &place, cls->arena,
                           inherited->qualifiers, inherited->n_qualifiers,
                           &copy->qualifiers, &copy->n_qualifiers);
}

static bool
new_property(struct resolver *resolver, struct cim_class *cls,
             struct property *own, bool super_has_keys)
{
    struct place place = property_place(cls, own);
    const char *overridden = qualifier_text(property_qualifier(own,
                                                               "Override"));

    if (!fill_property(resolver, &place, own)
        || !check_property(resolver, &place, own)) {
        return false;
    }
    if (overridden) {
        return resolve_error(resolver, &place, ERROR_INVALID,
                             "Override(\"%.80s\"): no superclass has a "
                             "property %s", overridden, own->name);
    }
    if (own->is_key && super_has_keys) {
        return resolve_error(resolver, &place, ERROR_INVALID,
                             "it cannot be a key: class %s inherits its keys",
                             cls->name);
    }
    return own->type != CIM_REFERENCE || cls->is_association
           || resolve_warn(resolver, &place, NULL, "a reference in a class "
                           "that is no association");
}

/* The class's own property of that name, or NULL. */
static struct property *
own_property(const struct cim_class *cls, struct map *names,
             const char *name)
{
    if (names) {
        return map_get(names, name);
    }
    for (uint32_t i = 0; i < cls->n_properties; i++) {
        /* One that has its place already is marked by having no name. */
        if (cls->properties[i].name
            && text_equal_fold(cls->properties[i].name, name)) {
            return &cls->properties[i];
        }
    }
    return NULL;
}

/* A map of the own names where searching for each would take long. */
static struct map *
name_map(const struct cim_class *cls)
{
    struct map *names;

    if (cls->n_properties < 64) {
        return NULL;
    }
    names = map_create(true);
    for (uint32_t i = 0; i < cls->n_properties; i++) {
        map_put(names, cls->properties[i].name, &cls->properties[i]);
    }
    return names;
}

static bool
own_qualifiers(struct resolver *resolver, struct cim_class *cls)
{
    bool ok = true;

    for (uint32_t i = 0; i < cls->n_properties; i++) {
        struct property *property = &cls->properties[i];
        struct place place = property_place(cls, property);

        ok &= resolve_qualifiers(resolver, &place, property->qualifiers,
                                 property->n_qualifiers,
                                 property->type == CIM_REFERENCE
                                     ? SCOPE_REFERENCE
                                     : SCOPE_PROPERTY);
    }
    return ok;
}

static bool
has_keys(const struct cim_class *cls)
{
    for (uint32_t i = 0; i < cls->n_properties; i++) {
        if (cls->properties[i].is_key) {
            return true;
        }
    }
    return false;
}

/* Puts the superclass's properties in front of the own ones. */
static bool
combine(struct resolver *resolver, struct cim_class *cls, struct map *names)
{
    const struct cim_class *super = cls->super;
    uint32_t n_super = super ? super->n_properties : 0;
    bool super_has_keys = super && has_keys(super);
    struct property *all = cls->properties;
    uint32_t n = 0;
    bool ok = true;

    if (n_super) {
        all = arena_alloc(cls->arena, ((size_t) n_super + cls->n_properties)
                                          * sizeof(*all));
    }
    for (; n < n_super; n++) {
        const struct property *inherited = &super->properties[n];
        struct property *own = own_property(cls, names, inherited->name);

        if (own) {
            ok &= override_property(resolver, cls, inherited, own);
            all[n] = *own;
            own->name = NULL;
        } else {
            ok &= inherit_property(resolver, cls, inherited, &all[n]);
        }
    }
    for (uint32_t i = 0; i < cls->n_properties; i++) {
        struct property *own = &cls->properties[i];

        if (own->name) {
            ok &= new_property(resolver, cls, own, super_has_keys);
            all[n++] = *own;
        }
    }
    cls->properties = all;
    cls->n_properties = n;
    return ok;
}

bool
resolve_properties(struct resolver *resolver, struct cim_class *cls)
{
    size_t n_super = cls->super ? cls->super->n_properties : 0;
    struct map *names;
    bool ok;

    if (!resolve_room(resolver, cls, n_super, cls->n_properties,
                      "properties")
        || !own_qualifiers(resolver, cls)) {
        return false;
    }
    names = name_map(cls);
    ok = combine(resolver, cls, names);
    map_destroy(names, NULL);
    return ok;
}
