/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Values that are not shown.  The one who stores objects decides which form
 * he hands out; here is what the forms are.
 */

#include <config.h>

#include "object/secret.h"

#include "base/error.h"
#include "object/instance.h"

bool
secret_class(const struct cim_class *cls)
{
    for (uint32_t i = 0; i < cls->n_properties; i++) {
        if (cls->properties[i].is_secret) {
            return true;
        }
    }
    return false;
}

size_t
secret_count(const struct instance *instance)
{
    size_t n = 0;

    for (uint32_t i = 0; i < instance->n; i++) {
        n += instance->cls->properties[i].is_secret
            && !instance->values[i].is_null;
    }
    return n;
}

/* The objects that a value holds. */
static const struct value *
objects_of(const struct value *value, uint32_t *n)
{
    *n = 0;
    if (value->is_null
        || (value->type != CIM_EMBEDDED && value->type != CIM_OBJECT)) {
        return NULL;
    }
    *n = value->is_array ? value->n : 1;
    return value->is_array ? value->items : value;
}

void
secret_strip(struct instance *instance)
{
    for (uint32_t i = 0; i < instance->n; i++) {
        const struct property *property = &instance->cls->properties[i];
        struct value *value = &instance->values[i];
        const struct value *objects;
        uint32_t n;

        if (property->is_secret) {
            value_clear(value);
            *value = value_null(property->type, property->is_array);
            continue;
        }
        objects = objects_of(value, &n);
        for (uint32_t j = 0; j < n; j++) {
            if (!objects[j].is_null) {
                secret_strip(objects[j].object);
            }
        }
    }
}

void
secret_keep(struct instance *instance, const struct instance *old)
{
    for (uint32_t i = 0; i < instance->n; i++) {
        const struct property *property = &instance->cls->properties[i];
        const struct value *value = property->is_secret
            && instance->values[i].is_null
            ? instance_get(old, property->name) : NULL;

        if (value && !value->is_null && value->type == property->type
            && value->is_array == property->is_array) {
            value_copy(&instance->values[i], value);
        }
    }
}

bool
secret_check(const struct instance *instance, struct error *error)
{
    for (uint32_t i = 0; i < instance->n; i++) {
        const struct value *objects;
        uint32_t n;

        objects = objects_of(&instance->values[i], &n);
        for (uint32_t j = 0; j < n; j++) {
            if (objects[j].is_null) {
                continue;
            }
            if (secret_class(objects[j].object->cls)) {
                error_set(error, ERROR_INVALID, "%s.%s: an object of class "
                          "%s has a Secret property and cannot be embedded",
                          instance->cls->name,
                          instance->cls->properties[i].name,
                          objects[j].object->cls->name);
                return error_hint(error, "only a setting itself can keep a "
                                  "secret");
            }
            if (!secret_check(objects[j].object, error)) {
                return false;
            }
        }
    }
    return true;
}

bool
secret_hush(const struct property *property, struct error *error)
{
    enum error_code code = error ? error->code : ERROR_NONE;

    if (!error || !property->is_secret) {
        return false;
    }
    error_set(error, code, "the value that was given is none that this %s "
              "may have (it is Secret, and not repeated here)",
              cim_type_name(property->type));
    return error_hint(error, "its limits are in the class");
}
