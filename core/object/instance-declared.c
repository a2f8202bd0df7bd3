/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Instances as MOF declares them become objects: literals take the types of
 * the schema, aliases become the path of the instance they name or, where
 * an object is held by value, a copy of it.
 */

#include <config.h>

#include "object/instance.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "object/forms.h"
#include "object/path.h"
#include "schema/compile.h"

#define DEPTH_LIMIT 8       /* aliases of aliases */
#define NESTED_LIMIT 1000   /* objects behind aliases of aliases, together:
                             * a short text can ask for very many */

struct maker {
    const struct schema_unit *unit;
    class_lookup lookup;
    void *arg;
    unsigned int depth;
    unsigned int n_nested;      /* made at a depth of two and more */
    struct error *error;
};

static struct instance *make(struct maker *maker,
                             const struct declared_instance *declared);

static bool
is_object(enum cim_type type)
{
    return type == CIM_EMBEDDED || type == CIM_OBJECT;
}

/* The instance that the unit declares "as $x". */
static struct instance *
find_alias(struct maker *maker, const char *alias)
{
    struct instance *instance = NULL;
    size_t i = 0;

    while (i < maker->unit->n_instances
           && !(maker->unit->instances[i].alias
                && text_equal_fold(maker->unit->instances[i].alias, alias))) {
        i++;
    }
    if (i == maker->unit->n_instances) {
        error_set(maker->error, ERROR_NOT_FOUND,
                  "no instance is declared as %.80s", alias);
        return NULL;
    }
    if (++maker->depth > DEPTH_LIMIT) {
        error_set(maker->error, ERROR_LIMIT,
                  "alias %.80s leads through more than %d others", alias,
                  DEPTH_LIMIT);
    } else if (maker->depth > 1 && ++maker->n_nested > NESTED_LIMIT) {
        error_set(maker->error, ERROR_LIMIT,
                  "aliases of aliases lead to more than %d objects",
                  NESTED_LIMIT);
    } else {
        instance = make(maker, &maker->unit->instances[i]);
    }
    maker->depth--;
    return instance;
}

static bool
path_text(const struct instance *instance, struct value *value,
          struct error *error)
{
    struct path *path = path_of_instance(instance);
    BUFFER_AUTO struct buffer text = BUFFER_INIT;

    if (!path) {
        return error_set(error, ERROR_INVALID,
                         "an instance of %s has no path: a key is missing",
                         instance->cls->name);
    }
    path_print(path, &text);
    path_destroy(path);
    *value = value_string(buffer_string(&text));
    return true;
}

/* The text of an embedded object holds exactly one. */
static struct instance *
read_embedded(struct maker *maker, const char *text)
{
    struct instance **instances;
    struct instance *one;
    size_t n;

    if (!instances_read("embedded object", text, strlen(text), NULL,
                        maker->lookup, maker->arg, &instances, &n,
                        maker->error)) {
        return NULL;
    }
    one = n == 1 ? instances[0] : NULL;
    for (size_t i = 0; !one && i < n; i++) {
        instance_destroy(instances[i]);
    }
    free(instances);
    if (!one) {
        error_set(maker->error, ERROR_SYNTAX,
                  "the text of an embedded object has %zu objects, not one",
                  n);
    }
    return one;
}

/* A scalar that only the whole text can explain: an alias or an object. */
static bool
make_scalar(struct maker *maker, enum cim_type type,
            const struct value *from, struct value *to)
{
    bool is_alias = from->type == CIM_REFERENCE && from->s[0] == '$';
    struct instance *object;

    if (is_object(type) && (is_alias || from->type == CIM_STRING)) {
        object = is_alias ? find_alias(maker, from->s)
                          : read_embedded(maker, from->s);
        *to = (struct value){ .type = CIM_OBJECT, .object = object,
                              .is_null = !object };
        return object != NULL;
    }
    if (is_alias) {
        bool ok;

        object = find_alias(maker, from->s);
        ok = object && path_text(object, to, maker->error);
        instance_destroy(object);
        return ok;
    }
    value_copy(to, from);
    return true;
}

static bool
make_value(struct maker *maker, enum cim_type type, const struct value *from,
           struct value *to)
{
    if (from->is_null || !from->is_array) {
        *to = value_null(type, from->is_array);
        return from->is_null || make_scalar(maker, type, from, to);
    }
    *to = value_array(from->type, from->n);
    for (uint32_t i = 0; i < from->n; i++) {
        if (!from->items[i].is_null
            && !make_scalar(maker, type, &from->items[i], &to->items[i])) {
            to->items[i] = value_null(type, false);
            value_clear(to);
            return false;
        }
    }
    return true;
}

static bool
set_declared(struct maker *maker, struct instance *instance,
             const struct declared_value *declared)
{
    const struct property *property =
        class_property(instance->cls, declared->name);
    struct value value;

    if (!property) {
        return instance_no_property(instance->cls, declared->name,
                                    maker->error);
    }
    if (!make_value(maker, property->type, &declared->value, &value)) {
        return error_prefix(maker->error, "%s.%s", instance->cls->name,
                            property->name);
    }
    return instance_set(instance, declared->name, value, maker->error);
}

static struct instance *
make(struct maker *maker, const struct declared_instance *declared)
{
    struct cim_class *cls = maker->lookup(maker->arg, declared->class_name);
    struct instance *instance;

    if (!cls) {
        error_set(maker->error, ERROR_NO_CLASS, "there is no class %.100s",
                  declared->class_name);
        error_at(maker->error, declared->file ? declared->file : "",
                 declared->line, declared->column);
        return NULL;
    }
    instance = instance_create(cls);
    for (uint32_t i = 0; i < declared->n_values; i++) {
        const struct declared_value *value = &declared->values[i];

        if (!set_declared(maker, instance, value)) {
            error_at(maker->error, declared->file ? declared->file : "",
                     value->line, value->column);
            instance_destroy(instance);
            return NULL;
        }
    }
    return instance;
}

struct instance *
instance_from_declared(const struct declared_instance *declared,
                       const struct schema_unit *unit, class_lookup lookup,
                       void *arg, struct error *error)
{
    struct maker maker = { .unit = unit, .lookup = lookup, .arg = arg,
                           .error = error };

    return make(&maker, declared);
}
