/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A function that judges the values of an object as its class's qualifiers
 * do: MinValue, MaxValue, MaxLen, and ValueMap of numbers.  The core has
 * judged settings already; a test of a plugin, or one that makes objects
 * itself, can ask as well.
 */

#include <config.h>

#include <inttypes.h>

#include "base/buffer.h"
#include "base/text.h"
#include "header.h"
#include "marshal/member.h"

struct limits {
    bool has_low, has_high;
    int64_t low;
    uint64_t high;              /* of signed types: as int64_t */
    const struct value *map;    /* the allowed numbers, or NULL */
};

static bool
limit_of(const struct header_member *member, const char *name,
         uint64_t *number)
{
    const struct qualifier *qualifier = property_qualifier(member->property,
                                                           name);

    if (!qualifier || qualifier->value.is_null || qualifier->value.is_array
        || !cim_type_is_integer(qualifier->value.type)) {
        return false;
    }
    *number = qualifier->value.u;
    return true;
}

/* A ValueMap with nothing but numbers; ranges are left to MinValue. */
static const struct value *
number_map(const struct header_member *member)
{
    const struct qualifier *qualifier = property_qualifier(member->property,
                                                           "ValueMap");
    int64_t number;

    if (!qualifier || !qualifier->value.is_array || qualifier->value.is_null
        || qualifier->value.type != CIM_STRING || qualifier->value.n > 64) {
        return NULL;
    }
    for (uint32_t i = 0; i < qualifier->value.n; i++) {
        const struct value *item = &qualifier->value.items[i];

        if (item->is_null || !text_to_i64(item->s, &number)) {
            return NULL;
        }
    }
    return qualifier->value.n ? &qualifier->value : NULL;
}

static struct limits
limits_of(const struct header_member *member)
{
    enum cim_type type = (enum cim_type) member->field->type;
    struct limits limits = { 0 };
    uint64_t number;
    uint64_t type_high;
    int64_t type_low;

    cim_type_range(type, &type_low, &type_high);
    if (limit_of(member, "MinValue", &number)) {
        limits.low = (int64_t) number;
        limits.has_low = limits.low > type_low;
    }
    if (limit_of(member, "MaxValue", &number)) {
        limits.high = number;
        limits.has_high = cim_type_is_signed(type)
                              ? (int64_t) number < (int64_t) type_high
                              : number < type_high;
    }
    limits.map = number_map(member);
    if (limits.map) {
        limits.has_low = limits.has_high = false;
    }
    return limits;
}

/* "value < 1 || value > 3 || (value != 1 && value != 3)" */
static void
write_condition(const struct header_member *member,
                const struct limits *limits, struct buffer *out)
{
    bool is_signed = cim_type_is_signed((enum cim_type) member->field->type);
    const char *or = "";

    if (limits->has_low) {
        buffer_printf(out, is_signed ? "value < INT64_C(%" PRId64 ")"
                                     : "value < UINT64_C(%" PRId64 ")",
                      limits->low);
        or = " || ";
    }
    if (limits->has_high) {
        buffer_puts(out, or);
        if (is_signed) {
            buffer_printf(out, "value > INT64_C(%" PRId64 ")",
                          (int64_t) limits->high);
        } else {
            buffer_printf(out, "value > UINT64_C(%" PRIu64 ")", limits->high);
        }
        or = " || ";
    }
    for (uint32_t i = 0; limits->map && i < limits->map->n; i++) {
        int64_t number = 0;

        text_to_i64(limits->map->items[i].s, &number);
        buffer_printf(out, "%s\n%*s%svalue != %s(%" PRId64 ")",
                      i ? "" : or, 12, "", i ? "&& " : "(",
                      is_signed ? "INT64_C" : "UINT64_C", number);
    }
    buffer_puts(out, limits->map ? ")" : "");
}

/* "Direction is not from 1 to 3", for a person. */
static void
write_complaint(const struct header_member *member,
                const struct limits *limits, struct buffer *out)
{
    BUFFER_AUTO struct buffer text = BUFFER_INIT;

    buffer_printf(&text, "%s is not allowed", member->property->name);
    if (limits->map) {
        buffer_puts(&text, ": it must be one of the values of its ValueMap");
    } else if (limits->has_low && limits->has_high) {
        buffer_printf(&text, ": it must be from %" PRId64 " to %" PRIu64,
                      limits->low, limits->high);
    } else if (limits->has_low) {
        buffer_printf(&text, ": it must be %" PRId64 " at least", limits->low);
    } else {
        buffer_printf(&text, ": it must be %" PRIu64 " at most", limits->high);
    }
    name_quote(out, buffer_string(&text));
}

/* Opens the loop over an array's elements; "value" is the element. */
static void
open_value(const struct header_class *cls, const struct header_member *member,
           struct buffer *out)
{
    bool is_signed = cim_type_is_signed((enum cim_type) member->field->type);
    const char *type = is_signed ? "int64_t" : "uint64_t";

    switch (member->field->shape) {
    case SHAPE_SCALAR:
        buffer_printf(out, "    {\n        %s value = object->%s;\n\n", type,
                      member->name);
        return;
    case SHAPE_FIXED:
        buffer_printf(out, "    for (i = 0; i < %" PRIu32 "u; i++) {\n"
                      "        %s value = object->%s[i];\n\n",
                      member->field->n, type, member->name);
        return;
    default:
        buffer_printf(out, "    (void) %s_%s(view, object, &n);\n"
                      "    for (i = 0; i < n; i++) {\n"
                      "        %s value = %s_%s(view, object, &n)[i];\n\n",
                      cls->name, member->name, type, cls->name,
                      member->name);
        return;
    }
}

static void
write_number_check(const struct header_class *cls,
                   const struct header_member *member, struct buffer *out)
{
    struct limits limits = limits_of(member);

    if (!limits.has_low && !limits.has_high && !limits.map) {
        return;
    }
    open_value(cls, member, out);
    buffer_printf(out, "        if (xvs_present(view, %s) && (",
                  member->upper);
    write_condition(member, &limits, out);
    buffer_puts(out, ")) {\n            return ");
    write_complaint(member, &limits, out);
    buffer_puts(out, ";\n        }\n    }\n");
}

static void
write_length_check(const struct header_class *cls,
                   const struct header_member *member, struct buffer *out)
{
    uint64_t number;

    if (member->field->shape != SHAPE_SCALAR
        || !limit_of(member, "MaxLen", &number)) {
        return;
    }
    buffer_printf(out,
        "    n = 0;\n"
        "    for (text = %s_%s(view, object); *text; text++) {\n"
        "        n += (*text & 0xc0) != 0x80;\n    }\n"
        "    if (n > %" PRIu64 "u) {\n        return ",
        cls->name, member->name, number);
    name_quote(out, member->property->name);
    buffer_printf(out, " \" is longer than %" PRIu64 " characters\";\n    }\n",
                  number);
}

void
header_write_check(const struct header_class *cls, struct buffer *out)
{
    buffer_printf(out,
        "/* What the schema does not allow in an object, or NULL. */\n"
        "static inline const char *\n"
        "%s_check(const struct xvs_view *view)\n{\n"
        "    const struct %s *object = (const struct %s *) view->body;\n"
        "    const char *text = NULL;\n    uint32_t i = 0, n = 0;\n\n"
        "    if (view->size < %s_SIZE) {\n"
        "        return \"the object is smaller than its class\";\n    }\n",
        cls->name, cls->name, cls->name, cls->upper);
    for (uint32_t i = 0; i < cls->n; i++) {
        const struct header_member *member = &cls->members[i];

        if (cim_type_is_integer((enum cim_type) member->field->type)) {
            write_number_check(cls, member, out);
        } else if (member->field->type == CIM_STRING) {
            write_length_check(cls, member, out);
        }
    }
    buffer_puts(out, "    (void) object;\n    (void) text;\n    (void) i;\n"
                "    (void) n;\n    return NULL;\n}\n\n");
}
