/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Limits of values that qualifiers state, and defaults that must keep to
 * them.
 */

#include <config.h>

#include "schema/resolve/check.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/text.h"

#define fault(check, property, ...) \
    check_report(check, SEVERITY_ERROR, property, __VA_ARGS__)
#define warning(check, property, ...) \
    check_report(check, SEVERITY_WARNING, property, __VA_ARGS__)

/* The integer of a qualifier, if the property has it. */
static bool
limit(const struct property *property, const char *name, int64_t *number)
{
    const struct qualifier *qualifier = property_qualifier(property, name);

    if (!qualifier || qualifier->value.is_null || qualifier->value.is_array
        || !cim_type_is_integer(qualifier->value.type)) {
        return false;
    }
    *number = qualifier->value.i;
    return true;
}

/* -1, 0, 1; the value is an integer or a real. */
static int
compare(const struct value *value, int64_t number)
{
    if (value->type == CIM_REAL32 || value->type == CIM_REAL64) {
        double real = (double) number;

        return (value->r > real) - (value->r < real);
    }
    if (cim_type_is_signed(value->type)) {
        return (value->i > number) - (value->i < number);
    }
    if (number < 0 || value->u > (uint64_t) number) {
        return 1;
    }
    return value->u == (uint64_t) number ? 0 : -1;
}

static bool
is_number(enum cim_type type)
{
    return cim_type_is_integer(type) || type == CIM_REAL32
           || type == CIM_REAL64;
}

static void
check_number(struct check *check, const struct property *property,
             const struct value *value)
{
    int64_t low;
    int64_t high;

    if (limit(property, "MinValue", &low) && compare(value, low) < 0) {
        fault(check, property, "the default is less than MinValue(%" PRId64
              ")", low);
    }
    if (limit(property, "MaxValue", &high) && compare(value, high) > 0) {
        fault(check, property, "the default is more than MaxValue(%" PRId64
              ")", high);
    }
}

static void
check_text(struct check *check, const struct property *property,
           const struct value *value)
{
    int64_t length = (int64_t) text_utf8_length(value->s, value->n);
    int64_t low;
    int64_t high;

    if (limit(property, "MaxLen", &high) && length > high) {
        fault(check, property, "the default has %" PRId64 " characters, "
              "MaxLen allows %" PRId64, length, high);
    }
    if (limit(property, "MinLen", &low) && length < low) {
        fault(check, property, "the default has %" PRId64 " characters, "
              "MinLen asks for %" PRId64, length, low);
    }
}

/* The number at '*text', which moves behind it; '*number' stays without. */
static bool
bound(const char **text, int64_t *number)
{
    char *end;
    int64_t value = strtoll(*text, &end, 0);

    if (end == *text) {
        return false;
    }
    *number = value;
    *text = end;
    return true;
}

/* "5", "1..7", "..7", "1..", and ".." for all others. */
static bool
entry_has(const char *entry, const struct value *value)
{
    int64_t low = INT64_MIN;
    int64_t high = INT64_MAX;

    if (value->type == CIM_STRING) {
        return strcmp(entry, value->s) == 0;
    }
    bool has_low = bound(&entry, &low);

    if (strncmp(entry, "..", 2) == 0) {
        entry += 2;
        bound(&entry, &high);
    } else if (has_low) {
        high = low;
    } else {
        return false;
    }
    return compare(value, low) >= 0
           && (high == INT64_MAX || compare(value, high) <= 0);
}

static void
check_map(struct check *check, const struct property *property,
          const struct value *value)
{
    const struct qualifier *map = property_qualifier(property, "ValueMap");
    BUFFER_AUTO struct buffer text = BUFFER_INIT;

    if (!map || map->value.is_null || !map->value.is_array
        || map->value.type != CIM_STRING
        || (value->type != CIM_STRING
            && !cim_type_is_integer(value->type))) {
        return;
    }
    for (uint32_t i = 0; i < map->value.n; i++) {
        if (!map->value.items[i].is_null
            && entry_has(map->value.items[i].s, value)) {
            return;
        }
    }
    value_print(value, &text);
    fault(check, property, "the default '%.60s' is not in its ValueMap",
          buffer_string(&text));
}

static void
check_scalar(struct check *check, const struct property *property,
             const struct value *value)
{
    if (value->is_null) {
        return;
    }
    if (is_number(value->type)) {
        check_number(check, property, value);
    } else if (value->type == CIM_STRING) {
        check_text(check, property, value);
    }
    check_map(check, property, value);
}

/* Two lists that belong together have the same length. */
static void
check_pair(struct check *check, const struct property *property,
           const char *map_name, const char *text_name)
{
    const struct qualifier *map = property_qualifier(property, map_name);
    const struct qualifier *text = property_qualifier(property, text_name);

    if (map && text && !map->value.is_null && !text->value.is_null
        && map->value.n != text->value.n) {
        warning(check, property, "%s has %u entries, %s %u", map_name,
                map->value.n, text_name, text->value.n);
    }
}

static void
check_limits(struct check *check, const struct property *property)
{
    int64_t low;
    int64_t high;

    if (limit(property, "MinValue", &low) && limit(property, "MaxValue",
                                                   &high)
        && low > high) {
        fault(check, property, "MinValue(%" PRId64 ") is more than MaxValue(%"
              PRId64 ")", low, high);
    }
    if (!is_number(property->type)
        && (limit(property, "MinValue", &low)
            || limit(property, "MaxValue", &high))) {
        warning(check, property, "MinValue and MaxValue are for numbers");
    }
    if (property->type != CIM_STRING && limit(property, "MaxLen", &high)
        && property->type != CIM_REFERENCE) {
        warning(check, property, "MaxLen is for strings");
    }
    if (!property->is_array && property->type != CIM_REFERENCE
        && limit(property, "Max", &high)) {
        warning(check, property, "Max is for arrays");
    }
    check_pair(check, property, "ValueMap", "Values");
    check_pair(check, property, "BitMap", "BitValues");
}

/* What everybody can read in a name or in the schema is no secret. */
static void
check_secret(struct check *check, const struct property *property)
{
    if (property->is_secret && property->is_key) {
        fault(check, property, "a key cannot be Secret: it is part of the "
              "object's name");
    }
    if (property->is_secret && !property->initial.is_null) {
        fault(check, property, "a Secret property cannot have a default: "
              "everybody can read the schema");
    }
}

/* The default grants nothing: what is granted is an admin's decision. */
static void
check_grant(struct check *check, const struct property *property)
{
    if (property->grant && !property->initial.is_null) {
        fault(check, property, "a property with Grant cannot have a default: "
              "it is the admin who grants");
    }
    if (property->grant && !check->is_feature) {
        fault(check, property, "Grant is for the properties of settings");
    }
}

void
check_values(struct check *check, const struct property *property)
{
    const struct value *initial = &property->initial;

    check_limits(check, property);
    check_secret(check, property);
    check_grant(check, property);
    if (initial->is_null) {
        return;
    }
    if (!initial->is_array) {
        check_scalar(check, property, initial);
        return;
    }
    for (uint32_t i = 0; i < initial->n; i++) {
        if (initial->items[i].is_null && property->data_id) {
            fault(check, property, "elements of an array cannot be NULL");
            return;
        }
        check_scalar(check, property, &initial->items[i]);
    }
}
