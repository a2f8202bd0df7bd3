/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Objects: life, comparison and access to their values.  What may be put
 * into a property is decided in adapt.c, what may stay there in check.c.
 */

#include <config.h>

#include "object/instance.h"

#include <assert.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "object/adapt.h"
#include "object/secret.h"

struct instance *
instance_allocate(struct cim_class *cls)
{
    struct instance *instance;

    assert(cls->is_resolved);
    instance = mem_alloc(sizeof *instance
                         + cls->n_properties * sizeof instance->values[0]);
    instance->cls = class_ref(cls);
    instance->n = cls->n_properties;
    return instance;
}

struct instance *
instance_create(struct cim_class *cls)
{
    struct instance *instance = instance_allocate(cls);

    for (uint32_t i = 0; i < instance->n; i++) {
        const struct property *property = &cls->properties[i];

        if (property->initial.is_null) {
            instance->values[i] =
                value_null(property->type, property->is_array);
        } else {
            value_copy(&instance->values[i], &property->initial);
        }
    }
    return instance;
}

void
instance_destroy(struct instance *instance)
{
    if (!instance) {
        return;
    }
    for (uint32_t i = 0; i < instance->n; i++) {
        value_clear(&instance->values[i]);
    }
    class_unref(instance->cls);
    free(instance);
}

struct instance *
instance_copy(const struct instance *instance)
{
    struct instance *copy = instance_allocate(instance->cls);

    for (uint32_t i = 0; i < instance->n; i++) {
        value_copy(&copy->values[i], &instance->values[i]);
    }
    return copy;
}

bool
instance_equal(const struct instance *a, const struct instance *b)
{
    if (a->n != b->n || !text_equal_fold(a->cls->name, b->cls->name)) {
        return false;
    }
    for (uint32_t i = 0; i < a->n; i++) {
        int other = class_property_index(b->cls, a->cls->properties[i].name);

        if (other < 0 || !value_equal(&a->values[i], &b->values[other])) {
            return false;
        }
    }
    return true;
}

const struct value *
instance_get(const struct instance *instance, const char *name)
{
    int index = class_property_index(instance->cls, name);

    return index < 0 ? NULL : &instance->values[index];
}

const char *
instance_text(const struct instance *instance, const char *name)
{
    const struct value *value = instance_get(instance, name);

    if (!value || value->is_null || value->is_array
        || (value->type != CIM_STRING && value->type != CIM_REFERENCE)) {
        return NULL;
    }
    return value->s;
}

uint64_t
instance_u64(const struct instance *instance, const char *name)
{
    const struct value *value = instance_get(instance, name);

    if (!value || value->is_null || value->is_array
        || !(cim_type_is_integer(value->type) || value->type == CIM_BOOLEAN
             || value->type == CIM_CHAR16)) {
        return 0;
    }
    return value->u;
}

/* "A, B, C" as far as there is room. */
static void
list_properties(const struct cim_class *cls, struct buffer *out)
{
    for (uint32_t i = 0; i < cls->n_properties; i++) {
        if (out->size > 180) {
            buffer_puts(out, ", ...");
            return;
        }
        buffer_printf(out, "%s%s", i ? ", " : "", cls->properties[i].name);
    }
}

bool
instance_no_property(const struct cim_class *cls, const char *name,
                     struct error *error)
{
    const char **names = mem_array(cls->n_properties + 1, sizeof *names);
    struct buffer list = BUFFER_INIT;
    const char *nearest;

    for (uint32_t i = 0; i < cls->n_properties; i++) {
        names[i] = cls->properties[i].name;
    }
    error_set(error, ERROR_NO_PROPERTY, "class %s has no property %.100s",
              cls->name, name);
    nearest = text_nearest(name, names);
    list_properties(cls, &list);
    if (nearest) {
        error_hint(error, "did you mean %s?", nearest);
    } else if (list.size) {
        error_hint(error, "it has: %s", buffer_string(&list));
    }
    buffer_free(&list);
    free(names);
    return false;
}

bool
instance_set(struct instance *instance, const char *name, struct value value,
             struct error *error)
{
    int index = class_property_index(instance->cls, name);
    const struct property *property;

    if (index < 0) {
        value_clear(&value);
        return instance_no_property(instance->cls, name, error);
    }
    property = &instance->cls->properties[index];
    if (!adapt_value(&value, property->type, property->is_array,
                     property->class_name, error)) {
        value_clear(&value);
        secret_hush(property, error);
        return error_prefix(error, "%s.%s", instance->cls->name,
                            property->name);
    }
    value_clear(&instance->values[index]);
    instance->values[index] = value;
    return true;
}

bool
instance_set_text(struct instance *instance, const char *name,
                  const char *text, struct error *error)
{
    int index = class_property_index(instance->cls, name);
    const struct property *property;
    struct value value;

    if (index < 0) {
        return instance_no_property(instance->cls, name, error);
    }
    property = &instance->cls->properties[index];
    if (!adapt_text(&value, property->type, property->is_array, text,
                    error)) {
        secret_hush(property, error);
        return error_prefix(error, "%s.%s", instance->cls->name,
                            property->name);
    }
    value_clear(&instance->values[index]);
    instance->values[index] = value;
    return true;
}

void
instance_set_string(struct instance *instance, const char *name,
                    const char *text)
{
    bool ok = instance_set(instance, name,
                           text ? value_string(text)
                                : value_null(CIM_STRING, false), NULL);

    assert(ok);
    (void) ok;
}

void
instance_set_u64(struct instance *instance, const char *name,
                 uint64_t number)
{
    bool ok = instance_set(instance, name, value_u64(CIM_UINT64, number),
                           NULL);

    assert(ok);
    (void) ok;
}

/* A value that is neither NULL nor the class's default. */
static bool
is_set(const struct instance *instance, uint32_t i)
{
    const struct value *initial = &instance->cls->properties[i].initial;
    const struct value *value = &instance->values[i];

    return !value->is_null
           && (initial->is_null || !value_equal(value, initial));
}

struct instance *
instance_recast(const struct instance *instance, struct cim_class *cls,
                struct error *error)
{
    struct instance *recast = instance_create(cls);

    for (uint32_t i = 0; i < instance->n; i++) {
        const char *name = instance->cls->properties[i].name;
        struct value copy;

        if (class_property_index(cls, name) < 0) {
            if (is_set(instance, i)) {
                instance_no_property(cls, name, error);
                goto lost;
            }
            continue;
        }
        value_copy(&copy, &instance->values[i]);
        if (!instance_set(recast, name, copy, error)
            && is_set(instance, i)) {
            goto lost;
        }
    }
    return recast;

lost:
    instance_destroy(recast);
    return NULL;
}
