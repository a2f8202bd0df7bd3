/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Values are made as text, as an operator types them, and become values by
 * the same code.
 */

#include <config.h>

#include "objects.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "corpus.h"
#include "object/instance.h"
#include "schema/compile.h"
#include "subject.h"

#define CANDIDATES 24
#define TEXT_MAX 4096u          /* characters of a string without MaxLen */

/* Texts of values for one property. */
struct candidates {
    char *texts[CANDIDATES];
    uint32_t n;
};

static void
add(struct candidates *candidates, char *text)
{
    if (candidates->n == CANDIDATES) {
        free(text);
        return;
    }
    candidates->texts[candidates->n++] = text;
}

static void
clear(struct candidates *candidates)
{
    for (uint32_t i = 0; i < candidates->n; i++) {
        free(candidates->texts[i]);
    }
    candidates->n = 0;
}

static void
add_integers(struct candidates *candidates, const struct property *property)
{
    const struct qualifier *least = property_qualifier(property, "MinValue");
    const struct qualifier *most = property_qualifier(property, "MaxValue");
    bool is_signed = cim_type_is_signed(property->type);
    int64_t low;
    uint64_t high;

    cim_type_range(property->type, &low, &high);
    low = least ? least->value.i : low;
    high = most ? most->value.u : high;
    add(candidates, mem_printf("%ld", low));
    add(candidates, mem_printf("%ld", low + 1));
    add(candidates, is_signed ? mem_printf("%ld", (int64_t) high)
                              : mem_printf("%lu", high));
    add(candidates, is_signed ? mem_printf("%ld", (int64_t) high - 1)
                              : mem_printf("%lu", high - 1));
}

static char *
long_text(uint32_t length)
{
    char *text = mem_alloc(length + 1);

    memset(text, 'x', length);
    text[length] = 0;
    return text;
}

static void
add_strings(struct candidates *candidates, const struct property *property)
{
    static const char *const some[] = { "x", "10.0.0.0/8", "2001:db8::/32",
                                        "02:00:00:00:00:05", "0",
                                        "\xc3\xa4\xe2\x82\xac" };
    const struct qualifier *limit = property_qualifier(property, "MaxLen");
    uint64_t most = limit ? limit->value.u : TEXT_MAX;

    for (size_t i = 0; i < sizeof some / sizeof some[0]; i++) {
        add(candidates, mem_strdup(some[i]));
    }
    add(candidates, long_text((uint32_t) (most < TEXT_MAX ? most
                                                          : TEXT_MAX)));
}

/* Values of a scalar of the property's type. */
static void
add_scalars(struct candidates *candidates, const struct property *property)
{
    const struct qualifier *map = property_qualifier(property, "ValueMap");

    for (uint32_t i = 0; map && i < map->value.n; i++) {
        add(candidates, mem_strdup(map->value.items[i].s));
    }
    if (map) {
        return;
    }
    if (property->type == CIM_BOOLEAN) {
        add(candidates, mem_strdup("true"));
        add(candidates, mem_strdup("false"));
    } else if (property->type == CIM_CHAR16
               || cim_type_is_integer(property->type)) {
        add_integers(candidates, property);
    } else if (property->type == CIM_REAL32 || property->type == CIM_REAL64) {
        add(candidates, mem_strdup("0"));
        add(candidates, mem_strdup("-1e9"));
    } else if (property->type == CIM_STRING) {
        add_strings(candidates, property);
    } else if (property->type == CIM_DATETIME) {
        add(candidates, mem_strdup("20300101000000.000000+000"));
        add(candidates, mem_strdup("00000001000000.000000:000"));
    }
}

/* "{x,x,x}" */
static char *
array_text(const char *item, uint32_t n)
{
    char *text = mem_alloc(n * (strlen(item) + 1) + 3), *at = text;

    *at++ = '{';
    for (uint32_t i = 0; i < n; i++) {
        at += sprintf(at, "%s%s", i ? "," : "", item);
    }
    strcpy(at, "}");
    return text;
}

static void
add_arrays(struct candidates *candidates, const struct property *property)
{
    uint32_t most = property->array_size ? property->array_size
        : property->max_elements ? property->max_elements : 3;
    struct candidates items = { .n = 0 };

    if (most > 64) {
        most = 64;
    }
    add_scalars(&items, property);
    for (uint32_t i = 0; i < items.n; i++) {
        if (strpbrk(items.texts[i], ",{}") || strlen(items.texts[i]) > 100) {
            continue;
        }
        if (!property->array_size) {
            add(candidates, array_text(items.texts[i], 1));
        }
        add(candidates, array_text(items.texts[i], most));
    }
    clear(&items);
    if (!property->array_size) {
        add(candidates, mem_strdup("{}"));
    }
}

/* Property number 'i' of the class; none when it is not a value of its own. */
static void
find_candidates(struct candidates *candidates, const struct cim_class *cls,
                uint32_t i)
{
    const struct property *property = &cls->properties[i];

    candidates->n = 0;
    if (property->is_key || property->data_id == 0) {
        return;
    }
    if (property->is_array) {
        add_arrays(candidates, property);
    } else {
        add_scalars(candidates, property);
    }
}

/* A valid object with the value; NULL when there is none. */
static struct instance *
with_value(const struct subject_feature *feature, const char *name,
           const char *text)
{
    struct instance *object = instance_create(feature->cls);
    struct error error;

    if (!instance_set_text(object, name, text, &error)
        || !instance_check(object, &error)) {
        instance_destroy(object);
        return NULL;
    }
    return object;
}

static bool
each_value(const struct subject_feature *feature, uint32_t i,
           objects_call call, void *arg)
{
    const char *name = feature->cls->properties[i].name;
    struct candidates candidates;
    bool goes_on = true;

    find_candidates(&candidates, feature->cls, i);
    for (uint32_t j = 0; j < candidates.n && goes_on; j++) {
        struct instance *object =
            with_value(feature, name, candidates.texts[j]);
        MEM_AUTO char *label =
            mem_printf("%s.%s=%.60s", feature->cls->name, name,
                       candidates.texts[j]);

        goes_on = !object || call(arg, object, label);
        instance_destroy(object);
    }
    clear(&candidates);
    return goes_on;
}

static bool
each_declared(const struct subject *subject,
              const struct subject_feature *feature, objects_call call,
              void *arg)
{
    void *schema = (void *) (uintptr_t) subject;
    bool goes_on = true;

    for (size_t i = 0; i < subject->n_units; i++) {
        const struct schema_unit *unit = &subject->units[i];

        for (size_t j = 0; j < unit->n_instances && goes_on; j++) {
            struct error error;
            struct instance *object =
                instance_from_declared(&unit->instances[j], unit,
                                       subject_class, schema, &error);

            if (object && object->cls == feature->cls) {
                goes_on = call(arg, object, "an instance of the schema file");
            }
            instance_destroy(object);
        }
    }
    return goes_on;
}

void
objects_each(const struct subject *subject,
             const struct subject_feature *feature, objects_call call,
             void *arg)
{
    struct instance *object = instance_create(feature->cls);
    struct error error;
    bool goes_on = !instance_check(object, &error)
        || call(arg, object, "the default object");

    instance_destroy(object);
    goes_on = goes_on && each_declared(subject, feature, call, arg);
    for (uint32_t i = 0; goes_on && i < feature->cls->n_properties; i++) {
        goes_on = each_value(feature, i, call, arg);
    }
}

struct instance *
objects_random(const struct subject_feature *feature, uint64_t *seed)
{
    struct instance *object = instance_create(feature->cls);
    struct error error;

    for (uint32_t i = 0; i < feature->cls->n_properties; i++) {
        const char *name = feature->cls->properties[i].name;
        struct candidates candidates;
        struct instance *before;
        uint64_t which = corpus_random(seed);

        find_candidates(&candidates, feature->cls, i);
        if (candidates.n && which % 2) {
            before = instance_copy(object);
            if (!instance_set_text(object, name,
                                   candidates.texts[which / 2 % candidates.n],
                                   &error)
                || !instance_check(object, &error)) {
                instance_destroy(object);
                object = before;
            } else {
                instance_destroy(before);
            }
        }
        clear(&candidates);
    }
    return object;
}

bool
objects_same(const struct instance *one, const struct instance *other,
             const char **name)
{
    for (uint32_t i = 0; i < one->n; i++) {
        const struct property *property = &one->cls->properties[i];

        if (property->data_id == 0 || property->type == CIM_DATETIME
            || qualifier_true(property_qualifier(property, "Counter"))
            || qualifier_true(property_qualifier(property, "Gauge"))) {
            continue;
        }
        if (!value_equal(&one->values[i], &other->values[i])) {
            *name = property->name;
            return false;
        }
    }
    return true;
}
