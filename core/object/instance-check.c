/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Whether an object keeps what its schema promises: qualifiers that limit
 * values are enforced here, once, before any extension sees the object.
 */

#include <config.h>

#include <string.h>

#include "base/buffer.h"
#include "base/endpoint.h"
#include "base/error.h"
#include "base/text.h"
#include "object/instance.h"
#include "object/secret.h"

/* long double holds every 64-bit integer exactly on our platforms. */
static bool
number_of(const struct value *value, long double *number)
{
    if (value->is_null || value->is_array) {
        return false;
    }
    if (cim_type_is_integer(value->type)) {
        *number = cim_type_is_signed(value->type) ? (long double) value->i
                                                  : (long double) value->u;
        return true;
    }
    if (value->type == CIM_REAL32 || value->type == CIM_REAL64) {
        *number = (long double) value->r;
        return true;
    }
    return false;
}

static bool
refuse(struct error *error, const struct value *value, const char *what,
       const struct value *limit)
{
    struct buffer text = BUFFER_INIT;

    value_print(value, &text);
    buffer_printf(&text, " is %s ", what);
    value_print(limit, &text);
    error_set(error, ERROR_INVALID, "%.300s", buffer_string(&text));
    buffer_free(&text);
    return false;
}

static bool
check_limits(const struct property *property, const struct value *value,
             struct error *error)
{
    const struct qualifier *low = property_qualifier(property, "MinValue");
    const struct qualifier *high = property_qualifier(property, "MaxValue");
    long double number, limit;

    if ((!low && !high) || !number_of(value, &number)) {
        return true;
    }
    if (low && number_of(&low->value, &limit) && number < limit) {
        return refuse(error, value, "less than MinValue", &low->value);
    }
    if (high && number_of(&high->value, &limit) && number > limit) {
        return refuse(error, value, "greater than MaxValue", &high->value);
    }
    return true;
}

static bool
check_text(const struct property *property, const struct value *value,
           struct error *error)
{
    const struct qualifier *most = property_qualifier(property, "MaxLen");
    long double limit;
    size_t length;

    if (value->type != CIM_STRING) {
        return true;
    }
    if (!text_is_utf8(value->s, value->n)) {
        return error_set(error, ERROR_INVALID, "the text is not UTF-8");
    }
    if (!most || !number_of(&most->value, &limit)) {
        return true;
    }
    length = text_utf8_length(value->s, value->n);
    if ((long double) length <= limit) {
        return true;
    }
    return error_set(error, ERROR_INVALID,
                     "the text has %zu characters, at most %.0Lf are "
                     "allowed (MaxLen)", length, limit);
}

/* What a socket would be opened with. */
static bool
check_grant(const struct property *property, const struct value *value,
            struct error *error)
{
    struct endpoint endpoint;

    return !property->grant || value->type != CIM_STRING || !value->n
        || endpoint_parse((enum endpoint_kind) property->grant, value->s,
                          &endpoint, error);
}

static bool
bound_of(const char *text, size_t size, long double *number)
{
    char copy[32];
    int64_t i;
    uint64_t u;

    if (!size || size >= sizeof copy) {
        return false;
    }
    memcpy(copy, text, size);
    copy[size] = '\0';
    if (text_to_i64(copy, &i)) {
        *number = (long double) i;
        return true;
    }
    if (text_to_u64(copy, &u)) {
        *number = (long double) u;
        return true;
    }
    return false;
}

/* "5", "1..7", "..7", "7.." or ".."; what is not a number limits nothing. */
static bool
range_holds(const char *range, long double number)
{
    const char *dots = strstr(range, "..");
    long double low, high;

    if (!dots) {
        return !bound_of(range, strlen(range), &low)
               || (number >= low && number <= low);
    }
    if (bound_of(range, (size_t) (dots - range), &low) && number < low) {
        return false;
    }
    return !bound_of(dots + 2, strlen(dots + 2), &high) || number <= high;
}

static bool
map_holds(const struct value *map, const struct value *value)
{
    long double number = 0;
    bool is_number = number_of(value, &number);

    for (uint32_t i = 0; i < map->n; i++) {
        const char *entry = map->items[i].s;

        if (map->items[i].is_null) {
            continue;
        }
        if (is_number ? range_holds(entry, number)
                      : strcmp(entry, value->s) == 0
                            || strcmp(entry, "..") == 0) {
            return true;
        }
    }
    return false;
}

static void
list_map(const struct value *map, struct buffer *out)
{
    for (uint32_t i = 0; i < map->n && out->size < 150; i++) {
        if (!map->items[i].is_null) {
            buffer_printf(out, "%s%.40s", out->size ? ", " : "",
                          map->items[i].s);
        }
    }
}

static bool
check_map(const struct property *property, const struct value *value,
          struct error *error)
{
    const struct qualifier *map = property_qualifier(property, "ValueMap");
    struct buffer given = BUFFER_INIT;
    struct buffer list = BUFFER_INIT;

    if (!map || map->value.is_null || !map->value.is_array
        || map->value.type != CIM_STRING
        || (value->type != CIM_STRING && !cim_type_is_integer(value->type))
        || map_holds(&map->value, value)) {
        return true;
    }
    value_print(value, &given);
    list_map(&map->value, &list);
    error_set(error, ERROR_INVALID, "%.100s is not one of %s (ValueMap)",
              buffer_string(&given), buffer_string(&list));
    buffer_free(&given);
    buffer_free(&list);
    return false;
}

static bool
check_scalar(const struct property *property, const struct value *value,
             struct error *error)
{
    if (value->type == CIM_EMBEDDED || value->type == CIM_OBJECT) {
        if (property->class_name
            && !class_is_a(value->object->cls, property->class_name)) {
            return error_set(error, ERROR_TYPE,
                             "expected an object of class %s, got %s",
                             property->class_name, value->object->cls->name);
        }
        return instance_check(value->object, error);
    }
    return check_text(property, value, error)
           && check_limits(property, value, error)
           && check_map(property, value, error)
           && check_grant(property, value, error);
}

static bool
check_array(const struct property *property, const struct value *value,
            struct error *error)
{
    if (property->array_size && value->n != property->array_size) {
        return error_set(error, ERROR_INVALID,
                         "%u elements, exactly %u are needed", value->n,
                         property->array_size);
    }
    if (property->max_elements && value->n > property->max_elements) {
        return error_set(error, ERROR_INVALID,
                         "%u elements, at most %u are allowed (Max)",
                         value->n, property->max_elements);
    }
    for (uint32_t i = 0; i < value->n; i++) {
        if (value->items[i].is_null) {
            return error_set(error, ERROR_INVALID,
                             "element %u is NULL, which is not allowed", i);
        }
        if (!check_scalar(property, &value->items[i], error)) {
            return error_prefix(error, "element %u", i);
        }
    }
    return true;
}

/*
 * A registered schema may make a property of the built-in bases required
 * (ElementName of the DMTF's CIM_SettingData).  These are the core's to
 * fill, and vendors' settings must stay valid.
 */
static bool
is_required(const struct cim_class *cls, const struct property *property)
{
    if (!qualifier_true(property_qualifier(property, "Required"))) {
        return false;
    }
    while (cls && !cls->is_builtin) {
        cls = cls->super;
    }
    return !cls || !class_property(cls, property->name);
}

static bool
check_property(const struct cim_class *cls, const struct property *property,
               const struct value *value, struct error *error)
{
    if (value->is_null) {
        if (is_required(cls, property)) {
            return error_set(error, ERROR_INVALID,
                             "a value is required, none was given");
        }
        return true;
    }
    return value->is_array ? check_array(property, value, error)
                           : check_scalar(property, value, error);
}

bool
instance_check(const struct instance *instance, struct error *error)
{
    for (uint32_t i = 0; i < instance->n; i++) {
        const struct property *property = &instance->cls->properties[i];

        if (!check_property(instance->cls, property, &instance->values[i],
                            error)) {
            if (!instance->values[i].is_null) {
                secret_hush(property, error);
            }
            return error_prefix(error, "%s.%s", instance->cls->name,
                                property->name);
        }
    }
    return true;
}
