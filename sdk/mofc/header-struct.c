/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The struct of a class, the proof that a compiler lays it out as the core
 * does, and its defaults.
 */

#include <config.h>

#include <inttypes.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "header.h"
#include "marshal/member.h"

void
member_type(const struct header_member *member, struct buffer *out)
{
    static const char *const types[] = {
        [CIM_BOOLEAN] = "uint8_t", [CIM_UINT8] = "uint8_t",
        [CIM_SINT8] = "int8_t", [CIM_UINT16] = "uint16_t",
        [CIM_SINT16] = "int16_t", [CIM_UINT32] = "uint32_t",
        [CIM_SINT32] = "int32_t", [CIM_UINT64] = "uint64_t",
        [CIM_SINT64] = "int64_t", [CIM_REAL32] = "float",
        [CIM_REAL64] = "double", [CIM_CHAR16] = "uint16_t",
        [CIM_STRING] = "struct xvs_ref", [CIM_REFERENCE] = "struct xvs_ref",
        [CIM_OBJECT] = "struct xvs_ref",
        [CIM_DATETIME] = "struct xvs_datetime",
    };

    if (member->inner) {
        buffer_printf(out, "struct %s", member->inner->name);
    } else {
        buffer_puts(out, types[member->field->type]);
    }
}

bool
member_is_number(const struct header_member *member)
{
    return !member->inner && !member_is_text(member->field)
           && member->field->type != CIM_DATETIME;
}

static void
write_member(const struct header_member *member, struct buffer *out)
{
    const struct layout_field *field = member->field;

    if (field->shape == SHAPE_BOUNDED) {
        buffer_printf(out, "    uint32_t %s;\n", member->count);
    }
    buffer_puts(out, "    ");
    if (field->shape == SHAPE_VARIABLE) {
        buffer_puts(out, "struct xvs_ref");
    } else {
        member_type(member, out);
    }
    buffer_printf(out, " %s", member->name);
    if (field->n) {
        buffer_printf(out, "[%" PRIu32 "]", field->n);
    }
    buffer_printf(out, ";    /* %s", member->property->name);
    if (field->shape == SHAPE_VARIABLE) {
        buffer_puts(out, ": elements of type ");
        member_type(member, out);
    }
    buffer_puts(out, " */\n");
}

static void
write_assert(const struct header_class *cls, const char *what,
             const char *condition, uint64_t number, struct buffer *out)
{
    buffer_printf(out, "typedef char %s_layout_%s[\n    %s == %" PRIu64
                  " ? 1 : -1];\n", cls->name, what, condition, number);
}

static void
write_asserts(const struct header_class *cls, struct buffer *out)
{
    BUFFER_AUTO struct buffer text = BUFFER_INIT;

    buffer_printf(&text, "sizeof(struct %s)", cls->name);
    write_assert(cls, "whole", buffer_string(&text),
                 cls->layout->parts[0].size, out);
    for (uint32_t i = 0; i < cls->n; i++) {
        const struct header_member *member = &cls->members[i];

        text.size = 0;
        buffer_printf(&text, "offsetof(struct %s, %s)", cls->name,
                      member->name);
        write_assert(cls, member->name, buffer_string(&text),
                     member_data(cls->layout, member->field), out);
    }
}

void
header_write_struct(const struct header_class *cls, struct buffer *out)
{
    buffer_printf(out, "struct %s {\n", cls->name);
    for (uint32_t i = 0; i < cls->n; i++) {
        write_member(&cls->members[i], out);
    }
    if (cls->n == 0) {
        buffer_puts(out, "    char nothing;\n};\n\n");
        return;
    }
    buffer_puts(out, "};\n\n/* The core lays it out in the same way. */\n");
    write_asserts(cls, out);
    buffer_puts(out, "\n");
}

/* A number as a C constant of its type. */
static void
write_number(enum cim_type type, const struct value *value,
             struct buffer *out)
{
    switch (type) {
    case CIM_UINT64:
        buffer_printf(out, "UINT64_C(%" PRIu64 ")", value->u);
        break;
    case CIM_UINT32:
        buffer_printf(out, "%" PRIu64 "u", value->u);
        break;
    case CIM_SINT64:
        /* The lowest number has no literal of its own. */
        if (value->i == INT64_MIN) {
            buffer_puts(out, "INT64_MIN");
        } else {
            buffer_printf(out, "INT64_C(%" PRId64 ")", value->i);
        }
        break;
    case CIM_SINT32:
        if (value->i == INT32_MIN) {
            buffer_puts(out, "INT32_MIN");
        } else {
            buffer_printf(out, "%" PRId64, value->i);
        }
        break;
    case CIM_SINT8:
    case CIM_SINT16:
        buffer_printf(out, "%" PRId64, value->i);
        break;
    case CIM_REAL32:
    case CIM_REAL64:
        buffer_printf(out, "%.17e%s", value->r, type == CIM_REAL32 ? "f" : "");
        break;
    default:
        buffer_printf(out, "%" PRIu64, value->u);
        break;
    }
}

static void write_defaults(const struct header_class *cls,
                           struct buffer *out);

/* One element; 'value' may be NULL. */
static void
write_element(const struct header_member *member, const struct value *value,
              struct buffer *out)
{
    if (member->inner) {
        write_defaults(member->inner, out);
    } else if (member_is_text(member->field)) {
        buffer_puts(out, "{ 0, 0 }");
    } else if (member->field->type == CIM_DATETIME) {
        struct xvs_datetime time = { 0 };

        if (value && !value->is_null) {
            time = *value->t;
        }
        buffer_printf(out, "{ INT64_C(%" PRId64 "), %d, %u, %u, 0 }",
                      time.microseconds, time.utc_minutes, time.is_interval,
                      time.precision);
    } else if (value && !value->is_null) {
        write_number((enum cim_type) member->field->type, value, out);
    } else {
        buffer_puts(out, "0");
    }
}

static void
write_default(const struct header_member *member, struct buffer *out)
{
    const struct value *initial = &member->property->initial;
    const struct layout_field *field = member->field;
    uint32_t n = initial->is_null || !initial->is_array ? 0 : initial->n;

    if (field->shape == SHAPE_SCALAR) {
        write_element(member, initial, out);
        return;
    }
    if (field->shape == SHAPE_VARIABLE) {
        buffer_puts(out, "{ 0, 0 }");
        return;
    }
    if (field->shape == SHAPE_BOUNDED) {
        buffer_printf(out, "%" PRIu32 ", ", n);
    }
    buffer_puts(out, "{ ");
    for (uint32_t i = 0; i < (n ? n : 1) && i < field->n; i++) {
        buffer_puts(out, i ? ", " : "");
        write_element(member, n ? &initial->items[i] : NULL, out);
    }
    buffer_puts(out, " }");
}

static void
write_defaults(const struct header_class *cls, struct buffer *out)
{
    buffer_puts(out, "{ ");
    for (uint32_t i = 0; i < cls->n; i++) {
        buffer_puts(out, i == 0 ? "" : i % 6 ? ", " : ", \\\n      ");
        write_default(&cls->members[i], out);
    }
    buffer_puts(out, cls->n ? " }" : "0 }");
}

void
header_write_defaults(const struct header_class *cls, struct buffer *out)
{
    buffer_printf(out,
                  "/* Texts and variable arrays are empty; NULL is 0. */\n"
                  "#define %s_DEFAULTS \\\n    ", cls->upper);
    write_defaults(cls, out);
    buffer_puts(out, "\n\n");
}
