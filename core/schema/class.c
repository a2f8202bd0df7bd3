/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The life of a class, and finding things in it.  Searches are linear: a
 * class has tens of properties and a handful of qualifiers, and comparing
 * first letters first is faster than any table of that size.
 */

#include <config.h>

#include "schema/class.h"

#include <assert.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

struct cim_class *
class_create(const char *name)
{
    return class_create_sized(name, 0);
}

struct cim_class *
class_create_sized(const char *name, size_t first)
{
    struct arena *arena = arena_create(first);
    struct cim_class *cls = arena_alloc(arena, sizeof *cls);

    cls->arena = arena;
    cls->references = 1;
    cls->name = arena_strdup(arena, name);
    return cls;
}

struct cim_class *
class_ref(struct cim_class *cls)
{
    assert(cls && cls->references);
    cls->references++;
    return cls;
}

void
class_unref(struct cim_class *cls)
{
    while (cls && --cls->references == 0) {
        struct cim_class *super = cls->super;

        if (cls->cache_free) {
            cls->cache_free(cls->cache);
        }
        if (cls->text_cache_free) {
            cls->text_cache_free(cls->text_cache);
        }
        arena_destroy(cls->arena);
        cls = super;
    }
}

int
class_property_index(const struct cim_class *cls, const char *name)
{
    for (uint32_t i = 0; i < cls->n_properties; i++) {
        if (text_equal_fold(cls->properties[i].name, name)) {
            return (int) i;
        }
    }
    return -1;
}

const struct property *
class_property(const struct cim_class *cls, const char *name)
{
    int i = class_property_index(cls, name);

    return i < 0 ? NULL : &cls->properties[i];
}

const struct method *
class_method(const struct cim_class *cls, const char *name)
{
    for (uint32_t i = 0; i < cls->n_methods; i++) {
        if (text_equal_fold(cls->methods[i].name, name)) {
            return &cls->methods[i];
        }
    }
    return NULL;
}

const struct qualifier *
qualifier_find(const struct qualifier *qualifiers, uint32_t n,
               const char *name)
{
    for (uint32_t i = 0; i < n; i++) {
        if (text_equal_fold(qualifiers[i].name, name)) {
            return &qualifiers[i];
        }
    }
    return NULL;
}

const struct qualifier *
class_qualifier(const struct cim_class *cls, const char *name)
{
    return qualifier_find(cls->qualifiers, cls->n_qualifiers, name);
}

const struct qualifier *
property_qualifier(const struct property *property, const char *name)
{
    return qualifier_find(property->qualifiers, property->n_qualifiers, name);
}

const char *
qualifier_text(const struct qualifier *qualifier)
{
    const struct value *value;

    if (!qualifier) {
        return NULL;
    }
    value = &qualifier->value;
    return value->type == CIM_STRING && !value->is_array && !value->is_null
               ? value->s
               : NULL;
}

bool
qualifier_true(const struct qualifier *qualifier)
{
    const struct value *value;

    if (!qualifier) {
        return false;
    }
    value = &qualifier->value;
    return value->type == CIM_BOOLEAN && !value->is_array && !value->is_null
           && value->u;
}

bool
class_is_a(const struct cim_class *cls, const char *ancestor)
{
    for (; cls; cls = cls->super) {
        if (text_equal_fold(cls->name, ancestor)) {
            return true;
        }
        /* A declared form knows its superclass by name only. */
        if (!cls->super && cls->super_name
            && text_equal_fold(cls->super_name, ancestor)) {
            return true;
        }
    }
    return false;
}
